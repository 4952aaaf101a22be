# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""One question."""

import os
import shutil

from ..base.answer import Answer
from ..base.errors import NOTHING, Failure
from ..base.paths import shown
from ..base.progress import tell
from ..results import counts, store
from ..judge import sides, studies
from ..publish import charts_study, study_page
from . import arguments
from .measuring import measure, plan_answer, tell_replayed

EXAMPLE = "study compilers --quick"
MORE = """Without a name: list the questions there are (bench/studies).
The answer is in <results>/studies/<machine>/NAME.md, with a chart."""


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


def run(options):
    """List the studies, or carry out one."""
    if not options.name:
        return Answer(questions)
    chosen = studies.find(options.name)
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
