# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What BENCHMARKS.md and the site say about one machine, out of its published run and notes.toml.

notes.toml is written by hand; the figures beside its sentences always come from the run:

    [[losing]]    why cells lose to the kernel's drivers: "cases" (a glob), "reason", and perhaps
                  "variant" and "against"
    [[decision]]  what to do: "decision" and "reason" (sentences), "a" and "b" (variants), "cases" (a glob)
"""

import shlex
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from ..base import quoting
from ..base.documents import load_json, load_toml
from ..base.errors import USAGE, Failure
from ..base.paths import COMMAND, shown
from ..base.progress import figure, ratio_interval
from ..results import counts, errata, schema, which_run
from ..results.samples import Samples
from ..code.kernels import is_kernel
from ..measure import traces
from ..judge import compare
from ..judge.races import races_of
from . import tables
from .charts_heat import chosen_comparison
from .drawings import is_sound
from .gnuplot import COLOURS, kind

NO_REASON = "not explained yet"
NOTES = {"losing": ("cases", "reason"), "decision": ("decision", "reason", "a", "b", "cases")}


def load_notes(results):
    """notes.toml as {"losing": [entry], "decision": [entry]}; empty without the file."""
    path = Path(results) / "notes.toml"
    document = load_toml(path) if path.exists() else {}
    notes = {}
    for section, required in NOTES.items():
        notes[section] = document.get(section, [])
        well_formed = isinstance(notes[section], list) and all(
            isinstance(entry, dict) and set(required) <= set(entry)
            and all(isinstance(value, str) for value in entry.values())
            for entry in notes[section])
        if not well_formed:
            raise Failure(f"{shown(path)}: every [[{section}]] needs "
                          + ", ".join(f'"{name}"' for name in required) + ", and all of it is text", USAGE)
    return notes


def reason_for(notes, case, variant, against):
    """What notes.toml says about a cell that loses."""
    against = kind(against)
    for entry in notes["losing"]:
        if fnmatchcase(case.name, entry["cases"]) \
                and entry.get("variant", variant) == variant \
                and entry.get("against", against) == against:
            return entry["reason"]
    return NO_REASON


def interval_of(statistic):
    """A cell's ratio with its interval, as text."""
    return ratio_interval(statistic.ratio, statistic.low, statistic.high)


def verdict_counts(cells):
    """How many cells have which verdict, as text."""
    numbers = {}
    for cell in cells:
        numbers[cell.verdict] = numbers.get(cell.verdict, 0) + 1
    return ", ".join(f"{count} {verdict}" for verdict, count in
                     sorted(numbers.items(), key=lambda item: -item[1]))


def machine_facts(results, machine):
    """The stored facts of a machine; None for what is not known."""
    path = Path(results) / "machines" / f"{machine}.json"
    unknown = dict.fromkeys(("model", "cpus", "hypervisor", "memory_gib"))
    if not path.exists():
        return unknown
    found = load_json(path)
    wrong = schema.wrong(found, schema.MACHINE)
    if wrong:
        raise Failure(f"{shown(path)}: {wrong}", USAGE)
    return {**unknown, **found}


class MachineReport:
    """One machine; the templates read the attributes. charts is the folder that its charts are in."""

    def __init__(self, results, run, notes, charts):
        # So that a verdict here is the one that compare gives.
        counts.attach(run)
        self.run = run
        self.context = run.context
        self.what = which_run.described(run)
        self.id = run.machine
        self.facts = machine_facts(results, run.machine)
        self.samples = Samples(run.entries)
        self.comparisons = races_of(run)
        self.charts = charts
        self.notes = notes
        self.variants = sorted(
            {name for entry in self.context["cases"] for name in self.samples.variants(entry["name"])},
            key=lambda name: ([*COLOURS, kind(name)].index(kind(name)), name))
        self.cells = [{cell.case.name: cell for cell in each.cells} for each in self.comparisons]
        self.cases = list(dict.fromkeys(
            cell.case for cells in self.cells for cell in cells.values()))

    @property
    def main(self):
        """The comparison that decides: against the kernel's drivers where there are any, or None."""
        return chosen_comparison(self.comparisons)

    @property
    def resolvable(self):
        """What the run can resolve, as text."""
        return tables.resolution(self.comparisons[0]).replace(">=", "≥") if self.comparisons \
            else "one variant only"

    @cached_property
    def formats(self):
        """Names of the formats, in order."""
        return list(dict.fromkeys(entry["format"] for entry in self.context["cases"]))

    def operations(self, format_name=None):
        """Names of the operations, in order; those of one format where it is given."""
        return list(dict.fromkeys(case.op for case in self.cases
                                  if format_name in (None, case.format)))

    def means(self, key):
        """{key(case): [stats.Mean or None for each comparison]}, in order of appearance."""
        found = {}
        for index, comparison in enumerate(self.comparisons):
            groups = {}
            for cell in comparison.judged:
                groups.setdefault(key(cell.case), []).append(cell)
            for name, group in groups.items():
                row = found.setdefault(name, [None] * len(self.comparisons))
                row[index] = comparison.mean_of(group)
        return found

    def means_by_operation(self):
        """Geometric means as means() returns them, by operation."""
        return self.means(lambda case: case.op)

    def means_by_format(self):
        """Geometric means as means() returns them, by format."""
        return self.means(lambda case: case.format)

    def cases_of(self, format_name, operation):
        """The cases of one format and operation."""
        return [case for case in self.cases if (case.format, case.op) == (format_name, operation)]

    def case_text(self, case):
        """A case inside its format and operation, in few words."""
        return tables.size_label(case), tables.state_label(case)

    def time(self, case, variant):
        """(median, minimum) of a variant's samples as text, and the median; Nones where not measured."""
        median = self.samples.median(case.name, variant)
        return (None, None, None) if median is None else \
            (figure(median), figure(self.samples.minimum(case.name, variant)), median)

    def losing(self):
        """[(Cell, variant, ratio, reason)] of every cell that loses to the kernel's drivers."""
        return [(cell, comparison.a, interval_of(cell.statistic),
                 reason_for(self.notes, cell.case, comparison.a, comparison.b))
                for comparison in self.comparisons if is_kernel(comparison.b)
                for cell in comparison.cells if cell.verdict == "slower"]

    def losing_by_reason(self):
        """[(variant, cells, worst case, its ratio, reason)]: losing() in one row a reason."""
        groups = {}
        for cell, variant, ratio, reason in self.losing():
            groups.setdefault((variant, reason), []).append((cell, ratio))
        found = []
        for (variant, reason), members in groups.items():
            worst, ratio = max(members, key=lambda member: member[0].statistic.ratio)
            found.append((variant, len(members), worst.case.name, ratio, reason))
        return found

    def decided(self, note):
        """The figures behind a [[decision]] on this machine as text, or None where it has none."""
        for comparison in self.comparisons:
            if (kind(comparison.a), kind(comparison.b)) == (note["a"], note["b"]):
                cells = [cell for cell in comparison.judged
                         if fnmatchcase(cell.case.name, note["cases"])]
                if cells:
                    return (f"{tables.whole(comparison.mean_of(cells))} over {len(cells)} "
                            f"cell{'s' if len(cells) > 1 else ''}: {verdict_counts(cells)}")
        return None

    def faulty(self, fault):
        """How many of the run's entries a known fault is in."""
        return sum(entry.get("fault") == errata.text(fault) for entry in self.run.entries)

    def replayed(self):
        """[(trace, formats, what of it was replayed)], in order of appearance."""
        found = traces.by_words(compare.stored_cases(self.run), self.context.get("traces", {}))
        return [(name, ", ".join(formats), text) for (name, text), formats in found.items()]

    def unmeasured(self):
        """[(case, reason)] of what failed or was skipped."""
        return [*self.context.get("failed", {}).items(), *self.context.get("skipped", {}).items()]

    def chart(self, name):
        """A chart of this machine, or None where there is none of that name."""
        path = self.charts / quoting.file_name(name)
        return path if path.exists() and is_sound(path) else None

    def charts_of(self, format_name=None):
        """Charts whose names say that they belong to a format, or to none; by name."""
        found = []
        for path in sorted(self.charts.glob("*.svg")):
            words = path.stem.replace("run-length", "runlength").split("-")
            owner = next((name for name in self.formats if name in words), None)
            if owner == format_name and is_sound(path):
                found.append(path)
        return found

    def charts_named(self, prefix):
        """The charts of no format whose names begin so: "history", "size"."""
        return [path for path in self.charts_of() if path.stem.split("-")[0] == prefix]


def evidence(note):
    """The command that prints the figures of a [[decision]]."""
    return shlex.join([COMMAND, "compare", "--variant", f"{note['a']},{note['b']}",
                       "--filter", note["cases"]])
