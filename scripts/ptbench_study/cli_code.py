# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Arguments of the commands about code: the kernels there are, and how large what was built is."""

from . import commands


def add_kernels(command, cli):
    """Sources."""
    kernels = command("kernels", commands.kernels, "list kernel sources, here and in Debian, or get one",
                      "kernels get 7.3",
                      "Sources are fetched by apt into build/kernels; --kernel takes their versions.")
    kernels.add_argument("action", nargs="?", choices=("list", "get", "get-newest"), default="list",
                         help="list (default); get VERSION; get-newest: the newest, unless one was fetched")
    kernels.add_argument("version", nargs="?", metavar="VERSION", help="such as 7.3")
    kernels.add_argument("--json", action="store_true", help="print one JSON object")


def add_size(command, cli):
    """Code and stack."""
    size = command("size", commands.size, "bytes of code and of stack, operation by operation",
                   "size --format amdv1",
                   "Counts all functions that an operation reaches, and compares with results/sizes/: "
                   "exit code 1 if a row grew by more than 1 %.")
    size.add_argument("--format", type=cli.names, metavar="LIST", help="only these formats")
    size.add_argument("--update", action="store_true", help="write the golden file")
    size.add_argument("--build", type=cli.names, metavar="NAME",
                      help="of this build: plain (default), clang, hardened, clang-hardened")
    cli.add_kernel_list(size)
    size.add_argument("--json", action="store_true", help="print one JSON object")


COMMANDS = (add_kernels, add_size)
