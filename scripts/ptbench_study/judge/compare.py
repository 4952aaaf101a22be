# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Compares two variants of one run, or one variant of two runs, and gives a verdict on every case.

a is judged against b: the ratio is a/b, *faster* means that a needs less time.

Verdicts:

    faster, slower  the interval leaves out 1, the signed-rank test agrees, and the difference is one
                    that this run can resolve
    same            the interval lies inside +-2 %, and the run can resolve 2 %
    unresolved      neither of these: more pairs may tell
    conflict        time says one thing and instruction counts clearly the other
    incomparable    a side's times are no figures (samples.py says why), or the two share no pair
"""

from dataclasses import dataclass, field
from functools import cached_property

from ..base.errors import INCOMPARABLE, NOTHING, OK, REGRESSION, USAGE, Failure
from ..results.samples import CONTROL_SUFFIX, THIRD_SUFFIX, Samples
from ..code.kernels import is_kernel
from ..measure.bench import Case
from ..measure.plan import matches, resolve_variants
from . import stats

SAME = stats.SAME
SIGNIFICANT = 0.05
REAL_COUNT_CHANGE = 0.005
VERDICTS = ("faster", "slower", "same", "unresolved", "conflict", "incomparable")


@dataclass
class Cell:
    """One case: times in ns per operation, statistic and verdict, or why there is none."""

    case: Case
    a_ns: float = None
    b_ns: float = None
    a_min: float = None
    b_min: float = None
    a_instructions: float = None
    b_instructions: float = None
    statistic: stats.PairStatistic = None
    verdict: str = "incomparable"
    reason: str = None


def least(cells, field_name):
    """The smallest number of pairs or processes among the cells that have a statistic."""
    return min((getattr(cell.statistic, field_name) for cell in cells if cell.statistic), default=0)


@dataclass
class Comparison:
    """All cells of a against b on one machine; resolvable is a fraction, None where unknown."""

    machine: str
    a: str
    b: str
    resolvable: float
    cells: list
    notes: list = field(default_factory=list)
    # What of its trace a case replayed, by its name.
    traces: dict = field(default_factory=dict)
    # Verdicts whose cells are shown one by one, None for all; what is said of the whole is of all cells.
    listed: tuple = None

    @property
    def shown(self):
        """The cells that are shown one by one."""
        return [cell for cell in self.cells if self.listed is None or cell.verdict in self.listed]

    @property
    def judged(self):
        """The cells that have a statistic."""
        return [cell for cell in self.cells if cell.statistic]

    @property
    def pairs(self):
        """Pairs that every judged cell has at least."""
        return least(self.cells, "pairs")

    @property
    def processes(self):
        """Processes that every judged cell has at least."""
        return least(self.cells, "processes")

    def mean_of(self, cells):
        """The stats.Mean over some of the judged cells, or None.

        Without a second process what the run can resolve is not known, so the interval is not either.
        """
        statistics = [cell.statistic for cell in cells]
        replicated = any(statistic.processes > 1 for statistic in statistics)
        return stats.geometric_mean(statistics, self.resolvable if replicated else None)

    @cached_property
    def geomean(self):
        """The mean over all judged cells, or None; ask only once all cells are there."""
        return self.mean_of(self.judged)

    def count(self, verdict):
        """How many cells have a verdict."""
        return sum(cell.verdict == verdict for cell in self.cells)

    @property
    def exit_code(self):
        """The verdict as an exit code."""
        if self.count("slower"):
            return REGRESSION
        return OK if self.judged else INCOMPARABLE


def judge(statistic, resolvable, a_instructions=None, b_instructions=None):
    """The verdict on one cell, from its statistic and what the run can resolve."""
    if statistic is None:
        return "incomparable"
    difference = max(statistic.ratio, 1 / statistic.ratio) - 1
    if resolvable is None or statistic.processes < 2:
        return "unresolved"
    if 1 - SAME <= statistic.low and statistic.high <= 1 + SAME and resolvable <= SAME:
        return "same"
    if statistic.low <= 1 <= statistic.high or statistic.p_value >= SIGNIFICANT:
        return "unresolved"
    if difference < resolvable:
        return "unresolved"
    verdict = "faster" if statistic.ratio < 1 else "slower"
    if a_instructions and b_instructions:
        change = a_instructions / b_instructions - 1
        if abs(change) > REAL_COUNT_CHANGE and (change > 0) == (verdict == "faster"):
            return "conflict"
    return verdict


def stored_cases(run, filters=()):
    """The cases of a run, in the order of the binary's list."""
    known = Case.__dataclass_fields__
    cases = [Case(**{name: value for name, value in entry.items() if name in known})
             for entry in run.context["cases"]]
    chosen = [case for case in cases if matches(case.name, filters)]
    if not chosen:
        raise Failure(f"no case in {run.path.name} matches {' '.join(filters)}" if filters
                      else f"{run.path.name} has no case", NOTHING)
    return chosen


def paired_statistic(samples, case, a, b):
    """PairStatistic of one case, or None where a time is not above zero or nothing pairs up."""
    pairs = samples.pairs(case, a, b)
    if not pairs or any(min(pair) <= 0 for blocks in pairs.values() for pair in blocks):
        return None
    return stats.paired(pairs)


def run_resolution(samples, suffix=CONTROL_SUFFIX):
    """What a run can resolve, from its control pairs; None without any."""
    controls = [paired_statistic(samples, *pair) for pair in samples.control_pairs(suffix)]
    return stats.resolvable([control for control in controls if control])


def known_variants(run, samples):
    """All variants of a run, for messages and to resolve "linux"."""
    return list(dict.fromkeys(name for entry in run.context["cases"]
                              for name in samples.labels(entry["name"])))


def compare_variants(run, a, b, filters=(), samples=None):
    """Variant a against variant b of one run, over the cases that have both."""
    samples = samples or Samples(run.entries)
    names = resolve_variants([a, b], known_variants(run, samples))
    resolvable = run_resolution(samples)
    if len(names) != 2:
        if run.context.get("itself") != names[0]:
            raise Failure(f"'{a}' and '{b}' are the same variant: name two, or measure one against itself "
                          f"by run --variant {a},{a}", USAGE)
        names.append(names[0] + CONTROL_SUFFIX)
        resolvable = run_resolution(samples, THIRD_SUFFIX)
    a, b = names
    comparison = Comparison(run.machine, a, b, resolvable, [], traces=run.context.get("traces", {}))
    for case in stored_cases(run, filters):
        if not {a, b} <= samples.measured(case.name):
            continue
        comparison.cells.append(
            make_cell(case, (samples, a), (samples, b),
                      paired_statistic(samples, case.name, a, b), comparison.resolvable))
    if not comparison.cells:
        raise Failure(f"no case that is asked for has both {a} and {b}", NOTHING)
    if comparison.judged and comparison.pairs < stats.FEWEST_PAIRS:
        comparison.notes.append(f"fewer than {stats.FEWEST_PAIRS} pairs: too few for the signed-rank "
                                "test, so no verdicts; give --pairs more")
    if comparison.processes == 1:
        comparison.notes.append("one process only: placement was not replicated, so no verdicts")
    return comparison


def make_cell(case, a_side, b_side, statistic, resolvable):
    """A Cell from (samples, variant) of each side."""
    cell = Cell(case, statistic=statistic)
    for letter, (samples, variant) in (("a", a_side), ("b", b_side)):
        setattr(cell, f"{letter}_ns", samples.median(case.name, variant))
        setattr(cell, f"{letter}_min", samples.minimum(case.name, variant))
        setattr(cell, f"{letter}_instructions", samples.instructions_of(case.name, variant))
    cell.verdict = judge(statistic, resolvable, cell.a_instructions, cell.b_instructions)
    if statistic is None:
        cell.reason = why_incomparable([(samples, case.name, variant)
                                        for samples, variant in (a_side, b_side)])
    return cell


def why_incomparable(sides):
    """Why two sides, each (samples, case name, variant), have no statistic."""
    reasons = {}
    for samples, case, variant in sides:
        reason = samples.why_incomparable(case, variant)
        if reason and variant not in reasons.get(reason, []):
            reasons.setdefault(reason, []).append(variant)
    return "; ".join(f"{' and '.join(names)}: {reason}" for reason, names in reasons.items()) \
        or "the two sides share no pair"


def unpaired_statistic(samples_a, samples_b, case, a, b):
    """PairStatistic of one case over two runs, or None where there is nothing to compare."""
    groups_a, groups_b = samples_a.processes(case, a), samples_b.processes(case, b)
    times = [time for groups in (groups_a, groups_b) for group in groups for time in group]
    if not groups_a or not groups_b or min(times) <= 0:
        return None
    return stats.unpaired(groups_a, groups_b)


def compare_runs(run_a, run_b, a, b, filters=()):
    """Variant a of one run against variant b of another, on the same machine.

    Two runs have no pairs: what changed between them (weather, neighbours on the host) is in every
    ratio. How much that is, the kernel's drivers and the limit tell: their code is the same in both
    runs, so they serve as control.
    """
    if run_a.machine != run_b.machine:
        raise Failure(f"different machines, {run_a.machine} and {run_b.machine}: "
                      "times of two machines are never compared", INCOMPARABLE)
    samples_a, samples_b = Samples(run_a.entries), Samples(run_b.entries)
    a, = resolve_variants([a], known_variants(run_a, samples_a))
    b, = resolve_variants([b], known_variants(run_b, samples_b))
    common = [case for case in stored_cases(run_a, filters)
              if (case.name, b) in samples_b.times and (case.name, a) in samples_a.times]
    if not common:
        raise Failure(f"{run_a.path.name} and {run_b.path.name} share no case of {a} and {b}",
                      NOTHING)
    resolvable, notes = between_runs(run_a, run_b, samples_a, samples_b)
    label_a, label_b = (f"{run.path.stem}:{name}" for run, name in ((run_a, a), (run_b, b)))
    comparison = Comparison(run_a.machine, label_a, label_b, resolvable, [], notes,
                            run_a.context.get("traces", {}))
    for case in common:
        statistic = unpaired_statistic(samples_a, samples_b, case.name, a, b)
        comparison.cells.append(
            make_cell(case, (samples_a, a), (samples_b, b), statistic, resolvable))
    left_out = len(stored_cases(run_a, filters)) - len(common)
    if left_out:
        notes.append(f"{left_out} cases of {run_a.path.name} are not in the other run")
    return comparison


def between_runs(run_a, run_b, samples_a, samples_b):
    """(what two runs can resolve between them, notes)."""
    notes = []
    if run_a.context.get("text_sha256") and \
            run_a.context.get("text_sha256") == run_b.context.get("text_sha256"):
        notes.append("both runs measured the same .text: every difference of a variant to itself "
                     "is noise")
    for name in ("compiler", "flags", "build_type"):
        if run_a.context.get(name) != run_b.context.get(name):
            notes.append(f"the runs differ in {name}")
    controls = []
    for case, variant in samples_a.times.keys() & samples_b.times.keys():
        if variant == "limit" or is_kernel(variant):
            controls.append(unpaired_statistic(samples_a, samples_b, case, variant, variant))
    own = [value for value in map(run_resolution, (samples_a, samples_b)) if value is not None]
    between = stats.resolvable([control for control in controls if control])
    if between is None:
        notes.append("no unchanged subject in both runs: drift between them is not known")
    found = own + ([between] if between is not None else [])
    return max(found, default=None), notes
