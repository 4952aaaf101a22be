# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The matrix of formats: what each has, what it is compared with, and how many bytes of code.

Bytes are those of all .text sections of the object file that holds a variant's operations, or the driver's
whole object file; map, unmap and iova_to_phys are a part of either.
"""

import re
import subprocess
from pathlib import Path

from ..base import columns
from ..base.quoting import terminal
from . import object_code

HEADER = ("format", "baseline", "page sizes", "levels", "IOVA", "features", "inline", "recursive")
DRIVER = "driver"


def size_name(lg2):
    """12 is 4K, 30 is 1G."""
    return f"{1 << lg2 % 10}{'BKMGTPE'[lg2 // 10]}"


def sizes_text(bitmap):
    """Sizes by name; a run of three or more neighbouring powers of two by its ends."""
    bits = [bit for bit in range(64) if bitmap >> bit & 1]
    runs = []
    for bit in bits:
        if runs and runs[-1][-1] == bit - 1:
            runs[-1].append(bit)
        else:
            runs.append([bit])
    words = []
    for run in runs:
        if len(run) > 2:
            words.append(f"{size_name(run[0])}-{size_name(run[-1])}")
        else:
            words.extend(size_name(bit) for bit in run)
    return " ".join(words)


def text_bytes(path):
    """Bytes of code in an object file, None where there is none or no binutils."""
    try:
        done = subprocess.run(["size", "-A", "-d", str(path)], capture_output=True, text=True,
                              timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return sum(int(match[1]) for match in re.finditer(r"^\.text\S*\s+(\d+)", done.stdout, re.M))


def object_of_driver(build, kernel, source):
    """The object file that a driver of a kernel was compiled to."""
    name = source.rsplit("/", 1)[-1]
    # Of a whole driver only the page-table part is compiled, into an object named after it.
    names = {"iommu.c": "intel_driver.c.o", "s390-iommu.c": "s390_driver.c.o"}
    folder = build / object_code.driver_folders(build, kernel)[0]
    return next(folder.rglob(names.get(name, f"{name}.o")), None)


def row(catalog, name, build):
    """The cells of one format."""
    details = catalog.document["format_details"][name]
    sources = {entry["variant"]: entry["source"] for entry in catalog.document["subjects"]
               if entry["format"] == name}
    features = [word for word, has in (("incoherent", details["incoherent"]),
                                       ("dirty", details["dirty"])) if has] + details["options"]
    engine = details["engine_format"]
    code = [text_bytes(build / f"engine/CMakeFiles/engine_{engine}_{variant}.dir/iommu/instance.c.o")
            for variant in ("inline", "recursive")]
    drivers = [sources.get(kernel) for kernel in catalog.kernels]
    code += [text_bytes(object_of_driver(build, kernel, driver)) if driver else None
             for kernel, driver in zip(catalog.kernels, drivers)] or [None]
    named = dict.fromkeys(driver.removeprefix("drivers/iommu/") for driver in drivers if driver)
    return (name, " ".join(named) or "none",
            sizes_text(details["page_sizes"]), str(details["levels"]), str(details["ia_bits"]),
            " ".join(features) or "-", *("-" if size is None else str(size) for size in code))


def lacking(catalog, formats):
    """A line for each kernel and reason why it has no driver of some formats."""
    reasons = {}
    for name in formats:
        for kernel, reason in catalog.lacks(name).items():
            reasons.setdefault((kernel, reason), []).append(name)
    return [f"{kernel} has no driver for {', '.join(names)}: {reason}"
            for (kernel, reason), names in reasons.items()]


def text(catalog, formats, binary):
    """The table, as lines, and below it what kernels lack."""
    build = Path(binary).resolve().parent.parent
    rows = [row(catalog, name, build) for name in formats]
    drivers = catalog.kernels if len(catalog.kernels) > 1 else (DRIVER,)
    lines = columns.table(HEADER + drivers, rows, (0, 1, 2, 5), ((5,), (2,), (3, 4)),
                          f"inline, recursive, {', '.join(drivers)}: bytes of code, all operations; "
                          f"baselines: {', '.join(catalog.kernels) or 'none'}")
    return "\n".join([*lines, *map(terminal, lacking(catalog, formats))])
