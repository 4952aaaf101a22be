# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Measures cases with one binary, or with an old and a new one whose processes take turns.

With two, every unit of work is four processes in the order old, new, new, old: a drift of the machine that is
linear over the unit hits both alike, and the sides of a pair are a second apart, not a build. The first and
the second process of a side form a pair each with their neighbour, so that a unit gives two pairs of
processes. Samples of an engine variant are named variant:new and variant:old. The kernel's driver, whose
code is the same in both binaries, is their control and named as controls are: linux-6.12, linux-6.12#2. So
what is resolvable contains what another place in another binary does to unchanged code.

Where a build has the binary in several link orders (ptbench-bench-order1 beside ptbench-bench), processes
take turns with them, both sides of a pair with the same one: which code lies beside which is noise.

Unlike a Session, nothing is kept for a resumption: a gate's answer is for now.
"""

import random
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from ..base.documents import parsed, read_text
from ..base.errors import FAILED, SKIPPED, Failure
from ..base.paths import link_orders
from ..base.progress import Progress, duration, tell
from ..results import errata
from ..results.merge import condense, merge
from ..results.samples import CONTROL_SUFFIX, Samples
from ..results.store import Run
from ..code.kernels import is_kernel
from .bench import HANG_SECONDS, Bench, CaseFailed

NEW, OLD = "new", "old"


@dataclass(frozen=True)
class Work:
    """How much: rounds of units a case, blocks and microseconds of a sample in each process."""

    rounds: int
    blocks: int
    sample_us: int


def turns(sides, round_number):
    """[(side, process number)] of a unit, in order."""
    if list(sides) == [NEW]:
        return [(NEW, round_number)]
    return [(OLD, 2 * round_number), (NEW, 2 * round_number), (NEW, 2 * round_number + 1),
            (OLD, 2 * round_number + 1)]


def side_name(variant, side, two_sided):
    """The name of a variant's samples on one side."""
    if not two_sided:
        return variant
    if is_kernel(variant) or variant == "limit":
        return variant if side == NEW else variant + CONTROL_SUFFIX
    return f"{variant}:{side}"


def is_of(name, side):
    """Whether an entry is of a side: what no name tells is of the new binary."""
    old = name.endswith((f":{OLD}", CONTROL_SUFFIX))
    return old == (side == OLD)


class Interleaved:
    """Measures with the binaries {NEW: path} or {NEW: path, OLD: path} on a CPU, until the deadline.

    failed and skipped map cases to the reason why they were left out; out_of_time tells whether the
    deadline came first. contexts keeps what each side's binary said about itself last.
    """

    def __init__(self, sides, cpu, deadline=None, traces=None):
        self.sides = {side: [Bench(each) for each in link_orders(path)]
                      for side, path in sides.items()}
        self.orders = min(map(len, self.sides.values()))
        self.cpu = cpu
        self.deadline = deadline
        self.traces = traces or {}
        self.failed = {}
        self.skipped = {}
        self.contexts = {}
        self.out_of_time = False

    def measure(self, selected, work, seed, context):
        """Measure [(case, variants)]; an unstored Run, whose context has the given keys.

        Failure where not one case was measured.
        """
        rng = random.Random(seed)
        units = []
        for number in range(work.rounds):
            order = list(selected)
            rng.shuffle(order)
            units += [(number, case, variants) for case, variants in order]
        documents = self.all_units(units, work, seed)
        if not documents:
            raise self.nothing()
        finished = {case.name for _, case, _ in units} & {
            entry["name"].rpartition("/")[0] for document in documents
            for entry in document["benchmarks"]} - self.failed.keys()
        documents = [document for document in documents
                     if document["benchmarks"][0]["name"].rpartition("/")[0] in finished]
        if not documents:
            raise self.nothing()
        run = Run("now", parsed(merge(documents, {
            **context, "complete": not (self.out_of_time or self.failed),
            "cases": [case.stored() for case, _ in selected if case.name in finished]})))
        for side, said in self.contexts.items():
            errata.mark([entry for entry in run.entries if is_of(entry["name"], side)],
                        {**run.context, **said})
        return run

    def nothing(self):
        """The Failure of a measurement that has nothing to show."""
        for reasons, code in ((self.failed, FAILED), (self.skipped, SKIPPED)):
            if reasons:
                name, reason = next(iter(reasons.items()))
                return Failure(f"nothing was measured: {name}: {reason}", code)
        return Failure("nothing was measured in time: give --max-time more", FAILED)

    def all_units(self, units, work, seed):
        """Documents of all units, in order, as far as there is time."""
        documents, progress, started = [], Progress(len(units)), time.monotonic()
        with tempfile.TemporaryDirectory(prefix="ptbench-") as folder:
            for place, (number, case, variants) in enumerate(units, 1):
                if case.name in self.failed or case.name in self.skipped:
                    continue
                if self.deadline is not None and time.monotonic() >= self.deadline:
                    self.out_of_time = True
                    break
                document = self.unit(number, case, variants, work, seed, Path(folder) / "unit.json")
                if document is None:
                    continue
                documents.append(document)
                left = (time.monotonic() - started) / place * (len(units) - place)
                samples = Samples(document["benchmarks"])
                first = document["benchmarks"][0]["name"].rpartition("/")[2]
                progress.step(place, left, case.name,
                              (samples.median(case.name, first), samples.spread(case.name, first)))
        progress.finish()
        return documents

    def unit(self, number, case, variants, work, seed, path):
        """The condensed document of one unit, None where it could not be measured."""
        entries, two_sided = [], len(self.sides) > 1
        timeout = HANG_SECONDS + 20 * work.blocks * len(variants) * work.sample_us * 1e-6
        name = case.size_text
        try:
            for side, process in turns(self.sides, number):
                path.unlink(missing_ok=True)
                self.sides[side][process % self.orders].measure(
                    case.name, variants, path, blocks=work.blocks, seed=seed, process=process,
                    cpu=self.cpu, sample_us=work.sample_us, timeout=timeout,
                    traces={name: self.traces[name]} if name in self.traces else {})
                document = parsed(read_text(path))
                self.contexts[side] = document["context"]
                for entry in document["benchmarks"]:
                    variant = side_name(entry["name"].rpartition("/")[2], side, two_sided)
                    entries.append({**entry, "name": f"{case.name}/{variant}", "process": process})
        except CaseFailed as error:
            reasons = self.skipped if error.code == SKIPPED else self.failed
            reasons[case.name] = f"{side} binary: {error}" if two_sided else str(error)
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.failed[case.name] = f"the {side} binary wrote no valid results: {error}"
        except subprocess.TimeoutExpired:
            self.failed[case.name] = f"did not end within {duration(timeout)}"
        else:
            return condense({"context": self.contexts[NEW], "benchmarks": entries})
        tell(f"{case.name} left out: {self.failed.get(case.name) or self.skipped[case.name]}")
        return None
