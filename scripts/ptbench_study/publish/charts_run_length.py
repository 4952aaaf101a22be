# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Time of one operation over its number of pages, log-log: run-length-<format>.svg.

The limit, dashed, writes the same bytes without a walk.
"""

import math

from ..base.progress import figure
from ..results.samples import Samples
from ..judge.compare import stored_cases
from .gnuplot import POINTS, chart_file, decade, gnuplot, kind, spread, ticks
from .tables import page_label

OPERATIONS = ("map", "unmap", "iova_to_phys")
PANEL_PIXELS = 310
# A label's letters on an axis, and the least room between two labels.
DIGIT_PIXELS, GAP_PIXELS = 7.5, 8


def draw(run, folder):
    """A chart for each format that has cases of several run lengths."""
    samples = Samples(run.entries)
    cases = [case for case in stored_cases(run) if case.page_size and case.op in OPERATIONS
             and case.state == "warm" and case.mode == "coherent" and case.threads in (None, 1)]
    drawn = []
    for format_name in dict.fromkeys(case.format for case in cases):
        groups = {}
        for case in cases:
            if case.format == format_name:
                groups.setdefault((case.op, case.page_size), []).append(case)
        panels = [panel(sorted(group, key=lambda case: case.count), samples)
                  for group in groups.values() if len(group) > 1]
        panels = [each for each in panels if each]
        if panels:
            drawn.append(chart(chart_file(folder, "run-length", format_name),
                               f"{format_name} on {run.machine}: ns per operation over its length",
                               panels))
    return drawn


def chart(path, title, panels):
    """Draw the panels, two in a row."""
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    for index, each in enumerate(panels):
        each |= {"index": index, "last_row": index + columns >= len(panels)}
    height = 60 + 260 * rows
    return gnuplot("run_length.gnuplot.j2", path, title, width=460 * columns, height=height,
                   panels=panels, layout_rows=rows, layout_columns=columns,
                   top=1 - 70 / height, bottom=55 / height, spacing=75 / height)


def apart(counts):
    """The counts whose labels have room on the axis; the last one always has."""
    pixels = PANEL_PIXELS / max(math.log(counts[-1] / counts[0] * 1.5), 1)
    kept = []
    for count in reversed(counts):
        room = (len(str(count)) + len(str(kept[-1]))) / 2 * DIGIT_PIXELS + GAP_PIXELS if kept else 0
        if not kept or math.log(kept[-1] / count) * pixels >= room:
            kept.append(count)
    return kept[::-1]


def panel(cases, samples):
    """One operation and page size: a line for each variant, the labels kept apart at its end.

    None where nothing has a time.
    """
    counts = [case.count for case in cases]
    # The engine's options have no colours of their own: studies show them.
    variants = dict.fromkeys(name for case in cases for name in samples.variants(case.name)
                             if kind(name) in POINTS)
    lines = {}
    for name in variants:
        points = [(case.count, samples.median(case.name, name), case.name) for case in cases]
        lines[name] = [point for point in points if point[1] and point[1] > 0]
    lines = {name: points for name, points in lines.items() if points}
    if not lines:
        return None
    values = [point[1] for points in lines.values() for point in points]
    first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    last = max(last, first + 1)
    low, high = 10.0 ** first, 10.0 ** last
    gap = (high / low) ** 0.085
    places = spread({name: points[-1][1] for name, points in lines.items()}, gap, high)
    return {
        "title": f"{cases[0].op} {page_label(cases[0])}", "x_ticks": ticks(apart(counts), str),
        "y_ticks": ticks([10.0 ** power for power in range(first, last + 1)], decade),
        # A little room, so that no tick falls off the edge by rounding.
        "x_low": 0.8 * counts[0],
        "x_high": 1.25 * counts[-1], "y_low": 0.999 * low, "y_high": 1.001 * high,
        "label_x": 1.25 * counts[-1],
        "all_series": [{"name": name, "colour": kind(name), "point_type": POINTS[kind(name)],
                        "dashed": name == "limit", "label_y": places[name],
                        "points": [(x, y, f"{case}, {name}: {figure(y)} ns") for x, y, case in points]}
                       for name, points in lines.items()]}
