# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Compares two sides of one run that differ in any axis: variant, build, pages, mode, format, operation.

A side fixes some axes, {"build": "clang"} or {"mode": "coherent+lazy"}. Everything measured that is on side
a forms a pair with what is on side b and equal in all other axes. Where the two sides of a pair were
measured in one process, what the run can resolve is known from controls of one process; otherwise from
those between processes.
"""

from ..base.errors import NOTHING, USAGE, Failure
from ..results.samples import Samples
from ..measure.plan import resolve_variants
from ..measure.setups import BUILDS, TABLES, parse_label
from . import stats
from .compare import Cell, Comparison, judge, paired_statistic, stored_cases, why_incomparable

OF_SETUP = ("build", "tables")
OF_CASE = ("format", "op", "mode", "state", "size", "count", "threads")
# In which order tables and charts have the variants; others, such as the kernel's, come between the last two.
ORDER = ("inline", "recursive", "limit")
AXES = ("variant", *OF_SETUP, *OF_CASE)


def axes_of(case, name):
    """{axis: value} of one variant's samples; values of a case are texts, as in its name."""
    variant, setup = parse_label(name)
    return {"variant": variant, "build": setup.build, "tables": setup.tables, "format": case.format,
            "op": case.op, "mode": case.mode, "state": case.state, "size": case.size_text,
            "count": str(case.count), "threads": str(case.threads)}


def rank(variant):
    """A key that sorts variants by ORDER."""
    return ORDER.index(variant) * 2 if variant in ORDER else 3


def check_side(side):
    """Failure unless a side fixes axes that there are, to values."""
    for axis, value in side.items():
        if axis not in AXES:
            raise Failure(f"no axis '{axis}' to compare; there are: {', '.join(AXES)}", USAGE)
        known = {"build": BUILDS, "tables": TABLES}.get(axis)
        if known and value not in known:
            raise Failure(f"unknown {axis} '{value}'; there are: {', '.join(known)}", USAGE)


def resolved(side, variants):
    """A side with "linux" as the name of whichever kernel's drivers were measured."""
    if "variant" not in side:
        return side
    return {**side, "variant": resolve_variants([side["variant"]], variants)[0]}


def describe(side):
    """A side in few words."""
    return " ".join(side.values())


def measured(run, samples, filters):
    """{axes as a tuple of items: (case, label)} of everything that a run has samples of."""
    found = {}
    for case in stored_cases(run, filters):
        for name in samples.labels(case.name):
            found[tuple(axes_of(case, name).items())] = (case, name)
    return found


def across_processes(a, b):
    """Whether two sides (case, label) were measured by different processes."""
    return a[0].name != b[0].name or parse_label(a[1])[1] != parse_label(b[1])[1]


def statistic_of(samples, a, b):
    """PairStatistic of two sides (case, label), or None where nothing pairs up."""
    pairs = samples.pairs_between((a[0].name, a[1]), (b[0].name, b[1]))
    if not pairs or any(min(pair) <= 0 for blocks in pairs.values() for pair in blocks):
        return None
    return stats.paired(pairs)


def resolution(samples, across):
    """What a run can resolve inside a process or across, None where it has no control for that."""
    controls = samples.again_pairs() if across else samples.control_pairs()
    found = [paired_statistic(samples, *pair) for pair in controls]
    return stats.resolvable([control for control in found if control])


def compare_sides(run, side_a, side_b, filters=(), samples=None):
    """A list of Comparisons, one for each variant where the sides do not fix it, in order."""
    for side in (side_a, side_b):
        check_side(side)
    if side_a.keys() != side_b.keys() or side_a == side_b:
        raise Failure("two sides have to differ in the same axes: "
                      f"{describe(side_a) or '-'} and {describe(side_b) or '-'}", USAGE)
    samples = samples or Samples(run.entries)
    everything = measured(run, samples, filters)
    variants = list(dict.fromkeys(dict(key)["variant"] for key in everything))
    side_a, side_b = resolved(side_a, variants), resolved(side_b, variants)
    found = {}
    for key, a in everything.items():
        axes = dict(key)
        if any(axes[axis] != value for axis, value in side_a.items()):
            continue
        b = everything.get(tuple({**axes, **side_b}.items()))
        if b is not None:
            found.setdefault(None if "variant" in side_a else axes["variant"], []).append((a, b))
    if not found:
        raise Failure(f"nothing was measured both for {describe(side_a)} and {describe(side_b)}",
                      NOTHING)
    return [comparison_of(run, samples, side_a, side_b, variant, pairs)
            for variant, pairs in sorted(found.items(), key=lambda item: rank(item[0]))]


def comparison_of(run, samples, side_a, side_b, variant, pairs):
    """The Comparison of a list of ((case, label), (case, label))."""
    across = any(across_processes(a, b) for a, b in pairs)
    names = [" ".join([variant] * bool(variant) + [describe(side)]) for side in (side_a, side_b)]
    comparison = Comparison(run.machine, *names, resolution(samples, across), [],
                            traces=run.context.get("traces", {}))
    for a, b in pairs:
        statistic = statistic_of(samples, a, b)
        cell = Cell(a[0], statistic=statistic)
        for letter, (case, name) in (("a", a), ("b", b)):
            setattr(cell, f"{letter}_ns", samples.median(case.name, name))
            setattr(cell, f"{letter}_min", samples.minimum(case.name, name))
            setattr(cell, f"{letter}_instructions", samples.instructions_of(case.name, name))
        cell.verdict = judge(statistic, comparison.resolvable, cell.a_instructions,
                             cell.b_instructions)
        if statistic is None:
            cell.reason = why_incomparable([(samples, case.name, name) for case, name in (a, b)])
        comparison.cells.append(cell)
    if across and comparison.resolvable is None:
        comparison.notes.append("no control between processes in this run: what it can resolve "
                                "there is not known, so no verdicts")
    if comparison.processes == 1:
        comparison.notes.append("one process only: placement was not replicated, so no verdicts")
    return comparison


def compare_builds(run, variant, builds, filters=()):
    """One variant in two builds of a run."""
    return compare_sides(run, {"variant": variant, "build": builds[0]},
                         {"variant": variant, "build": builds[1]}, filters)[0]
