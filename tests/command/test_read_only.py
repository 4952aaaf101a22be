#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A checkout that cannot be written: one line that says what to set, and all works once that is done.

The copy is a mount of its own that is read-only, in a namespace of the test's: permissions do not hold for
root.
"""

import os
import shutil
import subprocess
import sys

from support import FAKE, ROOT, CommandTest, main

MOUNT = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$1" && shift && exec "$@"'
NAMESPACE = ("unshare", "-m") if os.geteuid() == 0 else ("unshare", "-rm")
ONE = ("--filter", "amdv1/map/4K/x1/coherent/warm", "--processes", "2", "--pairs", "2")


class ReadOnlyTest(CommandTest):
    """scripts/ptbench in it"""

    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        for name in ("scripts", "bench"):
            shutil.copytree(ROOT / name, self.project / name, ignore=shutil.ignore_patterns("__pycache__"))
        (self.project / "results").mkdir()
        for path in (ROOT / "results").glob("*.json"):
            shutil.copy(path, self.project / "results")
        self.there = set(self.project.rglob("*"))

    def call(self, *words, fake=True, **more):
        """A call in the checkout; its exit code and the lines on stderr."""
        environment = self.environment()
        del environment["PYTHONPATH"], environment["PTBENCH_BUILD_DIR"]
        environment |= {"PTBENCH_NO_INSTALL": "1", "PTBENCH_KERNEL": "none", **more}
        if not fake:
            del environment["PTBENCH_BENCH"]
        done = subprocess.run([*NAMESPACE, "bash", "-c", MOUNT, "bash", self.project, "scripts/ptbench",
                               *map(str, words)], env=environment, text=True, capture_output=True,
                              check=False, timeout=250)
        self.assertEqual(set(self.project.rglob("*")), self.there, "it was written after all")
        return done.returncode, done.stderr.strip().splitlines()

    def test_one_line_says_what_to_set(self):
        for words, fake in ((("list",), False), (("run", *ONE), False), (("test",), False),
                            (("run", *ONE), True),
                            (("study", "fast-path", "--quick"), True),
                            (("replay", "bench/traces/intel-probe.txt.xz"), True)):
            with self.subTest(words, fake=fake):
                code, lines = self.call(*words, fake=fake)
                self.assertEqual((code, len(lines)), (2, 1), lines)
                self.assertIn("PTBENCH_BUILD_DIR", lines[0])
                self.assertIn("--results DIR", lines[0])

    def test_it_works_with_folders_elsewhere(self):
        builds = str(self.folder / "builds")
        for words in (("run", "--results", self.results, *ONE), ("compare", "--results", self.results),
                      ("report", "--results", self.results),
                      ("replay", "bench/traces/intel-probe.txt.xz", "--processes", "1", "--pairs", "2")):
            with self.subTest(words):
                code, lines = self.call(*words, PTBENCH_BUILD_DIR=builds)
                self.assertIn(code, (0, 1), lines)
        self.assertTrue((self.results / "BENCHMARKS.md").exists())
        self.assertTrue((self.folder / "builds" / "traces").is_dir())

    def test_the_build_goes_elsewhere_too(self):
        builds = self.folder / "builds"
        # Nothing to build in this copy: CMake says so, in its log there.
        code, lines = self.call("list", fake=False, PTBENCH_BUILD_DIR=str(builds))
        self.assertEqual(code, 3, lines)
        self.assertRegex(lines[-1], rf"^ptbench: configuring the build failed.*{builds}/plain.*/ptbench\.log")


if __name__ == "__main__":
    probe = subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False)
    if probe.returncode or not os.access(FAKE, os.X_OK):
        print("skipped: no mount namespaces here", file=sys.stderr)
        sys.exit(77)
    main()
