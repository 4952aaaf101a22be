# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Series of a machine."""

import sys

from ..base import columns
from ..base.answer import Answer
from ..measure.machine import identify
from ..judge.history import History
from ..publish import history_text
from . import arguments

EXAMPLE = "history --filter amdv1/map --variant inline"
MORE = """
Values are times relative to the kernel's driver of the same run, which cancels
the machine's drift, wherever all runs of a case have the same one; else ns.
docs/regressions.md says how change points are found, and what they miss."""


def add(parser):
    """Its arguments."""
    arguments.case_filter(parser)
    parser.add_argument("--variant", type=arguments.names, metavar="LIST",
                        help="these variants (default: inline,recursive)")
    unit = parser.add_mutually_exclusive_group()
    unit.add_argument("--ratio", dest="as_ratio", action="store_true", default=None,
                      help="only ratios to the driver, of the runs that have it")
    unit.add_argument("--ns", dest="as_ratio", action="store_false", help="times in ns, drift and all")
    parser.add_argument("--points", action="store_true", help="a line for each run, too")
    parser.add_argument("--machine", metavar="ID", help="another machine's runs (default: this one's)")
    arguments.as_json(parser)
    arguments.results(parser)


def run(options):
    """How cases went over the stored runs."""
    machine = options.machine or identify()[0]
    runs = history_text.load(options.results, machine)
    found = History(runs).series(options.filter or (), options.variant, options.as_ratio)
    utf8 = "utf" in (sys.stdout.encoding or "").lower()
    return Answer(
        lambda: history_text.text(machine, runs, found, options.points, utf8, columns.terminal_width()),
        history_text.document(machine, found))
