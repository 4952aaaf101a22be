# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench report`: BENCHMARKS.md and all charts, out of nothing but the results folder.

Each machine is shown by its newest full run (store.published). Why a cell loses is written by hand in
<results>/notes.toml, by glob of case names; the report joins it to the cells that need it.
"""

import os
import shutil
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

from . import charts, commands, stats, store, tables, templates
from .errors import FAILED, NOTHING, OK, USAGE, Failure
from .paths import COMMAND, shown
from .progress import figure, tell
from .samples import Samples

NO_REASON = "not explained yet"


def load_notes(results):
    """The entries of notes.toml: [{"cases", "variant", "against", "reason"}]; none without a file."""
    path = Path(results) / "notes.toml"
    if not path.exists():
        return []
    try:
        with open(path, "rb") as file:
            entries = tomllib.load(file).get("losing", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise Failure(f"{shown(path)}: {error}", USAGE) from error
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("cases"), str) \
                or not isinstance(entry.get("reason"), str):
            raise Failure(f"{shown(path)}: every [[losing]] needs \"cases\" and \"reason\"", USAGE)
    return entries


def reason_for(notes, case, variant, against):
    """What notes.toml says about a cell that loses."""
    against = "linux" if against.startswith("linux-") else against
    for entry in notes:
        if fnmatchcase(case.name, entry["cases"]) \
                and entry.get("variant", variant) == variant \
                and entry.get("against", against) == against:
            return entry["reason"]
    return NO_REASON


def ratio_text(cell):
    """Ratio with its interval and verdict, for a table."""
    if cell is None or cell.statistic is None:
        return "-"
    statistic = cell.statistic
    text = f"{statistic.ratio:.2f} [{statistic.low:.2f}, {statistic.high:.2f}]"
    return f"**{text} {cell.verdict}**" if cell.verdict == "slower" else f"{text} {cell.verdict}"


def mean_text(mean):
    """A geometric mean with its interval."""
    return "-" if mean is None else "{:.2f} [{:.2f}, {:.2f}]".format(*mean)


class MachineReport:
    """What BENCHMARKS.md says about one machine; the template reads the attributes."""

    def __init__(self, results, run, notes, chart_folder):
        self.run = run
        self.context = run.context
        self.id = run.machine
        self.facts = machine_facts(results, run.machine)
        self.samples = Samples(run.entries)
        self.comparisons = commands.races_of(run)
        self.chart_folder = chart_folder
        self.notes = notes
        self.variants = list(dict.fromkeys(
            name for entry in self.context["cases"] for name in self.samples.variants(entry["name"])))
        self.cells = [{cell.case.name: cell for cell in each.cells} for each in self.comparisons]

    @property
    def resolvable(self):
        """What the run can resolve, as text."""
        return tables.resolution(self.comparisons[0]).replace(">=", "≥") if self.comparisons \
            else "one variant only"

    @property
    def formats(self):
        """Names of the formats, in order."""
        return list(dict.fromkeys(entry["format"] for entry in self.context["cases"]))

    def summaries(self):
        """One sentence for each comparison."""
        return [tables.summary(each) for each in self.comparisons]

    def mean_rows(self):
        """For each format and operation: a geometric mean a comparison."""
        rows = {}
        for index, comparison in enumerate(self.comparisons):
            for key, cells in tables.grouped(comparison.judged):
                cells = list(cells)
                row = rows.setdefault(key, ["-"] * len(self.comparisons))
                row[index] = mean_text(stats.geometric_mean(
                    [cell.statistic for cell in cells]))
        return [[*key, *row]
                for key, row in tables.together(rows.items(), key=lambda item: item[0][0])]

    def rows(self, format_name):
        """The table of a format."""
        cases = [cell.case for cells in self.cells for cell in cells.values()]
        found = []
        for case in dict.fromkeys(case for case in cases if case.format == format_name):
            found.append([case.op, tables.page_label(case), case.count, case.mode, case.state,
                          *(self.time_text(case.name, name) for name in self.variants),
                          *(ratio_text(cells.get(case.name)) for cells in self.cells)])
        return found

    def time_text(self, case, variant):
        """Median and minimum of a variant's samples."""
        median = self.samples.median(case, variant)
        return "-" if median is None else \
            f"{figure(median)} ({figure(self.samples.minimum(case, variant))})"

    def losing(self):
        """[case, variant, against, ratio, reason] of every cell that loses to the kernel."""
        found = []
        for comparison in self.comparisons:
            if not comparison.b.startswith("linux-"):
                continue
            for cell in comparison.cells:
                if cell.verdict == "slower":
                    found.append([cell.case.name, comparison.a, ratio_text(cell).strip("*"),
                                  reason_for(self.notes, cell.case, comparison.a, comparison.b)])
        return found

    def chart(self, name):
        """Link to a chart, relative to the report, or None where it was not drawn."""
        path = self.chart_folder / name
        return path if path.exists() else None


def machine_facts(results, machine):
    """The stored facts of a machine; None for what is not known."""
    path = Path(results) / "machines" / f"{machine}.json"
    unknown = dict.fromkeys(("model", "cpus", "hypervisor", "memory_gib"))
    return {**unknown, **(store.load_json(path) if path.exists() else {})}


def publish(results, output):
    """Draw everything and write the report; exit code."""
    runs = [store.published(results, machine) for machine in store.machines(results)]
    if not runs:
        raise Failure(f"no runs in {shown(results)}: {COMMAND} run makes one", NOTHING)
    if not shutil.which("gnuplot"):
        raise Failure("gnuplot is missing: install gnuplot-nox", FAILED)
    notes = load_notes(results)
    reports = []
    for run in runs:
        folder = Path(results) / "charts" / run.machine
        each = MachineReport(results, run, notes, folder)
        drawn = charts.draw(run, each.comparisons, folder)
        tell(f"{run.machine}: {run.path.name}, {len(drawn)} charts in {shown(folder)}")
        reports.append(each)
    base = Path(os.path.abspath(output)).parent
    text = templates.render("BENCHMARKS.md.j2", machines=reports, command=COMMAND,
                            link=lambda path: os.path.relpath(os.path.abspath(path), base))
    store.write_if_changed(output, text)
    tell(f"wrote {shown(output)}")
    return OK
