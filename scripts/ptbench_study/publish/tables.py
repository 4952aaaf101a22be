# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Comparisons as text, as Markdown and as the JSON of `compare --json`."""

import textwrap
from itertools import groupby

from ..base import quoting
from ..base.columns import kept as kept_columns, left_out, line_up, wrapped
from ..base.progress import figure, mean_text
from ..measure import traces
from ..judge import itself
from ..judge.compare import VERDICTS, least

# Where a terminal is narrow these columns go, first to last: both minima, the instructions, the interval, the
# mode and state.
EXPENDABLE = ((3, 5), (8,), (7,), (1,))
INDENT = 3


def page_label(case):
    """A page size as this field writes it: 2^12; "mixed", or a trace's name, where there is none."""
    if case.page_size and case.page_size & (case.page_size - 1) == 0:
        return f"2^{case.page_size.bit_length() - 1}"
    return case.size_text


def size_label(case):
    """A page size and count as this field writes them: 2^12, 256*2^12."""
    label = page_label(case)
    return label if case.is_replay or case.count in (None, 1) else f"{case.count}*{label}"


def state_label(case):
    """Mode, state and threads of a case in one word."""
    threads = f"/{case.threads} threads" if case.threads and case.threads > 1 else ""
    return f"{case.mode}/{case.state}{threads}"


def percent(ratio, decimals=1):
    """A ratio as a difference in percent, with its sign."""
    return f"{100 * (ratio - 1):+.{decimals}f}"


def honest_decimals(statistic):
    """Decimals of percentages: none where the interval is wider than 10 percent points."""
    return 0 if 100 * (statistic.high - statistic.low) > 10 else 1


def difference(statistic):
    """(delta, interval) of a cell as text, "-" where there is none."""
    if statistic is None:
        return "-", "-"
    decimals = honest_decimals(statistic)
    return (percent(statistic.ratio, decimals) + "%",
            f"[{percent(statistic.low, decimals)},{percent(statistic.high, decimals)}]")


def instructions(cell):
    """Difference of instruction counts as text; "-" where they were not counted."""
    if not cell.a_instructions or not cell.b_instructions:
        return "-"
    return percent(cell.a_instructions / cell.b_instructions) + "%"


def resolution(comparison):
    """What the run can resolve, as text."""
    if comparison.resolvable is None:
        return "resolvable: not known"
    return f"resolvable >= {100 * comparison.resolvable:.1f} %"


def whole(mean):
    """A geometric mean as what it says of all cells: in words where it cannot tell."""
    if mean.verdict == "unresolved":
        return f"cannot tell on the whole, geometric mean {mean_text(mean).rstrip('?')}"
    return mean_text(mean)


def summary(comparison):
    """Verdicts and geometric mean of a comparison in a line, or what one of a variant with itself found."""
    found = itself.finding(comparison)
    if found:
        return found.sentence()
    parts = [f"{comparison.count(verdict)} {verdict}" for verdict in VERDICTS
             if comparison.count(verdict)]
    line = f"{comparison.a} against {comparison.b}, {len(comparison.cells)} cells: " \
           + ", ".join(parts)
    mean = comparison.geomean
    if mean:
        line += f"; {'' if mean.verdict == 'unresolved' else 'geometric mean '}{whole(mean)}"
    return line


def together(items, key):
    """Items sorted so that those of one key stand together, keys in order of first appearance."""
    ranks = {value: rank for rank, value in enumerate(dict.fromkeys(map(key, items)))}
    return sorted(items, key=lambda item: ranks[key(item)])


def grouped(cells):
    """Cells by (format, operation), in order of first appearance."""
    def key(cell):
        return cell.case.format, cell.case.op

    return groupby(together(cells, key), key=key)


def row(cell):
    """The columns of a cell."""
    delta, bounds = difference(cell.statistic)
    return [size_label(cell.case), state_label(cell.case), figure(cell.a_ns), figure(cell.a_min),
            figure(cell.b_ns), figure(cell.b_min), delta, bounds, instructions(cell), cell.verdict]


def replayed_lines(cells, comparison):
    """What of the traces of cells was replayed, as lines."""
    return traces.lines_of([cell.case for cell in cells], comparison.traces)


def columns(comparison):
    """The names of the columns of row()."""
    a, b = (name.rpartition(":")[2] for name in (comparison.a, comparison.b))
    if a == b:
        a, b = f"{a} A", f"{b} B"
    return ["pgsz", "mode/state", a, "min", b, "min", "delta", "95% CI", "Ir", "verdict"]


def by_operation(comparison):
    """Lines of verdicts and mean, one for each operation: all there is of a summary besides its last line."""
    groups = {}
    for cell in comparison.cells:
        groups.setdefault(cell.case.op, []).append(cell)
    widest = max(map(len, groups))
    for operation, cells in groups.items():
        mean = comparison.mean_of([cell for cell in cells if cell.statistic])
        counts = ", ".join(f"{number} {verdict}" for verdict in VERDICTS
                           if (number := sum(cell.verdict == verdict for cell in cells)))
        yield f"   {operation:<{widest}}  mean {mean_text(mean)}: {counts}"


def head(comparison, what, cells, width):
    """The line above a table; its parts on lines of their own where it is too wide."""
    parts = [what, f"machine {comparison.machine}",
             f"{least(cells, 'pairs')} pairs in {least(cells, 'processes')} processes",
             resolution(comparison)]
    line = "   ".join(parts)
    return [line] if width is None or len(line) <= width else ["   ".join(parts[:2]),
                                                               "   " + "   ".join(parts[2:])]


def text(comparison, width=None):
    """A comparison for a terminal of `width` columns: times are medians in ns of one operation."""
    lines = []
    rows, names = [row(cell) for cell in comparison.shown], columns(comparison)
    kept = kept_columns(names, rows, width, EXPENDABLE, INDENT)
    if comparison.a.rpartition(":")[0]:
        lines += [f"A: {comparison.a}", f"B: {comparison.b}"]
    laid_out = iter(line_up(names, [row(cell) for _, cells in grouped(comparison.shown) for cell in cells],
                            kept, (0, 1, len(names) - 1), INDENT))
    heading = next(laid_out)
    for (format_name, operation), cells in grouped(comparison.shown):
        cells = list(cells)
        lines += head(comparison, f"{format_name} {operation}", cells, width)
        for line in replayed_lines(cells, comparison):
            lines += textwrap.wrap(line, min(width or 100, 100), initial_indent="   ",
                                   subsequent_indent="      ", break_on_hyphens=False)
        lines += [heading, *(next(laid_out) for _ in cells), ""]
    if comparison.listed == ():
        lines += head(comparison, f"{comparison.a} against {comparison.b}", comparison.cells, width)
        lines += list(by_operation(comparison))
    elif not comparison.shown:
        lines.append(f"no cell is {' or '.join(comparison.listed)}")
    lines.append(wrapped(summary(comparison), width))
    lines += [wrapped(line, width) for line in reason_lines(comparison)]
    lines += [wrapped(f"note: {note}", width)
              for note in filter(None, [*comparison.notes, rows and left_out(names, kept)])]
    return "\n".join(lines) + "\n"


def markdown(comparison):
    """A comparison as Markdown tables."""
    lines = [f"**{quoting.markdown(comparison.a)}** against **{quoting.markdown(comparison.b)}** on "
             f"{quoting.code(comparison.machine)}, "
             f"{comparison.pairs} pairs in {comparison.processes} processes, "
             f"{resolution(comparison).replace('>=', '≥')}. Times are medians in ns.", ""]
    for (format_name, operation), cells in grouped(comparison.shown):
        names, cells = columns(comparison), list(cells)
        lines += [f"### {quoting.markdown(f'{format_name} {operation}')}", ""]
        replayed = replayed_lines(cells, comparison)
        lines += [*(f"* {quoting.markdown(line)}" for line in replayed), *([""] if replayed else [])]
        lines += [quoting.row(names),
                  "|" + "|".join("---" if index in (0, 1, len(names) - 1) else "--:"
                                 for index in range(len(names))) + "|"]
        lines += [quoting.row(row(cell)) for cell in cells]
        lines.append("")
    lines.append(quoting.markdown(summary(comparison)) + ".")
    lines += [f"\n{quoting.markdown(line[0].upper() + line[1:])}." for line in reason_lines(comparison)]
    lines += [f"\nNote: {quoting.markdown(note)}." for note in comparison.notes]
    return "\n".join(lines) + "\n"


def rounded(value, digits=6):
    """A number of a results document: six significant digits; None stays None."""
    return None if value is None else float(f"{value:.{digits}g}")


def reason_lines(comparison):
    """A line for each reason why cells are incomparable."""
    reasons = {}
    for cell in comparison.cells:
        if cell.reason:
            reasons.setdefault(cell.reason, []).append(cell.case.name)
    return [f"incomparable: {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")
            + f": {reason}" for reason, names in reasons.items()]


def document(comparison):
    """The object that `compare --json` prints: ratio = a/b, times in ns, null for not known.

    page_size is in bytes; where there is no one size it is the third part of the case's name:
    "mixed", or the name of the trace.
    """
    mean, found = comparison.geomean, itself.finding(comparison)
    return {
        "machine": comparison.machine,
        "a": comparison.a,
        "b": comparison.b,
        "pairs": comparison.pairs,
        "resolvable_pct": rounded(None if comparison.resolvable is None
                                  else 100 * comparison.resolvable, 3),
        "cells": [cell_document(cell, comparison.traces) for cell in comparison.shown],
        "geomean": None if mean is None else {
            "ratio": rounded(mean[0]), "ci_lo": rounded(mean[1]), "ci_hi": rounded(mean[2]),
            "cells": len(comparison.judged)},
        **({"itself": found.document()} if found else {}),
    }


def cell_document(cell, known):
    """One entry of "cells"; replays say what of their trace was replayed, null where not known."""
    case, statistic = cell.case, cell.statistic
    return {
        **({"trace": known.get(case.name)} if case.is_replay else {}),
        "format": case.format, "op": case.op,
        "page_size": case.page_size if case.page_size else case.size_text,
        "count": case.count, "mode": case.mode, "state": case.state, "threads": case.threads,
        "a_ns": rounded(cell.a_ns), "b_ns": rounded(cell.b_ns),
        "ratio": rounded(statistic.ratio if statistic else None),
        "ci_lo": rounded(statistic.low if statistic else None),
        "ci_hi": rounded(statistic.high if statistic else None),
        "a_instructions": rounded(cell.a_instructions),
        "b_instructions": rounded(cell.b_instructions),
        "verdict": cell.verdict,
        "reason": cell.reason,
    }
