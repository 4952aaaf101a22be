# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench study`: asks one question, and answers it on a page."""

import os
import shutil

from . import compare, counts, runner, sides, store, studies, study_page, traces
from .cpus import check_cpu
from .documents import written
from .errors import NOTHING, OK, Failure
from .machine import identify
from .paths import shown
from .progress import tell
from .setups import Benches, setups_of


def show_studies():
    """Print all studies."""
    for name in studies.names():
        print(f"{name:<20} {studies.find(name).question}")
    return OK


def measure(study, options):
    """Measure a study and store it; (path of the run file, exit code)."""
    machine, facts = identify(options.cpu)
    check_cpu(options.cpu)
    bench = Benches(setups_of(options))
    catalog = bench.catalog()
    if options.dry_run:
        runner.dry_run(options, bench, catalog)
        return None, OK
    store.ensure_folder(options.results)
    replayed = {case.size_text for case in catalog.cases if case.op == "replay"}
    outcome = runner.run(options, bench, catalog, machine, traces.recorded(replayed))
    store.write_if_changed(options.results / "machines" / f"{machine}.json",
                           written({**facts, **bench.identify()["topology"]}, indent=1) + "\n")
    if outcome.exit_code:
        failed = outcome.context["failed"]
        tell(f"{len(failed)} cases failed, first {next(iter(failed.items()))}")
    return outcome.path, outcome.exit_code


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
    from . import charts_study

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


def study(options):
    """List the studies, or carry out one."""
    if not options.name:
        return show_studies()
    chosen = studies.find(options.name)
    studies.options_for(chosen, options)
    path, code = measure(chosen, options)
    if path is None:
        return code
    run = store.load_run(path)
    traces.tell_replayed(compare.stored_cases(run), run.context.get("traces", {}))
    # So that a verdict here is the one that compare gives.
    uncounted = counts.attach(run)
    page, comparisons = publish(chosen, run, options.results)
    print(chosen.question)
    for sentence in study_page.short_answers(chosen, run, comparisons):
        print(f"  {sentence.replace('**', '').replace('`', '')}")
    tell(f"stored {shown(path)}")
    tell(f"wrote {shown(page)}")
    if uncounted:
        tell(uncounted)
    if code:
        raise Failure("some cases failed: the answer is without them", code)
    return OK
