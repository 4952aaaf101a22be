# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The user's own workload."""

from ..base.errors import FAILED, USAGE, Failure
from ..measure import replay
from ..measure.machine import identify
from ..measure.setups import USUAL, Benches
from ..judge.races import races_of
from . import arguments
from .measuring import code_of_itself, races_answer

EXAMPLE = "replay my-machine.txt.xz --format amdv1"
MORE = """A trace is the text of the kernel's iommu:map and iommu:unmap tracepoints, by
tracefs, trace-cmd report or perf script, among whatever else; plain, or packed by
xz, gzip, bzip2 or zstd. record makes one. What is left out of it is said and
counted, format by format. Nothing is stored."""


def add(parser):
    """Its arguments."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="a trace")
    parser.add_argument("--pagemap", type=arguments.positive, metavar="PID",
                        help="the physical layout of a live process, from /proc/PID/pagemap")
    parser.add_argument("--format", type=arguments.names, metavar="LIST", help="only these formats")
    arguments.measuring(parser)


def run(options):
    """Race the variants over traces that the user gives."""
    if not options.files and not options.pagemap:
        raise Failure("replay needs a trace file, or --pagemap PID", USAGE)
    measured, failed = replay.replay(options, Benches((USUAL,)), identify(options.cpu)[0])
    comparisons = races_of(measured)
    answer = races_answer(measured, comparisons)
    answer.code = code_of_itself(measured, comparisons)
    answer.failure = Failure(next(iter(failed.values())), FAILED) if failed else None
    return answer
