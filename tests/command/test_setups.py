#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Several builds and kinds of pages in one run: names, order, controls, comparisons of any axis."""

import contextlib
import io
import json
import types
import unittest
from dataclasses import replace

from support import FAKE, SEED, CommandTest, main
from ptbench_study.results import store
from ptbench_study.measure import plan, runner, setups
from ptbench_study.judge import sides
from ptbench_study.measure.bench import parse_catalog
from ptbench_study.base.errors import Failure
from ptbench_study.results.samples import Samples

TWO = (setups.Setup(), setups.Setup("clang"))
FEW = ("--filter", "amdv1/*map/4K/x1/coherent/warm", "--processes", "4",
       "--pairs", "12")


class NamesTest(unittest.TestCase):
    """How a setup enters the name of a variant, and comes out of it."""

    def test_labels(self):
        for variant, setup, text in (("inline", setups.Setup(), "inline"),
                                     ("inline#2", setups.Setup("clang"), "inline@clang#2"),
                                     ("linux-6.12", setups.Setup(tables="small"), "linux-6.12@small"),
                                     ("limit", setups.Setup("clang-hardened", "small"),
                                      "limit@clang-hardened+small")):
            self.assertEqual(setups.label(variant, setup), text)
            self.assertEqual(setups.parse_label(text), (variant.partition("#")[0], setup))

    def test_unknown_ones_are_named(self):
        class Options:
            """What a command line says."""
            build, tables = ["plain", "icc"], None
        with self.assertRaisesRegex(Failure, "unknown build 'icc'; there are: plain, clang"):
            setups.setups_of(Options)


class OrderTest(unittest.TestCase):
    """The plan."""

    def make(self, **more):
        """A plan of two cases."""
        catalog = parse_catalog({"formats": ["f"], "kernel": None, "subjects": [], "cases": [
            {"name": f"f/{op}/4K/x1/coherent/warm", "format": "f", "op": op, "quick": True,
             "subjects": ["inline"]} for op in ("map", "unmap")]})
        return plan.make(plan.select_cases(catalog), plan.Effort(8, 2, 100, 1), SEED, **more)

    def test_processes_of_a_case_follow_each_other_in_alternating_order(self):
        made = self.make(setups=TWO)
        control, = made.controls
        other = next(unit.case for unit in made.units if unit.case != control)
        orders = [[unit.setup.build for unit in made.units
                   if unit.case == other and unit.process == process] for process in range(4)]
        self.assertEqual(orders, [["plain", "clang"], ["clang", "plain"], ["clang", "plain"],
                                  ["plain", "clang"]])
        for first, second in zip(made.units[::1], made.units[1::1]):
            if first.process == second.process and first.case != second.case:
                rest = [unit for unit in made.units if unit.process == first.process
                        and unit.case == first.case and unit.index > first.index]
                self.assertEqual(rest, [])

    def test_the_control_is_measured_in_one_process_more(self):
        made = self.make(setups=TWO)
        again = [unit for unit in made.units if unit.again]
        self.assertEqual({unit.case for unit in again}, set(made.controls))
        self.assertEqual(len(again), 8)
        self.assertEqual({unit.first_label for unit in again}, {"inline#again"})
        self.assertEqual([unit.again for unit in self.make().units], [False] * 16)
        self.assertTrue(any(unit.again for unit in self.make(across=True).units))

    def test_effort_shrinks_to_the_time_there_is(self):
        catalog = parse_catalog({"formats": ["f"], "kernel": None, "subjects": [], "cases": [
            {"name": f"f/map/4K/x{count}/coherent/warm", "format": "f", "op": "map", "quick": True,
             "subjects": ["inline"]} for count in range(200)]})
        selected = plan.select_cases(catalog)
        whole = plan.make(selected, plan.FULL, 0).total_seconds
        self.assertEqual(plan.fitting(selected, plan.FULL, whole + 1), plan.FULL)
        less = plan.fitting(selected, plan.FULL, whole * 0.7)
        self.assertLess(less.blocks * less.processes, plan.FULL.blocks * plan.FULL.processes)
        self.assertLessEqual(plan.make(selected, less, 0).total_seconds, whole * 0.7)
        # A footprint beyond the cache takes what the cache has.
        beyond = plan.Unit(0, "f/map/4K/x1/coherent/out-of-cache", 0, ("inline",))
        for mib in (32, 508):
            made = plan.make(selected, replace(plan.FULL, cache_mib=mib), 0)
            self.assertAlmostEqual(made.seconds(beyond) - made.seconds(replace(beyond, case="f/map")),
                                   0.01 * mib)
        least = plan.fitting(selected, plan.FULL, 0.001)
        self.assertEqual((least.processes, least.blocks), (plan.FEWEST_PROCESSES, plan.FEWEST_BLOCKS))

    def test_a_quick_run_goes_beyond_no_large_cache(self):
        both = [(types.SimpleNamespace(name=f"f/map/4K/x1/coherent/{state}"), ("inline",))
                for state in ("warm", "out-of-cache")]
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            self.assertEqual(runner.within_quick(both, replace(plan.QUICK, cache_mib=128)), both)
            self.assertEqual(err.getvalue(), "")
            self.assertEqual(runner.within_quick(both, replace(plan.QUICK, cache_mib=508)), both[:1])
            self.assertEqual(runner.within_quick(both[:1], replace(plan.QUICK, cache_mib=508)), both[:1])
        self.assertEqual(err.getvalue().count("cache of 508 MiB"), 1)
        with self.assertRaisesRegex(Failure, "cache of 508 MiB"):
            runner.within_quick(both[1:], replace(plan.QUICK, cache_mib=508))


class RunTest(CommandTest):
    """`run --build`, `run --tables` and `compare` with fakes of known speed."""

    def setUp(self):
        super().setUp()
        self.clang = self.folder / "clang-bench"
        self.clang.symlink_to(FAKE)
        self.benches = {"PTBENCH_BENCH": f"plain={FAKE},clang={self.clang}"}
        self.fake = {"slow": {"clang-bench": 1.25}, "small": 1.5, "kernel_allocator": 2}

    def measured(self, *arguments):
        """A run that has to succeed."""
        done = self.run_study(*FEW, *arguments, fake=self.fake, **self.benches)
        self.assertEqual(done.code, 0, done.err)
        return done

    def test_samples_carry_their_build(self):
        self.measured("--build", "plain,clang", "--variant", "inline,linux")
        document = self.only_run()
        names = {entry["name"].rpartition("/")[2]: entry for entry in document["benchmarks"]}
        self.assertEqual(set(names), {
            "inline", "inline#2", "inline#again", "linux-6.12",
            "inline@clang", "inline@clang#2", "linux-6.12@clang"})
        self.assertEqual(names["inline@clang"]["build"], "clang")
        self.assertNotIn("build", names["inline"])
        self.assertEqual(document["context"]["setups"],
                         [{"build": name, "tables": "huge", "huge_kib": 2048.0}
                          for name in ("plain", "clang")])
        self.assertEqual([build["name"] for build in document["context"]["builds"]],
                         ["plain", "clang"])
        self.assertFalse(document["context"]["full"])
        self.assertIn("--build plain,clang", document["context"]["command"])
        self.assertEqual(sorted(document["context"]["layouts"]), list("0123"))

    def test_the_usual_setup_leaves_results_as_they_are(self):
        self.measured("--build", "plain", "--tables", "huge")
        context = self.only_run()["context"]
        self.assertEqual({"setups", "builds"} & set(context), set())
        self.assertNotIn("--build", context["command"])

    def test_builds_are_compared_in_pairs(self):
        done = self.measured("--build", "plain,clang")
        self.assertIn("inline plain against inline clang, 2 cells: 2 faster", done.out)
        self.assertIn("inline against linux-6.12, 2 cells: 2 faster", done.out)
        done = self.ptbench("compare", "--results", self.results, "--build", "clang,plain",
                            "--variant", "recursive", "--json")
        self.assertEqual(done.code, 1, done.err)
        for cell in done.json["cells"]:
            self.assertAlmostEqual(cell["ratio"], 1.25, delta=0.05)
            self.assertEqual(cell["verdict"], "slower")
        self.assertGreater(done.json["resolvable_pct"], 0)

    def test_where_tables_come_from(self):
        self.measured("--allocator", "huge,small,kernel", "--variant", "inline")
        for tables, factor in (("small", 1.5), ("kernel", 2)):
            done = self.ptbench("compare", "--results", self.results, "--tables", f"{tables},huge", "--json")
            self.assertEqual([cell["verdict"] for cell in done.json["cells"]], ["slower"] * 2)
            self.assertAlmostEqual(done.json["cells"][0]["ratio"], factor, delta=0.05 * factor)

    def test_a_run_of_another_build_alone(self):
        done = self.measured("--build", "clang")
        self.assertIn("inline@clang against linux-6.12@clang, 2 cells: 2 faster", done.out)

    def test_an_unfinished_run_of_several_builds_is_resumed(self):
        arguments = (*FEW, "--build", "plain,clang", "--variant", "inline")
        started = self.start("run", "--results", self.results, "--seed", SEED, *arguments,
                             fake={**self.fake, "stall": 3}, **self.benches)
        self.interrupt(started, 3)
        self.fails(self.run_study(*FEW, "--variant", "inline", "--resume", fake=self.fake,
                                  **self.benches), 2, "another build of the binary", "other arguments")
        done = self.run_study(*arguments, "--resume", fake=self.fake, **self.benches)
        self.assertEqual(done.code, 0, done.err)
        self.assertRegex(done.err, r"\d+ of 24 units are there")
        self.assertTrue(self.only_run()["context"]["complete"])

    def test_what_is_wrong_is_named(self):
        self.fails(self.run_study("--build", "icc"), 2, "unknown build 'icc'")
        self.fails(self.run_study("--tables", "tiny"), 2, "unknown kind of tables 'tiny'")
        self.measured("--variant", "inline")
        self.fails(self.ptbench("compare", "--results", self.results, "--build", "plain,clang"), 5,
                   "nothing was measured both for inline plain and inline clang")
        self.fails(self.ptbench("compare", "--results", self.results, "--build", "plain"), 2,
                   "--build A,B")

    def test_dry_run_says_what_and_how_long_and_runs_nothing(self):
        log = self.folder / "log"
        fake = {"log": str(log)}
        done = self.run_study(*FEW, "--build", "plain,clang", "--dry-run", fake=fake, **self.benches)
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("amdv1/map/4K/x1/coherent/warm", done.out)
        self.assertRegex(done.out, "2 cases x 4 processes")
        self.assertRegex(done.out.splitlines()[-1], r"in 2 setups \(plain/huge, clang/huge\).*about \d+")
        self.assertFalse(log.exists())
        self.assertFalse(self.results.exists() and self.run_files())
        done = self.run_study(*FEW, "--dry-run", "--json", fake=fake)
        self.assertEqual(done.json["processes"], 4)
        large = {**fake, "caches": [4 << 20, 1 << 29]}
        self.assertEqual(self.run_study(*FEW, "--dry-run", "--json", fake=large).json["processes"], 4)
        self.assertGreater(done.json["seconds"], 0)
        self.assertEqual(done.json["seconds"], round(sum(
            case["seconds"] for case in done.json["cases"]), 1))


class SidesTest(CommandTest):
    """sides.compare_sides() over axes of a case."""

    def run_of(self, **truth):
        """A stored run of the fake, read back."""
        done = self.run_study("--filter", "*/unmap/4K/*", "--filter", "*/map/4K/x256/coherent/warm",
                              "--processes", "3", "--pairs", "12", fake=truth)
        self.assertEqual(done.code, 0, done.err)
        return store.load_run(self.run_files()[0])

    def test_formats_operations_and_modes(self):
        run = self.run_of()
        found = sides.compare_sides(run, {"format": "amdv1"}, {"format": "vtdss"})
        self.assertEqual([each.a for each in found], ["inline amdv1", "recursive amdv1",
                                                      "linux-6.12 amdv1", "limit amdv1"])
        self.assertEqual({len(each.cells) for each in found}, {4})
        found = sides.compare_sides(run, {"op": "map", "variant": "linux"},
                                    {"op": "unmap", "variant": "linux"})
        self.assertEqual([cell.case.name for cell in found[0].cells],
                         ["amdv1/map/4K/x256/coherent/warm", "vtdss/map/4K/x256/coherent/warm"])
        self.assertAlmostEqual(found[0].cells[0].statistic.ratio, 1, delta=0.03)

    def test_without_a_control_between_processes_there_is_no_verdict(self):
        found = sides.compare_sides(self.run_of(), {"format": "amdv1"}, {"format": "vtdss"})[0]
        self.assertEqual(found.count("unresolved"), len(found.cells))
        self.assertIn("no control between processes", found.notes[0])

    def test_sides_have_to_make_sense(self):
        run = self.run_of()
        for a, b, word in (({"colour": "red"}, {"colour": "blue"}, "no axis 'colour'"),
                           ({"build": "icc"}, {"build": "plain"}, "unknown build 'icc'"),
                           ({"variant": "inline"}, {"variant": "inline"}, "have to differ"),
                           ({"variant": "inline"}, {"build": "clang"}, "have to differ"),
                           ({"mode": "incoherent"}, {"mode": "coherent"}, "nothing was measured")):
            with self.assertRaisesRegex(Failure, word):
                sides.compare_sides(run, a, b)

    def test_again_is_no_variant(self):
        names = {"c/map/4K/x1/coherent/warm/inline": 1, "c/map/4K/x1/coherent/warm/inline#again": 1,
                 "c/map/4K/x1/coherent/warm/inline@clang": 1}
        samples = Samples([{"name": name, "samples": {"0": [[0, 1.0, 1.0]]}} for name in names])
        case = "c/map/4K/x1/coherent/warm"
        self.assertEqual(samples.labels(case), ["inline", "inline@clang"])
        self.assertEqual(samples.variants(case), ["inline"])
        self.assertEqual(samples.again_pairs(), [(case, "inline", "inline#again")])
        self.assertEqual(json.dumps(samples.control_pairs()), "[]")


if __name__ == "__main__":
    main()
