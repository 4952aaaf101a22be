# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The command line: arguments, help, and how every failure becomes one line and an exit code."""

import argparse
import os
import re
import signal
import sys
import traceback
from pathlib import Path

from . import build_info, cli_code, cli_results, commands
from .cpus import default_cpu
from .errors import FAILED, INTERRUPTED, USAGE, Failure
from .paths import COMMAND, RESULTS, cannot_write
from .progress import tell

TIME = re.compile(r"(\d+(?:\.\d+)?)([smh]?)")


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments."""

    def error(self, message):
        raise Failure(f"{message} (see {self.prog} --help)", USAGE)


class Version(argparse.Action):
    """Prints the version; asks git only when it is wanted."""

    def __call__(self, parser, *_):
        print(f"ptbench {build_info.version()}")
        parser.exit()


def seconds(text):
    """A length of time: "90", "90s", "20m", "1.5h"."""
    match = TIME.fullmatch(text)
    if not match or float(match[1]) <= 0:
        raise argparse.ArgumentTypeError(f"not a length of time such as 90s, 20m or 1.5h: '{text}'")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def positive(text):
    """A whole number above 0."""
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"not a whole number above 0: '{text}'")
    return int(text)


def whole(text):
    """A whole number."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"not a whole number: '{text}'")
    return int(text)


def names(text):
    """A list separated by commas."""
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise argparse.ArgumentTypeError("names nothing")
    return found


def add_kernel_list(parser):
    """The option of all that build with kernels."""
    parser.add_argument("--kernel", metavar="LIST", default=os.environ.get("PTBENCH_KERNEL"),
                        help="compare with these kernels: versions, trees or archives, each perhaps "
                             "as LABEL=TREE; none: with none")


def add_measuring(parser, variant=True):
    """Options of the commands that measure."""
    if variant:
        parser.add_argument("--variant", type=names, metavar="LIST",
                            help="only these variants, such as inline,linux; linux is the kernel's own")
    parser.add_argument("--pairs", type=positive, metavar="N",
                        help="pairs of samples that every case gets, over all processes")
    parser.add_argument("--processes", type=positive, metavar="N",
                        help="processes that every case is measured in")
    parser.add_argument("--max-time", type=seconds, metavar="T",
                        help="stop cleanly after T (90s, 20m, 1h), whatever is finished then")
    add_kernel_list(parser)
    parser.add_argument("--cpu", type=whole, metavar="C",
                        help="measure on this CPU (default: an isolated one, else the last performance core)")
    parser.add_argument("--seed", type=whole, metavar="S",
                        help="of everything that is random (default: a new one, printed)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, not tables")


def add_listed(parser):
    """Options that say which cells of a comparison are shown one by one."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--summary", action="store_true",
                       help="no single cells, only means and numbers of verdicts")
    which.add_argument("--slower-only", action="store_true",
                       help="of single cells only those that are slower")


def add_results(parser):
    """The option where results are."""
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR",
                        help="folder of results (default: the project's)")


def add_filter(parser):
    """The option that selects cases."""
    parser.add_argument("--filter", action="append", metavar="GLOB",
                        help="only cases that match, or lie below it: amdv1/map, '*/unmap/4K/*'; "
                             "may be repeated")


def add_setups(parser):
    """Options of what a whole process has."""
    parser.add_argument("--build", type=names, metavar="LIST",
                        help="builds: plain (default), clang, hardened, clang-hardened; "
                             "of several, the processes take turns")
    parser.add_argument("--tables", "--allocator", type=names, metavar="LIST",
                        help="behind page tables: huge pages (default), small ones, kernel (its allocator)")


def add_run(command):
    """The main job."""
    run = command("run", commands.run, "measure this machine, store, compare, draw",
                  "run --filter amdv1/unmap --processes 5",
                  "Without arguments: the whole study for this CPU.\n"
                  "--variant inline,inline compares a variant with itself, and counts false verdicts;\n"
                  "exit code 1 if there are more of them than the stated rate explains.")
    run.add_argument("--quick", action="store_true", help="a look at every format, 150 seconds at most")
    add_filter(run)
    add_measuring(run)
    add_setups(run)
    add_listed(run)
    run.add_argument("--dry-run", action="store_true",
                     help="print what would be measured and how long that takes; measure nothing")
    run.add_argument("--resume", action="store_true",
                     help="go on with an unfinished run of the same arguments, commit and binary")
    add_results(run)


def add_study(command):
    """One question."""
    study = command("study", commands.study, "ask one question: measure, and answer on a page",
                    "study compilers --quick",
                    "Without a name: list the questions there are (bench/studies).\n"
                    "The answer is in <results>/studies/<machine>/NAME.md, with a chart.")
    study.add_argument("name", nargs="?", metavar="NAME", help="a study")
    study.add_argument("--quick", action="store_true", help="few cases and few samples of each")
    study.add_argument("--dry-run", action="store_true",
                       help="print what would be measured and how long that takes; measure nothing")
    study.add_argument("--resume", action="store_true", help="go on with an unfinished one")
    add_measuring(study, variant=False)
    add_results(study)


def add_list(command):
    """What there is."""
    listing = command("list", commands.list_cases, "list cases and subjects",
                      "list --filter amdv1/map")
    listing.add_argument("--json", action="store_true", help="everything, as one JSON object")
    listing.add_argument("--formats", action="store_true",
                         help="a table of the formats: sizes, levels, baselines, bytes of code")
    add_kernel_list(listing)
    add_filter(listing)


def add_compare(command):
    """Verdicts."""
    compare = command("compare", commands.compare,
                      "compare variants of a run, or two runs, with verdicts",
                      "compare --variant inline,recursive --filter amdv1",
                      "A is judged against B: ratio = A/B. Two run files compare the same variant\n"
                      "(inline) of both. Without a file: this machine's newest full run, else\n"
                      "its newest; a line on stderr says which it is.\n"
                      "Exit code: 0 nothing is slower, 1 some case is, 4 incomparable.")
    compare.add_argument("runs", nargs="*", metavar="RUN", help="a file in results/runs, or two")
    compare.add_argument("--variant", type=names, metavar="A,B",
                         help="variant A against B; for two runs one name stands for both")
    compare.add_argument("--build", type=names, metavar="A,B",
                         help="one variant as build A has it against build B, of one run")
    compare.add_argument("--tables", type=names, metavar="A,B",
                         help="one variant over huge,small pages, of one run")
    compare.add_argument("--vs", metavar="VARIANT",
                         help="what to compare with, such as linux: the kernel's drivers")
    add_filter(compare)
    add_listed(compare)
    how = compare.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print one JSON object")
    how.add_argument("--markdown", action="store_true", help="print Markdown tables")
    how.add_argument("--csv", action="store_true", help="print CSV, a line a case")
    add_results(compare)


def add_report(command):
    """Publishing."""
    report = command("report", commands.report,
                     "draw charts, write BENCHMARKS.md and a site out of what is stored",
                     "report --ecdf amdv1/map/4K/x1/coherent/warm --site /tmp/site",
                     "Takes every machine's newest full run; without one the newest that was not cut short.")
    report.add_argument("--output", type=Path, metavar="FILE",
                        help="write here (default: BENCHMARKS.md beside the results folder)")
    report.add_argument("--site", type=Path, metavar="DIR",
                        help="build the site here, replacing the one there (default: build/site, or "
                             "site in the folder of --results)")
    report.add_argument("--ecdf", action="append", metavar="CASE", default=[],
                        help="draw how the samples of this case are spread, besides those that most "
                             "need it; may be repeated")
    add_results(report)


def add_replay(command):
    """The user's own workload."""
    replay = command("replay", commands.replay,
                     "take recorded traces, or a process's memory, as the workload",
                     "replay my-machine.txt.xz --format amdv1",
                     "A trace is the text of the kernel's iommu:map and iommu:unmap tracepoints, by\n"
                     "tracefs, trace-cmd report or perf script, among whatever else; plain, or packed by\n"
                     "xz, gzip, bzip2 or zstd. record makes one. What is left out of it is said and\n"
                     "counted, format by format. Nothing is stored.")
    replay.add_argument("files", nargs="*", metavar="FILE", help="a trace")
    replay.add_argument("--pagemap", type=positive, metavar="PID",
                        help="the physical layout of a live process, from /proc/PID/pagemap")
    replay.add_argument("--format", type=names, metavar="LIST", help="only these formats")
    add_measuring(replay)


def add_record(command):
    """A workload out of this machine."""
    recorder = command("record", commands.record,
                       "record this machine's IOMMU maps and unmaps, for replay",
                       "record --time 30s --output my-machine.txt.xz\n"
                       f"  {COMMAND} record -- dd if=/dev/nvme0n1 of=/dev/null bs=1M count=1000",
                       "It does so for some\n"
                       "seconds, or while a command runs, as root. It traces in an instance of its own,\n"
                       "which goes at the end; nothing else is changed. Where it cannot, it prints how any\n"
                       "other machine is recorded, with exit code 77. Names of tasks stand in the file.")
    recorder.add_argument("words", nargs="*", metavar="COMMAND",
                          help="record while this runs; write -- before it")
    recorder.add_argument("--time", type=seconds, metavar="T", help="record so long (default: 10s)")
    recorder.add_argument("--output", default="my-trace.txt.xz", metavar="FILE",
                          help="write here: *.txt.xz, or *.txt (default: my-trace.txt.xz)")


def add_memory(command):
    """What tables take."""
    memory = command("memory", commands.memory, "count the bytes of tables, by format and policy",
                     "memory --format amdv1,armv8_4k_s1",
                     "Nothing is timed: every machine prints the same.")
    memory.add_argument("--format", type=names, metavar="LIST", help="only these formats")
    memory.add_argument("--json", action="store_true", help="print one JSON object")
    add_kernel_list(memory)


def add_count(command):
    """Instruction counts."""
    count = command("count", commands.count, "count instructions of every case, by callgrind",
                    "count --filter amdv1/map",
                    "Compares with results/counts/<compiler>.csv and prints the rows that changed.\n"
                    "The counts belong to the source, so they are there whatever folder results are in;\n"
                    "PTBENCH_COUNTS names another folder of counts.\n"
                    "Exit code: 0 nothing got worse, 1 some row did by more than 0.5 %.")
    count.add_argument("--quick", action="store_true", help="only the cases of run --quick")
    add_filter(count)
    count.add_argument("--variant", type=names, metavar="LIST",
                       help="only these variants, such as inline,linux (default: all but limit)")
    count.add_argument("--update", action="store_true", help="write the golden file")
    count.add_argument("--cache", action="store_true",
                       help="simulate caches and branches too: D1 and last-level misses, branch misses "
                            "of an operation; prints every row")
    count.add_argument("--all", action="store_true", help="print every row, changed or not")
    add_kernel_list(count)
    count.add_argument("--json", action="store_true", help="print one JSON object, not a table")


def add_profile(command):
    """Where time goes."""
    profile = command("profile", commands.profile, "sample one case with perf",
                      "profile amdv1/unmap/4K/x256/coherent/warm --variant linux",
                      "Writes a flame graph, annotated code and perf's own data. Without a PMU the\n"
                      "CPU's clock is sampled, which is coarser.")
    profile.add_argument("case", metavar="CASE", help="a case, or a glob that only one matches")
    profile.add_argument("--variant", type=names, metavar="V",
                         help="the variant to look at (default: inline)")
    profile.add_argument("--seconds", type=positive, default=5, metavar="N",
                         help="how long to sample (default: 5)")
    profile.add_argument("--cpu", type=whole, metavar="C", help="run on this CPU")
    add_kernel_list(profile)
    profile.add_argument("--output", type=Path, metavar="DIR",
                         help="write here (default: build/profile/CASE-VARIANT)")


def add_others(command):
    """doctor and test."""
    doctor = command("doctor", commands.doctor, "check what of this machine disturbs measuring",
                     "doctor", "Changes nothing; says the remedy.")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    add_results(doctor)
    command("test", commands.test, "build and pass all tests", "test -R unit",
            "Arguments go to ctest.")


def build_parser():
    """The parser of the whole command."""
    parser = Parser(prog=COMMAND, allow_abbrev=False,
                    description="Races IOMMU page tables against the kernel's own, in user space.",
                    epilog=f"Example: {COMMAND} run --quick && {COMMAND} compare --vs linux")
    parser.add_argument("--version", action=Version, nargs=0, help="print the version and end")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND",
                                       parser_class=Parser)

    def command(name, function, summary, example, more=""):
        sub = subparsers.add_parser(name, help=summary, allow_abbrev=False,
                                    description=f"{summary[0].upper()}{summary[1:]}. {more}",
                                    epilog=f"Example:\n  {COMMAND} {example}",
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
        sub.set_defaults(function=function)
        return sub

    for add in (add_run, add_list, add_study, add_memory, add_compare, add_count,
                add_report, add_replay, add_record, add_profile, add_others):
        add(command)
    for add in cli_code.COMMANDS + cli_results.COMMANDS:
        add(command, sys.modules[__name__])
    return parser


def on_signal(_number, _frame):
    """A request to end is treated as Ctrl-C: everything that is finished is kept."""
    raise KeyboardInterrupt


def parse(arguments):
    """The options of a command line."""
    options = build_parser().parse_args(arguments)
    if "cpu" in options:
        options.cpu_given = options.cpu is not None
        options.cpu = default_cpu() if options.cpu is None else options.cpu
    return options


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
        code = options.function(options)
        sys.stdout.flush()
        return code
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
