# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Publishing."""

from pathlib import Path

from ..base.answer import Answer
from ..base.paths import BUILD, RESULTS
from . import arguments

EXAMPLE = "report --ecdf amdv1/map/4K/x1/coherent/warm --site /tmp/site"
MORE = "Takes every machine's newest full run; without one the newest that did not stop early."


def add(parser):
    """Its arguments."""
    parser.add_argument("--output", type=Path, metavar="FILE",
                        help="write here (default: BENCHMARKS.md beside the results folder)")
    parser.add_argument("--site", type=Path, metavar="DIR",
                        help="build the site here, replacing the one there (default: build/site, or "
                             "site in the folder of --results)")
    parser.add_argument("--ecdf", action="append", metavar="CASE", default=[],
                        help="draw how the samples of this case are spread, besides those that most "
                             "need it; may be repeated")
    arguments.results(parser)


def run(options):
    """Draw the charts of all machines, write BENCHMARKS.md and the site."""
    from ..publish import report  # needs libraries at once, and --help none

    own = options.results == RESULTS
    output = options.output or (RESULTS.parent if own else options.results) / "BENCHMARKS.md"
    site = options.site or (BUILD if own else options.results) / "site"
    report.publish(options.results, output, site, options.ecdf)
    return Answer()
