# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Statistics of paired measurements: what is done to the samples, and why.

*Blocks.* The bench measures all variants of a case in palindromes (A B C C B A). The two slots of a
variant in a block are averaged, so that a drift of the machine that is linear over the block cancels.
Two variants of one block form a *pair*; everything below works on the logarithm of the pair's ratio
a/b, because ratios are symmetric there (half and double are equally far from 1).

*Estimate.* The median of all pair ratios: an interrupt in one sample does not move it, while the mean
and, between processes, even the minimum did.

*Interval.* A hierarchical percentile bootstrap: processes are drawn with replacement, then blocks
inside each drawn process. One process is one sample of code and heap placement, so blocks alone would
promise far too much. With few processes a bootstrap is too narrow; the usual correction (Hesterberg
2015, "expanded percentile interval") widens it by sqrt(k/(k-1)) against the bias and by t(k-1)/z for
knowing only k processes. The part of the spread that blocks explain does not depend on k that way, so
only what processes add to it is widened. One process alone says nothing about placement: its interval
is only that of its blocks, and compare.py gives no verdict on it.

*Test.* Wilcoxon's signed-rank test on the pairs' logarithms. Pairs of one process are not independent,
which makes p too small; it can therefore only veto a verdict that the interval would give.

*Resolution.* Control pairs have identical code on both sides, so the far end of a control's interval is
a difference that could have come from nothing. What the run can resolve is that size, and of several
controls the median: a control that is noisier than others is like a cell that is, and that cell's own
interval tells. The interval is the widened one, because a difference that is said to be resolvable
has to be found by an interval that was widened too.

*Rates.* FALSE_VERDICTS is the share of comparisons of identical code that may be called faster or slower;
tests/command/test_noise.py holds the whole chain to it, on made-up noise and on the real binary.

*Geometric mean.* Over cases, of the estimates. The cases are a sample of all that could have been measured,
so its interval is hierarchical too: cases are drawn with replacement, and of each drawn case one of its own
draws (processes, then blocks); what the cases add is widened for their number as it is for processes. Fewer
than FEWEST_CASES say too little about others; the interval of their mean is then the span of their own
intervals, which speaks of these cases only. What the run can resolve is no noise that other cases average
away: where code and data lie in this binary on this machine can shift all of them alike, so both ends are
moved out by it. Where that is not known, neither is the interval. A mean whose interval holds 1 is no answer.
"""

import functools
from typing import NamedTuple

from ..base.libraries import numpy, scipy_stats

DRAWS = 1000
CONFIDENCE = 0.95
FALSE_VERDICTS = 0.05
# Within this of 1 a ratio is called the same.
SAME = 0.02
SEED = 20220531
# The signed-rank test's smallest p is 2 ** (1 - pairs): below .05 from here on.
FEWEST_PAIRS = 6
# The span of fewer cases holds the middle of what they come from in less than 95 %: 1 - 2 ** (1 - cases).
FEWEST_CASES = 6


class PairStatistic:
    """What the pairs of one cell say: ratio and interval, p, and the bootstrap draws.

    draws are logarithms, without Student's allowance: for what pools many cells.
    """

    def __init__(self, ratio, low, high, p_value, pairs, processes, draws):
        self.ratio = ratio
        self.low = low
        self.high = high
        self.p_value = p_value
        self.pairs = pairs
        self.processes = processes
        self.draws = draws


def bootstrap_medians(groups, rng, draws=DRAWS, resample_groups=True):
    """Medians of `draws` hierarchical resamples of `groups`, a list of one array a process."""
    counts = numpy.array([len(group) for group in groups])
    starts = numpy.concatenate([[0], numpy.cumsum(counts)[:-1]])
    flat = numpy.concatenate(groups)
    number, size = len(groups), int(counts.max())
    if resample_groups:
        chosen = rng.integers(0, number, size=(draws, number))
    else:
        chosen = numpy.tile(numpy.arange(number), (draws, 1))
    # Mostly all processes have as many blocks; one factor for all is a third of the work.
    lengths = size if counts.min() == size else counts[chosen][:, :, None]
    places = starts[chosen][:, :, None] + (rng.random((draws, number, size)) * lengths).astype(int)
    return medians_of_rows(flat.take(places.reshape(draws, -1)))


def medians_of_rows(table):
    """numpy.median() of each row, without what that does for other shapes: a report asks for millions."""
    middle = table.shape[1] // 2
    if table.shape[1] % 2:
        return numpy.partition(table, middle, axis=1)[:, middle]
    ordered = numpy.partition(table, (middle - 1, middle), axis=1)
    return (ordered[:, middle - 1] + ordered[:, middle]) / 2


def unbiased_factor(processes):
    """What the spread between `processes` processes has to be multiplied by to be unbiased."""
    return (processes / (processes - 1)) ** 0.5


@functools.cache
def student_reach(number):
    """How many standard errors an interval of a mean of `number` values reaches to either side."""
    return scipy_stats.t.ppf((1 + CONFIDENCE) / 2, number - 1)


@functools.cache
def student_factor(processes):
    """What an interval has to be widened by for knowing only `processes` processes."""
    return student_reach(processes) / scipy_stats.norm.ppf((1 + CONFIDENCE) / 2)


def widened(both, inner, centre, factor):
    """Draws of two levels with the part that the outer level adds to those of the inner one widened.

    both: draws of outer and inner level; inner: variance of draws of the inner level alone.
    """
    spread = numpy.var(both)
    if spread <= 0:
        return both
    between = max(spread - inner, 0.0)
    scale = max(((inner + between * factor ** 2) / spread) ** 0.5, 1.0)
    return centre + (both - centre) * scale


def hierarchical(groups, rng):
    """(median, bootstrap draws without bias, draws widened for few processes) of `groups`."""
    centre = numpy.median(numpy.concatenate(groups))
    both = bootstrap_medians(groups, rng)
    if len(groups) < 2 or numpy.var(both) <= 0:
        return centre, both, both
    inner = numpy.var(bootstrap_medians(groups, rng, resample_groups=False))
    unbiased = unbiased_factor(len(groups))
    return (centre, widened(both, inner, centre, unbiased),
            widened(both, inner, centre, unbiased * student_factor(len(groups))))


def interval(draws):
    """The middle 95 % of bootstrap draws."""
    edge = (1 - CONFIDENCE) / 2
    low, high = numpy.quantile(draws, [edge, 1 - edge])
    return float(low), float(high)


def signed_rank_p(values):
    """Two-sided p of Wilcoxon's signed-rank test that `values` lie around 0; 1.0 if all are 0."""
    values = numpy.asarray(values)
    values = values[values != 0]
    if not len(values):
        return 1.0
    return float(scipy_stats.wilcoxon(values).pvalue)


def paired(pairs, seed=SEED):
    """Statistic of one cell. `pairs` maps a process to its list of (a, b) block means in ns.

    All times are positive; there is at least one pair.
    """
    groups = [numpy.log([a / b for a, b in blocks]) for _, blocks in sorted(pairs.items())]
    centre, draws, wide = hierarchical(groups, numpy.random.default_rng(seed))
    flat = numpy.concatenate(groups)
    return PairStatistic(*ratio_and_interval(centre, wide), signed_rank_p(flat), len(flat),
                         len(groups), draws)


def ratio_and_interval(centre, draws):
    """(ratio, low, high) from logarithms; the interval holds the ratio."""
    low, high = interval(draws)
    return (float(numpy.exp(centre)), float(numpy.exp(min(low, centre))),
            float(numpy.exp(max(high, centre))))


def unpaired(a_groups, b_groups, seed=SEED):
    """Statistic of a cell whose sides come from two runs: ratio of medians, each side resampled.

    Both arguments are lists of one list of block means (ns) a process. There are no pairs, so p is
    that of the Mann-Whitney test.
    """
    rng = numpy.random.default_rng(seed)
    sides = [hierarchical([numpy.log(group) for group in groups], rng)
             for groups in (a_groups, b_groups)]
    centre, draws, wide = (of_a - of_b for of_a, of_b in zip(*sides))
    p_value = float(scipy_stats.mannwhitneyu(numpy.concatenate(a_groups),
                                             numpy.concatenate(b_groups)).pvalue)
    return PairStatistic(*ratio_and_interval(centre, wide), p_value,
                         min(sum(map(len, a_groups)), sum(map(len, b_groups))),
                         min(len(a_groups), len(b_groups)), draws)


def resolvable(controls):
    """Smallest relative difference (0.04 is 4 %) that control statistics allow to be called real.

    None without controls: then nothing is known about the run's noise.
    """
    if not controls:
        return None
    sizes = [max(control.high, 1 / control.low) for control in controls]
    return float(numpy.median(sizes)) - 1


class Mean(NamedTuple):
    """A geometric mean of ratios with its interval; low and high are None where that is not known."""

    ratio: float
    low: float
    high: float

    @property
    def verdict(self):
        """What the interval says: faster, slower, same, or unresolved where it holds 1 or is not known."""
        if self.low is None:
            return "unresolved"
        if 1 - SAME <= self.low and self.high <= 1 + SAME:
            return "same"
        if self.low <= 1 <= self.high:
            return "unresolved"
        return "faster" if self.ratio < 1 else "slower"


def mean_draws(statistics, centres, rng):
    """Draws of the mean over drawn cases, widened for few of them; logarithms."""
    number, centre = len(statistics), numpy.mean(centres)
    # A median's bootstrap leans to one side a little; over many cells that would add up.
    own = numpy.array([rng.permutation(statistic.draws) - numpy.mean(statistic.draws) + log_ratio
                       for statistic, log_ratio in zip(statistics, centres)])
    draws = own.shape[1]
    chosen = rng.integers(0, number, size=(number, draws))
    both = own[chosen, rng.integers(0, draws, size=(number, draws))].mean(axis=0)
    return widened(both, numpy.var(own.mean(axis=0)), centre,
                   unbiased_factor(number) * student_factor(number))


def geometric_mean(statistics, resolution):
    """The Mean of the ratios of several cells, or None where there is none.

    resolution: what the run can resolve, or None where that is not known.
    """
    if not statistics:
        return None
    centres = numpy.log([statistic.ratio for statistic in statistics])
    centre = float(numpy.mean(centres))
    if resolution is None:
        return Mean(float(numpy.exp(centre)), None, None)
    if len(statistics) < FEWEST_CASES:
        low = min(statistic.low for statistic in statistics)
        high = max(statistic.high for statistic in statistics)
        ratio = float(numpy.exp(centre))
    else:
        ratio, low, high = ratio_and_interval(
            centre, mean_draws(statistics, centres, numpy.random.default_rng(SEED)))
    return Mean(ratio, low / (1 + resolution), high * (1 + resolution))
