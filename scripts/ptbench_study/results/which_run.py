# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which of a machine's runs is shown where none is named, and what a run is, in words.

The newest full run; without one the newest that has all that it was asked for; then what stopped early.
Runs of studies and of a variant against itself answer other questions, so they come last.
"""

from pathlib import Path

from ..base.errors import NOTHING, SKIPPED, USAGE, Failure
from ..base.paths import shown
from ..base.progress import tell
from . import store

FULL, WHOLE, STOPPED_EARLY, OTHER = range(4)


def rank(run):
    """How well a run answers where nobody named one; the least is the best."""
    context = run.context
    if context.get("study") or context.get("itself"):
        return OTHER
    if context.get("full"):
        return FULL
    return STOPPED_EARLY if context.get("missing") else WHOLE


def described(run):
    """What a run is: "quick run, stopped early: 1 of 245 cases"."""
    context = run.context
    cases = {case["name"] for case in context["cases"]}
    missing = set(context.get("missing") or ())
    failed = set(context.get("failed") or ()) | set(context.get("skipped") or ())
    if context.get("study"):
        kind = f"run of the study {context['study']}"
    elif context.get("itself"):
        kind = f"run of {context['itself']} against itself"
    else:
        kind = "full run" if context.get("full") else "quick run" if context.get("quick") else \
            "run of chosen cases" \
            if set(context.get("command", "").split()) & {"--filter", "--variant"} else "run"
    asked, whole = len(cases | missing | failed), len(cases - missing)
    if missing:
        kind += ", stopped early"
    return f"{kind}, {whole if whole == asked else f'{whole} of {asked}'} case{'s' if asked != 1 else ''}"


def by_rank(results, machine):
    """The runs of a machine, the one to show first; runs are read only as far as the caller goes.

    Failure NOTHING where there is none.
    """
    paths = store.run_paths(results, machine)
    if not paths:
        raise Failure(f"no run of {machine} in {shown(results)}: scripts/ptbench run --quick "
                      "makes one", NOTHING)
    others = []
    for path in reversed(paths):
        run = store.load_stored(path)
        if rank(run) == FULL:
            yield run
        else:
            others.append(run)
    yield from sorted(others, key=rank)


def best(results, machine):
    """The first run of by_rank()."""
    return next(by_rank(results, machine))


def say(run, results, machine):
    """Say on stderr which run is shown, and which newer one is not."""
    newest = store.run_paths(results, machine)[-1:]
    text = f"{run.path.name}: {described(run)}"
    if newest and newest[0] != run.path:
        text += f"; not the newest, {newest[0].name}: {described(store.load_stored(newest[0]))}"
    tell(text)


def first_answer(results, machine, ask):
    """(run, what `ask` makes of it) of the first run by rank that can answer.

    Where none can, the Failure of the first one.
    """
    first = None
    for run in by_rank(results, machine):
        try:
            return run, ask(run)
        except Failure as failure:
            if failure.code not in (NOTHING, USAGE, SKIPPED):
                raise
            first = first or failure
    raise first


def find(results, machine, name):
    """A run by path, or by its file name among a machine's."""
    if Path(name).exists() or "/" in name:
        return store.load_run(name)
    path = results / "runs" / machine / (name if name.endswith(".json") else f"{name}.json")
    if not path.exists():
        raise Failure(f"no run file {name}, neither here nor in {shown(path.parent)}", USAGE)
    return store.load_run(path)
