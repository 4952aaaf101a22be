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


def history(options):
    """Series of a machine."""
    from . import history_text

    return history_text.history(options)


def add_history(command, helpers):
    """Series of a machine."""
    parser = command("history", history, "show how cases went over the stored runs, and where they changed",
                     "history --filter amdv1/map --variant inline",
                     "Values are times relative to the kernel's driver of the same run, which cancels the\n"
                     "machine's drift, wherever all runs of a case have the same one; else ns.\n"
                     "docs/regressions.md says how change points are found, and what they miss.")
    helpers.add_filter(parser)
    parser.add_argument("--variant", type=helpers.names, metavar="LIST",
                        help="these variants (default: inline,recursive)")
    unit = parser.add_mutually_exclusive_group()
    unit.add_argument("--ratio", dest="as_ratio", action="store_true", default=None,
                      help="only ratios to the driver, of the runs that have it")
    unit.add_argument("--ns", dest="as_ratio", action="store_false", help="times in ns, drift and all")
    parser.add_argument("--points", action="store_true", help="a line for each run, too")
    parser.add_argument("--machine", metavar="ID", help="another machine's runs (default: this one's)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    helpers.add_results(parser)


COMMANDS = (add_history, add_export)
