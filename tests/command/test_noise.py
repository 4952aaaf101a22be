#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""False verdicts on identical code, and what is found: 200 made-up runs' worth, and 20 of the real binary.

The real ones need PTBENCH_REAL_BENCH, the measuring binary; CTest gives it.
"""

import os
import tempfile
import unittest
from pathlib import Path

import noise_model
import numpy
from support import SEED, main
from ptbench_study.measure import plan
from ptbench_study.judge import compare, stats
from ptbench_study.measure.bench import Bench
from ptbench_study.results.merge import condense, merge
from ptbench_study.results.samples import Samples
from ptbench_study.results.store import load_json

REAL = os.environ.get("PTBENCH_REAL_BENCH")
# What an injected slow-down has beyond what the run says it can resolve.
BEYOND = 1.05


def verdicts(statistics, resolvable):
    """How many statistics are judged how."""
    judged = [compare.judge(each, resolvable) for each in statistics]
    return {verdict: judged.count(verdict) for verdict in compare.VERDICTS}


def false_ones(counts):
    """How many are called faster or slower."""
    return counts["faster"] + counts["slower"]


class SimulatedTest(unittest.TestCase):
    """Runs of known truth on machines of different quiet."""

    def setUp(self):
        self.rng = numpy.random.default_rng(SEED)
        self.model = noise_model.pairs

    def statistics(self, number, noise, effort, ratio=1.0):
        """Statistics of `number` cells."""
        return [stats.paired(self.model(self.rng, noise, ratio, effort.processes, effort.blocks),
                             seed=index) for index in range(number)]

    def one_run(self, noise, effort, cells):
        """(verdicts on identical code, verdicts on what is slower beyond the resolvable, resolvable)."""
        resolvable = stats.resolvable(self.statistics(effort.controls, noise, effort))
        same = self.statistics(cells, noise, effort)
        slower = self.statistics(cells // 2, noise, effort, (1 + resolvable) * BEYOND)
        return verdicts(same, resolvable), verdicts(slower, resolvable), resolvable

    def rates(self, noise, effort, runs=5, cells=40):
        """(share of false verdicts, share of slow-downs found, what the runs could resolve)."""
        wrong = found = 0
        sizes = []
        for _ in range(runs):
            same, slower, resolvable = self.one_run(noise, effort, cells)
            wrong += false_ones(same)
            found += slower["slower"]
            sizes.append(resolvable)
        return wrong / (runs * cells), found / (runs * (cells // 2)), numpy.median(sizes)

    def test_identical_code_on_a_quiet_machine(self):
        wrong, found, resolvable = self.rates(noise_model.QUIET, plan.FULL)
        self.assertLessEqual(wrong, stats.FALSE_VERDICTS)
        self.assertGreaterEqual(found, 0.99)
        self.assertLess(resolvable, 0.01)

    def test_identical_code_on_a_shared_machine(self):
        for effort, least in ((plan.QUICK, 0.8), (plan.FULL, 0.95)):
            wrong, found, resolvable = self.rates(noise_model.SHARED, effort)
            self.assertLessEqual(wrong, stats.FALSE_VERDICTS)
            self.assertGreaterEqual(found, least)
            self.assertLess(resolvable, 0.08)

    def test_identical_code_in_two_processes(self):
        inside = self.rates(noise_model.SHARED, plan.FULL, runs=2)[2]
        self.model = noise_model.apart
        wrong, found, resolvable = self.rates(noise_model.SHARED, plan.FULL)
        self.assertLessEqual(wrong, stats.FALSE_VERDICTS)
        self.assertGreaterEqual(found, 0.8)
        self.assertGreater(resolvable, inside)

    def test_a_noisy_run_resolves_less_and_is_not_wrong_more_often(self):
        wrong, found, resolvable = self.rates(noise_model.STORMY, plan.FULL)
        self.assertLessEqual(wrong, stats.FALSE_VERDICTS)
        self.assertGreaterEqual(found, 0.75)
        self.assertGreater(resolvable, 0.04)

    def test_without_controls_the_noise_of_the_cells_alone_would_not_do(self):
        """The test can fail: drop the safeguards, and verdicts on identical code appear."""
        same = self.statistics(100, noise_model.SHARED, plan.QUICK)
        naive = [numpy.abs(numpy.log(each.ratio)) > 0.005 for each in same]
        self.assertGreater(numpy.mean(naive), stats.FALSE_VERDICTS)


@unittest.skipUnless(REAL, "no PTBENCH_REAL_BENCH")
class RealTest(unittest.TestCase):
    """The measuring binary races itself."""

    CASES = ("amdv1/map/4K/x1/coherent/warm", "amdv1/unmap/4K/x256/coherent/warm",
             "vtdss/unmap/4K/x1/coherent/warm", "armv8_4k_s1/map/4K/x256/coherent/warm",
             "riscv64/iova_to_phys/4K/x1/coherent/warm")
    VARIANTS = ("inline", "recursive")
    PROCESSES, BLOCKS = 6, 3

    @classmethod
    def setUpClass(cls):
        documents = []
        with tempfile.TemporaryDirectory(prefix="ptbench-test-") as folder:
            out = Path(folder) / "samples.json"
            for process in range(cls.PROCESSES):
                for case in cls.CASES:
                    for variant in cls.VARIANTS:
                        Bench(Path(REAL)).measure(
                            case, (variant,) * 6, out, blocks=cls.BLOCKS, seed=SEED, process=process,
                            cpu=max(os.sched_getaffinity(0)), sample_us=50, timeout=120)
                        documents.append(condense(load_json(out)))
        merged = merge(documents, {"cases": [{"name": case} for case in cls.CASES]})
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(merged)
            file.flush()
            cls.document = load_json(file.name)
        cls.samples = Samples(cls.document["benchmarks"])

    def statistics(self, a, b, slower=1.0):
        """Statistics of side a against side b of all cases and variants, a slowed down."""
        found = []
        for case in self.CASES:
            for variant in self.VARIANTS:
                names = [variant + (f"#{side}" if side > 1 else "") for side in (a, b)]
                pairs = {process: [(slower * x, y) for x, y in blocks] for process, blocks in
                         self.samples.pairs(case, *names).items()}
                found.append(stats.paired(pairs))
        return found

    def test_identical_code_gets_no_verdict_and_a_slow_down_is_found(self):
        resolvable = stats.resolvable(self.statistics(5, 6))
        same = self.statistics(1, 2) + self.statistics(3, 4)
        self.assertEqual(len(same), 20)
        self.assertLessEqual(false_ones(verdicts(same, resolvable)),
                             round(stats.FALSE_VERDICTS * len(same)), f"resolvable {resolvable}")
        factor = (1 + resolvable) * BEYOND
        slower = self.statistics(1, 2, factor) + self.statistics(3, 4, factor)
        # What a run can resolve is the median control: half of the cells are quieter than that.
        self.assertGreaterEqual(verdicts(slower, resolvable)["slower"], len(slower) // 2,
                                f"resolvable {resolvable}")

    def test_processes_have_their_layouts_and_say_so(self):
        layouts = self.document["context"]["layouts"]
        self.assertEqual(sorted(layouts), sorted(map(str, range(self.PROCESSES))))
        for name in ("stack_pad_bytes", "heap_pad_bytes", "arena_pad_pages"):
            self.assertGreater(len({layout[name] for layout in layouts.values()}), 1, name)
        for layout in layouts.values():
            self.assertEqual((layout["stack_pad_bytes"] % 16, layout["heap_pad_bytes"] % 16), (0, 0))


if __name__ == "__main__":
    main()
