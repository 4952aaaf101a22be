# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What tables take."""

from ..base.answer import Answer
from ..base.paths import bench_binary
from ..measure import memory
from ..measure.bench import Bench
from . import arguments

EXAMPLE = "memory --format amdv1,armv8_4k_s1"
MORE = "Nothing is timed: every machine prints the same."


def add(parser):
    """Its arguments."""
    parser.add_argument("--format", type=arguments.names, metavar="LIST", help="only these formats")
    arguments.as_json(parser)
    arguments.kernel_list(parser)


def run(options):
    """Count the bytes of tables."""
    bench = Bench(bench_binary())
    rows = memory.measure(bench, bench.catalog(), options.format)
    return Answer(lambda: memory.text(rows) + "\n", {"rows": rows})
