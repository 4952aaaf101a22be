# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Bytes of code and of stack, operation by operation, of engine and drivers.

An operation counts with all functions that it may reach in its object (callgraph.py), so that operations
which share code each count it, and `all` counts it once. A driver's object serves several formats; its
figures are for as many levels as the format has.
"""

import re

from ..base import columns
from . import matrix
from .callgraph import Functions

OPERATIONS = ("map", "unmap", "iova_to_phys", "map_batch", "unmap_batch", "cut", "fragment",
              "reassemble", "collapse", "read_dirty")
VARIANTS = ("inline", "recursive")
ALL = "all"
FOOT = ("bytes; code: of all functions that an operation reaches in its object; "
        "stack: at most, without what lies outside of it")
# What the drivers call their operations, of which a part of the engine's are played by others.
DRIVER_ROOTS = {"map": re.compile(r"^(?!__)\w+_map_(pages|range)$"),
                "unmap": re.compile(r"^(?!__)\w+_unmap_(pages|range)$"),
                "iova_to_phys": re.compile(r"^(?!__)\w+_iova_to_phys$"),
                "read_dirty": re.compile(r"^(?!__)\w+_read_and_clear_dirty$")}


def engine_object(build, engine_format, variant):
    """The object file of the engine's operations."""
    return build / f"engine/CMakeFiles/engine_{engine_format}_{variant}.dir/iommu/instance.c.o"


def engine_roots(functions, engine_format, variant):
    """{operation: [function]} of an engine object."""
    names = {op: f"{engine_format}_{variant}_{op}" for op in OPERATIONS}
    return {op: [name] for op, name in names.items() if name in functions.sizes}


def driver_roots(functions):
    """{operation: [function]} of a driver's object."""
    found = {op: [name for name in functions.sizes if pattern.match(name)]
             for op, pattern in DRIVER_ROOTS.items()}
    # "x_unmap_pages" also ends in "map_pages".
    found["map"] = [name for name in found["map"] if not name.endswith(("unmap_pages", "unmap_range"))]
    return {op: names for op, names in found.items() if names}


def rows_of(functions, roots, levels):
    """{operation: {"text_bytes", "stack_bytes", "functions"}}, the sum over all as ALL."""
    rows = {op: {"text_bytes": functions.text_bytes(names),
                 "stack_bytes": max(functions.stack_bytes(name, levels) for name in names),
                 "functions": len(set().union(*map(functions.closure, names)))}
            for op, names in roots.items()}
    every = [name for names in roots.values() for name in names]
    if every:
        rows[ALL] = {"text_bytes": functions.text_bytes(every),
                     "stack_bytes": max(row["stack_bytes"] for row in rows.values()),
                     "functions": len(set().union(*map(functions.closure, every)))}
    return rows


def sizes_of(catalog, formats, build):
    """[{"format", "variant", "op", "text_bytes", "stack_bytes", "functions"}] of a build's folder."""
    read, found = {}, []

    def functions(path):
        if path not in read:
            read[path] = Functions(path)
        return read[path]

    for name in formats:
        details = catalog.document["format_details"][name]
        engine = details["engine_format"]
        sides = []
        for variant in VARIANTS:
            path = engine_object(build, engine, variant)
            if path.exists():
                sides.append((variant, functions(path), engine_roots(functions(path), engine, variant)))
        for entry in catalog.document["subjects"]:
            if entry["format"] == name and entry["variant"] in catalog.kernels:
                path = matrix.object_of_driver(build, entry["variant"], entry["source"])
                if path:
                    sides.append((entry["variant"], functions(path), driver_roots(functions(path))))
        for variant, side, roots in sides:
            for op, row in rows_of(side, roots, details["levels"]).items():
                found.append({"format": name, "variant": variant, "op": op, **row})
    return found


def text(sizes):
    """The table, as lines: bytes of code and of stack of each variant."""
    variants = list(dict.fromkeys(row["variant"] for row in sizes))
    cells = {}
    for row in sizes:
        cells.setdefault((row["format"], row["op"]), {})[row["variant"]] = row
    head = ["format", "operation"] + [f"{name} {what}" for what in ("code", "stack")
                                      for name in variants]
    rows = []
    for (format_name, op), of in cells.items():
        rows.append([format_name, op] + [str(of[name][what]) if name in of else "-"
                                         for what in ("text_bytes", "stack_bytes")
                                         for name in variants])
    stacks = tuple(range(2 + len(variants), len(head)))
    return "\n".join(columns.table(head, rows, (0, 1), (stacks,), FOOT))


def objects_of(bench):
    """The folder of a build that has the object files of its binary, or None."""
    build = bench.path.resolve().parent.parent
    return build if (build / "engine" / "CMakeFiles").is_dir() else None
