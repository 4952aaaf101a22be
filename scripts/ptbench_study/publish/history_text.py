# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The series of history.py as text and as JSON."""

import shutil
from pathlib import Path

from ..base import columns
from ..base.errors import INCOMPARABLE, Failure
from ..base.paths import shown
from ..base.progress import figure, tell
from ..results import store, which_run
from ..judge import changepoints
from ..judge.history import NS, History, commit_of, commits_of
from . import charts_history
from .tables import difference, percent, rounded

BLOCKS = "▁▂▃▄▅▆▇█"
PLAIN = "_.,-~+*#"
COLUMNS = ("case", "variant", "unit", "runs", "first", "last", "band", "last against the one before",
           "course")
LONGEST_COURSE = 40
# Where a terminal is narrow these go, first to last: unit, number of runs, first and last, band, course.
EXPENDABLE = ((2,), (3,), (4,), (6,), (8,), (5,))


def sparkline(values, utf8):
    """A series in one character a point, lowest to highest; the newest ones where there are many."""
    letters = BLOCKS if utf8 else PLAIN
    values = values[-LONGEST_COURSE:]
    low, high = min(values), max(values)
    # What varies by less than a tenth is drawn as such, not blown up to the full height.
    span = max(high - low, 0.1 * high) or 1
    return "".join(letters[min(int((value - low) / span * len(letters)), len(letters) - 1)]
                   for value in values)


def shown_value(series, value):
    """A value in the series' unit."""
    return figure(value) if series.unit == NS else f"{value:.3f}"


def unit_text(series):
    """What values of a series are."""
    return NS if series.unit == NS else f"x {series.unit}"


def tail_text(tail):
    """The newest comparison in words."""
    delta, bounds = difference(tail.statistic)
    return f"{delta} {bounds} {tail.verdict}"


def row(series, utf8):
    """The columns of a series."""
    values = [point.value for point in series.points]
    return [series.case.name, series.variant, unit_text(series), str(len(values)),
            shown_value(series, values[0]), shown_value(series, values[-1]),
            "-" if series.band is None else f"{'±' if utf8 else '+-'}{100 * series.band:.1f}%",
            tail_text(series.tails[-1]) if series.tails else "-", sparkline(values, utf8)]


def notes_of(series):
    """The lines below a series: change points, and earlier points of its end that stand out."""
    for reason, runs in series.left_out.items():
        yield f"left out: {len(runs)} run{'s' if len(runs) > 1 else ''}: {reason}"
    for change in series.changes:
        run = series.points[change.index].run
        also = "".join(f"; {note}" for note in change.notes)
        yield (f"change: {percent(change.ratio)}% from {run.context['date'][:10]} on, "
               f"{commits_of(series, change)}, p {change.p:.3f}{also}")
    for tail in series.tails[:-1]:
        if tail.verdict in ("slower", "faster"):
            date = series.points[tail.index].run.context["date"][:10]
            yield f"near the end: {date} against the run before it {tail_text(tail)}"


def point_lines(series):
    """One line a run."""
    for point in series.points:
        bounds = "" if point.low is None else \
            f"[{shown_value(series, point.low)},{shown_value(series, point.high)}]"
        count = "-" if point.instructions is None else f"{point.instructions:.0f}"
        yield (f"{point.run.context['date'][:10]}  {commit_of(point.run):<15}  "
               f"{shown_value(series, point.value):>8} {bounds:<17}  {figure(point.ns):>8} ns  Ir {count}")


def kinds(runs):
    """How many runs there are, and how many of them are full or stopped early."""
    ranks = [which_run.rank(run) for run in runs]
    parts = [f"{ranks.count(which_run.FULL)} full"] if which_run.FULL in ranks else []
    short = sum(bool(run.context.get("missing")) for run in runs)
    parts += [f"{short} stopped early"] if short else []
    return f"{len(runs)} runs" + (f" ({', '.join(parts)})" if parts else "")


def text(machine, runs, found, points, utf8, width=None):
    """All series for a terminal of `width` columns."""
    rows = [row(series, utf8) for series in found]
    shown = columns.kept(COLUMNS, rows, width, EXPENDABLE)
    heading, *laid_out = columns.line_up(COLUMNS, rows, shown, (0, 1, 2, 7, 8))
    lines = [f"machine {machine}   {kinds(runs)}, {runs[0].context['date'][:10]} to "
             f"{runs[-1].context['date'][:10]}", heading]
    for series, line in zip(found, laid_out):
        lines.append(line)
        lines += [f"    {line}" for line in point_lines(series)] if points else []
        lines += [f"    {note}" for note in notes_of(series)]
    changed = sum(bool(series.changes) for series in found)
    lines.append(f"{len(found)} series, {changed} with change points")
    if len(runs) < 4 * changepoints.SHORTEST:
        lines.append(columns.wrapped(
            f"note: change points need about ten runs, there are {len(runs)}; "
            f"\"{COLUMNS[7]}\" compares directly", width))
    gone = columns.left_out(COLUMNS, shown)
    lines += [columns.wrapped(f"note: {gone}", width)] if gone else []
    return "\n".join(lines) + "\n"


def tail_document(series, tail):
    """A direct comparison."""
    statistic = tail.statistic
    return {"run": series.points[tail.index].run.path.name,
            "against": series.points[tail.index - 1].run.path.name,
            "ratio": rounded(statistic and statistic.ratio), "ci_lo": rounded(statistic and statistic.low),
            "ci_hi": rounded(statistic and statistic.high), "verdict": tail.verdict}


def document(machine, found):
    """What `history --json` prints. unit is "ns" or the driver that `value` is relative to."""
    return {"machine": machine, "series": [{
        "case": series.case.name, "variant": series.variant, "unit": series.unit,
        "band_pct": rounded(None if series.band is None else 100 * series.band, 3),
        "points": [{"run": point.run.path.name, "date": point.run.context["date"],
                    "commit": commit_of(point.run), "value": rounded(point.value),
                    "low": rounded(point.low), "high": rounded(point.high), "ns": rounded(point.ns),
                    "instructions": rounded(point.instructions)} for point in series.points],
        "changes": [{"run": series.points[change.index].run.path.name,
                     "commits": commits_of(series, change), "ratio": rounded(change.ratio),
                     "p": rounded(change.p, 3), "notes": change.notes} for change in series.changes],
        "last": [tail_document(series, tail) for tail in series.tails],
        "left_out": [{"run": run.path.name, "reason": reason}
                     for reason, runs in series.left_out.items() for run in runs],
    } for series in found]}


def load(results, machine):
    """All runs of a machine, oldest first; Failure NOTHING without any."""
    paths = store.run_paths(results, machine)
    if not paths:
        which_run.best(results, machine)
    runs = [store.load_run(path) for path in paths]
    for run in runs:
        if run.machine != machine:
            raise Failure(f"{shown(run.path)}: is of {run.machine}: times of two machines are never "
                          "compared", INCOMPARABLE)
    return runs


def draw_all(results):
    """Draw the history charts of every machine that has runs enough."""
    for machine in store.machines(results):
        if len(store.run_paths(results, machine)) < charts_history.FEWEST_RUNS \
                or not shutil.which("gnuplot"):
            continue
        drawn = charts_history.draw(machine, History(load(results, machine)).series(tails=False),
                                    Path(results) / "charts" / machine)
        tell(f"{machine}: {len(drawn)} history charts")
