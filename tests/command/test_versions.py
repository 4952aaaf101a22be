#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Studies of kind counts: kernels, one version after the other."""

import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from support import main
from ptbench_study.base.errors import Failure
from ptbench_study.judge import studies, versions
from ptbench_study.publish import versions_page

CASES = [f"amdv1/map/4K/x{count}/coherent/warm" for count in (1, 2, 4)] + ["vtdss/unmap/4K/x1/coherent/warm"]
COUNTED = {(case, kernel): value for case, values in zip(CASES, ((100, 50, 50), (100, 200, 200), (10, 10, 10),
                                                                (None, 7, 14)))
           for kernel, value in zip(("linux-6.1", "linux-6.12", "linux-7.3"), values) if value}
TEXT = """title = "t"
question = "q"
decides = "d"
cases = ["*"]
variants = ["linux"]
"""


class VersionsTest(unittest.TestCase):
    """versions, versions_page"""

    def setUp(self):
        self.steps = versions.steps(COUNTED, ["linux-6.1", "linux-6.12", "linux-7.3"])

    def test_only_what_both_have_is_compared(self):
        first, second = self.steps
        self.assertEqual(set(first.counts), set(CASES[:3]))
        self.assertEqual(first.ratios(), {CASES[0]: 0.5, CASES[1]: 2.0, CASES[2]: 1.0})
        self.assertAlmostEqual(first.means()["amdv1", "map"][0], 1.0)
        self.assertEqual(second.means()["vtdss", "unmap"], (2.0, 1))

    def test_words(self):
        self.assertEqual(versions_page.sentence(self.steps[0]),
                         "6.1 to 6.12: of 3 cases 1 take fewer instructions, 1 more, 1 as many; at best "
                         f"0.50 times as many, in `{CASES[0]}`; at worst 2.00 times as many, in "
                         f"`{CASES[1]}`.")
        study = studies.find("kernels")
        text = versions_page.page(study, self.steps, ["linux-7.2"], "gcc 12", "a.csv", "k.svg")
        for words in ("| amdv1 | map | 1.00 (3) | 1.00 (3) |", "| vtdss | unmap | - | 2.00 (1) |",
                      "linux-7.2", "![", "[a.csv](a.csv)", f"| `{CASES[1]}` | 100 | 200 | 2.00 |"):
            self.assertIn(words, text)

    def test_files(self):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "x.toml"
            for more, wrong in (('kind = "counts"\nkernels = ["6.1"]\n', None),
                                ('kind = "counts"\n', "has kernels"),
                                ('kind = "curve"\nkernels = ["6.1"]\n', "has kernels"),
                                ('kind = "counts"\nkernels = [6.1]\n', '"kernels" has to be a list')):
                path.write_text(TEXT + more, encoding="utf-8")
                if wrong:
                    with self.assertRaises(Failure) as caught:
                        studies.load(path)
                    self.assertIn(wrong, str(caught.exception))
                else:
                    self.assertEqual(studies.load(path).kernels, ["6.1"])


if __name__ == "__main__":
    main()
