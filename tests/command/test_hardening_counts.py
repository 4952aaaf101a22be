#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""scripts/hardening-counts: the table of counts by hardening flag."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "scripts" / "hardening-counts"
FLAGS = ("retpolines", "return-thunks", "zero-init", "stack-protector", "sls", "branch-tracking",
         "no-jump-tables")
FINE, BAD = "amdv1/map/4K/x1/coherent/warm", "amdv1/unmap/4K/x1/coherent/warm"


def write(folder, name, fine, bad):
    """What count --json prints, of two cases."""
    rows = [{"case": case, "variant": "inline", "instructions": value} for case, value in
            ((FINE, fine), (BAD, bad))]
    (Path(folder) / f"{name}.json").write_text(json.dumps({"rows": rows}), encoding="utf-8")


class HardeningCountsTest(unittest.TestCase):
    """The tool as people call it."""

    def run_in(self, folder):
        """The finished process."""
        return subprocess.run([TOOL, folder], capture_output=True, text=True, check=False, timeout=60)

    def test_what_retpolines_add_is_allowed(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in FLAGS:
                write(folder, name, 100, 100)
            write(folder, "plain", 100, 100)
            write(folder, "retpolines", 150, 150)
            write(folder, "zero-init", 100, 111)
            write(folder, "all", 160, 161)
            result = self.run_in(folder)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("\n1 of 2.", result.stdout)
        self.assertIn(f"| {BAD} | inline | 100 | 161 | 1.11 | +50 | +0 | +11 |", result.stdout)
        self.assertNotIn(FINE, result.stdout)

    def test_a_missing_build_is_one_line(self):
        with tempfile.TemporaryDirectory() as folder:
            result = self.run_in(folder)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr.count("\n"), 1)
        self.assertIn("plain.json", result.stderr)


if __name__ == "__main__":
    unittest.main()
