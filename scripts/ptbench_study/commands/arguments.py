# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Arguments that several commands have, and the kinds of values that arguments take."""

import argparse
import os
import re
from pathlib import Path

from ..base.paths import RESULTS

TIME = re.compile(r"(\d+(?:\.\d+)?)([smh]?)")


def seconds(text):
    """A length of time: "90", "90s", "20m", "1.5h"."""
    match = TIME.fullmatch(text)
    if not match or float(match[1]) <= 0:
        raise argparse.ArgumentTypeError(f"not a length of time such as 90s, 20m or 1.5h: '{text}'")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def positive(text):
    """A whole number above 0."""
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"not a whole number above 0: '{text}'")
    return int(text)


def whole(text):
    """A whole number."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"not a whole number: '{text}'")
    return int(text)


def names(text):
    """A list separated by commas."""
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise argparse.ArgumentTypeError("names nothing")
    return found


def kernel_list(parser):
    """The option of all that build with kernels."""
    parser.add_argument("--kernel", metavar="LIST", default=os.environ.get("PTBENCH_KERNEL"),
                        help="compare with these kernels: versions, trees or archives, each perhaps "
                             "as LABEL=TREE; none: with none")


def measuring(parser, variant=True):
    """Options of the commands that measure."""
    if variant:
        parser.add_argument("--variant", type=names, metavar="LIST",
                            help="only these variants, such as inline,linux; linux is the kernel's own")
    parser.add_argument("--pairs", type=positive, metavar="N",
                        help="pairs of samples that every case gets, over all processes")
    parser.add_argument("--processes", type=positive, metavar="N",
                        help="processes that every case is measured in")
    parser.add_argument("--max-time", type=seconds, metavar="T",
                        help="stop cleanly after T (90s, 20m, 1h), whatever is finished then")
    kernel_list(parser)
    parser.add_argument("--cpu", type=whole, metavar="C",
                        help="measure on this CPU (default: an isolated one, else the last performance core)")
    parser.add_argument("--seed", type=whole, metavar="S",
                        help="of everything that is random (default: a new one, printed)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, not tables")


def listed(parser):
    """Options that say which cells of a comparison are shown one by one."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--summary", action="store_true",
                       help="no single cells, only means and numbers of verdicts")
    which.add_argument("--slower-only", action="store_true",
                       help="of single cells only those that are slower")


def results(parser):
    """The option where results are."""
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR",
                        help="folder of results (default: the project's)")


def case_filter(parser):
    """The option that selects cases."""
    parser.add_argument("--filter", action="append", metavar="GLOB",
                        help="only cases that match, or lie below it: amdv1/map, '*/unmap/4K/*'; "
                             "may be repeated")


def setups(parser):
    """Options of what a whole process has."""
    parser.add_argument("--build", type=names, metavar="LIST",
                        help="builds: plain (default), clang, hardened, clang-hardened; "
                             "of several, the processes take turns")
    parser.add_argument("--tables", "--allocator", type=names, metavar="LIST",
                        help="behind page tables: huge pages (default), small ones, kernel (its allocator)")


def as_json(parser):
    """The option of what prints data."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
