# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which cases take longer than they did? Measured twice before anybody is blamed.

The first pass measures every case and picks suspects: those that compare.py would call slower. Among hundreds
of cases of unchanged code some always are. The suspects are measured again, more thoroughly, with another
seed, and only that second measurement decides, so nobody is blamed for the luck that made a suspect of him.
It has to call the case slower again, and Student's t over the processes has to agree at 5 % divided by the
number of cases that had a chance to fail (Bonferroni): of twenty gates of unchanged code at most one fails.

That number is the suspects' against an old binary, which is measured anew in the second pass. Against a
stored run it is that of all cases: the stored samples are the same in both passes, and their luck with them.
"""

from dataclasses import dataclass, field

from ..base.libraries import numpy, scipy_stats
from ..base.errors import INCOMPARABLE, NOTHING, USAGE, Failure
from ..measure.interleave import NEW, OLD
from . import across, compare

FALSE_ALARMS = 0.05


@dataclass
class Slower:
    """A case that failed: cells of both passes."""

    case: object
    variant: str
    first: compare.Cell
    again: compare.Cell


@dataclass
class Verdict:
    """What the gate says about times. unconfirmed: suspects that could not be measured again."""

    compared: int
    resolvable: float
    suspects: list = field(default_factory=list)
    slower: list = field(default_factory=list)
    unconfirmed: list = field(default_factory=list)


def looks_slower(cell):
    """Whether time says slower, whatever instruction counts say: they are gated by themselves."""
    return cell.verdict == "slower" or (cell.verdict == "conflict" and cell.statistic.ratio > 1)


def chance(statistic):
    """One-sided p of Student's t that the ratio is above 1 by chance, with processes as samples."""
    spread = float(numpy.std(statistic.draws))
    centre = float(numpy.log(statistic.ratio))
    if statistic.processes < 2:
        return 1.0
    if spread == 0:
        return 0.0 if centre > 0 else 1.0
    return float(scipy_stats.t.sf(centre / spread, statistic.processes - 1))


def is_confirmed(cell, tested):
    """Whether a second measurement says slower, in a family of `tested` cases."""
    return looks_slower(cell) and chance(cell.statistic) <= FALSE_ALARMS / tested


def each_variant(variants, compared):
    """{variant: compared(variant)}, without variants of which nothing was measured."""
    found = {}
    for variant in variants:
        try:
            found[variant] = compared(variant)
        except Failure as failure:
            if failure.code not in (NOTHING, USAGE):
                raise
    return found


def against_old(run, variants):
    """{variant: Comparison} of new against old in one interleaved run."""
    return each_variant(variants, lambda variant: compare.compare_variants(
        run, f"{variant}:{NEW}", f"{variant}:{OLD}"))


def against_run(run, stored, variants):
    """{variant: Comparison} of a run now against a stored one, through the driver of each."""
    return each_variant(variants, lambda variant: across.compare_ratios(run, stored, variant))


def judge(first, measure_again, all_tested):
    """The Verdict. first: {variant: Comparison}; measure_again: case names -> the same, or None.

    all_tested: every compared cell counts as tested, not only the suspects.
    """
    if not first:
        raise Failure("nothing was measured on both sides", NOTHING)
    resolutions = [comparison.resolvable for comparison in first.values()]
    if None in resolutions:
        raise Failure("nothing that did not change was measured on both sides, so noise cannot be told "
                      "from news", INCOMPARABLE)
    suspects = [(variant, cell) for variant, comparison in first.items()
                for cell in comparison.cells if looks_slower(cell)]
    compared = sum(len(comparison.judged) for comparison in first.values())
    verdict = Verdict(compared, max(resolutions), suspects)
    if not suspects:
        return verdict
    again = measure_again(list(dict.fromkeys(cell.case.name for _, cell in suspects))) or {}
    cells = {(variant, cell.case.name): cell for variant, comparison in again.items()
             for cell in comparison.cells}
    tested = compared if all_tested else len(suspects)
    for variant, cell in suspects:
        second = cells.get((variant, cell.case.name))
        if second is None or second.statistic is None or second.statistic.processes < 2:
            verdict.unconfirmed.append((variant, cell))
        elif is_confirmed(second, tested):
            verdict.slower.append(Slower(cell.case, variant, cell, second))
    return verdict
