# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""One question."""

import os
import shutil

from ..base.answer import Answer
from ..base.errors import FAILED, NOTHING, Failure
from ..base.paths import COMMAND, bench_binary, shown
from ..base.progress import tell
from ..results import counts, store
from ..measure import counting
from ..measure.bench import Bench
from ..judge import sides, studies, versions
from ..publish import charts_study, study_page, versions_page
from . import arguments
from .measuring import measure, plan_answer, tell_replayed

EXAMPLE = "study compilers --quick"
MORE = """Without a name: list the questions there are (bench/studies).
The answer is in <results>/studies/<machine>/NAME.md, with a chart."""

# Where the answers are that are the same on every machine.
ANY_MACHINE = "any-machine"


def add(parser):
    """Its arguments."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="a study")
    parser.add_argument("--quick", action="store_true", help="few cases and few samples of each")
    parser.add_argument("--dry-run", action="store_true",
                        help="print what would be measured and how long that takes; measure nothing")
    parser.add_argument("--resume", action="store_true", help="go on with an unfinished one")
    arguments.measuring(parser, variant=False)
    arguments.results(parser)


def questions():
    """All studies, a line each."""
    return "".join(f"{name:<20} {studies.find(name).question}\n" for name in studies.names())


def compared(study, run):
    """All comparisons of a study, without those of which this build has no case."""
    found, missing = [], None
    for a, b in study.compare:
        try:
            found += sides.compare_sides(run, a, b)
        except Failure as failure:
            if failure.code != NOTHING:
                raise
            missing = failure
            tell(failure)
    if missing and not found:
        raise missing
    return found


def publish(study, run, results):
    """Write page and chart of a study; (page, comparisons)."""
    folder = results / "studies" / run.machine
    store.ensure_folder(folder)
    comparisons = compared(study, run)
    chart = None
    if shutil.which("gnuplot"):
        path = folder / f"{study.name}.svg"
        if study.kind == "curve":
            chart = charts_study.curve_chart(study, study_page.curves(run), run.machine, path)
        else:
            chart = charts_study.sides_chart(study, comparisons, run.machine, path)
    else:
        tell("no chart: gnuplot is missing")
    page = folder / f"{study.name}.md"
    store.write_whole(page, study_page.page(study, run, comparisons,
                                            os.path.relpath(run.path, folder), chart and chart.name))
    return page, comparisons


def count_versions(study, options):
    """A study of kind counts: count, store, answer."""
    bench = Bench(bench_binary())
    catalog = bench.catalog()
    kernels = [f"linux-{version}" for version in study.kernels]
    there = [name for name in kernels if name in catalog.kernels]
    if len(there) < 2:
        raise Failure(f"{len(there)} of {', '.join(kernels)} in this build: two are needed", NOTHING)
    if options.dry_run:
        return Answer(lambda: f"counts {', '.join(there)} in {' '.join(study.filters(options.quick))}\n")
    counted = counting.count(bench, counting.Asked(
        filters=tuple(study.filters(options.quick)), variants=there))
    if counted.failed:
        raise Failure(f"{len(counted.failed)} counts failed, first {counted.failed[0].case}: "
                      f"{counted.failed[0].reason}", FAILED)
    rows = {key: values["instructions"] for key, values in counted.counted.items()}
    steps = versions.steps(rows, there)
    folder = options.results / "studies" / ANY_MACHINE
    store.ensure_folder(folder)
    compiler = counted.built["compiler"]
    path = folder / f"{study.name}-{counts.compiler_label(compiler, counted.built['architecture'])}.csv"
    preamble = (f"# Instructions of one operation, by callgrind; {COMMAND} study {study.name} writes this "
                "file.\n")
    counts.store(path, counts.Golden(rows, preamble=preamble))
    picture = None
    if shutil.which("gnuplot"):
        picture = versions_page.draw(study, steps, folder / f"{study.name}.svg").name
    page = folder / f"{study.name}.md"
    missing = [name for name in kernels if name not in there]
    store.write_whole(page, versions_page.page(study, steps, missing, compiler, path.name, picture))
    sentences = [versions_page.sentence(step).replace("`", "") for step in steps]
    return Answer(lambda: "\n".join([study.question, *(f"  {each}" for each in sentences)]) + "\n",
                  notes=[f"wrote {shown(page)}"] + [f"{name} is not here: {COMMAND} kernels get "
                                                    f"{name.removeprefix('linux-')}" for name in missing])


def run(options):
    """List the studies, or carry out one."""
    if not options.name:
        return Answer(questions)
    chosen = studies.find(options.name)
    if chosen.kind == "counts":
        return count_versions(chosen, options)
    studies.options_for(chosen, options)
    if options.dry_run:
        return plan_answer(options)
    outcome, _, _ = measure(options)
    measured = store.load_run(outcome.path)
    tell_replayed(measured)
    # So that a verdict here is the one that compare gives.
    uncounted = counts.attach(measured)
    page, comparisons = publish(chosen, measured, options.results)
    sentences = study_page.short_answers(chosen, measured, comparisons)
    answer = Answer(lambda: "\n".join([chosen.question, *(
        "  " + sentence.replace("**", "").replace("`", "") for sentence in sentences)]) + "\n")
    answer.notes = [f"stored {shown(outcome.path)}", f"wrote {shown(page)}", *filter(None, [uncounted])]
    if outcome.exit_code:
        failed = outcome.context["failed"]
        answer.failure = Failure(f"{len(failed)} cases failed, first {next(iter(failed.items()))}: the "
                                 "answer is without them", outcome.exit_code)
    return answer
