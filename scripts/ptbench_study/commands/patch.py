# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What does a patch to the kernel's page tables change?"""

import argparse
import os
from pathlib import Path

from ..base.answer import Answer
from ..base.errors import NOTHING, REGRESSION, USAGE, Failure
from ..base.progress import tell
from ..code import build_info, kernels, patched
from ..code.patched import AFTER, BEFORE
from ..judge import change as changes
from ..judge.compare import compare_variants
from ..measure import unstored
from ..measure.cpus import check_cpu, tell_limits, within_quota
from ..measure.machine import identify
from ..measure.setups import USUAL, Benches
from ..publish import patch_mail, tables
from . import arguments

EXAMPLE = "patch 0001-my-change.patch --kernel 6.12 --counts-only"
MORE = """
Applies patches (git format-patch, a mailbox, or a diff) to a copy of the kernel's drivers, or takes the two
ends of a range of commits, builds the drivers before and after into one program, and prints what a
maintainer wants to know: whether tables differ, instructions, bytes of code and stack, and times, measured in
pairs. Exit code: 0; with --gate 1 if tables differ or something is slower or larger; 2 for a patch that
does not apply; 3 for one that cannot be built, with file and line. docs/patch.md has an example."""
GATE = 0.5


def add(parser):
    """Its arguments."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE",
                        help="a patch, or a mailbox of several")
    parser.add_argument("--git", nargs=2, metavar=("REPO", "RANGE"),
                        help="instead of files: commits of a Linux repository, A..B or a single one")
    parser.add_argument("--gate", nargs="?", type=percent, const=GATE, metavar="PERCENT",
                        help="exit with 1 if tables differ, if a time is slower, or if instructions, code or "
                             f"stack grew by more than this (default: {GATE})")
    parser.add_argument("--counts-only", action="store_true", help="no times: the same on every machine")
    arguments.case_filter(parser)
    arguments.measuring(parser, variant=False)


def percent(text):
    """A number of percent from 0 to 100."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"not a number of percent: '{text}'")
    return value


def check(options):
    """Failure for arguments that contradict each other."""
    if bool(options.files) == bool(options.git):
        raise Failure("name patches, or --git REPO RANGE", USAGE)
    if options.files and not options.kernel:
        raise Failure("--kernel names the kernel that the patch is for: a version, a tree or an archive",
                      USAGE)
    if options.git and options.kernel:
        raise Failure("--git has its own kernel: leave out --kernel", USAGE)


def timed(bench, catalog, change, options, machine):
    """The comparison of after against before; None where there is nothing to time."""
    tell_limits()
    selected = within_quota(changes.cases_of(catalog, change, options.filter, quick=True))
    run, failed = unstored.measure(bench, catalog, machine, selected, changes.usual_effort(options),
                                   seed=options.seed, cpu=options.cpu, limit=options.max_time)
    for name, reason in failed.items():
        tell(f"{name}: {reason}")
    return compare_variants(run, AFTER, BEFORE)


def document(title, touched, change, comparison):
    """All of it as JSON."""
    return {"change": title, "files": touched, "formats": change.formats, "cannot_be_built": change.gone,
            "tables": {"same": change.verified, "different": change.differing},
            "counts": [{"case": case, "before": before, "after": after}
                       for case, (before, after) in change.counts.items()],
            "sizes": [{"format": key[0], "op": key[1], "before": dict(zip(("code", "stack"), before)),
                       "after": dict(zip(("code", "stack"), after))}
                      for key, (before, after) in change.sizes.items()],
            "times": tables.document(comparison) if comparison else None}


def gate(change, comparison, limit):
    """Why it does not pass, as lines; none where it does."""
    counts, sizes = changes.worse_counts(change, limit / 100), changes.worse_sizes(change, limit / 100)
    slower = [cell.case.name for cell in comparison.cells if cell.verdict == "slower"] if comparison else []
    found = []
    for names, what in ((list(change.gone), "formats cannot be built any more"),
                        (list(change.differing), "cases have other tables"),
                        (slower, "cases are slower"),
                        (counts, f"counts grew by more than {limit:g} %"),
                        ([" ".join(key) for key in sizes], f"sizes grew by more than {limit:g} %")):
        if names:
            found.append(f"gate: {len(names)} {what}, first {names[0]}")
    return found


def run(options):
    """Apply, build, verify, count, measure."""
    check(options)
    machine = identify(options.cpu)[0]
    repository, commits = (Path(options.git[0]), options.git[1]) if options.git else (None, None)
    binary, touched, title = patched.prepare(options.files, options.kernel, repository, commits)
    # As scripts/ptbench tells where a build is.
    os.environ["PTBENCH_BUILD"] = str(binary.parent.parent)
    os.environ.pop("PTBENCH_BENCH", None)
    bench = Benches((USUAL,))
    catalog = bench.catalog()
    change = changes.look(bench.first, catalog)
    comparison = None
    selected = changes.cases_of(catalog, change, options.filter)
    if change.formats and not selected:
        raise Failure(f"no case of {', '.join(change.formats)} matches {' '.join(options.filter)}", NOTHING)
    if selected:
        tell(f"verifying {len(selected)} cases of {', '.join(change.formats)}")
        changes.verify(bench.first, selected, change)
        changes.measure_sizes(bench.first, catalog, change)
        changes.count(bench.first, selected, change)
        if not options.counts_only:
            check_cpu(options.cpu)
            comparison = timed(bench, catalog, change, options, machine)
    built = build_info.built_by(bench.path, catalog)
    against = ", ".join(filter(None, [kernels.shown_command(options.kernel), built["compiler"]]))
    answer = Answer(lambda: patch_mail.text(title, against, touched, change, comparison),
                    document(title, touched, change, comparison))
    if options.gate is not None:
        answer.notes = gate(change, comparison, options.gate)
        answer.code = REGRESSION if answer.notes else 0
    return answer
