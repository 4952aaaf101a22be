# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Change points of a series: E-Divisive (Matteson and James 2014), with its permutation test.

For every way to split a segment into X = [0, split) and Y = [split, end), `end` anywhere behind the split,
the energy distance

    E = 2 mean|x - y| - mean|x - x'| - mean|y - y'|,     Q = mn / (m + n) E

says how different X and Y are. The split of the largest Q is a change point if few of the shuffled series
reach such a Q; then both sides are searched again. Nothing is assumed about the distribution, and one outlier
moves Q little, because the distance is |x - y| and not its square.

It needs points on both sides: a change in the last SHORTEST - 1 points of a series cannot be found, and one
with few points behind it only if it is large. What happened at the end is for a direct comparison.
"""

import functools

from ..base.libraries import numpy

SHORTEST = 3
PERMUTATIONS = 499
SIGNIFICANT = 0.01
SEED = 20140115


@functools.lru_cache(maxsize=64)
def splits_and_ends(number):
    """All (split, end) of a segment as indices of its prefix sums, and the factors that only they decide."""
    places = numpy.arange(number + 1)
    splits, ends = numpy.meshgrid(places, places, indexing="ij")
    allowed = (splits >= SHORTEST) & (ends - splits >= SHORTEST)
    splits, ends = splits[allowed], ends[allowed]
    left, right = splits, ends - splits
    row = number + 1
    return (splits, splits * row + splits, ends * row + ends, splits * row + ends, left * right,
            left * numpy.maximum(left - 1, 1), right * numpy.maximum(right - 1, 1),
            left * right / (left + right))


def largest(values):
    """(Q, split) of the best split of a segment, (-inf, 0) where it is too short for any.

    values: 1-D array. Sums of distances come from two-dimensional prefix sums, so that all splits and ends
    together cost O(n^2).
    """
    number = len(values)
    if number < 2 * SHORTEST:
        return -numpy.inf, 0
    prefix = numpy.zeros((number + 1, number + 1))
    prefix[1:, 1:] = numpy.abs(values[:, None] - values[None, :]).cumsum(0).cumsum(1)
    splits, at_split, at_end, split_to_end, both, inside_left, inside_right, weight = splits_and_ends(number)
    to_cut, to_end = prefix.take(at_split), prefix.take(at_end)
    between = prefix.take(split_to_end) - to_cut
    energy = (2 * between / both - to_cut / inside_left
              - (to_end - to_cut - 2 * between) / inside_right)
    quality = weight * energy
    best = int(numpy.argmax(quality))
    return float(quality[best]), int(splits[best])


def p_value(values, quality, rng):
    """Share of shuffled series, itself included, whose best split is as good; stops once it is too large."""
    reached, allowed = 1, SIGNIFICANT * (PERMUTATIONS + 1)
    for done in range(1, PERMUTATIONS + 1):
        reached += largest(rng.permutation(values))[0] >= quality
        if reached > allowed:
            return reached / (done + 1)
    return reached / (PERMUTATIONS + 1)


def change_points(values, seed=SEED):
    """[(index, p)] in order: from `index` on the series is another one.

    values: floats, oldest first, without gaps. The same series gives the same answer.
    """
    values = numpy.asarray(values, dtype=float)
    rng = numpy.random.default_rng(seed)
    found, segments = [], [(0, len(values))]
    while segments:
        start, end = segments.pop()
        quality, split = largest(values[start:end])
        if quality <= 0 or not numpy.isfinite(quality):
            continue
        p = p_value(values[start:end], quality, rng)
        if p <= SIGNIFICANT:
            found.append((start + split, p))
            segments += [(start, start + split), (start + split, end)]
    return sorted(found)
