#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The statistics, on synthetic data whose truth is known."""

import unittest

import numpy
from support import SEED, main
from ptbench_study import compare, stats


def synthetic(rng, ratio, processes, blocks, placement, noise):
    """Pairs with a true ratio a/b, noise between processes and inside them."""
    return {process: [(100 * ratio * numpy.exp(shift + rng.normal(0, noise)), 100.0)
                      for _ in range(blocks)]
            for process, shift in enumerate(rng.normal(0, placement, processes))}


class PairedTest(unittest.TestCase):
    """stats.paired()"""

    def setUp(self):
        self.rng = numpy.random.default_rng(SEED)

    def coverage(self, **noise):
        """How often the interval holds the true ratio."""
        hits = 0
        for trial in range(120):
            statistic = stats.paired(synthetic(self.rng, 0.8, **noise), seed=trial)
            hits += statistic.low <= 0.8 <= statistic.high
        return hits / 120

    def test_interval_covers_where_blocks_are_noisy(self):
        self.assertGreaterEqual(self.coverage(processes=5, blocks=4, placement=0.0, noise=0.03), 0.92)

    def test_interval_covers_where_processes_differ(self):
        self.assertGreaterEqual(self.coverage(processes=5, blocks=4, placement=0.03, noise=0.005),
                                0.88)

    def test_interval_is_not_absurdly_wide(self):
        statistic = stats.paired(synthetic(self.rng, 0.8, 10, 4, 0.01, 0.01))
        self.assertLess(statistic.high / statistic.low, 1.06)
        self.assertLess(statistic.p_value, 0.001)

    def test_outliers_do_not_move_the_estimate(self):
        pairs = synthetic(self.rng, 1.0, 6, 5, 0.0, 0.002)
        for process in range(5):
            a, b = pairs[process][0]
            pairs[process][0] = (a * 50, b)
        self.assertAlmostEqual(stats.paired(pairs).ratio, 1.0, delta=0.01)

    def test_symmetric_in_its_sides(self):
        pairs = synthetic(self.rng, 0.7, 5, 4, 0.01, 0.01)
        turned = {process: [(b, a) for a, b in blocks] for process, blocks in pairs.items()}
        self.assertAlmostEqual(stats.paired(pairs).ratio * stats.paired(turned).ratio, 1.0)

    def test_one_pair_and_equal_pairs(self):
        statistic = stats.paired({0: [(2.0, 1.0)]})
        self.assertEqual((statistic.ratio, statistic.low, statistic.high), (2.0, 2.0, 2.0))
        self.assertEqual(stats.paired({0: [(1.0, 1.0)], 1: [(1.0, 1.0)]}).p_value, 1.0)

    def test_processes_of_different_length(self):
        statistic = stats.paired({0: [(2.0, 1.0)] * 5, 1: [(2.0, 1.0)]})
        self.assertEqual((statistic.pairs, statistic.processes), (6, 2))
        self.assertAlmostEqual(statistic.ratio, 2.0)

    def test_same_data_same_answer(self):
        pairs = synthetic(self.rng, 0.9, 5, 4, 0.01, 0.01)
        self.assertEqual(stats.paired(pairs).low, stats.paired(pairs).low)


class ResolutionTest(unittest.TestCase):
    """Controls, geometric mean, and verdicts on identical code."""

    def setUp(self):
        self.rng = numpy.random.default_rng(SEED)

    def statistics(self, ratio, number, placement=0.01, noise=0.01):
        return [stats.paired(synthetic(self.rng, ratio, 5, 4, placement, noise))
                for _ in range(number)]

    def test_resolution_grows_with_noise(self):
        quiet = stats.resolvable(self.statistics(1.0, 8, 0.002, 0.002))
        loud = stats.resolvable(self.statistics(1.0, 8, 0.03, 0.03))
        self.assertLess(quiet, 0.01)
        self.assertGreater(loud, 0.02)
        self.assertIsNone(stats.resolvable([]))

    def test_identical_code_is_almost_never_faster_or_slower(self):
        resolvable = stats.resolvable(self.statistics(1.0, 8))
        verdicts = [compare.judge(each, resolvable) for each in self.statistics(1.0, 100)]
        self.assertLessEqual(sum(verdict in ("faster", "slower") for verdict in verdicts), 4)

    def test_a_real_difference_is_found(self):
        resolvable = stats.resolvable(self.statistics(1.0, 8))
        for ratio, verdict in ((0.85, "faster"), (1.18, "slower")):
            self.assertEqual({compare.judge(each, resolvable)
                              for each in self.statistics(ratio, 20)}, {verdict})

    def test_geometric_mean(self):
        half, double = stats.paired({0: [(1.0, 2.0)] * 4}), stats.paired({0: [(2.0, 1.0)] * 4})
        self.assertAlmostEqual(stats.geometric_mean([half, double])[0], 1.0)
        mean, low, high = stats.geometric_mean(self.statistics(0.8, 20))
        self.assertTrue(low <= 0.8 <= high, (low, mean, high))
        self.assertLess(high - low, 0.03)
        self.assertIsNone(stats.geometric_mean([]))

    def test_unpaired_finds_the_ratio_of_two_runs(self):
        sides = [[list(base * numpy.exp(shift + self.rng.normal(0, 0.01, 4)))
                  for shift in self.rng.normal(0, 0.01, 6)] for base in (90.0, 100.0)]
        statistic = stats.unpaired(*sides)
        self.assertTrue(statistic.low <= 0.9 <= statistic.high)
        self.assertLess(statistic.p_value, 0.01)


class JudgeTest(unittest.TestCase):
    """compare.judge(): every verdict, at its border."""

    @staticmethod
    def verdict(ratio, low, high, resolvable=0.01, p_value=0.001, processes=5, counts=()):
        statistic = stats.PairStatistic(ratio, low, high, p_value, 20, processes, None)
        return compare.judge(statistic, resolvable, *counts)

    def test_verdicts(self):
        for expected, arguments in (
                ("faster", {"ratio": 0.8, "low": 0.79, "high": 0.81}),
                ("slower", {"ratio": 1.2, "low": 1.19, "high": 1.21}),
                ("same", {"ratio": 1.0, "low": 0.99, "high": 1.01}),
                ("same", {"ratio": 0.99, "low": 0.985, "high": 0.995}),
                ("unresolved", {"ratio": 1.0, "low": 0.9, "high": 1.1}),
                ("unresolved", {"ratio": 0.97, "low": 0.96, "high": 0.979, "resolvable": 0.04}),
                ("unresolved", {"ratio": 1.0, "low": 0.99, "high": 1.01, "resolvable": 0.04}),
                ("unresolved", {"ratio": 0.8, "low": 0.79, "high": 0.81, "p_value": 0.2}),
                ("unresolved", {"ratio": 0.8, "low": 0.79, "high": 0.81, "processes": 1}),
                ("unresolved", {"ratio": 0.8, "low": 0.79, "high": 0.81, "resolvable": None}),
                ("conflict", {"ratio": 0.8, "low": 0.79, "high": 0.81, "counts": (120, 100)}),
                ("conflict", {"ratio": 1.2, "low": 1.19, "high": 1.21, "counts": (90, 100)}),
                ("faster", {"ratio": 0.8, "low": 0.79, "high": 0.81, "counts": (100.2, 100)})):
            with self.subTest(**arguments):
                self.assertEqual(self.verdict(**arguments), expected)

    def test_nothing_to_judge(self):
        self.assertEqual(compare.judge(None, 0.01), "incomparable")


if __name__ == "__main__":
    main()
