# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""History charts as SVG, one for each operation: history-<operation>.svg.

A panel a case: points with their 95 % interval over the noise band of their segment, a dashed line at each
change point with its size. The cases that changed most come first; then a case of each format.
"""

from ..results import store
from ..judge.history import NS
from . import tables
from .gnuplot import POINTS, chart_file, gnuplot, ticks

FEWEST_RUNS = 2
MOST_PANELS = 12
MOST_DATES = 4


def largest_change(series):
    """Size of the largest change of a case's series, as a factor of 1 and more."""
    return max((max(change.ratio, 1 / change.ratio) for each in series for change in each.changes),
               default=1.0)


def chosen_cases(by_case):
    """At most MOST_PANELS lists of series of one case: largest changes first, then round the formats."""
    changed = sorted((group for group in by_case if largest_change(group) > 1),
                     key=lambda group: -largest_change(group))
    seen, rest = {}, []
    for group in by_case:
        if largest_change(group) == 1:
            name = group[0].case.format
            seen[name] = seen.get(name, 0) + 1
            rest.append((seen[name], group))
    rest.sort(key=lambda item: item[0])
    return (changed + [group for _, group in rest])[:MOST_PANELS]


def band_of(series):
    """[[(x, low, high)]] of the noise band, a list a segment."""
    width = series.band
    if width is None:
        return []
    found = []
    for first, end in series.segments():
        level = series.level((first, end))
        found.append([(x, level / (1 + width), level * (1 + width))
                      for x in (first - 0.5, end - 0.5)])
    return found


def dates(points, changes):
    """Ticks at the first, the last and the changed runs; evenly spread ones where none changed."""
    last = len(points) - 1
    wanted = sorted({0, last, *(change.index for change in changes)})
    if len(wanted) == 2 and last > MOST_DATES:
        wanted = [round(last * step / (MOST_DATES - 1)) for step in range(MOST_DATES)]
    kept = []
    for place in wanted:
        if not kept or place - kept[-1] >= max(1, last / MOST_DATES * 0.8) or place == last:
            if place == last and kept and place - kept[-1] < last / MOST_DATES * 0.8:
                kept.pop()
            kept.append(place)
    return ticks(kept, lambda place: points[place].run.context["date"][2:10])


def spread(wanted, gap):
    """Heights for labels, at least `gap` apart, from the top down."""
    placed, ceiling = {}, None
    for name, height in sorted(wanted.items(), key=lambda item: -item[1]):
        placed[name] = height if ceiling is None else min(height, ceiling - gap)
        ceiling = placed[name]
    return placed


def panel(index, group):
    """What the template needs of the series of one case, all in one unit."""
    case, unit = group[0].case, group[0].unit
    longest = max(group, key=lambda series: len(series.points))
    top = max(max(point.value, point.high or 0) for series in group for point in series.points)
    high = 1.22 * top
    heights = spread({series.variant: series.points[-1].value for series in group}, 0.09 * high)
    last = len(longest.points) - 1
    changes = [(series, change) for series in group for change in series.changes]
    return {
        "index": index, "title": f"{case.format} {tables.size_label(case)} {tables.state_label(case)}",
        "unit": "ns" if unit == NS else f"time / {unit}", "last": last, "high": high,
        "x_ticks": dates(longest.points, longest.changes),
        "changes": [{"x": change.index - 0.5, "colour": series.variant,
                     "label": tables.percent(change.ratio) + " %",
                     "side": "right" if change.index > last / 2 else "left",
                     "height": 0.95 - 0.09 * (number % 3)}
                    for number, (series, change) in enumerate(changes)],
        "all_series": [{"index": number, "name": series.variant, "colour": series.variant,
                        "point_type": POINTS[series.variant], "label_y": heights[series.variant],
                        "band": band_of(series),
                        "points": [(x, point.value, point.low or point.value, point.high or point.value)
                                   for x, point in enumerate(series.points)]}
                       for number, series in enumerate(group)],
    }


def chart(machine, operation, by_case, total, folder):
    """Draw one operation; the path of its chart."""
    panels = [panel(index, group) for index, group in enumerate(by_case)]
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    height = 95 + 230 * rows
    shown = f"{len(panels)} of {total} cases" if len(panels) < total else f"{total} cases"
    return gnuplot("history.gnuplot.j2", chart_file(folder, "history", operation),
                   width=480 * columns + (0 if columns > 1 else 180), height=height,
                   title=f"{operation} on {machine}, run by run",
                   subtitle=f"{shown}; bars: 95 % of processes, band: noise of the series, "
                            "dashed: change point",
                   panels=panels, layout_rows=rows, layout_columns=columns,
                   top=1 - 85 / height, bottom=35 / height, spacing=70 / height)


def draw(machine, found, folder):
    """Draw the series of History.series() into a folder; the paths. Old history charts go.

    Only series of variants that have a colour, over at least FEWEST_RUNS runs.
    """
    drawn, operations = [], {}
    for series in found:
        if len(series.points) >= FEWEST_RUNS and series.variant in POINTS:
            key = series.case.name, series.unit
            operations.setdefault(series.case.op, {}).setdefault(key, []).append(series)
    store.ensure_folder(folder)
    for operation, by_case in operations.items():
        groups = list(by_case.values())
        drawn.append(chart(machine, operation, chosen_cases(groups), len(groups), folder))
    for old in set(folder.glob("history-*.svg")) - set(drawn):
        old.unlink()
    return drawn
