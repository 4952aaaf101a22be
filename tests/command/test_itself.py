#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A variant against itself: what is measured, what is judged by what, and when that is too many verdicts."""

import types
import unittest

import noise_model
import numpy
from support import SEED, CommandTest, main
from ptbench_study.judge import compare, itself, stats
from ptbench_study.measure import plan
from ptbench_study.results import samples
from ptbench_study.base.errors import Failure

RUN = ("--variant", "inline,inline", "--filter", "amdv1/*/4K/x1/*", "--processes", "6", "--pairs", "18")


class CommandLineTest(CommandTest):
    """`run --variant inline,inline` and `compare` of what it stored."""

    def test_every_case_is_compared_with_itself(self):
        done = self.run_study(*RUN)
        self.assertEqual(done.code, 0, done.err)
        self.assertRegex(done.out, r"\ninline against itself: 4 cells of identical code, 0 false verdicts "
                                   r"\(stated rate: at most 5 %\), \d intervals without 1 "
                                   r"\(by chance: 5 %\)\n$")
        self.assertNotIn("nothing to compare", done.out)
        run = self.only_run()
        self.assertEqual(run["context"]["itself"], "inline")
        names = {entry["name"].rpartition("/")[2] for entry in run["benchmarks"]}
        self.assertEqual(names, {"inline", "inline#2", "inline#3"})

    def test_stored_ones_can_be_asked_again(self):
        first = self.run_study(*RUN, "--json")
        comparison, = first.json["comparisons"]
        self.assertEqual((comparison["a"], comparison["b"]), ("inline", "inline#2"))
        self.assertEqual((comparison["itself"]["cells"], comparison["itself"]["false_verdicts"],
                          comparison["itself"]["stated_rate"]), (4, 0, 0.05))
        again = self.ptbench("compare", "--results", self.results, "--variant", "inline,inline", "--json")
        self.assertEqual((again.code, again.json), (0, comparison))

    def test_what_it_can_resolve_does_not_come_from_what_is_judged(self):
        """With sides that differ in truth, a control of the same two would hide it."""
        done = self.run_study(*RUN, "--json", fake={"second": 1.5})
        self.assertEqual(done.code, 1, done.out)
        comparison, = done.json["comparisons"]
        self.assertLess(comparison["resolvable_pct"], 5)
        self.assertEqual({cell["verdict"] for cell in comparison["cells"]}, {"faster"})
        self.assertEqual(comparison["itself"]["false_verdicts"], 4)
        self.assertEqual(comparison["itself"]["intervals_without_1"], 4)
        text = self.ptbench("compare", "--results", self.results, "--variant", "inline,inline")
        self.assertEqual(text.code, 1)
        self.assertIn("so many false verdicts are not chance, p ", text.out)

    def test_replay(self):
        trace = self.folder / "trace.txt"
        trace.write_text("map: IOMMU: iova=0x0 - 0x1000 paddr=0x5000 size=4096\n" * 4, encoding="utf-8")
        done = self.ptbench("replay", trace, "--variant", "inline,inline", "--seed", SEED)
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("inline against itself: 2 cells of identical code, 0 false verdicts", done.out)

    def test_what_cannot_be_asked(self):
        self.fails(self.run_study("--variant", "inline,inline,linux"), 2, "name it twice and no other")
        self.fails(self.run_study("--variant", "linux,linux-6.12,limit"), 2, "name it twice and no other")
        self.assertEqual(self.run_study(*RUN).code, 0)
        self.fails(self.ptbench("compare", "--results", self.results, "--variant", "limit,limit"), 2,
                   "unknown variant 'limit'")


class RateTest(unittest.TestCase):
    """itself.Finding on made-up machines, by the same verdicts as everywhere."""

    def comparison(self, number, ratio=1.0, verdict=None):
        """A Comparison of `number` cells; verdict overrules what they are judged."""
        rng = numpy.random.default_rng(SEED)
        controls = [stats.paired(noise_model.pairs(rng, noise_model.SHARED), seed=index)
                    for index in range(8)]
        resolvable, cells = stats.resolvable(controls), []
        for index in range(number):
            statistic = stats.paired(noise_model.pairs(rng, noise_model.SHARED, ratio), seed=index)
            cells.append(compare.Cell(types.SimpleNamespace(name=str(index)), statistic=statistic,
                                      verdict=verdict or compare.judge(statistic, resolvable)))
        return compare.Comparison("machine", "inline", "inline" + samples.CONTROL_SUFFIX, resolvable, cells)

    def test_identical_code_passes(self):
        found = itself.finding(self.comparison(60))
        self.assertEqual((found.cells, found.exit_code), (60, 0))
        self.assertLessEqual(found.false, 3)

    def test_few_false_verdicts_are_luck_and_many_are_not(self):
        for wrong, code in ((0, 0), (1, 0), (3, 0), (6, 1), (40, 1)):
            comparison = self.comparison(40)
            for index, cell in enumerate(comparison.cells):
                cell.verdict = ("slower", "faster", "conflict")[index % 3] if index < wrong else "unresolved"
            with self.subTest(wrong=wrong):
                self.assertEqual((itself.finding(comparison).false, itself.exit_code(comparison)),
                                 (wrong, code))

    def test_others_are_no_such_comparison(self):
        comparison = self.comparison(3, verdict="slower")
        comparison.b = "recursive"
        self.assertIsNone(itself.finding(comparison))
        self.assertEqual(itself.exit_code(comparison), 1)

    def test_names(self):
        self.assertIsNone(plan.named_twice(["inline", "linux-6.12"], ["inline", "linux-6.12"]))
        self.assertIsNone(plan.named_twice(None, []))
        self.assertEqual(plan.named_twice(["linux", "linux-6.12"], ["linux-6.12"]), "linux-6.12")
        with self.assertRaises(Failure):
            plan.named_twice(["inline"] * 3, ["inline"])


if __name__ == "__main__":
    main()
