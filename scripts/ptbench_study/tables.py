# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Comparisons as text, as Markdown and as the JSON of `compare --json`."""

from itertools import groupby

from . import quoting
from .compare import VERDICTS, least
from .progress import figure


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


def summary(comparison):
    """Verdicts and geometric mean of a comparison in a line."""
    parts = [f"{comparison.count(verdict)} {verdict}" for verdict in VERDICTS
             if comparison.count(verdict)]
    line = f"{comparison.a} against {comparison.b}, {len(comparison.cells)} cells: " \
           + ", ".join(parts)
    mean = comparison.geomean
    if mean:
        line += "; geometric mean {:.3f} [{:.3f},{:.3f}]".format(*mean)
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


def columns(comparison):
    """The names of the columns of row()."""
    a, b = (name.rpartition(":")[2] for name in (comparison.a, comparison.b))
    if a == b:
        a, b = f"{a} A", f"{b} B"
    return ["pgsz", "mode/state", a, "min", b, "min", "delta", "95% CI", "Ir", "verdict"]


def text(comparison):
    """A comparison for a terminal: times are medians in ns of one operation."""
    lines = []
    rows = [row(cell) for cell in comparison.cells]
    names = columns(comparison)
    widths = [max(len(line[index]) for line in rows + [names]) for index in range(len(names))]

    def laid_out(fields):
        cells = [name.ljust(width) if index in (0, 1, len(fields) - 1) else name.rjust(width)
                 for index, (name, width) in enumerate(zip(fields, widths))]
        return ("   " + "  ".join(cells)).rstrip()

    if comparison.a.rpartition(":")[0]:
        lines += [f"A: {comparison.a}", f"B: {comparison.b}"]
    for (format_name, operation), cells in grouped(comparison.cells):
        cells = list(cells)
        lines.append(f"{format_name} {operation}   machine {comparison.machine}   "
                     f"{least(cells, 'pairs')} pairs in {least(cells, 'processes')} processes   "
                     f"{resolution(comparison)}")
        lines.append(laid_out(names))
        lines += [laid_out(row(cell)) for cell in cells]
        lines.append("")
    lines.append(summary(comparison))
    lines += [f"note: {note}" for note in comparison.notes]
    return "\n".join(lines) + "\n"


def markdown(comparison):
    """A comparison as Markdown tables."""
    lines = [f"**{quoting.markdown(comparison.a)}** against **{quoting.markdown(comparison.b)}** on "
             f"{quoting.code(comparison.machine)}, "
             f"{comparison.pairs} pairs in {comparison.processes} processes, "
             f"{resolution(comparison).replace('>=', '≥')}. Times are medians in ns.", ""]
    for (format_name, operation), cells in grouped(comparison.cells):
        names = columns(comparison)
        lines += [f"### {quoting.markdown(f'{format_name} {operation}')}", "", quoting.row(names),
                  "|" + "|".join("---" if index in (0, 1, len(names) - 1) else "--:"
                                 for index in range(len(names))) + "|"]
        lines += [quoting.row(row(cell)) for cell in cells]
        lines.append("")
    lines.append(quoting.markdown(summary(comparison)) + ".")
    lines += [f"\nNote: {quoting.markdown(note)}." for note in comparison.notes]
    return "\n".join(lines) + "\n"


def rounded(value, digits=6):
    """A number of a results document: six significant digits; None stays None."""
    return None if value is None else float(f"{value:.{digits}g}")


def document(comparison):
    """The object that `compare --json` prints: ratio = a/b, times in ns, null for not known.

    page_size is in bytes; where there is no one size it is the third part of the case's name:
    "mixed", or the name of the trace.
    """
    mean = comparison.geomean
    return {
        "machine": comparison.machine,
        "a": comparison.a,
        "b": comparison.b,
        "pairs": comparison.pairs,
        "resolvable_pct": rounded(None if comparison.resolvable is None
                                  else 100 * comparison.resolvable, 3),
        "cells": [cell_document(cell) for cell in comparison.cells],
        "geomean": None if mean is None else {
            "ratio": rounded(mean[0]), "ci_lo": rounded(mean[1]), "ci_hi": rounded(mean[2]),
            "cells": len(comparison.judged)},
    }


def cell_document(cell):
    """One entry of "cells"."""
    case, statistic = cell.case, cell.statistic
    return {
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
    }
