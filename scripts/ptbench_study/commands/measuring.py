# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What `run`, `study` and `replay` share: measuring by the options, and showing the comparisons."""

from ..base import columns
from ..base.answer import Answer
from ..base.documents import written
from ..results import store
from ..measure import runner, traces
from ..measure.announce import plan_document, plan_text
from ..measure.cpus import check_cpu
from ..measure.machine import identify
from ..measure.setups import Benches, setups_of
from ..judge import itself
from ..judge.compare import stored_cases
from ..publish import tables


def plan_answer(options):
    """--dry-run: what would be measured, and how long that takes."""
    bench = Benches(setups_of(options))
    check_cpu(options.cpu)
    work, limit = runner.planned(options, bench, bench.catalog())
    return Answer(lambda: plan_text(work, options.cpu, limit), plan_document(work, options.cpu, limit))


def measure(options):
    """Measure and store; (RunOutcome, Benches, machine)."""
    machine, facts = identify(options.cpu)
    bench = Benches(setups_of(options))
    check_cpu(options.cpu)
    catalog = bench.catalog()
    store.ensure_folder(options.results)
    replayed = {case.size_text for case in catalog.cases if case.is_replay}
    outcome = runner.run(options, bench, catalog, machine, traces.recorded(replayed))
    store.write_if_changed(options.results / "machines" / f"{machine}.json",
                           written({**facts, **bench.identify()["topology"]}, indent=1) + "\n")
    return outcome, bench, machine


def tell_replayed(run):
    """Say on stderr what of which trace a run replayed."""
    traces.tell_replayed(stored_cases(run), run.context.get("traces", {}))


def listed(comparisons, options):
    """Comparisons that show only the cells which --summary or --slower-only leave."""
    for each in comparisons:
        each.listed = () if options.summary else ("slower",) if options.slower_only else None
    return comparisons


def races_answer(run, comparisons, path=None):
    """An Answer of comparisons."""
    def text():
        width = columns.terminal_width()
        return "\n".join(tables.text(each, width) for each in comparisons) \
            or "one variant only: nothing to compare\n"

    return Answer(text, {"run": str(path) if path else None, "machine": run.machine,
                         "complete": run.context["complete"],
                         "comparisons": [tables.document(each) for each in comparisons]})


def code_of_itself(run, comparisons):
    """The exit code of what a run says about itself; 0 where it compared no variant with itself."""
    return itself.exit_code(comparisons[0]) if run.context.get("itself") and comparisons else 0
