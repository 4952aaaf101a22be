# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Measuring what nobody else could repeat, and what is therefore not stored.

The same plan, session and statistics as of a run; only what was begun cannot be resumed.
"""

import secrets
import time

from ..base.documents import parsed
from ..base.paths import BUILD
from ..code.build_info import commit
from ..results.merge import merge
from ..results.staging import Staging
from ..results.store import Run
from . import plan
from .announce import announce
from .runner import nothing_measured
from .session import Session


def measure(bench, catalog, machine, selected, effort, *, seed, cpu, limit, traces=None, context=None):
    """Measure [(case, variants)]; (an unstored Run, {case: reason} of those that failed).

    bench: a setups.Benches. limit: seconds after which it ends with what there is, or None. seed: None for
    a new one. traces: {name: plain file} of replays. context: further keys of the run's.
    """
    started = time.monotonic()
    seed = secrets.randbits(31) if seed is None else seed
    work = plan.make(selected, effort, seed)
    staging = Staging(BUILD / "unstored", machine)
    staging.open()
    try:
        staging.begin({"identity": {"commit": commit()[0]}, "seed": seed})
        session = Session(bench, staging, work, cpu, started + limit if limit else None, traces)
        announce(session, limit)
        complete = session.run()
    finally:
        staging.close(drop=True)
    documents = session.sound_documents()
    if not documents:
        raise nothing_measured(session, limit)
    facts = {"machine": machine, "kernel": catalog.kernel, "complete": complete,
             "cases": [case.stored() for case in session.measured_cases()], **(context or {})}
    return Run("unstored", parsed(merge(documents, facts))), session.failed
