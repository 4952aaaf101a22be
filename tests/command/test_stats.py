#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The statistics, on synthetic data whose truth is known."""

import unittest

import numpy
from support import SEED, main
from ptbench_study.base import progress
from ptbench_study.judge import compare, stats


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

    def test_unpaired_finds_the_ratio_of_two_runs(self):
        sides = [[list(base * numpy.exp(shift + self.rng.normal(0, 0.01, 4)))
                  for shift in self.rng.normal(0, 0.01, 6)] for base in (90.0, 100.0)]
        statistic = stats.unpaired(*sides)
        self.assertTrue(statistic.low <= 0.9 <= statistic.high)
        self.assertLess(statistic.p_value, 0.01)


class MeanTest(unittest.TestCase):
    """stats.geometric_mean(): its interval holds what it claims to."""

    RUNS, MEAN, RESOLUTION, NOISE = 300, 0.8, 0.04, 0.01

    def setUp(self):
        self.rng = numpy.random.default_rng(SEED)

    def cells(self, ratios):
        """Statistics of cases with these true ratios: estimates and draws of which noise is known."""
        return [self.cell(estimate) for estimate in
                numpy.log(ratios) + self.rng.normal(0, self.NOISE, len(ratios))]

    def cell(self, centre):
        """One of them, around its estimate."""
        draws = centre + self.rng.normal(0, self.NOISE, stats.DRAWS)
        return stats.PairStatistic(*stats.ratio_and_interval(centre, draws), 0.001, 20, 5, draws)

    def runs(self, cases, spread, bias):
        """Made-up runs: cases drawn around MEAN, all of them shifted by `bias` one way or the other."""
        for _ in range(self.RUNS):
            shift = self.rng.choice([-1, 1]) * numpy.log1p(bias)
            yield self.cells(self.MEAN * numpy.exp(self.rng.normal(shift, spread, cases)))

    def coverage(self, cases, spread, bias, resolution=RESOLUTION):
        """How often the interval holds the true mean."""
        means = [stats.geometric_mean(cells, resolution) for cells in self.runs(cases, spread, bias)]
        return numpy.mean([mean.low <= self.MEAN <= mean.high for mean in means])

    def test_covers_a_bias_of_the_size_of_the_resolution(self):
        for cases, spread in ((6, 0.4), (12, 0.02), (20, 0.3)):
            with self.subTest(cases=cases, spread=spread):
                self.assertGreaterEqual(self.coverage(cases, spread, self.RESOLUTION), 0.92)

    def test_covers_the_spread_over_cases_alone(self):
        for cases in (6, 20):
            with self.subTest(cases=cases):
                covered = self.coverage(cases, 0.4, 0, resolution=0)
                self.assertTrue(0.92 <= covered <= 0.98, covered)

    def test_what_is_left_out_shows(self):
        """The tests above can fail: without the resolution a common bias is not covered."""
        self.assertLess(self.coverage(12, 0.02, self.RESOLUTION, resolution=0), 0.5)

    def test_is_no_wider_than_what_goes_into_it(self):
        cells = self.cells(self.MEAN * numpy.exp(self.rng.normal(0, 0.3, 40)))
        mean = stats.geometric_mean(cells, self.RESOLUTION)
        spread = numpy.std(numpy.log([cell.ratio for cell in cells]), ddof=1) / len(cells) ** 0.5
        self.assertAlmostEqual(numpy.log(mean.high / mean.low),
                               2 * (2.02 * spread + numpy.log1p(self.RESOLUTION)), delta=0.02)

    def test_never_narrower_than_the_resolution(self):
        """Many equal cases do not average away what shifts all of them."""
        mean = stats.geometric_mean(self.cells([0.3] * 40), self.RESOLUTION)
        self.assertLess(mean.low, 0.3 / 1.038)
        self.assertGreater(mean.high, 0.3 * 1.038)

    def test_below_the_resolution_is_no_answer(self):
        """A mean of half under a resolution of 237 % says nothing."""
        mean = stats.geometric_mean(self.cells([0.47] * 20), 2.37)
        self.assertEqual(mean.verdict, "unresolved")
        self.assertEqual(stats.geometric_mean(self.cells([0.47] * 20), 0.3).verdict, "faster")
        self.assertEqual(stats.geometric_mean(self.cells([1.9] * 20), 0.3).verdict, "slower")
        self.assertEqual(stats.Mean(1.0, 0.99, 1.01).verdict, "same")

    def test_few_cases_have_the_span_of_theirs(self):
        cells = self.cells([0.2, 0.8])
        mean = stats.geometric_mean(cells, 0.0)
        self.assertEqual((mean.low, mean.high), (cells[0].low, cells[1].high))
        self.assertAlmostEqual(mean.ratio, 0.4, delta=0.01)
        one = stats.geometric_mean(cells[:1], 0.1)
        self.assertAlmostEqual(one.low, cells[0].low / 1.1)
        self.assertEqual(stats.geometric_mean(self.cells([0.8, 1.2]), 0.01).verdict, "unresolved")

    def test_nothing_known(self):
        half, double = stats.paired({0: [(1.0, 2.0)] * 4}), stats.paired({0: [(2.0, 1.0)] * 4})
        mean = stats.geometric_mean([half, double], None)
        self.assertAlmostEqual(mean.ratio, 1.0)
        self.assertEqual((mean.low, mean.high, mean.verdict), (None, None, "unresolved"))
        self.assertIsNone(stats.geometric_mean([], 0.1))


class TextTest(unittest.TestCase):
    """How ratios and means are written."""

    def test_ends_of_an_interval_are_told_apart(self):
        self.assertEqual(progress.ratio_interval(0.3, 0.28, 0.32), "0.30 [0.28, 0.32]")
        self.assertEqual(progress.ratio_interval(0.3, 0.2991, 0.3012), "0.300 [0.299, 0.301]")
        self.assertEqual(progress.ratio_interval(0.3, 0.3, 0.3), "0.30 [0.30, 0.30]")

    def test_means(self):
        self.assertEqual(progress.mean_text(None), "-")
        self.assertEqual(progress.mean_text(stats.Mean(0.5, None, None)), "0.50 [not known]")
        self.assertEqual(progress.mean_text(stats.Mean(0.5, 0.4, 0.6)), "0.50 [0.40, 0.60]")
        self.assertEqual(progress.mean_text(stats.Mean(0.9, 0.7, 1.1)), "0.90 [0.70, 1.10]?")


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
