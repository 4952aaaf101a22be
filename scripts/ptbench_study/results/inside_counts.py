# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Golden counts of calls inside a kernel: results/counts/inside-linux-VERSION-COMPILER.csv.

Files as those of counts.py. They belong to a kernel's version, to the compiler that it and the module are
built by, and to the code.
"""

import os
from pathlib import Path

from ..base.paths import COMMAND, RESULTS
from . import counts

WORSE = 0.005
ARCHITECTURE = "x86_64"
PREAMBLE = ("# Instructions of one operation inside a kernel, by QEMU's -icount; "
            f"{COMMAND} inside count --update writes this file.\n")


def path_of(version, compiler):
    """Where the golden counts of a kernel are that "gcc 12.2.0" has built."""
    folder = Path(os.environ.get("PTBENCH_COUNTS") or RESULTS / "counts")
    return folder / f"inside-linux-{version}-{counts.compiler_label(compiler, ARCHITECTURE)}.csv"


def golden_of(found):
    """A Golden of {(case, variant): instructions}."""
    rounded = {key: counts.rounded(value) for key, value in found.items()}
    return counts.Golden(rounded, preamble=PREAMBLE)


def user_space(compiler):
    """{(case, variant): instructions} of the same compiler, by callgrind; empty without such a file."""
    golden = counts.load(counts.golden_path(compiler, ARCHITECTURE))
    return golden.rows if golden else {}


def rows(found, golden, outside):
    """What was found beside golden counts and those outside of a kernel: dicts, None for unknown."""
    listed = []
    for (case, variant), value in sorted(found.items()):
        before = golden.rows.get((case, variant)) if golden else None
        user = outside.get((case, variant))
        listed.append({"case": case, "variant": variant, "instructions": value, "golden": before,
                       "change": value / before - 1 if before else None, "user_space": user,
                       "ratio": value / user if user else None})
    return listed
