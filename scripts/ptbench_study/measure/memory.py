# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench memory`: the bytes of tables that every format, variant and freeing policy keeps.

Nothing is timed: the same numbers come out on every machine. What is counted is told in
bench/table_memory.h.
"""

from ..base import columns
from ..base.documents import parsed
from ..base.errors import FAILED, USAGE, Failure
from .bench import last_line

COLUMNS = (("root", "root"), ("mapped", "1 GiB mapped"), ("after_pages", "left, by page"),
           ("after_range", "left, at once"), ("after_churn", "left, churn"))
EXPENDABLE = ((5,), (6,), (4,))  # least needed first
SEED = 1
FOOT = ("Bytes of tables: of an empty page table; more while 1 GiB is mapped in smallest pages; of\n"
        "these left after it was unmapped page by page, in one call, and after a churn of buffers.")


def measure(bench, catalog, formats=None):
    """The rows that the binary prints, of `formats` or all; Failure USAGE for an unknown one."""
    unknown = [name for name in formats or () if name not in catalog.formats]
    if unknown:
        raise Failure(f"unknown format '{unknown[0]}'; there are: {', '.join(catalog.formats)}", USAGE)
    code, out, err = bench.call(["memory", "--seed", SEED], timeout=600)
    if code:
        raise Failure(f"ptbench-bench memory: {last_line(err)}", FAILED)
    return [row for row in parsed(out)["rows"] if not formats or row["format"] in formats]


def cells(row):
    """One row's numbers, with thousands apart."""
    return [f"{row[key]:,}" for key, _ in COLUMNS]


def text(rows):
    """The table, as lines; variants with the same numbers share one."""
    names = ("format", "variants", *(title for _, title in COLUMNS))
    groups = {}
    for row in rows:
        groups.setdefault((row["format"], *cells(row)), []).append(row["variant"])
    table = [(key[0], " ".join(variants), *key[1:]) for key, variants in groups.items()]
    return "\n".join(columns.table(names, table, (0, 1), EXPENDABLE, FOOT))
