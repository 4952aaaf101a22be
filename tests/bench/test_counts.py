#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Real counts: the same on every run, whatever else is counted, and plausible."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from ptbench_study.measure.bench import Bench  # noqa: E402
from ptbench_study.measure.callgrind import Counter  # noqa: E402

BENCH = os.environ["PTBENCH_BENCH"]
CASES = ("amdv1/map/4K/x1/coherent/warm", "amdv1/map/4K/x256/coherent/cold",
         "amdv1/unmap/4K/x1/coherent/out-of-cache", "armv7s/unmap_batch/4K/x256/coherent/warm",
         "armv8_4k_s1/map/4K/x256/incoherent/warm", "amdv1/fragment/2M/x1/coherent/warm",
         "amdv1/replay/intel-nvme-4k-qd4/x16000/coherent/warm")


def count(*arguments):
    """Rows of `ptbench count --json`, {(case, variant): the row}, and the document."""
    with tempfile.TemporaryDirectory() as golden:
        done = subprocess.run(
            ["/usr/bin/python3", "-s", "-m", "ptbench_study", "count", "--json", *arguments],
            capture_output=True, text=True, check=False, timeout=280,
            env={**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "PTBENCH_COUNTS": golden})
    if done.returncode == 77:
        print(done.stderr)
        sys.exit(77)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    return {(row["case"], row["variant"]): row for row in document["rows"]}, document


class KernelAllocatorCounter(Counter):
    """Counts where tables cost what they do in a kernel."""

    def command(self, folder, wanted):
        return [*super().command(folder, wanted), "--kernel-allocator"]


def count_case(counter, name):
    """Instructions of one case, inline."""
    [case] = [case for case in counter.bench.catalog().cases if case.name == name]
    found = []
    counter.count([(case, ["inline"])], found.append)
    return found[0].values["instructions"]


class Counts(unittest.TestCase):
    """count"""

    def setUp(self):
        if not shutil.which("valgrind"):
            print("valgrind is missing")
            sys.exit(77)

    def test_counts_repeat_exactly_and_by_themselves(self):
        chosen = [word for case in CASES for word in ("--filter", case)]
        rows, document = count(*chosen)
        self.assertEqual({case for case, _ in rows}, set(CASES))
        self.assertEqual(document["not_counted"], [])
        self.assertEqual(count(*chosen)[0], rows)
        for case in CASES[:3]:
            for key, row in count("--filter", case, "--variant", "recursive")[0].items():
                self.assertEqual(row, rows[key])

    def test_more_pages_take_more_instructions(self):
        rows, _ = count("--filter", "amdv1/iova_to_phys/4K", "--cache")
        for variant in ("inline", "recursive"):
            one = rows["amdv1/iova_to_phys/4K/x1/coherent/warm", variant]
            many = rows["amdv1/iova_to_phys/4K/x256/coherent/warm", variant]
            far = rows["amdv1/iova_to_phys/4K/x1/coherent/out-of-cache", variant]
            self.assertTrue(5 < one["instructions"] < 500, one)
            self.assertAlmostEqual(many["instructions"] / one["instructions"], 256, delta=60)
            self.assertAlmostEqual(far["instructions"], one["instructions"], delta=1)
            self.assertLess(one["d1_misses"], 0.2)
            self.assertGreater(far["d1_misses"], 0.8)

    def test_every_side_has_its_own_loop_around_nothing(self):
        """As many maps as a call takes: one call has to be cheaper than many, but not free."""
        trace = "intel-vfio-256M-fragmented"
        rows, document = count("--filter", f"vtdss/replay*/{trace}/*", "--variant", "inline,linux")
        self.assertEqual(document["not_counted"], [])
        found = {(key[0].split("/")[1], key[1].split("-")[0]): row["instructions"]
                 for key, row in rows.items()}
        # A store and what it takes to find its word, at least.
        self.assertGreater(found["replay_batch", "inline"], 10)
        self.assertLess(found["replay_batch", "inline"], found["replay", "inline"])
        self.assertAlmostEqual(found["replay_batch", "linux"], found["replay", "linux"], delta=5)

    def test_a_table_costs_what_it_does_in_a_kernel(self):
        """memory/kernel_like.h has the figures; both cases' tables are cleared either way, or not handed out."""
        for name, expected in (("amdv1/map/4K/x1/coherent/cold", 641), ("amdv1/unmap/4K/x512/coherent/warm", 478)):
            without, costly = (count_case(kind(Bench(BENCH), {}), name)
                               for kind in (Counter, KernelAllocatorCounter))
            self.assertAlmostEqual(costly - without, expected, delta=0.1 * expected)

    def test_without_valgrind_the_binary_refuses(self):
        done = subprocess.run([BENCH, "count", "--list", "/dev/null"], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 77)
        self.assertRegex(done.stderr, r"^ptbench-bench: count: .*valgrind.*\n$")


if __name__ == "__main__":
    unittest.main()
