# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench run`: from options to a stored run file; session.py does the measuring in between."""

import datetime
import os
import secrets
import shlex
import time
from pathlib import Path

from . import build_info, merge, object_code, plan, store
from .errors import FAILED, SKIPPED, USAGE, Failure
from .machine import online_cpus, settings
from .paths import COMMAND, RESULTS
from .progress import duration, tell
from .session import Session
from .staging import Staging

# One whole CPU's worth of other work: with fewer CPUs than that left, it gets into the samples.
BUSY_LOAD = 1.0


def check_cpu(cpu):
    """Failure unless this process may run on the CPU."""
    allowed = online_cpus()
    if cpu not in allowed:
        raise Failure(f"no CPU {cpu} to measure on; there are: {', '.join(map(str, allowed))}",
                      USAGE)


class RunOutcome:
    """What run() stored: path and context of the run file, and whether all went well."""

    def __init__(self, path, context, exit_code):
        self.path = path
        self.context = context
        self.exit_code = exit_code


def identity_of(bench, options, effort):
    """What has to be the same for a run to be resumed."""
    name, dirty = build_info.commit()
    arguments = {"quick": options.quick, "filter": sorted(options.filter or []),
                 "variant": options.variant, "processes": effort.processes,
                 "blocks": effort.blocks, "cpu": options.cpu, "kernel": options.kernel}
    return {"commit": name + ("+dirty" if dirty else ""),
            "binary": build_info.sha256(bench.path.read_bytes()), "arguments": arguments}


def start_staging(staging, options, identity):
    """Start anew, or go on with an unfinished run; the run's seed."""
    if options.resume:
        return staging.resume(identity)["seed"]
    if staging.unfinished():
        tell(f"dropping an unfinished run, {staging.finished_count()} units; --resume would have "
             "gone on with it")
    seed = options.seed if options.seed is not None else secrets.randbits(31)
    staging.begin({"identity": identity, "seed": seed, "command": command_line(options, options.kernel)})
    return seed


def run(options, bench, catalog, machine, traces):
    """Measure what the options ask for and store it; a RunOutcome."""
    started = time.monotonic()
    effort = plan.effort_of(options, plan.QUICK if options.quick else plan.FULL)
    limit = options.max_time or effort.limit_seconds
    selected = plan.select_cases(catalog, quick=options.quick, filters=options.filter or (),
                                 variants=options.variant)
    identity = identity_of(bench, options, effort)
    staging = Staging(options.results, machine)
    staging.open()
    keep = staging.unfinished() is not None
    try:
        work = plan.make(selected, effort, start_staging(staging, options, identity))
        keep = True
        session = Session(bench, staging, work, options.cpu, started + limit if limit else None,
                          traces)
        session.take_finished()
        announce(session, limit)
        finished = session.run()
        keep = bool(session.sound_documents())
        context = context_of(session, options, catalog, machine, identity, bench)
        path = store_session(session, options, context, limit)
        keep = not finished
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"interrupted; {staging.finished_count()} finished units are kept, "
                                f"go on with: {resume_line(options)}") from None
    finally:
        staging.close(drop=not keep)
    report_gaps(session, limit, options)
    return RunOutcome(path, context, FAILED if session.failed else 0)


def store_session(session, options, context, limit):
    """Store what a session measured; the run file."""
    documents = session.sound_documents()
    if not documents:
        raise nothing_measured(session, limit)
    return store.add_run(options.results, context["machine"], context["date"][:10],
                         context["commit"], merge.merge(documents, context))


def command_line(options, kernel):
    """The command that made this run, without --resume, with `kernel` for the kernel's tree."""
    words = [COMMAND, "run"] + (["--quick"] if options.quick else [])
    for pattern in options.filter or ():
        words += ["--filter", pattern]
    if options.variant:
        words += ["--variant", ",".join(options.variant)]
    for name, value in (("pairs", options.pairs), ("processes", options.processes),
                        ("kernel", kernel)):
        if value:
            words += [f"--{name}", str(value)]
    if options.cpu_given:
        words += ["--cpu", str(options.cpu)]
    return shlex.join(words)


def resume_line(options):
    """The command that goes on with this run."""
    results = ["--results", str(options.results)] if options.results != RESULTS else []
    return f"{command_line(options, options.kernel)} {shlex.join([*results, '--resume'])}"


def announce(session, limit):
    """Say what is going to happen and how long it will take."""
    work, effort = session.plan, session.plan.effort
    seconds = sum(map(work.seconds, session.todo()))
    text = (f"{len(work.cases)} cases x {effort.processes} processes, {effort.blocks} "
            f"pairs each, on CPU {session.cpu}, seed {work.seed}: about {duration(seconds)}")
    if session.documents:
        text += f", {len(session.documents)} of {len(work.units)} units are there"
    if limit and seconds > limit:
        text += f", stopping after {duration(limit)}"
    tell(text)
    load = os.getloadavg()[0]
    if load >= BUSY_LOAD:
        tell(f"load average {load:.1f}: other work disturbs this run, see {COMMAND} doctor")


def nothing_measured(session, limit):
    """The Failure of a run that has no sample."""
    if session.failed:
        name, reason = next(iter(session.failed.items()))
        return Failure(f"nothing was measured: {name}: {reason}", FAILED)
    if session.skipped:
        name, reason = next(iter(session.skipped.items()))
        return Failure(f"nothing could be measured here: {name}: {reason}", SKIPPED)
    return Failure(f"nothing was measured within {duration(limit or 0)}: give --max-time more",
                   FAILED)


def report_gaps(session, limit, options):
    """Say what a finished run lacks."""
    missing = session.missing()
    if missing:
        units = sum(missing.values())
        tell(f"stopped after {duration(limit)}: {units} of {len(session.plan.units)} units are "
             f"missing, over {len(missing)} cases; go on with: {resume_line(options)}")


def context_of(session, options, catalog, machine, identity, bench):
    """Our own context keys of a run file."""
    effort, missing = session.plan.effort, session.missing()
    complete = not missing and not session.failed
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine,
        "commit": identity["commit"].removesuffix("+dirty"),
        "dirty": identity["commit"].endswith("+dirty"),
        "kernel": catalog.kernel,
        "complete": complete,
        "full": complete and not (options.quick or options.filter or options.variant
                                  or options.kernel) and bool(catalog.kernel),
        "quick": options.quick,
        "command": command_line(options, options.kernel and Path(options.kernel).name),
        "processes": effort.processes,
        "blocks": effort.blocks,
        "sample_us": effort.sample_us,
        "cpu": options.cpu,
        "seed": session.plan.seed,
        "controls": list(session.plan.controls),
        "missing": missing,
        "failed": session.failed,
        "skipped": session.skipped,
        **build_info.describe(bench.path),
        "settings": settings(),
        "events": bench.events,
        "subject_code": object_code.subject_code(catalog, bench.path),
        "cases": [case.stored() for case in session.measured_cases()],
    }
