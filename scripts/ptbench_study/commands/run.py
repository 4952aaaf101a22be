# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The main job."""

import shutil

from ..base.errors import Failure
from ..base.paths import BUILD, shown
from ..results import counts, store, which_run
from ..measure.setups import setups_of
from ..judge.races import races_of, setup_races
from ..publish import charts, charts_size
from . import arguments
from .measuring import code_of_itself, listed, measure, plan_answer, races_answer, tell_replayed

EXAMPLE = "run --filter amdv1/unmap --processes 5"
MORE = """Without arguments: the whole study for this CPU.
--variant inline,inline compares a variant with itself, and counts false verdicts;
exit code 1 if there are more of them than the stated rate explains."""


def add(parser):
    """Its arguments."""
    parser.add_argument("--quick", action="store_true", help="a look at every format, 150 seconds at most")
    arguments.case_filter(parser)
    arguments.measuring(parser)
    arguments.setups(parser)
    arguments.listed(parser)
    parser.add_argument("--dry-run", action="store_true",
                        help="print what would be measured and how long that takes; measure nothing")
    parser.add_argument("--resume", action="store_true",
                        help="go on with an unfinished run of the same arguments, commit and binary")
    arguments.results(parser)


def draw(run, comparisons, bench, options):
    """Draw the charts of a run; a note about it. They stand in the results where the run is the one shown."""
    if not shutil.which("gnuplot"):
        return "no charts: gnuplot is missing"
    published = which_run.best(options.results, run.machine).path == run.path
    folder = (options.results if published else BUILD) / "charts" / run.machine
    drawn = charts.draw(run, comparisons, folder)
    drawn += charts_size.draw_beside(run, bench, bench.catalog(), folder)
    return f"drew {len(drawn)} charts in {shown(folder)}"


def run(options):
    """Measure, store, compare, draw."""
    if options.dry_run:
        return plan_answer(options)
    outcome, bench, _ = measure(options)
    measured = store.load_run(outcome.path)
    uncounted = counts.attach(measured)
    tell_replayed(measured)
    comparisons = races_of(measured)
    answer = races_answer(measured, listed(comparisons + setup_races(measured), options), outcome.path)
    answer.notes = [*filter(None, [uncounted]), f"stored {shown(outcome.path)}"]
    answer.code = code_of_itself(measured, comparisons)
    if comparisons and not setups_of(options)[0].tag:
        try:
            answer.notes.append(draw(measured, comparisons, bench, options))
        except Failure as failure:
            answer.failure = failure
    if outcome.exit_code:
        name, reason = next(iter(outcome.context["failed"].items()))
        answer.failure = Failure(f"{len(outcome.context['failed'])} cases failed, first {name}: {reason}",
                                 outcome.exit_code)
    return answer
