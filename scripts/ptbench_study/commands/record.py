# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A workload out of this machine."""

from ..base.answer import Answer
from ..base.errors import SKIPPED
from ..base.paths import COMMAND
from ..base.progress import tell
from ..measure import record
from . import arguments

EXAMPLE = f"record --time 30s --output my-machine.txt.xz\n  {COMMAND} record -- dd if=/dev/nvme0n1 " \
          "of=/dev/null bs=1M count=1000"
MORE = """It does so for some
seconds, or while a command runs, as root. It traces in an instance of its own,
which goes at the end; nothing else is changed. Where it cannot, it prints how any
other machine is recorded, with exit code 77. Names of tasks stand in the file."""


def add(parser):
    """Its arguments."""
    parser.add_argument("words", nargs="*", metavar="COMMAND",
                        help="record while this runs; write -- before it")
    parser.add_argument("--time", type=arguments.seconds, metavar="T", help="record so long (default: 10s)")
    parser.add_argument("--output", default="my-trace.txt.xz", metavar="FILE",
                        help="write here: *.txt.xz, or *.txt (default: my-trace.txt.xz)")


def run(options):
    """Record, or say why not and how it is done elsewhere."""
    try:
        record.record(options)
    except record.Refused as refused:
        tell(f"cannot record here: {refused}")
        return Answer(record.elsewhere, code=SKIPPED)
    return Answer()
