# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench run`: from options to a stored run file; session.py does the measuring in between."""

import datetime
import secrets
import shlex
import statistics
import time
from dataclasses import replace

from ..base.errors import FAILED, SKIPPED, Failure
from ..base.paths import COMMAND, RESULTS
from ..base.progress import duration, tell
from ..base.quoting import terminal
from ..results import merge, store
from ..results.staging import Staging
from ..code import build_info, kernels, object_code
from . import plan
from .announce import announce, tell_calibration
from .cpus import tell_limits, within_quota
from .machine import settings
from .session import Session
from .setups import BUILDS, TABLES, label, setups_of


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
                 "blocks": effort.blocks, "cpu": options.cpu, "kernel": options.kernel,
                 "setups": [setup.tag for setup in setups_of(options)]}
    return {"commit": name + ("+dirty" if dirty else ""),
            "binary": bench.identity(), "arguments": arguments}


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


def cache_mib(bench):
    """The last-level cache in MiB by what the binary finds, or the usual size where it finds none."""
    caches = [cache["bytes"] for cache in bench.identify()["topology"].get("caches", ())]
    return max(caches) / 2 ** 20 if caches else plan.USUAL_CACHE_MIB


def within_quick(selected, effort):
    """[(case, variants)] without what takes a quick run too long, which is said."""
    if effort.cache_mib <= plan.LARGEST_QUICK_CACHE_MIB:
        return selected
    kept = [pair for pair in selected if not plan.is_out_of_cache(pair[0].name)]
    reason = f"beyond a last-level cache of {effort.cache_mib:.0f} MiB, which takes a quick run too long"
    if not kept:
        raise Failure(f"all {len(selected)} cases are {reason}", SKIPPED)
    if len(kept) < len(selected):
        tell(f"{len(selected) - len(kept)} cases are left out: they are {reason}")
    return kept


def prepare(options, bench, catalog):
    """(selected cases, effort, time limit) of what the options ask for.

    Where nobody said how much to measure, it is as much as fits the usual time limit.
    """
    effort = replace(plan.effort_of(options, plan.QUICK if options.quick else plan.FULL),
                     cache_mib=cache_mib(bench))
    limit = options.max_time or effort.limit_seconds
    # The cases of a study are its own choice, those of its quick form too.
    quick = options.quick and not getattr(options, "study", None)
    tell_limits()  # which may be why a case is not there
    selected = plan.select_cases(catalog, quick=quick, filters=options.filter or (),
                                 variants=options.variant)
    selected = within_quota(selected)
    selected = within_quick(selected, effort) if quick else selected
    if itself_of(options, catalog):
        selected = [(case, names * 2) for case, names in selected]
    if not (options.pairs or options.processes or options.max_time):
        fitted = plan.fitting(selected, effort, limit, setups_of(options), across_of(options))
        if fitted != effort:
            tell(f"{fitted.processes} processes of {fitted.blocks} pairs instead of "
                 f"{effort.processes} of {effort.blocks}, to end within {duration(limit)}; "
                 "--max-time or --pairs says otherwise")
        effort = fitted
    return selected, effort, limit


def itself_of(options, catalog):
    """The variant that is named twice, to be compared with itself, or None."""
    return plan.named_twice(options.variant,
                              plan.resolve_variants(options.variant or [], catalog.variants))


def across_of(options):
    """Whether the run will compare processes with one another, although it has one setup."""
    return getattr(options, "across", False)


def planned(options, bench, catalog):
    """(Plan, time limit) of a run that is not carried out."""
    selected, effort, limit = prepare(options, bench, catalog)
    seed = options.seed if options.seed is not None else secrets.randbits(31)
    return plan.make(selected, effort, seed, setups_of(options), across_of(options)), limit


def run(options, bench, catalog, machine, traces):
    """Measure what the options ask for and store it; a RunOutcome."""
    started = time.monotonic()
    selected, effort, limit = prepare(options, bench, catalog)
    identity = identity_of(bench, options, effort)
    staging = Staging(options.results, machine)
    staging.open()
    keep = staging.unfinished() is not None
    try:
        work = plan.make(selected, effort, start_staging(staging, options, identity),
                         setups_of(options), across_of(options))
        keep = True
        session = Session(bench, staging, work, options.cpu, started + limit if limit else None,
                          traces)
        session.take_finished()
        announce(session, limit)
        finished = session.run()
        keep = bool(session.sound_documents())
        tell_calibration(session)
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
    study = getattr(options, "study", None)
    words = [COMMAND, *(["study", study] if study else ["run"])]
    words += ["--quick"] if options.quick else []
    if not study:
        for pattern in options.filter or ():
            words += ["--filter", pattern]
        for name, usual in (("variant", None), ("build", [BUILDS[0]]), ("tables", [TABLES[0]])):
            if getattr(options, name, None) not in (None, usual):
                words += [f"--{name}", ",".join(getattr(options, name))]
    for name, value in (("pairs", options.pairs), ("processes", options.processes),
                        ("kernel", kernel)):
        if value:
            words += [f"--{name}", str(value)]
    if options.cpu_given:
        words += ["--cpu", str(options.cpu)]
    return terminal(shlex.join(words))


def resume_line(options):
    """The command that goes on with this run."""
    results = ["--results", str(options.results)] if options.results != RESULTS else []
    return f"{command_line(options, options.kernel)} {shlex.join([*results, '--resume'])}"


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
        **({"kernels": list(catalog.kernels)} if len(catalog.kernels) > 1 else {}),
        "complete": complete,
        "full": complete and len(session.plan.setups) == 1
                and not (options.quick or options.filter or options.variant
                                  or options.kernel) and bool(catalog.kernel),
        "quick": options.quick,
        "command": command_line(options, kernels.shown_command(options.kernel)),
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
        **setup_context(session, options, catalog, bench),
        "settings": settings(),
        "events": bench.events,
        "subject_code": object_code.subject_code(catalog, bench.path),
        "cases": [case.stored() for case in session.measured_cases()],
    }


def setup_context(session, options, catalog, bench):
    """Context keys about setups, study and what was named twice, where not all is as usual."""
    keys = {"study": options.study} if getattr(options, "study", None) else {}
    twice = itself_of(options, catalog)
    keys |= {"itself": label(twice, session.plan.setups[0])} if twice else {}
    work = session.plan
    if len(work.setups) > 1 or work.setups[0].tag:
        keys["setups"] = [{"build": setup.build, "tables": setup.tables,
                           "huge_kib": huge_kib(session, setup)} for setup in work.setups]
        keys["builds"] = [{"name": name, "text_bytes": facts["text_bytes"],
                           "text_sha256": facts["text_sha256"], **said_by(session, name)}
                          for name, benches in bench.by_build.items()
                          for facts in (build_info.describe(benches[0].path),)]
    return keys


def said_by(session, build):
    """Compiler and flags of a build, as its own binary says."""
    for unit in session.plan.units:
        if unit.setup.build == build and unit.index in session.documents:
            context = session.documents[unit.index]["context"]
            return {name: context[name] for name in ("compiler", "flags") if name in context}
    return {}


def huge_kib(session, setup):
    """How much of the table memory really lay in huge pages, as a median over a setup's processes."""
    found = [float(session.documents[unit.index]["context"].get("huge_kib", -1))
             for unit in session.plan.units
             if unit.setup == setup and unit.index in session.documents]
    known = [value for value in found if value >= 0]
    return statistics.median(known) if known else None
