# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Ratio against the kernel's drivers, case by case, with its interval; a line at 1.

    ratio-<format>.svg              where all cases of a format fit on one chart
    ratio-<format>-<operation>.svg  else, for operations of many cases
    ratio-<format>-others.svg       the rest of them
"""

import math
from collections import Counter
from itertools import groupby

from ..base.progress import ratio_interval
from ..code.kernels import is_kernel
from . import tables
from .gnuplot import LETTER_PIXELS, POINTS, chart_file, gnuplot, octaves

LOG_ABOVE, LOG_BELOW = 3.0, 0.1
ROW_PIXELS = 26
MOST_ROWS = 40
# An operation of so many cases has a chart of its own.
OWN_ROWS = 8
PLOT_PIXELS = 420


def case_label(case, with_operation=True):
    """A case in few words, for an axis."""
    words = [case.op] if with_operation else []
    return " ".join([*words, tables.size_label(case), tables.state_label(case)])


def said(cell, comparison):
    """What a point says on hover."""
    statistic = cell.statistic
    interval = ratio_interval(statistic.ratio, statistic.low, statistic.high)
    return f"{cell.case.name}, {comparison.a}: {interval} of {comparison.b}, {cell.verdict}"


def chart(path, title, rows, comparisons, kernel):
    """Draw rows [(group, label, case name)] of comparisons [(Comparison, {case name: Cell})]."""
    cells = [by_name[row[2]] for _, by_name in comparisons for row in rows if row[2] in by_name]
    bounds = [value for cell in cells for value in (cell.statistic.low, cell.statistic.high)]
    low, high = min([*bounds, 0.9]), max([*bounds, 1.1])
    log = high > LOG_ABOVE or low < LOG_BELOW
    drawn = []
    for place, (comparison, by_name) in enumerate(comparisons):
        shift = (place - (len(comparisons) - 1) / 2) * 0.36
        drawn.append({
            "name": comparison.a, "point_type": POINTS[comparison.a], "label_row": place * 0.9,
            "points": [{"x": cell.statistic.ratio, "low": cell.statistic.low,
                        "high": cell.statistic.high, "y": row + shift, "said": said(cell, comparison)}
                       for row, cell in enumerate(by_name.get(row[2]) for row in rows) if cell]})
    if log:
        first, last = math.floor(math.log2(low)), math.ceil(math.log2(high))
        edges = {"low": 2.0 ** first, "high": 2.0 ** last, "ticks": octaves(first, last)}
    else:
        edges = {"low": 0, "high": math.ceil(high * 4 + 0.2) / 4,
                 "ticks": "0.25" if high < 1.6 else "0.5"}
    starts = [next(group)[0] for _, group in groupby(enumerate(rows), key=lambda row: row[1][0])]
    left = max(len(row[1]) for row in rows) * LETTER_PIXELS + 20
    width = round(left + PLOT_PIXELS + 100)
    return gnuplot(
        "ratio.gnuplot.j2", path, title, width=width, height=120 + ROW_PIXELS * len(rows),
        left=left / width, right=(left + PLOT_PIXELS) / width,
        rows=[{"label": row[1]} for row in rows], log=log,
        kernel=kernel, kernel_colour="linux", **edges, groups=starts[1:], all_series=drawn)


def draw(comparisons, folder):
    """Draw the charts of all formats that have a comparison against the (first) kernel's drivers."""
    against = [each for each in comparisons
               if is_kernel(each.b) and each.judged and each.a in POINTS]
    against = [each for each in against if each.b == against[0].b]
    by_name = [(each, {cell.case.name: cell for cell in each.judged}) for each in against]
    cases = list(dict.fromkeys(cell.case for each in against for cell in each.judged))
    drawn = []
    for format_name in dict.fromkeys(case.format for case in cases):
        chosen = tables.together([case for case in cases if case.format == format_name],
                                 key=lambda case: case.op)
        for part_name, part in parts(chosen).items():
            name = "-".join(filter(None, ("ratio", format_name, part_name)))
            what = f"{format_name} {part[0].op}" if part_name == part[0].op else format_name
            drawn.append(chart(
                chart_file(folder, name),
                f"{what} on {against[0].machine}: time against {against[0].b}",
                [(case.op, case_label(case, part_name != case.op), case.name) for case in part],
                by_name, against[0].b))
    return drawn


def parts(cases):
    """The cases of a format as {part: cases}, a chart each; the one part "" where they fit on one."""
    if len(cases) <= MOST_ROWS:
        return {"": cases}
    sizes = Counter(case.op for case in cases)
    found = {}
    for case in cases:
        found.setdefault(case.op if sizes[case.op] >= OWN_ROWS else "others", []).append(case)
    return found
