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
                     "\nAn entry for each process, as repetitions, and their aggregates. The stored run\n"
                     "files are of the same form, with all samples in one entry.\n"
                     "Without a file: this machine's newest full run, else its newest.")
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
                     "\nValues are times relative to the kernel's driver of the same run, which cancels\n"
                     "the machine's drift, wherever all runs of a case have the same one; else ns.\n"
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


def gate(options):
    """Did the code get worse?"""
    from . import gate as module

    return module.gate(options)


def add_gate(command, helpers):
    """Did the code get worse?"""
    parser = command("gate", gate, "exit with 1 if instructions or times got worse: for CI",
                     "gate --baseline HEAD~1 --filter amdv1 --max-time 20m",
                     "\nCounts more than 0.5 % above the golden file fail. Times are those of the quick\n"
                     "cases, or of --filter; what looks slower is measured again, and only that\n"
                     "decides: docs/regressions.md. A line on stdout for each failing case.\n"
                     "Exit code: 0 nothing is worse, 1 something is, 3 it could not be told.")
    against = parser.add_mutually_exclusive_group()
    against.add_argument("--baseline", metavar="REF",
                         help="times against this commit, built now, the two measured in turns")
    against.add_argument("--against", metavar="RUN",
                         help="times against this stored run, relative to the kernel's driver in each "
                              "(default: the newest full one)")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--counts-only", action="store_true", help="no times: fit for any CI runner")
    parser.add_argument("--junit", type=Path, metavar="FILE",
                        help="write what was found as JUnit's XML too, a testcase a case")
    only.add_argument("--times-only", action="store_true", help="no instruction counts")
    helpers.add_filter(parser)
    helpers.add_measuring(parser)
    helpers.add_results(parser)


COMMANDS = (add_history, add_gate, add_export)
