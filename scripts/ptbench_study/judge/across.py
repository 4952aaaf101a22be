# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""One variant of two runs, compared through its ratio to the kernel's driver of the same run.

Two runs are hours or months apart, and a shared machine is not as fast today as it was then: times drift by
more than what anybody wants to find. The driver was measured in the same blocks and its code is the same in
both runs, so what slows the whole machine down cancels in variant/driver. What does not cancel (weather that
hits one of the two harder) shows in the ratio limit/driver, which no change of the engine moves: that is what
two runs can resolve.
"""

from ..base.errors import INCOMPARABLE, NOTHING, Failure
from ..results.samples import Samples
from ..measure.plan import resolve_variants
from . import stats
from .compare import Comparison, known_variants, make_cell, run_resolution, stored_cases

UNCHANGED = "limit"


def driver_ratios(samples, case, variant, driver):
    """variant/driver of each block, a list a process; None where a block has no time above 0."""
    pairs = samples.pairs(case, variant, driver)
    if not pairs or any(min(pair) <= 0 for blocks in pairs.values() for pair in blocks):
        return None
    return [[a / b for a, b in blocks] for _, blocks in sorted(pairs.items())]


def ratio_statistic(samples_a, samples_b, case, variant, driver):
    """PairStatistic of (variant/driver in a) / (variant/driver in b), or None."""
    sides = [driver_ratios(samples, case, variant, driver) for samples in (samples_a, samples_b)]
    return None if None in sides else stats.unpaired(*sides)


def common_driver(run_a, run_b):
    """The driver that both runs measured; Failure INCOMPARABLE where there is none."""
    if run_a.machine != run_b.machine:
        raise Failure(f"different machines, {run_a.machine} and {run_b.machine}: "
                      "times of two machines are never compared", INCOMPARABLE)
    if not run_a.kernel or run_a.kernel != run_b.kernel:
        raise Failure(f"no driver in common: {run_a.path.name} has {run_a.kernel or 'none'}, "
                      f"{run_b.path.name} has {run_b.kernel or 'none'}, and times of two runs mean "
                      "nothing without one", INCOMPARABLE)
    return run_a.kernel


def resolvable_between(samples_a, samples_b, driver):
    """What two runs can resolve between them, from what did not change; None where nothing tells."""
    cases = [case for case, variant in samples_a.times if variant == UNCHANGED]
    controls = [ratio_statistic(samples_a, samples_b, case, UNCHANGED, driver) for case in cases]
    between = stats.resolvable([control for control in controls if control])
    own = [value for value in map(run_resolution, (samples_a, samples_b)) if value is not None]
    return max(own + ([] if between is None else [between]), default=None)


def compare_ratios(run_a, run_b, variant, filters=()):
    """A Comparison of `variant` in run_a against itself in run_b; cells without a driver have none."""
    driver = common_driver(run_a, run_b)
    samples_a, samples_b = Samples(run_a.entries), Samples(run_b.entries)
    for run, samples in ((run_a, samples_a), (run_b, samples_b)):
        variant, = resolve_variants([variant], known_variants(run, samples))
    both = [case for case in stored_cases(run_a, filters)
            if (case.name, variant) in samples_a.times and (case.name, variant) in samples_b.times]
    if not both:
        raise Failure(f"{run_a.path.name} and {run_b.path.name} share no case of {variant}", NOTHING)
    resolvable = resolvable_between(samples_a, samples_b, driver)
    cells = [make_cell(case, (samples_a, variant), (samples_b, variant),
                       ratio_statistic(samples_a, samples_b, case.name, variant, driver), resolvable)
             for case in both]
    return Comparison(run_a.machine, f"{run_a.path.stem}:{variant}", f"{run_b.path.stem}:{variant}",
                      resolvable, cells)
