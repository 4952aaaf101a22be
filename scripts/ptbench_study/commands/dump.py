# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A page table, written out."""

from pathlib import Path

from ..base.answer import Answer
from ..base.errors import USAGE, Failure
from ..base.paths import bench_binary
from ..measure import traces
from ..measure.bench import Bench
from . import arguments

EXAMPLE = "dump amdv1 --trace my-machine.txt.xz --calls 40"
MORE = """
A line an item: where it lies, how much it spans, its level and its word, and what
a leaf maps. With --watch another thread maps and unmaps meanwhile, and every dump,
two a second, shows each item as it was when it was read (pt_dump in pagetable.h)."""


def add(parser):
    """Its arguments."""
    parser.add_argument("format", metavar="FORMAT", help="such as amdv1: list --formats has all")
    parser.add_argument("--variant", default="inline", metavar="V",
                        help="of the engine: inline (default) or recursive")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--trace", type=Path, metavar="FILE", help="carry out this trace's maps and unmaps")
    what.add_argument("--random", type=arguments.positive, default=100, metavar="N",
                      help="carry out N random ones (default: 100)")
    parser.add_argument("--calls", type=arguments.positive, metavar="N",
                        help="only the first N of the trace, which may unmap at its end all it mapped")
    parser.add_argument("--seed", type=arguments.whole, default=1, metavar="S",
                        help="of what is random (default: 1)")
    parser.add_argument("--watch", type=arguments.positive, metavar="T",
                        help="for T seconds write the table as it is, while a thread maps and unmaps")
    parser.add_argument("--json", action="store_true", help="print JSON objects, one a dump")


def run(options):
    """Have the measuring binary write it."""
    if options.calls and (options.watch or not options.trace):
        raise Failure("--calls goes with --trace, and not with --watch", USAGE)
    words = ["--format", options.format, "--variants", options.variant]
    with traces.own_folder() as folder:
        if options.trace:
            named, _ = traces.given([options.trace], folder)
            words += [word for name, file in named.items() for word in ("--trace", f"{name}={file}")]
            words += ["--calls", options.calls] if options.calls else []
        else:
            words += ["--calls", options.random, "--seed", options.seed]
        words += ["--watch", options.watch] if options.watch else []
        Bench(bench_binary()).dump(words + (["--json"] if options.json else []))
    return Answer()
