# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench replay`: the user's traces, or the memory of a live process, as cases of a run.

The same plan, session and statistics as `run`; only nothing is stored, because nobody else could
repeat it. An unfinished replay cannot be resumed.
"""

import secrets
import time

from . import plan, traces
from .announce import announce
from .build_info import commit
from .documents import parsed
from .errors import NOTHING, USAGE, Failure
from .merge import merge
from .paths import BUILD
from .runner import check_cpu, nothing_measured
from .session import Session
from .staging import Staging
from .store import Run

EFFORT = plan.Effort(processes=5, blocks=3, sample_us=1000, controls=4)


def layout_of_process(bench, pid):
    """A trace of the physical layout of a live process; its file."""
    file = traces.UNPACKED / f"pagemap-{pid}.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    bench.pagemap(pid, file)
    return file


def catalog_with(bench, files, origins):
    """The binary's list with the given traces; its complaints name the user's files."""
    try:
        return bench.catalog(files)
    except Failure as failure:
        message = str(failure)
        for plain, origin in origins.items():
            message = message.replace(plain, origin)
        raise Failure(message.removeprefix("ptbench-bench list: "), failure.code) from failure


def choose(catalog, files, options):
    """[(case, variants)] of the traces, in the formats that are asked for."""
    unknown = [name for name in options.format or () if name not in catalog.formats]
    if unknown:
        raise Failure(f"unknown format '{unknown[0]}'; there are: {', '.join(catalog.formats)}",
                      USAGE)
    selected = [(case, variants) for case, variants in plan.select_cases(
        catalog, variants=options.variant) if case.is_replay and case.size_text in files
        and (not options.format or case.format in options.format)]
    if not selected:
        raise Failure("no format can take these traces: their addresses or pages do not fit",
                      NOTHING)
    return selected


def replay(options, bench, machine):
    """Measure; (an unstored Run, {case: reason} of those that failed)."""
    started = time.monotonic()
    check_cpu(options.cpu)
    files = list(options.files)
    if options.pagemap:
        files.append(layout_of_process(bench, options.pagemap))
    named, origins = traces.given(files)
    catalog = catalog_with(bench, named, origins)
    effort = plan.effort_of(options, EFFORT)
    seed = options.seed if options.seed is not None else secrets.randbits(31)
    work = plan.make(choose(catalog, named, options), effort, seed)
    staging = Staging(BUILD / "replay", machine)
    staging.open()
    try:
        staging.begin({"identity": {"commit": commit()[0]}, "seed": seed})
        session = Session(bench, staging, work, options.cpu,
                          started + options.max_time if options.max_time else None, named)
        announce(session, options.max_time)
        complete = session.run()
    finally:
        staging.close(drop=True)
    documents = session.sound_documents()
    if not documents:
        raise nothing_measured(session, options.max_time)
    measured = session.measured_cases()
    context = {"machine": machine, "kernel": catalog.kernel, "complete": complete,
               "cases": [case.stored() for case in measured]}
    return Run("replay", parsed(merge(documents, context))), session.failed
