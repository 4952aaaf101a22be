# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a run measures, in which order, and how long that takes.

A unit is one case in one process. Units come in rounds, one round a process number, and the order
inside a round is shuffled by the run's seed: no case is always measured after the same neighbour or
at the same time of the run, and a run that is cut short still has about equally much of every case.

Control cases get their first variant twice, so that the same blocks that compare variants also
compare identical code: that is the run's noise.
"""

import random
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from .errors import NOTHING, SKIPPED, USAGE, Failure

# For the estimate before a run, as measured: start and verification of a unit, and how many times as
# long as what it times a sample takes. What a run really takes corrects it on the way.
START_SECONDS = 0.07
SAMPLE_OVERHEAD = 7


@dataclass(frozen=True)
class Effort:
    """How much is measured: processes a case, blocks a process, microseconds a sample, controls."""

    processes: int
    blocks: int
    sample_us: int
    controls: int
    limit_seconds: float = None


FULL = Effort(processes=10, blocks=4, sample_us=500, controls=16)
QUICK = Effort(processes=5, blocks=3, sample_us=100, controls=8, limit_seconds=150)


def effort_of(options, base):
    """`base` with the options' --processes and --pairs, which counts pairs over all processes."""
    processes, blocks = options.processes or base.processes, base.blocks
    if options.pairs:
        processes = options.processes or min(base.processes, options.pairs)
        blocks = -(-options.pairs // processes)
    return replace(base, processes=processes, blocks=blocks)


@dataclass(frozen=True)
class Unit:
    """One call of the binary: `variants` in order, a control case naming its first one twice."""

    index: int
    case: str
    process: int
    variants: tuple

    @property
    def file_name(self):
        """The unit's file in the staging folder."""
        return f"{self.index:05d}-{self.case.replace('/', '-')}-p{self.process}.json"

    def samples(self, blocks):
        """How many samples the unit takes."""
        return 2 * blocks * len(self.variants)


@dataclass(frozen=True)
class Plan:
    """The units of a run, in order; `cases` are those that they measure."""

    effort: Effort
    seed: int
    cases: tuple
    units: tuple
    controls: tuple = field(default=())

    def seconds(self, unit):
        """Estimate of how long a unit takes."""
        measuring = unit.samples(self.effort.blocks) * self.effort.sample_us * 1e-6
        return START_SECONDS + measuring * SAMPLE_OVERHEAD


def matches(name, patterns):
    """Whether a case name matches a glob, or lies below what a pattern names ("amdv1/map")."""
    return not patterns or any(
        fnmatchcase(name, pattern) or fnmatchcase(name, pattern.rstrip("/") + "/*")
        for pattern in patterns)


def resolve_variants(asked, known):
    """The variants named by `asked`, where "linux" means whichever kernel's drivers are built in."""
    resolved = []
    for name in asked:
        if name == "linux":
            kernels = [variant for variant in known if variant.startswith("linux-")]
            if not kernels:
                raise Failure("there is no kernel driver here to compare with: install "
                              "linux-source-6.12 or give --kernel TREE", SKIPPED)
            name = kernels[0]
        if name not in known:
            raise Failure(f"unknown variant '{name}'; there are: {', '.join(known)}", USAGE)
        if name not in resolved:
            resolved.append(name)
    return resolved


def select_cases(catalog, *, quick=False, filters=(), variants=None):
    """[(case, its variants)] of what is asked for; Failure NOTHING where that is nothing."""
    wanted = resolve_variants(variants or catalog.usual, catalog.variants)
    named = [case for case in catalog.cases if matches(case.name, filters)]
    if not named:
        raise Failure(f"no case matches {' '.join(filters)}; see scripts/ptbench list"
                      if filters else "this build knows no case", NOTHING)
    selected = [case for case in named if case.quick or not quick]
    if not selected:
        raise Failure(f"--quick takes none of the {len(named)} cases that match: leave it out",
                      NOTHING)
    pairs = [(case, tuple(name for name in wanted if name in case.subjects)) for case in selected]
    pairs = [(case, names) for case, names in pairs if names]
    if not pairs:
        raise Failure(f"no selected case has a subject {' or '.join(wanted)}", NOTHING)
    return pairs


def choose_controls(selected, number, rng):
    """Names of the control cases: spread over operations, formats at random."""
    by_operation = {}
    for case, _ in selected:
        by_operation.setdefault(case.op, []).append(case.name)
    queues = list(by_operation.values())
    for queue in queues:
        rng.shuffle(queue)
    chosen = []
    while len(chosen) < number and any(queues):
        for queue in queues:
            if queue and len(chosen) < number:
                chosen.append(queue.pop())
    return chosen


def make(selected, effort, seed):
    """The plan for `selected`, as select_cases() returns it."""
    rng = random.Random(seed)
    controls = choose_controls(selected, effort.controls, rng)
    units = []
    for process in range(effort.processes):
        order = list(selected)
        rng.shuffle(order)
        for case, names in order:
            if case.name in controls:
                names = names + names[:1]
            units.append(Unit(len(units), case.name, process, names))
    return Plan(effort, seed, tuple(case for case, _ in selected), tuple(units), tuple(controls))
