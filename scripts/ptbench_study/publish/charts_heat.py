# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Ratios as a grid of cells whose colour says how much faster or slower; the figure stands in the cell.

    heat.svg              format x operation: geometric means over the cases
    heat-<operation>.svg  case x format of one operation
    ../all-machines/      where there are several machines: heat.svg is format x machine, and
                          heat-<operation>.svg case x machine

The engine's inline variant against the kernel's drivers, or, without drivers, against the recursive one.
"""

import math

from ..base.progress import mean_text, ratio_interval
from ..results import store
from . import tables
from .gnuplot import LETTER_PIXELS, chart_file, gnuplot

# Colour is full where one side is eight times as fast.
FULL_LG2 = 3
FASTER, SLOWER, NEITHER = (0x00, 0x72, 0xB2), (0xC2, 0x52, 0x00), (0xFF, 0xFF, 0xFF)
MARKS = {"unresolved": "?", "same": "=", "conflict": "!"}
CELL_WIDTH, CELL_HEIGHT = 58, 22
HOW_TO_READ = "; blue: less than 1, faster; orange: more, slower"
MACHINES_WHAT = "time of inline / time of the kernel's driver on the same machine"


def background(ratio):
    """The colour (red, green, blue) of a cell."""
    depth = max(-1.0, min(1.0, math.log2(ratio) / FULL_LG2))
    full = FASTER if depth < 0 else SLOWER
    return tuple(round(no + abs(depth) * (yes - no)) for yes, no in zip(full, NEITHER))


def luminance(colour):
    """Relative luminance as WCAG 2 defines it."""
    linear = [value / 255 / 12.92 if value / 255 <= 0.04045
              else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def text_colour(colour):
    """Black or white: whichever contrasts more with a background."""
    light = luminance(colour)
    return (255, 255, 255) if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 else (0, 0, 0)


def number(colour):
    """A colour as gnuplot's "rgb variable" takes it."""
    return colour[0] << 16 | colour[1] << 8 | colour[2]


def cell_figure(ratio):
    """A ratio in at most five letters: 0.27, 1.04, 49, <.01."""
    if ratio < 0.005:
        return "<.01"
    return f"{ratio:.2f}" if ratio < 9.995 else f"{ratio:.0f}"


def of_mean(mean):
    """A geometric mean as chart() takes it."""
    return mean.ratio, mean_text(mean).rstrip("?"), mean.verdict


def of_cell(cell):
    """A cell with a statistic as chart() takes it."""
    statistic = cell.statistic
    return (statistic.ratio, ratio_interval(statistic.ratio, statistic.low, statistic.high),
            cell.verdict)


def chart(path, title, rows, columns, cells, what):
    """Draw cells {(row, column): (ratio, text, verdict)}; rows and columns are labels, in order.

    what says what is divided by what.
    """
    points = []
    for (row, column), (ratio, text, verdict) in cells.items():
        colour = background(ratio)
        points.append({
            "x": columns.index(column), "y": rows.index(row), "colour": number(colour),
            "text_colour": number(text_colour(colour)),
            "text": cell_figure(ratio) + MARKS.get(verdict, ""),
            "said": f"{row}, {column}: {text}, {verdict}"})
    left = max(120, max(map(len, rows)) * LETTER_PIXELS + 24)
    longest = max(map(len, columns)) * LETTER_PIXELS
    leaning = longest > CELL_WIDTH - 4
    top = 56 + (longest * 0.71 + 10 if leaning else 16)
    bottom = 62
    # A label that leans over the last column, and the line below, need room.
    width = max(left + CELL_WIDTH * len(columns) + (longest * 0.71 + 10 if leaning else 20),
                len(what + HOW_TO_READ) * LETTER_PIXELS * 0.9 + 30, len(title) * LETTER_PIXELS * 1.1 + 30)
    height = top + CELL_HEIGHT * len(rows) + bottom
    return gnuplot(
        "heat.gnuplot.j2", path, title, width=round(width), height=round(height),
        left=left / width, right=(left + CELL_WIDTH * len(columns)) / width,
        top=1 - top / height, bottom=bottom / height, title_at=1 - 22 / height,
        note_at=30 / height, second_note_at=12 / height,
        rows=rows, columns=columns, points=points, leaning=leaning,
        note=what + HOW_TO_READ)


def chosen_comparison(comparisons):
    """The comparison that the maps show, or None."""
    return next((each for each in comparisons if each.a == "inline" and each.judged), None)


def means(comparison):
    """{(format, operation): geometric mean as chart() takes it}."""
    return {key: of_mean(comparison.mean_of(list(cells)))
            for key, cells in tables.grouped(comparison.judged)}


def row_label(case):
    """A case without its format and operation."""
    return f"{tables.size_label(case)} {tables.state_label(case)}"


def row_order(case):
    """Rows by state and mode, then by size and count; what has no one size comes last."""
    return (case.state != "warm", case.state, case.mode, case.threads or 1,
            case.page_size or math.inf, case.count or 0, case.size_text)


def draw(comparisons, folder):
    """Draw the maps of one machine; their paths."""
    comparison = chosen_comparison(comparisons)
    if not comparison:
        return []
    what = f"time of {comparison.a} / time of {comparison.b}"
    of_pairs = means(comparison)
    formats = list(dict.fromkeys(key[0] for key in of_pairs))
    operations = list(dict.fromkeys(key[1] for key in of_pairs))
    drawn = [chart(folder / "heat.svg",
                   f"{comparison.machine}: {comparison.a} against {comparison.b}, geometric means",
                   formats, operations, of_pairs, what)]
    for operation in operations:
        cells = [cell for cell in comparison.judged if cell.case.op == operation]
        ordered = sorted(cells, key=lambda cell: row_order(cell.case))
        if len({row_label(cell.case) for cell in cells}) < 2:
            continue  # heat.svg shows it
        drawn.append(chart(
            chart_file(folder, "heat", operation),
            f"{operation} on {comparison.machine}: {comparison.a} against {comparison.b}",
            list(dict.fromkeys(row_label(cell.case) for cell in ordered)),
            [name for name in formats if any(cell.case.format == name for cell in cells)],
            {(row_label(cell.case), cell.case.format): of_cell(cell) for cell in cells}, what))
    return drawn


def draw_machines(of_machines, folder):
    """Draw maps with a column for each machine out of {machine: comparisons}; their paths.

    Times of two machines are never compared, but each machine's own ratio may stand beside the other's:
    over the cases that all of them measured.
    """
    chosen = {machine: chosen_comparison(each) for machine, each in of_machines.items()}
    chosen = {machine: each for machine, each in chosen.items() if each}
    names = [{cell.case.name for cell in each.judged} for each in chosen.values()]
    common = set.intersection(*names) if names else set()
    drawn = []
    if len(chosen) > 1 and common:
        store.ensure_folder(folder)
        cells = {machine: [cell for cell in each.judged if cell.case.name in common]
                 for machine, each in chosen.items()}
        drawn = [means_of_machines(chosen, cells, folder)]
        drawn += [cases_of_machines(cells, operation, folder) for operation in
                  dict.fromkeys(cell.case.op for cell in next(iter(cells.values())))]
    for old in set(folder.glob("heat*.svg")) - set(drawn):
        old.unlink()
    return drawn


def means_of_machines(comparisons, of_machines, folder):
    """Draw format x machine, geometric means, out of {machine: Comparison}, {machine: cells}; the path."""
    cells = {}
    for machine, found in of_machines.items():
        for format_name in dict.fromkeys(cell.case.format for cell in found):
            cells[format_name, machine] = of_mean(comparisons[machine].mean_of(
                [cell for cell in found if cell.case.format == format_name]))
    return chart(folder / "heat.svg", f"{len(of_machines)} machines, geometric means",
                 list(dict.fromkeys(row for row, _ in cells)), list(of_machines), cells, MACHINES_WHAT)


def cases_of_machines(of_machines, operation, folder):
    """Draw case x machine of one operation out of {machine: cells}; the path."""
    cells, cases = {}, {}
    for machine, found in of_machines.items():
        for cell in found:
            if cell.case.op == operation:
                row = f"{cell.case.format} {row_label(cell.case)}"
                cases[row] = cell.case
                cells[row, machine] = of_cell(cell)
    rows = sorted(cases, key=lambda row: (cases[row].format, row_order(cases[row])))
    return chart(chart_file(folder, "heat", operation), f"{operation} on {len(of_machines)} machines",
                 rows, list(of_machines), cells, MACHINES_WHAT)
