# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a run measures, in which order, and how long that takes.

A unit is one case in one process. Units come in rounds, one round a process number, and the order
inside a round is shuffled by the run's seed: no case is always measured after the same neighbour or
at the same time of the run, and a run that stops early still has about equally much of every case.

Control cases get their first variant twice, so that the same blocks that compare variants also
compare identical code: that is the run's noise.

Where a run has several setups (setups.py), or compares cases with one another, a case's processes of one
round follow each other, in an order that alternates from round to round (A B, B A), and control cases get
one process more, of what was measured already.
"""

import random
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from ..base.errors import NOTHING, SKIPPED, USAGE, Failure
from ..results.samples import AGAIN_SUFFIX
from ..code.kernels import is_kernel
from .setups import USUAL, Setup, label

# For the estimate before a run, as measured over all cases of a machine with a busy neighbour: start and
# verification of a unit, how many times as long as what it times a sample takes, and what filling a
# footprint beyond the cache adds, for each MiB of that. What a run really takes corrects it on the way.
START_SECONDS = 0.06
SAMPLE_OVERHEAD = 13
OUT_OF_CACHE_SECONDS_PER_MIB = 0.01
USUAL_CACHE_MIB = 32
# A quick run leaves footprints beyond larger caches out: they would be most of what it does.
LARGEST_QUICK_CACHE_MIB = 128
# Where a run is scaled down to fit its time limit, it keeps at least so many processes and blocks.
FEWEST_PROCESSES = 6
FEWEST_BLOCKS = 2


@dataclass(frozen=True)
class Effort:
    """How much is measured: processes a case, blocks a process, microseconds a sample, controls.

    cache_mib, of the machine: footprints beyond the cache go with it.
    """

    processes: int
    blocks: int
    sample_us: int
    controls: int
    limit_seconds: float = None
    cache_mib: float = USUAL_CACHE_MIB


FULL = Effort(processes=10, blocks=4, sample_us=500, controls=16, limit_seconds=45 * 60)
QUICK = Effort(processes=5, blocks=3, sample_us=100, controls=8, limit_seconds=150)


def is_out_of_cache(case):
    """Whether a case of this name has a footprint beyond the last-level cache."""
    return case.endswith("/out-of-cache")


def effort_of(options, base):
    """`base` with the options' --processes and --pairs, which counts pairs over all processes."""
    processes, blocks = options.processes or base.processes, base.blocks
    if options.pairs:
        processes = options.processes or min(base.processes, options.pairs)
        blocks = -(-options.pairs // processes)
    return replace(base, processes=processes, blocks=blocks)


@dataclass(frozen=True)
class Unit:
    """One call of the binary: `variants` in order, a control case naming its first one twice.

    again: a control between processes, of what another unit measures too.
    """

    index: int
    case: str
    process: int
    variants: tuple
    setup: Setup = USUAL
    again: bool = False

    @property
    def file_name(self):
        """The unit's file in the staging folder."""
        return f"{self.index:05d}-{self.case.replace('/', '-')}-p{self.process}.json"

    @property
    def first_label(self):
        """What the samples of its first variant are called in a run file."""
        return label(self.variants[0], self.setup) + (AGAIN_SUFFIX if self.again else "")

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
    setups: tuple = (USUAL,)

    def seconds(self, unit):
        """Estimate of how long a unit takes."""
        measuring = unit.samples(self.effort.blocks) * self.effort.sample_us * 1e-6
        return START_SECONDS + measuring * SAMPLE_OVERHEAD \
            + OUT_OF_CACHE_SECONDS_PER_MIB * self.effort.cache_mib * is_out_of_cache(unit.case)

    @property
    def total_seconds(self):
        """Estimate of how long all units take."""
        return sum(map(self.seconds, self.units))


def matches(name, patterns):
    """Whether a case name matches a glob, or lies below what a pattern names ("amdv1/map")."""
    return not patterns or any(
        fnmatchcase(name, pattern) or fnmatchcase(name, pattern.rstrip("/") + "/*")
        for pattern in patterns)


def resolve_variants(asked, known, every=False):
    """The variants named by `asked`, where "linux" means the first kernel of the build, or `every` one."""
    resolved = []
    for name in asked:
        names = [name]
        if name == "linux":
            names = [variant for variant in known if is_kernel(variant)]
            if not names:
                raise Failure("there is no kernel driver here to compare with: install "
                              "linux-source-6.12 or give --kernel TREE", SKIPPED)
            names = names if every else names[:1]
        for each in names:
            if each not in known:
                raise Failure(f"unknown variant '{each}'; there are: {', '.join(known)}", USAGE)
            if each not in resolved:
                resolved.append(each)
    return resolved


def select_cases(catalog, *, quick=False, filters=(), variants=None):
    """[(case, its variants)] of what is asked for; Failure NOTHING where that is nothing."""
    wanted = resolve_variants(variants or catalog.usual, catalog.variants, every=True)
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


def in_turn(setups, process, control):
    """[(setup, again)] of a case in one process number, in the order to measure them."""
    wanted = [(setup, False) for setup in setups]
    if control:
        wanted.append((setups[0], True))
    turn = process // 2 % len(wanted)
    wanted = wanted[turn:] + wanted[:turn]
    return wanted[::-1] if process % 2 else wanted


def make(selected, effort, seed, setups=(USUAL,), across=False):
    """The plan for `selected`, as select_cases() returns it, in all `setups`.

    across: processes will be compared with one another, so that there have to be controls for that;
    always so with several setups.
    """
    across = across or len(setups) > 1
    rng = random.Random(seed)
    controls = choose_controls(selected, effort.controls, rng)
    units = []
    for process in range(effort.processes):
        order = list(selected)
        rng.shuffle(order)
        for case, names in order:
            control = case.name in controls
            doubled = names + names[:1] if control else names
            for setup, again in in_turn(setups, process, control and across):
                units.append(Unit(len(units), case.name, process, names[:1] if again else doubled,
                                  setup, again))
    return Plan(effort, seed, tuple(case for case, _ in selected), tuple(units), tuple(controls),
                tuple(setups))


def fitting(selected, effort, limit, setups=(USUAL,), across=False):
    """`effort`, with as many blocks, then processes, less as it takes to end within `limit` seconds.

    Fewer than are worth anything it never gets: then the limit ends the run.
    """
    while limit and make(selected, effort, 0, setups, across).total_seconds > limit:
        if effort.blocks > FEWEST_BLOCKS:
            effort = replace(effort, blocks=effort.blocks - 1)
        elif effort.processes > FEWEST_PROCESSES:
            effort = replace(effort, processes=effort.processes - 1)
        else:
            break
    return effort


def named_twice(asked, resolved):
    """The variant that is to be compared with itself, or None; `resolved` is `asked` without repetitions."""
    if not asked or len(asked) == len(resolved):
        return None
    if len(asked) != 2:
        raise Failure("a variant is compared with itself alone: name it twice and no other, as in "
                      "--variant inline,inline", USAGE)
    return resolved[0]
