# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Measures the units of a plan one after the other, each into a file of its own."""

import subprocess
import time

from ..base.errors import SKIPPED
from ..base.progress import Progress, duration
from ..results.merge import condense
from ..results.samples import Samples
from .bench import HANG_SECONDS, CaseFailed
from .setups import relabel


class OutOfTime(Exception):
    """--max-time is up."""


class Session:
    """Measures a plan's units into a staging folder, until done, out of time or interrupted.

    bench is a setups.Benches. failed and skipped map the cases that could not be measured to the reason.
    """

    def __init__(self, bench, staging, work, cpu, deadline=None, traces=None):
        self.bench = bench
        self.staging = staging
        self.plan = work
        self.cpu = cpu
        self.deadline = deadline
        self.traces = traces or {}
        self.documents = {}
        self.failed = {}
        self.skipped = {}
        self.guessed_seconds = self.real_seconds = 0.0
        self.progress = Progress(len(work.units))

    def take_finished(self):
        """Take over the units that an earlier session finished; unreadable ones are redone."""
        for unit in self.plan.units:
            try:
                document = self.staging.load(unit)
            except (ValueError, OSError):
                self.staging.discard(unit)
                continue
            if document is not None:
                self.documents[unit.index] = relabel(condense(document), unit)

    def todo(self):
        """The units that are still to be measured."""
        return [unit for unit in self.plan.units if unit.index not in self.documents]

    def given_up(self, unit):
        """Whether the unit's case failed before."""
        return unit.case in self.failed or unit.case in self.skipped

    def corrected(self, guess):
        """An estimate in seconds, corrected by how long units really took so far."""
        return guess * self.real_seconds / self.guessed_seconds if self.guessed_seconds else guess

    def run(self):
        """Measure what is missing; False where time ran out before the end."""
        todo = self.todo()
        guess = sum(map(self.plan.seconds, todo))
        try:
            for place, unit in enumerate(todo, len(self.plan.units) - len(todo) + 1):
                guess -= self.plan.seconds(unit)
                if not self.given_up(unit) and self.measure(unit):
                    self.progress.step(place, self.corrected(guess), unit.case, self.figure(unit))
        except OutOfTime:
            return False
        finally:
            self.progress.finish()
        return True

    def figure(self, unit):
        """(median ns, spread) of the unit's first variant."""
        samples = Samples(self.documents[unit.index]["benchmarks"])
        return (samples.median(unit.case, unit.first_label),
                samples.spread(unit.case, unit.first_label))

    def timeout(self, unit):
        """Seconds that a unit may take; OutOfTime where there are none left."""
        usual = HANG_SECONDS + 10 * self.plan.seconds(unit)
        if self.deadline is None:
            return usual
        if time.monotonic() >= self.deadline:
            raise OutOfTime
        return min(usual, self.deadline - time.monotonic())

    def measure(self, unit):
        """Measure one unit; False where that was impossible, which is noted."""
        timeout, before = self.timeout(unit), time.monotonic()
        try:
            self.bench.measure(unit, self.staging.path(unit), blocks=self.plan.effort.blocks,
                               seed=self.plan.seed, cpu=self.cpu,
                               sample_us=self.plan.effort.sample_us,
                               traces=self.trace_of(unit), timeout=timeout)
            document = self.checked(unit, self.staging.load(unit))
            self.documents[unit.index] = relabel(condense(document), unit)
        except CaseFailed as error:
            return self.give_up(unit, str(error), skip=error.code == SKIPPED)
        except subprocess.TimeoutExpired:
            self.staging.discard(unit)
            if self.deadline is not None and time.monotonic() >= self.deadline:
                raise OutOfTime from None
            return self.give_up(unit, f"did not end within {duration(timeout)}")
        except (ValueError, OSError) as error:
            self.staging.discard(unit)
            return self.give_up(unit, f"ptbench-bench wrote no valid results: {error}")
        self.real_seconds += time.monotonic() - before
        self.guessed_seconds += self.plan.seconds(unit)
        return True

    def trace_of(self, unit):
        """The trace that a unit's case replays, if it does."""
        name = unit.case.split("/")[2]
        return {name: self.traces[name]} if name in self.traces else {}

    def checked(self, unit, document):
        """The document; ValueError unless it has as many samples as the unit asked for."""
        wanted = unit.samples(self.plan.effort.blocks)
        if document is None:
            raise ValueError("no file")
        if len(document["benchmarks"]) != wanted:
            raise ValueError(f"{len(document['benchmarks'])} samples instead of {wanted}")
        return document

    def give_up(self, unit, reason, skip=False):
        """Leave out a case from now on, and say so; False."""
        (self.skipped if skip else self.failed)[unit.case] = reason
        self.progress.say(f"{unit.case} {'skipped' if skip else 'FAILED'}: {reason}")
        return False

    def sound_documents(self):
        """What was measured, in the plan's order, without the cases that failed."""
        return [self.documents[unit.index] for unit in self.plan.units
                if unit.index in self.documents and not self.given_up(unit)]

    def measured_cases(self):
        """The cases that sound_documents() has samples of, in the plan's order."""
        measured = {unit.case for unit in self.plan.units
                    if unit.index in self.documents and not self.given_up(unit)}
        return [case for case in self.plan.cases if case.name in measured]

    def missing(self):
        """{case: processes that are missing}, without the cases that failed."""
        lacking = {}
        for unit in self.plan.units:
            if unit.index not in self.documents and not self.given_up(unit):
                lacking[unit.case] = lacking.get(unit.case, 0) + 1
        return lacking
