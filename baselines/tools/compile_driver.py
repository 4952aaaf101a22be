#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Run the compiler on a kernel driver or an adapter; after a failure say why, in one line.

usage: compile_driver.py --tree TREE --version NAME -- COMPILER ARGUMENT...

A driver of an unknown kernel version usually fails at a symbol or a header that
the shim does not have, an adapter at one that the kernel has no more. The last
line names the file and the first of them, so that whoever reads a long build log
finds what to change.
"""
import argparse
import os
import re
import subprocess
import sys

COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")
ERROR = re.compile(
    r"^(?P<file>[^:\n]+):(?P<line>\d+)(?::\d+)?: (?:fatal )?error: (?P<message>.*)$", re.M
)
MISSING_HEADER = re.compile(r"(\S+): No such file or directory")
QUOTED = re.compile(r"'([^']+)'")


def readable(path, tree):
    """A path relative to the kernel tree where it lies in it, else only the file's name."""
    inside = os.path.relpath(os.path.realpath(path), os.path.realpath(tree))
    return os.path.basename(path) if inside.startswith("..") else inside


def summary(command, tree, version, messages):
    """One line about the first error in the compiler's messages."""
    sources = [argument for argument in command if argument.endswith(".c")]
    failure = f"ptbench: {readable(sources[-1], tree)} does not compile with {version}"
    error = ERROR.search(COLOUR.sub("", messages))
    if not error:
        return failure
    message = error["message"]
    symbol = MISSING_HEADER.search(message) or QUOTED.search(message)
    what = f"'{symbol[1]}'" if symbol else "an error"
    return f"{failure}: {what} at {readable(error['file'], tree)}:{error['line']} ({message})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--tree", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    # In the C locale quotes are ASCII.
    environment = dict(os.environ, LC_ALL="C")
    result = subprocess.run(command, stderr=subprocess.PIPE, env=environment, check=False)
    messages = result.stderr.decode(errors="replace")
    sys.stderr.write(messages)
    if result.returncode:
        print(summary(command, arguments.tree, arguments.version, messages), file=sys.stderr)
    sys.exit(1 if result.returncode else 0)


if __name__ == "__main__":
    main()
