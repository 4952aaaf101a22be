# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Bytes of code against time: what inlining costs, and what it buys.

    size.svg   a panel for each operation on single pages: every format in every variant is a point
"""

import math

from ..base.errors import Failure
from ..base.progress import tell
from ..results.samples import Samples
from ..code import size
from .gnuplot import COLOURS, POINTS, gnuplot, kind, ticks

OPERATIONS = ("map", "unmap", "iova_to_phys")


def smallest_page_cases(run, op):
    """{format: case name} of an operation on one page of the smallest size, warm and coherent."""
    found = {}
    for case in sorted((case for case in run.context["cases"] if case["page_size"]),
                       key=lambda case: case["page_size"]):
        if (case["op"], case["count"], case["mode"], case["state"]) == (op, 1, "coherent", "warm"):
            found.setdefault(case["format"], case["name"])
    return found


def points_of(run, sizes, op):
    """{variant: [(bytes, ns, format)]} of one operation."""
    samples, found = Samples(run.entries), {}
    code = {(row["format"], row["variant"]): row["text_bytes"] for row in sizes if row["op"] == op}
    for format_name, case in smallest_page_cases(run, op).items():
        for variant in samples.variants(case):
            time = samples.median(case, variant)
            if (format_name, variant) in code and kind(variant) in COLOURS and time and time > 0:
                found.setdefault(variant, []).append((code[format_name, variant], time, format_name))
    return found


def panel(op, points):
    """One operation; each format's inline and recursive are joined by a thin line."""
    every = [point for found in points.values() for point in found]
    high = max(size for size, _, _ in every) * 1.1
    step = 10.0 ** math.floor(math.log10(high))
    step = step / 2 if high / step < 3 else step
    joined = [[points[variant][index][:2] for variant in ("recursive", "inline")]
              for index in range(len(points.get("inline", [])))
              if index < len(points.get("recursive", []))
              and points["recursive"][index][2] == points["inline"][index][2]]
    return {"title": op, "x_high": high, "y_high": max(time for _, time, _ in every) * 1.15,
            "x_ticks": ticks([step * place for place in range(int(high / step) + 1)], "{:g}".format),
            "joined": joined,
            "series": [{"name": name, "colour": COLOURS[kind(name)], "point_type": POINTS[kind(name)],
                        "points": found} for name, found in points.items()]}


def draw_size_chart(run, sizes, path):
    """Draw size.svg of a stored run and of `sizes`, as size.sizes_of() has them; None without data."""
    panels = [panel(op, points) for op in OPERATIONS if (points := points_of(run, sizes, op))]
    if not panels:
        return None
    names = {each["name"]: each for one in panels for each in one["series"]}
    return gnuplot("size.gnuplot.j2", path, panels=panels, names=list(names.values()),
                   title=f"{run.machine}: one page, bytes of code against time",
                   width=340 * len(panels) + 40, height=420)


def draw_beside(run, bench, catalog, folder):
    """Draw code against time of a run into a folder, where the object files are there; the charts."""
    build = size.objects_of(bench)
    if build is None:
        return []
    formats = [name for name in catalog.formats
               if any(case["format"] == name for case in run.context["cases"])]
    try:
        chart = draw_size_chart(run, size.sizes_of(catalog, formats, build), folder / "size.svg")
    except Failure as failure:
        tell(f"no chart of code against time: {failure}")
        return []
    return [chart] if chart else []
