# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The command line: arguments, help, printing, and how every failure becomes one line and an exit code."""

import argparse
import importlib
import os
import signal
import sys
import traceback
from pathlib import Path

from .base.documents import written
from .base.errors import FAILED, INTERRUPTED, USAGE, Failure
from .base.paths import COMMAND, COMMANDS, cannot_write
from .base.progress import tell
from .code import build_info
from .measure.cpus import default_cpu


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments."""

    def error(self, message):
        raise Failure(f"{message} (see {self.prog} --help)", USAGE)


class Version(argparse.Action):
    """Prints the version; asks git only when it is wanted."""

    def __call__(self, parser, *_):
        print(f"ptbench {build_info.version()}")
        parser.exit()


def summaries():
    """{command: what it does}, of the table in scripts/commands."""
    rows = [line.split(None, 2) for line in COMMANDS.read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]
    return {name: summary for name, _, summary in rows}


def module_of(name):
    """The module of a command."""
    return importlib.import_module(f".commands.{name}", __package__)


def build_parser(wanted=None):
    """The parser of the whole command; of the commands only the wanted one has arguments, or all have."""
    parser = Parser(prog=COMMAND, allow_abbrev=False,
                    description="Races IOMMU page tables against the kernel's own, in user space.",
                    epilog=f"Example: {COMMAND} run --quick && {COMMAND} compare --vs linux")
    parser.add_argument("--version", action=Version, nargs=0, help="print the version and end")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND",
                                       parser_class=Parser)
    for name, summary in summaries().items():
        command = subparsers.add_parser(name, help=summary, allow_abbrev=False,
                                        formatter_class=argparse.RawDescriptionHelpFormatter)
        if wanted in (None, name):
            module = module_of(name)
            command.description = f"{summary[0].upper()}{summary[1:]}. {getattr(module, 'MORE', '')}"
            command.epilog = f"Example:\n  {COMMAND} {module.EXAMPLE}"
            module.add(command)
    return parser


def on_signal(_number, _frame):
    """A request to end is treated as Ctrl-C: everything that is finished is kept."""
    raise KeyboardInterrupt


def parse(arguments):
    """The options of a command line."""
    wanted = next((word for word in arguments if not word.startswith("-")), "")
    options = build_parser(wanted).parse_args(arguments)
    if "cpu" in options:
        options.cpu_given = options.cpu is not None
        options.cpu = default_cpu() if options.cpu is None else options.cpu
    return options


def printed(answer, as_json):
    """Print an Answer; its exit code."""
    if as_json and answer.document is not None:
        print(written(answer.document, indent=1))
    else:
        print(answer.text(), end="")
    sys.stdout.flush()
    for note in answer.notes:
        tell(note)
    if answer.failure:
        raise answer.failure
    return answer.code


def unexpected(error):
    """The line of an exception that nobody foresaw; the traceback too, where PTBENCH_TRACEBACK is set."""
    if os.environ.get("PTBENCH_TRACEBACK"):
        traceback.print_exception(error)
    *_, place = traceback.extract_tb(error.__traceback__)
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return (f"unexpected {said} ({Path(place.filename).name}:{place.lineno}; PTBENCH_TRACEBACK=1 shows "
            "where it comes from)")


def main(arguments):
    """Run a command line; its exit code. No exception leaves it: Python's own code for one is 1."""
    try:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
                signal.signal(number, on_signal)
        options = parse(arguments)
        return printed(module_of(options.command).run(options), getattr(options, "json", False))
    except Failure as failure:
        tell(failure)
        return ended(failure.code)
    except KeyboardInterrupt as interrupt:
        tell(interrupt.args[0] if interrupt.args else "interrupted")
        return ended(INTERRUPTED)
    except SystemExit as asked:  # --help
        return ended(asked.code or 0)
    except OSError as error:
        failure = cannot_write(error.filename, error, "use") if error.filename else Failure(unexpected(error))
        tell(failure)
        return ended(failure.code)
    except Exception as error:  # noqa: BLE001  the last line of defence
        tell(unexpected(error))
        return ended(FAILED)


def ended(code):
    """The exit code of a command that ended early, once what it printed is out."""
    try:
        sys.stdout.flush()
    except Failure as failure:
        tell(failure)
        return code or failure.code
    return code
