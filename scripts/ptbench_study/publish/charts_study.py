# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The chart of a study: ratios of its comparisons, or time a page over the pages in one call."""

import math

from . import tables
from .gnuplot import COLOURS, POINTS, gnuplot, kind, octaves, ticks

# More cells than that are shown as geometric means by format and operation.
MOST_ROWS = 24
ROW_PIXELS = 22
# Point types of the first, second, ... comparison of one variant.
FORMS = (7, 5, 9, 13)
# Of the engine's options, which have no colours of their own elsewhere.
OPTIONS = ("#A1477E", "#2B6C99", "#8A5A00", "#5A4FA2")


def looks(comparisons):
    """[(colour, point type)] of comparisons: the first variant's colour, and forms to tell them apart."""
    found, seen, options = [], {}, {}
    for each in comparisons:
        variant = kind(each.a.split()[0])
        if variant in COLOURS:
            place = seen[variant] = seen.get(variant, -1) + 1
            found.append((COLOURS[variant], FORMS[place % len(FORMS)]))
        else:
            place = options.setdefault(each.a, len(options))
            found.append((OPTIONS[place % len(OPTIONS)], FORMS[place % len(FORMS)]))
    return found


def drawn_mean(mean):
    """(ratio, low, high) of a geometric mean; the ratio alone where its interval is not known."""
    return mean if mean.low is not None else (mean.ratio,) * 3


def rows_of(comparisons):
    """([labels], {comparison's place: [(row, ratio, low, high)]})."""
    by_case = max(len(each.judged) for each in comparisons) <= MOST_ROWS
    keys, points = {}, {}
    for place, comparison in enumerate(comparisons):
        if by_case:
            found = {cell.case.name: (cell.statistic.ratio, cell.statistic.low, cell.statistic.high)
                     for cell in comparison.judged}
        else:
            found = {" ".join(key): drawn_mean(comparison.mean_of(list(cells)))
                     for key, cells in tables.grouped(comparison.judged)}
        for key, bounds in found.items():
            row = keys.setdefault(key, len(keys))
            points.setdefault(place, []).append((row, *bounds))
    return list(keys), points


def shift(points, place, row):
    """How far from the middle of its row a comparison's point lies: those of one row stay apart."""
    beside = [each for each, found in points.items() if row in [point[0] for point in found]]
    return (beside.index(place) - (len(beside) - 1) / 2) * 0.24


def sides_chart(study, comparisons, machine, path):
    """Draw comparisons of two sides: a row for each case, or for each format and operation."""
    comparisons = [each for each in comparisons if each.judged]
    if not comparisons:
        return None
    labels, points = rows_of(comparisons)
    values = [value for found in points.values() for point in found for value in point[1:]]
    low, high = min([*values, 0.9]), max([*values, 1.1])
    first, last = math.floor(math.log2(low)), math.ceil(math.log2(high))
    narrow = high / low < 3
    names = [f"{each.a} / {each.b}" for each in comparisons]
    series = [{"name": name, "colour": colour, "point_type": form,
               "points": [(x, lo, hi, row + shift(points, place, row))
                          for row, x, lo, hi in points.get(place, [])]}
              for place, (name, (colour, form)) in enumerate(zip(names, looks(comparisons)))]
    marks = [step / 10 for step in range(1, 40) if low * 0.97 <= step / 10 <= high * 1.03]
    return gnuplot("study.gnuplot.j2", path, title=f"{study.title}: {machine}", labels=labels,
                   series=series, width=860, height=115 + (ROW_PIXELS + 3) * len(labels)
                   + 18 * len(names), left_margin=max(map(len, labels)) * 0.95 + 3,
                   top=2.2 + 1.05 * len(names),
                   low=low * 0.97 if narrow else 2.0 ** first,
                   high=high * 1.03 if narrow else 2.0 ** last,
                   ticks=ticks(marks, "{:g}".format) if narrow else octaves(first, last))


def curve_chart(study, found, machine, path):
    """Draw time a page over pages in one call: a panel for each format and operation, log-log."""
    if not found:
        return None
    panels = []
    for (format_name, op, size), lines in found.items():
        times = [time for points in lines.values() for _, time in points]
        counts = sorted({count for points in lines.values() for count, _ in points})
        panels.append({
            "title": f"{format_name} {op} {size}", "x_ticks": ticks(counts, str),
            "x_low": 0.8 * counts[0], "x_high": 1.25 * counts[-1],
            "y_low": 10 ** math.floor(math.log10(min(times))),
            "y_high": 10 ** math.ceil(math.log10(max(times))),
            "lines": [{"name": name, "colour": COLOURS[kind(name)], "points": points,
                       "point_type": POINTS[kind(name)]} for name, points in lines.items()]})
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    return gnuplot("study_curve.gnuplot.j2", path, title=f"{study.title}: {machine}", panels=panels,
                   columns=columns, rows=rows, width=330 * columns + 40, height=110 + 240 * rows,
                   names=list({line["name"]: line for panel in panels
                               for line in panel["lines"]}.values()))
