# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Series of stored runs of one machine: how each case went over time, and where it changed.

A value is either the ratio to the kernel's driver of the same run, or ns. The ratio is the default of every
series that has the driver in all its runs: the machine's own drift is in both and cancels. Its price is that
a change of the driver's own speed (another kernel package under the same version) looks like one of the
engine; ns in the same document tell the two apart.
"""

import statistics
from dataclasses import dataclass, field

from ..base.libraries import numpy
from ..base.errors import NOTHING, Failure
from ..results.samples import Samples
from ..measure.plan import resolve_variants
from . import across, changepoints, stats
from .compare import SAME, between_runs, judge, known_variants, stored_cases, unpaired_statistic

NS = "ns"
MAD_TO_SIGMA = 1.4826
BAND_SIGMAS = 1.96
ENGINE = ("inline", "recursive")


@dataclass
class Point:
    """A run in a series: value with its 95 % interval over processes (None with one process)."""

    run: object
    value: float
    low: float
    high: float
    ns: float
    instructions: float


@dataclass
class Change:
    """From points[index] on the series is another one; ratio is after/before, of medians."""

    index: int
    ratio: float
    p: float
    notes: list


@dataclass
class Tail:
    """points[index] directly against points[index - 1]: a PairStatistic (or None) and its verdict."""

    index: int
    statistic: stats.PairStatistic
    verdict: str


@dataclass
class Series:
    """One case and variant. unit is "ns", or the name of the driver that values are relative to.

    left_out maps reasons to the runs whose figures are known to be none.
    """

    case: object
    variant: str
    unit: str
    points: list
    changes: list = field(default_factory=list)
    tails: list = field(default_factory=list)
    left_out: dict = field(default_factory=dict)

    def segments(self):
        """[(first, end)] indices of the points between change points."""
        edges = [0, *(change.index for change in self.changes), len(self.points)]
        return list(zip(edges, edges[1:]))

    def level(self, segment):
        """Median value of a segment."""
        return statistics.median([point.value for point in self.points[slice(*segment)]])

    @property
    def band(self):
        """Half-width of the noise band as a fraction: 1.96 robust sigmas of points around their segment.

        None with fewer than three points.
        """
        if len(self.points) < 3:
            return None
        off = [abs(numpy.log(point.value / self.level(segment))) for segment in self.segments()
               for point in self.points[slice(*segment)]]
        return float(numpy.expm1(BAND_SIGMAS * MAD_TO_SIGMA * numpy.median(off)))


def interval(groups):
    """(value, low, high): median over all blocks, Student's interval over the processes' medians."""
    value = statistics.median([value for group in groups for value in group])
    logs = numpy.log([statistics.median(group) for group in groups])
    if len(logs) < 2:
        return value, None, None
    reach = stats.student_reach(len(logs)) * numpy.std(logs, ddof=1) / len(logs) ** 0.5
    return value, float(value * numpy.exp(-reach)), float(value * numpy.exp(reach))


class History:
    """The runs of one machine, oldest first, with their samples."""

    def __init__(self, runs):
        self.runs = runs
        self.samples = [Samples(run.entries) for run in runs]
        self.cases = [{case.name: case for case in stored_cases(run)} for run in runs]
        self.resolutions = {}

    def variants(self):
        """All variants of all runs."""
        return list(dict.fromkeys(name for run, samples in zip(self.runs, self.samples)
                                  for name in known_variants(run, samples)))

    def series(self, filters=(), variants=None, as_ratio=None, tails=True):
        """Every Series that has a point. as_ratio: True, False, or None for the default of each.

        tails: with direct comparisons of the last points, which take most of the time.
        Failure NOTHING where there is none.
        """
        known = self.variants()
        wanted = resolve_variants(variants, known) if variants else \
            [name for name in ENGINE if name in known]
        chosen = {}
        for run in reversed(self.runs):
            try:
                chosen |= {case.name: case for case in stored_cases(run, filters)
                           if case.name not in chosen}
            except Failure as failure:
                if failure.code != NOTHING:
                    raise
        found = [self.one(case, variant, as_ratio, tails)
                 for case in chosen.values() for variant in wanted]
        found = [each for each in found if each]
        if not found:
            flaws = [reason for case in chosen.values() for variant in wanted
                     for reason in self.left_out(case.name, variant)]
            raise Failure("no stored run has a series of "
                          f"{' '.join(filters) or ', '.join(wanted) or 'the engine'}"
                          + (f": {flaws[0]}" if flaws else ""), NOTHING)
        return found

    def left_out(self, case, variant):
        """{reason: [runs]} of a case and variant that were measured, but have no figures."""
        found = {}
        for run, samples in zip(self.runs, self.samples):
            reason = samples.flaws.get((case, variant))
            if reason:
                found.setdefault(reason, []).append(run)
        return found

    def one(self, case, variant, as_ratio, tails):
        """The Series of a case and variant, or None where no run has it (in the unit asked for)."""
        # A case that a run lacks processes of, having stopped early, is no point: placement is not in it.
        places = [index for index, samples in enumerate(self.samples)
                  if case.name not in self.runs[index].context.get("missing", ())
                  and min(samples.all_times(case.name, variant), default=0) > 0]
        drivers = [self.runs[index].kernel for index in places]
        if as_ratio:
            newest = next((driver for driver in reversed(drivers) if driver), None)
            places = [index for index in places if self.runs[index].kernel == newest]
            drivers = [newest]
        driver = drivers[0] if len(set(drivers)) == 1 else None
        ratios = {}
        if driver and driver != variant and as_ratio is not False:
            ratios = {index: across.driver_ratios(self.samples[index], case.name, variant, driver)
                      for index in places}
        if as_ratio:
            places = [index for index in places if ratios.get(index)]
        relative = bool(places) and all(ratios.get(index) for index in places)
        if not places or (as_ratio and not relative):
            return None
        series = Series(case, variant, driver if relative else NS, [
            self.point(index, case.name, variant, ratios[index] if relative else
                       self.samples[index].processes(case.name, variant)) for index in places])
        series.changes = self.changes(series)
        series.tails = self.tails(series, places) if tails else []
        series.left_out = self.left_out(case.name, variant)
        return series

    def point(self, index, case, variant, groups):
        """A Point out of values a process: each a block's mean, or its ratio to the driver's."""
        return Point(self.runs[index], *interval(groups), self.samples[index].median(case, variant),
                     self.samples[index].instructions_of(case, variant))

    def changes(self, series):
        """The changes that are larger than what counts as the same."""
        values = [point.value for point in series.points]
        found = [(index, p) for index, p in changepoints.change_points(numpy.log(values))]
        edges = [0, *(index for index, _ in found), len(values)]
        levels = [statistics.median(values[a:b]) for a, b in zip(edges, edges[1:])]
        return [Change(index, after / before, p, also_changed(series.points[index - 1].run,
                                                              series.points[index].run))
                for (index, p), before, after in zip(found, levels, levels[1:])
                if abs(after / before - 1) > SAME]

    def tails(self, series, places):
        """Direct comparisons of the last points, where change_points() is blind."""
        first = max(1, len(places) - changepoints.SHORTEST + 1)
        return [self.tail(series, index, places[index], places[index - 1])
                for index in range(first, len(places))]

    def tail(self, series, index, new, old):
        """A Tail: run `new` against run `old`."""
        sides = self.samples[new], self.samples[old]
        name, variant = series.case.name, series.variant
        if series.unit == NS:
            statistic = unpaired_statistic(*sides, name, variant, variant)
        else:
            statistic = across.ratio_statistic(*sides, name, variant, series.unit)
        key = new, old, series.unit
        if key not in self.resolutions:
            self.resolutions[key] = across.resolvable_between(*sides, series.unit) \
                if series.unit != NS else between_runs(self.runs[new], self.runs[old], *sides)[0]
        return Tail(index, statistic, judge(statistic, self.resolutions[key]))


def also_changed(before, after):
    """What else differs between two runs that could be the reason of a change."""
    notes = [f"{name} changed too" for name in ("compiler", "flags", "kernel", "sample_us")
             if before.context.get(name) != after.context.get(name)]
    same = before.context.get("text_sha256")
    if same and same == after.context.get("text_sha256"):
        notes.append("the same .text: not the code")
    return notes


def commit_of(run):
    """Commit of a run, marked where there were changes on top."""
    return run.context["commit"] + ("+dirty" if run.context.get("dirty") else "")


def commits_of(series, change):
    """The range of commits that a change lies in, as git takes it."""
    before, after = (series.points[change.index + step].run.context["commit"] for step in (-1, 0))
    return f"{before}..{after}"
