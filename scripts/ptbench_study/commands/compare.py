# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Verdicts."""

from ..base import columns
from ..base.answer import Answer
from ..base.errors import USAGE, Failure
from ..base.progress import tell
from ..results import counts, which_run
from ..measure.machine import identify
from ..judge import itself
from ..judge.compare import compare_runs, compare_variants
from ..judge.sides import compare_sides
from ..publish import export, tables
from . import arguments
from .measuring import listed

EXAMPLE = "compare --variant inline,recursive --filter amdv1"
MORE = """A is judged against B: ratio = A/B. Two run files compare the same variant
(inline) of both. Without a file: this machine's newest full run, else
its newest; a line on stderr says which it is.
Exit code: 0 nothing is slower, 1 some case is, 4 incomparable."""


def add(parser):
    """Its arguments."""
    parser.add_argument("runs", nargs="*", metavar="RUN", help="a file in results/runs, or two")
    parser.add_argument("--variant", type=arguments.names, metavar="A,B",
                        help="variant A against B; for two runs one name stands for both")
    parser.add_argument("--build", type=arguments.names, metavar="A,B",
                        help="one variant as build A has it against build B, of one run")
    parser.add_argument("--tables", type=arguments.names, metavar="A,B",
                        help="one variant over huge,small pages, of one run")
    parser.add_argument("--vs", metavar="VARIANT",
                        help="what to compare with, such as linux: the kernel's drivers")
    arguments.case_filter(parser)
    arguments.listed(parser)
    how = parser.add_mutually_exclusive_group()
    arguments.as_json(how)
    how.add_argument("--markdown", action="store_true", help="print Markdown tables")
    how.add_argument("--csv", action="store_true", help="print CSV, a line a case")
    arguments.results(parser)


def run(options):
    """Compare and give verdicts."""
    machine, _ = identify()
    if len(options.runs) > 2:
        raise Failure("compare takes at most two runs", USAGE)
    runs = [which_run.find(options.results, machine, name) for name in options.runs]
    reasons = []

    def ask(*asked):
        reasons[:] = filter(None, [counts.attach(each) for each in asked])
        return compare_two(asked, options) if len(asked) == 2 else compare_one(asked[0], options)

    if runs:
        comparison = ask(*runs)
        for each in runs:
            tell(f"{each.path.name}: {which_run.described(each)}")
    else:
        run_file, comparison = which_run.first_answer(options.results, machine, ask)
        which_run.say(run_file, options.results, machine)
    if reasons:
        tell(reasons[0])
    listed([comparison], options)

    def text():
        if options.csv:
            return export.comparison_csv(comparison)
        return tables.markdown(comparison) if options.markdown \
            else tables.text(comparison, columns.terminal_width())

    return Answer(text, tables.document(comparison), code=itself.exit_code(comparison))


def compare_two(runs, options):
    """Two runs: one variant of both, or two."""
    if options.vs:
        raise Failure("--vs compares within one run: give one file, or --variant", USAGE)
    variants = options.variant or ["inline"]
    if len(variants) > 2:
        raise Failure("--variant takes one name or two", USAGE)
    return compare_runs(*runs, variants[0], variants[-1], options.filter or ())


def compare_one(run_file, options):
    """Two variants of one run; by default the engine against the kernel, if that is there."""
    variants = options.variant or ["inline"]
    for axis in ("build", "tables"):
        if getattr(options, axis):
            return compare_setups(run_file, axis, options)
    if len(variants) == 1:
        default = "linux" if run_file.kernel else "recursive"
        variants = [variants[0], options.vs or default]
    elif options.vs or len(variants) > 2:
        raise Failure("name two variants: --variant A,B, or --variant A --vs B", USAGE)
    return compare_variants(run_file, *variants, filters=options.filter or ())


def compare_setups(run_file, axis, options):
    """One variant in two builds, or over two kinds of pages, of one run."""
    values, variants = getattr(options, axis), options.variant or ["inline"]
    if len(values) != 2 or len(variants) != 1 or options.vs:
        raise Failure(f"compare one variant: --{axis} A,B --variant NAME", USAGE)
    sides = [{"variant": variants[0], axis: value} for value in values]
    return compare_sides(run_file, *sides, filters=options.filter or ())[0]
