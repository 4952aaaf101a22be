# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The measuring of `ptbench gate`: both passes, against an old binary or a stored run.

gate_times.py says how it is decided.
"""

import secrets

from ..base.errors import INCOMPARABLE, NOTHING, USAGE, Failure
from ..base.progress import tell
from ..results import store, which_run
from ..code import baseline, build_info
from ..measure import plan, traces
from ..measure.bench import Bench
from ..measure.cpus import tell_limits, within_quota
from ..measure.interleave import NEW, OLD, Interleaved, Work
from . import gate_times

ENGINE = ("inline", "recursive")
FEWEST_PROCESSES = 3
USUAL = plan.Effort(processes=6, blocks=2, sample_us=200, controls=0)
# Of --max-time, what the first pass may take; and how much more thorough the second one is.
FIRST_PASS, MORE = 0.6, 2


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
        if self.options.against:
            return which_run.find(self.options.results, machine, self.options.against)
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
