# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench gate`: exit code 1 if the code got worse, with one line a case. For CI.

Instructions are compared with the golden file: they repeat exactly, so half a percent is a regression on any
machine. Times are compared with an old build, measured in turns with the new one (--baseline), or with a
stored run of this machine (--against); gate_times.py says how it is decided.
"""

import contextlib
import io
import secrets
import time

from . import baseline, build_info, counts, gate_junit, gate_times, plan, store, traces, which_run
from .bench import Bench
from .cpus import check_cpu, tell_limits, within_quota
from .documents import parsed, show
from .errors import FAILED, INCOMPARABLE, NOTHING, OK, REGRESSION, USAGE, Failure
from .interleave import NEW, OLD, Interleaved, Work
from .machine import identify
from .paths import COMMAND, bench_binary, shown
from .progress import figure, tell
from .tables import difference, rounded

ENGINE = ("inline", "recursive")
FEWEST_PROCESSES = 3
USUAL = plan.Effort(processes=6, blocks=2, sample_us=200, controls=0)
# Of --max-time, what the first pass may take; and how much more thorough the second one is.
FIRST_PASS, MORE = 0.6, 2
BLURRED = 0.1


class Times:
    """Measures both passes against an old binary or a stored run."""

    def __init__(self, options, bench, machine, started):
        self.options = options
        self.bench = bench
        self.started = started
        self.catalog = bench.catalog()
        self.old = self.stored = None
        self.failed, self.skipped, self.thin, self.measured = {}, {}, set(), []
        self.told = False  # what of which trace is replayed
        if options.baseline:
            path, self.commit = baseline.binary_of(options.baseline, options.kernel)
            self.old = Bench(path)
            self.old_catalog = self.old.catalog()
            self.reference = f"commit {self.commit[:9]}"
        else:
            self.stored = self.find_stored(machine)
            self.reference = self.stored.path.name
            check_stored(self.stored, machine, self.catalog)
            if not options.against:
                which_run.say(self.stored, options.results, machine)
        self.context = {"machine": machine, "kernel": self.catalog.kernel}
        self.variants = plan.resolve_variants(
            options.variant or [name for name in ENGINE if name in self.catalog.variants],
            self.catalog.variants)

    def find_stored(self, machine):
        """The stored run to compare with."""
        from .commands import find_run

        if self.options.against:
            return find_run(self.options.results, machine, self.options.against)
        if not store.run_paths(self.options.results, machine):
            raise Failure(f"no stored run of {machine} to gate times against: name a commit with "
                          "--baseline, or leave times out with --counts-only", NOTHING)
        return which_run.best(self.options.results, machine)

    def same_code(self):
        """Whether both sides are the same machine code, so that there is nothing to find."""
        now = build_info.describe(self.bench.path)["text_sha256"]
        then = build_info.describe(self.old.path)["text_sha256"] if self.old else \
            self.stored.context.get("text_sha256")
        return now is not None and now == then

    def selected(self):
        """[(case, variants)] that both sides have, with what tells noise from news."""
        control = [name for name in (self.catalog.kernel, "limit") if name]
        common = [name for name in self.catalog.kernels if self.old and name in self.old_catalog.kernels]
        if common:
            control = common[:1]
        elif self.old:
            control = ["limit"]
        chosen = plan.select_cases(self.catalog, quick=not self.options.filter,
                                   filters=self.options.filter or (),
                                   variants=list(dict.fromkeys([*self.variants, *control])))
        there = {case.name: case.subjects for case in self.old_catalog.cases} if self.old else {
            name: None for name in (entry["name"] for entry in self.stored.context["cases"])}
        both = []
        for case, names in chosen:
            if case.name not in there:
                continue
            names = tuple(name for name in names
                          if there[case.name] is None or name in there[case.name])
            if any(name in self.variants for name in names):
                both.append((case, names))
        if not both:
            raise Failure(f"no case that is asked for is in {self.reference} too", NOTHING)
        if len(both) < len(chosen):
            tell(f"{len(chosen) - len(both)} cases are not in {self.reference}: not gated")
        return within_quota(both)

    def work(self, more=1):
        """How much is measured in a pass."""
        effort = plan.effort_of(self.options, USUAL)
        if effort.processes < FEWEST_PROCESSES:
            raise Failure(f"--processes: {effort.processes} are too few to tell placement from news; "
                          f"{FEWEST_PROCESSES} at least", USAGE)
        sample_us = self.stored.context.get("sample_us", effort.sample_us) if self.stored \
            else effort.sample_us
        rounds = effort.processes if self.stored else -(-effort.processes // 2)
        return Work(rounds * more, max(effort.blocks, 2), sample_us)

    def compared(self, selected, work, seed, deadline):
        """{variant: Comparison} of one pass."""
        sides = {NEW: self.bench.path} | ({OLD: self.old.path} if self.old else {})
        replayed = {case.size_text for case, _ in selected if case.is_replay}
        session = Interleaved(sides, self.options.cpu, deadline, traces.recorded(replayed))
        run = session.measure(selected, work, seed, self.context)
        if not self.told:
            traces.tell_replayed([case for case, _ in selected], run.context.get("traces", {}))
            self.told = True
        self.failed |= session.failed
        self.skipped |= session.skipped
        for name in ("compiler", "flags"):
            if self.old and session.contexts[NEW].get(name) != session.contexts[OLD].get(name):
                tell(f"note: the builds differ in {name}")
        found = gate_times.against_old(run, self.variants) if self.old else \
            gate_times.against_run(run, self.stored, self.variants)
        if session.out_of_time:
            enough = {cell.case.name for comparison in found.values() for cell in comparison.judged
                      if cell.statistic.processes >= FEWEST_PROCESSES}
            self.thin |= {case.name for case, _ in selected} - enough
        return found

    def verdict(self):
        """Both passes; a gate_times.Verdict."""
        limit, selected, seed = self.options.max_time, self.selected(), self.options.seed
        self.measured = [case.name for case, _ in selected]
        seed = secrets.randbits(31) if seed is None else seed
        tell(f"{len(selected)} cases against {self.reference}, on CPU {self.options.cpu}, seed {seed}")
        tell_limits()

        def again(names):
            tell(f"{len(names)} cases look slower; measuring them again")
            chosen = [pair for pair in selected if pair[0].name in names]
            try:
                return self.compared(chosen, self.work(MORE), seed + 1,
                                     limit and self.started + limit)
            except Failure as failure:
                tell(failure)
                return None

        first = self.compared(selected, self.work(), seed,
                              limit and self.started + FIRST_PASS * limit)
        return gate_times.judge(first, again, all_tested=self.stored is not None)


def check_stored(stored, machine, catalog):
    """Failure INCOMPARABLE unless a stored run can be compared with what is measured here and now."""
    if stored.machine != machine:
        raise Failure(f"{stored.path.name} is of {stored.machine}, this is {machine}: times of two "
                      "machines are never compared", INCOMPARABLE)
    if not catalog.kernel or stored.kernel != catalog.kernel:
        raise Failure(f"{stored.path.name} was measured beside {stored.kernel or 'no driver'}, this build "
                      f"has {catalog.kernel or 'none'}: without a driver in common use --baseline",
                      INCOMPARABLE)


def gate_counts(options, bench):
    """What `ptbench count --json` says about the cases."""
    from . import counting

    asked = type(options)(**{**vars(options), "update": False, "all": False, "cache": False,
                             "json": True, "quick": not options.filter})
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        counting.count(asked, bench)
    return parsed(out.getvalue())


def golden_missing(bench):
    """Why counts cannot be gated, known before anything is counted; None where they can."""
    built = build_info.built_by(bench.path, bench.catalog())
    path = counts.golden_path(built["compiler"], built["architecture"])
    return None if path.exists() else f"there are no golden counts of {built['compiler']}, {shown(path)}"


def times_against(options, bench, machine, started, no_golden):
    """A Times. Failure where there is nothing to compare with, of which `no_golden` is one half."""
    try:
        return Times(options, bench, machine, started)
    except Failure as failure:
        if failure.code != NOTHING or not no_golden:
            raise
        raise Failure(f"nothing to gate against: {no_golden}, nor a stored run of {machine}; name a commit "
                      f"with --baseline, as in {COMMAND} gate --baseline HEAD~1", NOTHING) from failure


def count_lines(document):
    """(case, line) for each count that is worse."""
    worse = {tuple(key) for key in document["worse"]}
    for row in document["rows"]:
        if (row["case"], row["variant"]) in worse:
            yield row["case"], (
                f"count: {row['case']} {row['variant']}: {row['instructions']:.2f} instructions instead "
                f"of {row['golden']:.2f}, {100 * row['change']:+.2f}%")


def time_lines(verdict):
    """(case, line) for each case that is slower, or may be."""
    for slower in verdict.slower:
        delta, bounds = difference(slower.again.statistic)
        yield slower.case.name, (
            f"time: {slower.case.name} {slower.variant}: {figure(slower.again.a_ns)} ns instead of "
            f"{figure(slower.again.b_ns)}, {delta} {bounds}; at first "
            f"{difference(slower.first.statistic)[0]}")
    for variant, cell in verdict.unconfirmed:
        delta, bounds = difference(cell.statistic)
        yield cell.case.name, \
            f"unconfirmed: {cell.case.name} {variant}: {delta} {bounds}, not measured again"


def time_document(verdict, times):
    """The "times" of `gate --json`; ratios are new / old, or now / then relative to the driver."""
    def cell(variant, found):
        statistic = found.statistic
        return {"case": found.case.name, "variant": variant, "a_ns": rounded(found.a_ns),
                "b_ns": rounded(found.b_ns), "ratio": rounded(statistic.ratio),
                "ci_lo": rounded(statistic.low), "ci_hi": rounded(statistic.high)}

    return {"against": times.reference, "compared": verdict.compared,
            "resolvable_pct": rounded(100 * verdict.resolvable, 3),
            "suspects": len(verdict.suspects),
            "slower": [{**cell(each.variant, each.again),
                        "first_ratio": rounded(each.first.statistic.ratio)} for each in verdict.slower],
            "unconfirmed": [cell(*each) for each in verdict.unconfirmed],
            "failed": times.failed, "skipped": times.skipped, "too_few_processes": sorted(times.thin)}


def summary(verdict, times):
    """What was compared, in a line."""
    return (f"{verdict.compared} comparisons against {times.reference}, resolvable >= "
            f"{100 * verdict.resolvable:.1f} %: {len(verdict.suspects)} looked slower, "
            f"{len(verdict.slower)} are")


def gate(options):
    """Gate counts, then times; the exit code says the verdict."""
    started = time.monotonic()
    machine, bench = identify(options.cpu)[0], Bench(bench_binary())
    check_cpu(options.cpu)
    if options.junit and options.junit.is_dir():
        raise Failure(f"{shown(options.junit)}: is a folder; name a file", USAGE)
    junit = gate_junit.Report(machine)
    document = {"machine": machine, "counts": None, "times": None}
    lines, notes, verdict, times = [], [], None, None
    no_golden = None if options.times_only else golden_missing(bench)
    if no_golden and options.counts_only:
        raise Failure(f"{no_golden}: {COMMAND} count --update makes them of this code; {COMMAND} gate "
                      "--baseline HEAD~1 compares times with a commit instead", NOTHING)
    if not options.counts_only:
        times = times_against(options, bench, machine, started, no_golden)
    if no_golden:
        tell(f"note: only times are gated: {no_golden}")
    elif not options.times_only:
        document["counts"] = gate_counts(options, bench)
        lines += count_lines(document["counts"])
        junit.add_counts(document["counts"], lines)
        notes.append(f"{len(document['counts']['rows'])} counts, {len(lines)} worse")
    if not options.counts_only:
        if times.same_code():
            notes.append(f"{times.reference} is the same machine code: no time to compare")
        else:
            verdict = times.verdict()
            slower = list(time_lines(verdict))
            lines += slower
            junit.add_times(times, slower, verdict)
            document["times"] = time_document(verdict, times)
            notes.append(summary(verdict, times))
            if verdict.resolvable > BLURRED:
                notes.append(f"WARNING: this machine is too noisy now to see changes below "
                             f"{100 * verdict.resolvable:.0f} %: see {COMMAND} doctor, give --processes more")
    if options.junit:
        junit.write(options.junit)
    return finish(options, document, [line for _, line in lines], notes, verdict, times)


def finish(options, document, lines, notes, verdict, times):
    """Print; the exit code. What is worse counts for more than what could not be measured."""
    worse = bool(document["counts"] and document["counts"]["worse"]) or bool(verdict and verdict.slower)
    gaps = bool(verdict and verdict.unconfirmed) or bool(times and (times.failed or times.thin))
    document["passed"] = not worse and not gaps
    if options.json:
        show(document)
    elif lines:
        print("\n".join(lines), flush=True)
    for note in notes:
        tell(note)
    if worse:
        return REGRESSION
    if gaps:
        if verdict.unconfirmed:
            raise Failure(f"{len(verdict.unconfirmed)} suspects could not be measured again: give "
                          "--max-time more", FAILED)
        if times.thin:
            raise Failure(f"{len(times.thin)} cases got too few processes to be judged: give --max-time "
                          "more, or fewer cases by --filter", FAILED)
        name, reason = next(iter(times.failed.items()))
        raise Failure(f"{len(times.failed)} cases failed, first {name}: {reason}", FAILED)
    return OK
