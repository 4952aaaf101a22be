# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Arguments of the commands that work on stored results: history, gate, export.

Each function gets the `command` and the helpers of cli.py; the work is imported where it is done.
"""

from pathlib import Path


def export(options):
    """A run for other tools."""
    from . import export as module

    return module.export(options)


def add_export(command, helpers):
    """A run for other tools."""
    parser = command("export", export, "write a run as Google Benchmark's own JSON",
                     "export --variant inline --output inline.json",
                     "An entry for each process, as repetitions, and their aggregates. The stored run files\n"
                     "are of the same form, with all samples in one entry.\n"
                     "Without a file: this machine's newest run.")
    parser.add_argument("run", nargs="?", metavar="RUN", help="a file in results/runs")
    parser.add_argument("--variant", type=helpers.names, metavar="LIST",
                        help="only these variants; linux is the kernel's own")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write here, not to stdout")
    helpers.add_filter(parser)
    helpers.add_results(parser)


COMMANDS = (add_export,)
