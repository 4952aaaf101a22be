# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Charts as SVG, drawn by gnuplot from the templates beside this file.

    overview.svg             ratio against the kernel's drivers by format and operation (geometric mean)
    ratio-<format>.svg       the same, case by case
    run-length-<format>.svg  time of one operation over its number of pages, and the limit

A variant has the same colour everywhere (Okabe and Ito's palette, safe for the colour-blind), labels
stand beside the data, linear axes begin at 0. gnuplot writes the same bytes for the same data.
"""

import math
import subprocess
from itertools import groupby

from . import stats, store, tables, templates
from .errors import FAILED, Failure
from .samples import Samples

COLOURS = {"inline": "#0072B2", "recursive": "#D55E00", "linux": "#333333", "limit": "#009E73"}
POINTS = {"inline": 7, "recursive": 5, "linux": 9, "limit": 1}
LOG_ABOVE, LOG_BELOW = 3.0, 0.1
ROW_PIXELS = 26
RUN_LENGTH_OPERATIONS = ("map", "unmap", "iova_to_phys")


def kind(variant):
    """The key of a variant in COLOURS."""
    return "linux" if variant.startswith("linux-") else variant


def gnuplot(template, path, **values):
    """Draw a template into an SVG file, which appears whole or not at all."""
    text = templates.render(template, colours=COLOURS, **values)
    try:
        done = subprocess.run(["gnuplot"], input=text, capture_output=True, text=True, timeout=60,
                              check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"cannot draw {path.name}: {error}", FAILED) from error
    if done.returncode or not done.stdout.rstrip().endswith("</svg>"):
        said = (done.stderr.strip().splitlines() or ["no output"])[-1].strip()
        raise Failure(f"gnuplot could not draw {path.name}: {said}", FAILED)
    store.write_if_changed(path, done.stdout)
    return path


def ratio_chart(path, title, rows, series, kernel):
    """Draw rows [(group, label)] and series {variant: [(ratio, low, high) or None, one a row]}."""
    values = [value for points in series.values() for point in points if point for value in point]
    low, high = min(values + [0.9]), max(values + [1.1])
    log = high > LOG_ABOVE or low < LOG_BELOW
    drawn = []
    for place, (name, points) in enumerate(series.items()):
        shift = (place - (len(series) - 1) / 2) * 0.36
        drawn.append({
            "name": name, "point_type": POINTS[name], "label_row": place * 0.9,
            "points": [{"x": point[0], "low": point[1], "high": point[2], "y": row + shift}
                       for row, point in enumerate(points) if point]})
    starts = [next(group)[0] for _, group in groupby(enumerate(rows), key=lambda row: row[1][0])]
    labels = [label for _, label in rows]
    if log:
        first, last = math.floor(math.log2(low)), math.ceil(math.log2(high))
        edges = {"low": 2.0 ** first, "high": 2.0 ** last, "ticks": octaves(first, last)}
    else:
        edges = {"low": 0, "high": math.ceil(high * 4 + 0.2) / 4,
                 "ticks": "0.25" if high < 1.6 else "0.5"}
    left = max(map(len, labels)) * 0.95 + 3
    return gnuplot(
        "ratio.gnuplot.j2", path, title=title, width=860, height=120 + ROW_PIXELS * len(rows),
        left_margin=left, rows=[{"label": label} for label in labels], log=log,
        kernel=kernel, kernel_colour="linux", **edges,
        groups=[{"start": start} for start in starts[1:]],
        all_series=drawn)


def ticks(values, label):
    """Ticks at values, as gnuplot takes them."""
    return ", ".join(f'"{label(value)}" {value}' for value in values)


def octaves(first, last):
    """Ticks at powers of two: 1/4, 1, 4; every one or every other, around 1."""
    step = 1 if last - first <= 6 else 2
    exponents = [exponent for exponent in range(first, last + 1) if exponent % step == 0]
    return "(" + ticks([2.0 ** exponent for exponent in exponents],
                       lambda value: f"1/{1 / value:.0f}" if value < 1 else f"{value:.0f}") + ")"


def decade(value):
    """A power of ten in few letters: 0.1, 10, 1k, 1M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def case_label(case):
    """A case in few words, for an axis."""
    return f"{case.op} {tables.size_label(case)} {tables.state_label(case)}"


def ratio_charts(comparisons, folder):
    """Overview, and a chart a format, of all comparisons against the kernel's drivers."""
    against = [each for each in comparisons if each.b.startswith("linux-")]
    if not against:
        return []
    kernel, machine = against[0].b, against[0].machine
    by_name = {each.a: {cell.case.name: cell for cell in each.judged} for each in against}
    cases = list(dict.fromkeys(cell.case for each in against for cell in each.judged))
    drawn = []
    for format_name in dict.fromkeys(case.format for case in cases):
        chosen = tables.together([case for case in cases if case.format == format_name],
                                 key=lambda case: case.op)
        series = {name: [bounds(cells.get(case.name)) for case in chosen]
                  for name, cells in by_name.items()}
        drawn.append(ratio_chart(folder / f"ratio-{format_name}.svg",
                                 f"{format_name} on {machine}: time against {kernel}",
                                 [(case.op, case_label(case)) for case in chosen], series, kernel))
    return [overview(against, cases, folder)] + drawn if cases else []


def overview(against, cases, folder):
    """Geometric means by format and operation."""
    keys = tables.together(dict.fromkeys((case.format, case.op) for case in cases),
                           key=lambda key: key[0])
    series = {each.a: [stats.geometric_mean(
        [cell.statistic for cell in each.judged if (cell.case.format, cell.case.op) == key])
        for key in keys] for each in against}
    return ratio_chart(
        folder / "overview.svg",
        f"{against[0].machine}: time against {against[0].b}, geometric mean over cases",
        [(key[0], " ".join(key)) for key in keys], series, against[0].b)


def bounds(cell):
    """(ratio, low, high) of a cell, or None."""
    return cell and (cell.statistic.ratio, cell.statistic.low, cell.statistic.high)


def run_length_charts(run, folder):
    """A chart for each format that has cases of several run lengths."""
    samples = Samples(run.entries)
    cases = [entry for entry in run.context["cases"]
             if entry["page_size"] and entry["op"] in RUN_LENGTH_OPERATIONS
             and entry["state"] == "warm" and entry["mode"] == "coherent"]
    drawn = []
    for format_name in dict.fromkeys(entry["format"] for entry in cases):
        groups = {}
        for entry in cases:
            if entry["format"] == format_name:
                groups.setdefault((entry["op"], entry["page_size"]), []).append(entry)
        panels = [panel(key, sorted(group, key=lambda entry: entry["count"]), samples)
                  for key, group in groups.items() if len(group) > 1]
        if panels:
            drawn.append(run_length_chart(
                folder / f"run-length-{format_name}.svg",
                f"{format_name} on {run.machine}: ns per operation over its length", panels))
    return drawn


def run_length_chart(path, title, panels):
    """Draw the panels, two in a row."""
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    for index, each in enumerate(panels):
        each |= {"index": index, "last_row": index + columns >= len(panels)}
    height = 60 + 260 * rows
    return gnuplot("run_length.gnuplot.j2", path, width=460 * columns, height=height, title=title,
                   panels=panels, layout_rows=rows, layout_columns=columns,
                   top=1 - 70 / height, bottom=55 / height, spacing=75 / height)


def panel(key, cases, samples):
    """One operation and page size: a line for each variant, the labels kept apart at its end."""
    counts = [case["count"] for case in cases]
    # The engine's options have no colours of their own: studies show them.
    variants = dict.fromkeys(name for case in cases for name in samples.variants(case["name"])
                             if kind(name) in POINTS)
    lines = {}
    for name in variants:
        points = [(case["count"], samples.median(case["name"], name)) for case in cases]
        lines[name] = [point for point in points if point[1] and point[1] > 0]
    lines = {name: points for name, points in lines.items() if points}
    values = [y for points in lines.values() for _, y in points]
    first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    low, high = 10.0 ** first, 10.0 ** last
    gap = (high / low) ** 0.085
    places = spread({name: points[-1][1] for name, points in lines.items()}, gap, high)
    return {
        "title": f"{key[0]} 2^{key[1].bit_length() - 1}", "x_ticks": ticks(counts, str),
        "y_ticks": ticks([10.0 ** power for power in range(first, last + 1)], decade),
        "x_low": 0.8 * counts[0],
        "x_high": 1.25 * counts[-1], "y_low": low, "y_high": high, "label_x": 1.25 * counts[-1],
        "all_series": [{"name": name, "colour": kind(name), "point_type": POINTS[kind(name)],
                        "dashed": name == "limit", "points": points, "label_y": places[name]}
                       for name, points in lines.items()]}


def spread(wanted, gap, top):
    """Places for labels at `wanted` heights of a log axis, at least a factor `gap` apart."""
    placed, ceiling = {}, top * gap ** 0.5
    for name, height in sorted(wanted.items(), key=lambda item: -item[1]):
        placed[name] = min(height, ceiling / gap) if placed else min(height, top)
        ceiling = placed[name]
    return placed


def draw(run, comparisons, folder):
    """Draw all charts of a run into a folder; their paths. Charts that are no longer made go."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = ratio_charts(comparisons, folder) + run_length_charts(run, folder)
    for old in set(folder.glob("*.svg")) - set(drawn):
        if not old.name.startswith("history-"):  # of all runs, not of this one
            old.unlink()
    return drawn
