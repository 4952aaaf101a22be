# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A run for other tools."""

from pathlib import Path

from ..base.answer import Answer
from ..base.documents import written
from ..base.errors import USAGE, Failure
from ..base.paths import shown
from ..results import store, which_run
from ..measure.machine import identify
from ..publish.export import google_benchmark
from . import arguments

EXAMPLE = "export --variant inline --output inline.json"
MORE = """
An entry for each process, as repetitions, and their aggregates. The stored run
files are of the same form, with all samples in one entry.
Without a file: this machine's newest full run, else its newest."""


def add(parser):
    """Its arguments."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="a file in results/runs")
    parser.add_argument("--variant", type=arguments.names, metavar="LIST",
                        help="only these variants; linux is the kernel's own")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write here, not to stdout")
    arguments.case_filter(parser)
    arguments.results(parser)


def run(options):
    """Write a run as Google Benchmark's own JSON."""
    machine, _ = identify()
    chosen = which_run.find(options.results, machine, options.run) if options.run else \
        which_run.best(options.results, machine)
    text = written(google_benchmark(chosen, options.filter or (), options.variant), indent=1) + "\n"
    if not options.run:
        which_run.say(chosen, options.results, machine)
    if options.output is None:
        return Answer(lambda: text)
    if options.output.is_dir():
        raise Failure(f"{shown(options.output)}: is a folder; name a file", USAGE)
    store.write_whole(options.output, text)
    return Answer(notes=[f"wrote {shown(options.output)}"])
