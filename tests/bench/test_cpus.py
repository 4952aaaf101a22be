#!/usr/bin/python3 -sS
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The measuring binary stays on the CPUs that it may use: inside an affinity that somebody chose, but
on isolated CPUs too, which only the kernel leaves out."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BENCH = os.environ["PTBENCH_BENCH"]
CASE = "amdv1/map/4K/x1/coherent/warm"
MINE = sorted(os.sched_getaffinity(0))


def call(cpus, *arguments, **environment):
    """Run the binary as taskset would on these CPUs."""
    return subprocess.run([BENCH, *map(str, arguments)], text=True, capture_output=True, timeout=120,
                          preexec_fn=lambda: os.sched_setaffinity(0, cpus), check=False,
                          env={**os.environ, **environment})


def threads(cpus, **environment):
    """The numbers of threads that the list has cases of."""
    return {case["threads"] for case in json.loads(call(cpus, "list", **environment).stdout)["cases"]}


class Cpus(unittest.TestCase):
    """Under taskset, and with an isolated CPU."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def measure(self, cpus, cpu, **environment):
        """Measure one case on a CPU."""
        return call(cpus, "measure", "--case", CASE, "--variants", "inline", "--blocks", 1, "--seed", 7,
                    "--sample-us", 10, "--cpu", cpu, "--out", self.folder / "out.json", "--allow-sanitized",
                    **environment)

    def test_an_affinity_that_was_chosen_holds(self):
        first, last = MINE[0], MINE[-1]
        self.assertEqual(threads({first}), {1})
        self.assertEqual(self.measure({first}, first).returncode, 0)
        done = self.measure({first}, last)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, f"ptbench-bench: --cpu {last}: outside the affinity of this process, "
                                      f"as taskset sets it; it may use: {first}\n")
        self.assertFalse((self.folder / "out.json.new").exists())

    def test_more_threads_than_the_affinity_has_are_no_case(self):
        done = call({MINE[0]}, "verify", "--case", "amdv1/map_unmap/4K/x256/coherent/warm+t2")
        self.assertEqual(done.returncode, 5, done.stderr)

    def test_an_isolated_cpu_is_used_though_the_affinity_leaves_it_out(self):
        others, last = set(MINE[:-1]), MINE[-1]
        file = self.folder / "sys/devices/system/cpu/isolated"
        file.parent.mkdir(parents=True)
        file.write_text(f"{last}\n", encoding="utf-8")
        done = self.measure(others, last, PTBENCH_TEST_SYSTEM_ROOT=str(self.folder))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(max(threads(others, PTBENCH_TEST_SYSTEM_ROOT=str(self.folder))), len(MINE))


if __name__ == "__main__":
    if len(MINE) < 2:
        print("skipped: one CPU only")
        sys.exit(77)
    unittest.main()
