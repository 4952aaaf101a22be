# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Golden sizes: results/sizes/<compiler>.csv, bytes of code and of stack as `ptbench size` prints them.

    # a comment
    format,variant,op,code,stack
    amdv1,inline,map,14880,1968

As golden counts they belong to a compiler and to the source tree. PTBENCH_SIZES names another folder.
"""

import os
import re
from pathlib import Path

from ..base.errors import USAGE, Failure
from ..base.paths import COMMAND, RESULTS, shown
from .counts import compiler_label, golden_lines
from .store import write_if_changed

HEADER = "format,variant,op,code,stack"
ROW = re.compile(r"([A-Za-z0-9._+-]+),([A-Za-z0-9._+-]+),([a-z_]+),(\d{1,9}),(\d{1,9})", re.ASCII)
PREAMBLE = f"# Bytes of code and of stack by operation; {COMMAND} size --update writes this file.\n"
# More than this is a growth: another compiler of the same version may lay out a few bytes otherwise.
WORSE = 0.01


def path_of(compiler, architecture):
    """Where the golden sizes of a compiler are."""
    folder = Path(os.environ.get("PTBENCH_SIZES") or RESULTS / "sizes")
    return folder / f"{compiler_label(compiler, architecture)}.csv"


def keyed(sizes):
    """Rows of `ptbench size` as {(format, variant, op): (code, stack)}."""
    return {(row["format"], row["variant"], row["op"]): (row["text_bytes"], row["stack_bytes"])
            for row in sizes}


def load(path):
    """{(format, variant, op): (code, stack)}; None where there is no file; Failure USAGE for a wrong line."""
    lines = golden_lines(path)
    if lines is None:
        return None
    rows = {}
    for number, line in enumerate(lines, 1):
        match = ROW.fullmatch(line)
        if match:
            rows[match.groups()[:3]] = int(match[4]), int(match[5])
        elif not line.startswith("#") and line != HEADER:
            raise Failure(f"{shown(path)}:{number}: not a line of {HEADER}", USAGE)
    return rows


def update(path, sizes):
    """Write a golden file; rows of kernels that are not in this build stay. How many rows were written."""
    variants = {row["variant"] for row in sizes}
    foreign = {key: value for key, value in (load(path) or {}).items() if key[1] not in variants}
    rows = {**foreign, **keyed(sizes)}
    lines = [",".join(map(str, (*key, *value))) for key, value in sorted(rows.items())]
    write_if_changed(path, PREAMBLE + "\n".join([HEADER, *lines]) + "\n")
    return len(keyed(sizes))


def changes(golden, sizes):
    """[(key, old, new)] of rows that are not what they were, the largest growth first; new rows are none."""
    found = [(key, golden[key], new) for key, new in keyed(sizes).items()
             if key in golden and golden[key] != new]
    return sorted(found, key=lambda row: (-growth(row[1], row[2]), row[0]))


def growth(old, new):
    """By how much the one of code and stack grew that grew more, relative; shrinking is below 0."""
    return max((b - a) / max(a, 1) for a, b in zip(old, new))
