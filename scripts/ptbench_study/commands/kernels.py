# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Sources of kernels."""

from ..base.answer import Answer
from ..base.errors import USAGE, Failure
from ..base.paths import COMMAND
from ..code import kernel_packages
from . import arguments

EXAMPLE = "kernels get 7.3"
MORE = "Sources are fetched by apt into build/kernels; --kernel takes their versions."


def add(parser):
    """Its arguments."""
    parser.add_argument("action", nargs="?", choices=("list", "get", "get-newest"), default="list",
                        help="list (default); get VERSION; get-newest: the newest, unless one was fetched")
    parser.add_argument("version", nargs="?", metavar="VERSION", help="such as 7.3")
    arguments.as_json(parser)


def run(options):
    """List them, or get one."""
    if options.action == "get" and not options.version:
        raise Failure("kernels get needs a version, such as 7.3", USAGE)
    if options.action != "get" and options.version:
        raise Failure(f"kernels {options.action} takes no version", USAGE)
    if options.action == "get":
        kernel_packages.get(options.version)
        return Answer()
    if options.action == "get-newest":
        kernel_packages.get_newest()
        return Answer()
    rows, note = kernel_packages.known()
    notes = [] if options.json or all(row["path"] for row in rows) else \
        [f"what is not here comes by: {COMMAND} kernels get VERSION"]
    return Answer(lambda: kernel_packages.text(rows), {"kernels": rows, "note": note},
                  notes + ([f"note: what Debian offers is not known: {note}"] if note else []))
