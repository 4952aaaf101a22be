#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`gate`: what got slower is named and nothing else, against an old binary and against a stored run."""

import contextlib
import io
import json
import os
import random
import shutil
import subprocess
import types
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import numpy
from support import FAKE, MACHINE, SEED, CommandTest, main, made_up_run, unit
from ptbench_study import cli
from ptbench_study.measure import callgrind, counting
from ptbench_study.results import counts
from ptbench_study.code import baseline
from ptbench_study.judge import gate_times
from ptbench_study.judge.compare import compare_variants
from ptbench_study.base.errors import Failure
from ptbench_study.results.merge import condense, merge
from ptbench_study.results.store import Run

CASE = "amdv1/map/4K/x1/coherent/warm"
FILTER = ("--filter", "amdv1/map/4K/x1", "--filter", "amdv1/unmap/4K/x1")


class GateTest(CommandTest):
    """The command, with a fake for each binary."""

    def old_binary(self, **fake):
        """A measuring binary with a truth of its own; its path."""
        path = self.folder / "old-bench"
        settings = json.dumps({"salt": "old", **fake})
        path.write_text(f"#!/bin/sh\nFAKE_BENCH='{settings}' exec {FAKE} \"$@\"\n", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    def gate(self, *arguments, fake=None, **more):
        """`ptbench gate --times-only` on the test's results."""
        return self.ptbench("gate", "--times-only", "--results", self.results, "--seed", SEED, *arguments,
                            fake=fake, **more)

    def against_old(self, *arguments, old=None, fake=None):
        """The gate against an old binary."""
        return self.gate("--baseline", "v1", *arguments, fake=fake,
                         PTBENCH_BASELINE_BENCH=self.old_binary(**(old or {})))

    def test_same_speed_passes(self):
        done = self.against_old(*FILTER)
        self.assertEqual((done.code, done.out), (0, ""), done.err)
        self.assertRegex(done.err, r"6 comparisons against commit v1, resolvable >= \d\.\d %: "
                                   r"\d looked slower, 0 are\n$")

    def test_a_slow_down_is_caught_and_measured_again(self):
        log = self.folder / "log"
        done = self.against_old(*FILTER, fake={"truth": {"inline": 2.2}, "log": str(log)})
        self.assertEqual(done.code, 1, done.err)
        lines = done.out.splitlines()
        self.assertEqual(len(lines), 3, lines)
        for line in lines:
            self.assertRegex(line, r"^time: amdv1/\w+/4K/x1/coherent/\w+ inline: \d+\.\d ns instead of "
                                   r"\d+\.\d, \+(9|10)\.\d% \[\+\d+\.\d,\+\d+\.\d\]; at first \+\d+\.\d%$")
        self.assertIn("3 cases look slower; measuring them again", done.err)
        # Six processes in the first pass, twice as many in the second.
        self.assertEqual(len(log.read_text(encoding="utf-8").splitlines()), 3 * (6 + 12))

    def test_json(self):
        done = self.against_old(*FILTER, "--json", fake={"truth": {"recursive": 3.0}})
        self.assertEqual((done.code, done.json["passed"]), (1, False))
        times = done.json["times"]
        self.assertEqual({each["variant"] for each in times["slower"]}, {"recursive"})
        self.assertTrue(all(1.15 < each["ci_lo"] <= each["ratio"] <= each["ci_hi"] < 1.25
                            for each in times["slower"]))
        self.assertEqual((times["compared"], times["suspects"], times["unconfirmed"]), (6, 3, []))

    def test_faster_passes(self):
        self.assertEqual(self.against_old(*FILTER, fake={"truth": {"inline": 1.5}}).code, 0)

    def test_processes_take_turns(self):
        order = self.folder / "order"
        self.against_old("--filter", CASE, fake={"log": str(order), "salt": "new"},
                         old={"log": str(order)})
        lines = [line.split() for line in order.read_text(encoding="utf-8").splitlines()]
        self.assertEqual([int(line[1]) for line in lines], [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
        self.assertEqual({line[2] for line in lines}, {"inline,recursive,linux-6.12"})

    def test_processes_take_turns_with_link_orders(self):
        order = self.folder / "order"
        names = ("old-bench", "old-bench-order1", "new-bench", "new-bench-order1", "new-bench-order2")
        for name in names:
            path = self.folder / name
            path.write_text(f"#!/bin/sh\n[ \"$1\" != measure ] || echo {name} >>{order}\n"
                            f"exec {FAKE} \"$@\"\n", encoding="utf-8")
            path.chmod(0o755)
        done = self.gate("--baseline", "v1", "--filter", CASE, PTBENCH_BENCH=str(self.folder / "new-bench"),
                         PTBENCH_BASELINE_BENCH=str(self.folder / "old-bench"))
        self.assertEqual(done.code, 0, done.err)
        # Both have two: a pair has the same one.
        self.assertEqual(order.read_text(encoding="utf-8").split()[:4],
                         ["old-bench", "new-bench", "new-bench-order1", "old-bench-order1"])

    def test_a_case_that_breaks_is_no_pass(self):
        done = self.against_old(*FILTER, fake={"crash": CASE})
        self.assertEqual(done.code, 3)
        self.assertIn(f"{CASE}: new binary: died of SIGSEGV", done.lines[-1])
        done = self.against_old("--filter", CASE, old={"disagree": CASE})
        self.fails(Last(done), 3, "nothing was measured", "old binary", "different tables")

    def test_what_is_not_in_the_old_binary_is_said(self):
        done = self.against_old(*FILTER, old={"no_kernel": True})
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("resolvable >= ", done.err)

    def test_time_limit_wins_and_is_no_pass(self):
        done = self.against_old(*FILTER, "--max-time", "4s", fake={"sleep": 0.2}, old={"sleep": 0.2})
        self.fails(Last(done), 3, "3 cases got too few processes", "--max-time")
        self.fails(Last(self.against_old(*FILTER, "--max-time", "0.1s", fake={"sleep": 1})), 3, "--max-time")

    def test_suspects_that_are_not_measured_again_are_no_pass(self):
        once = decide(SEED, {CASE: 1.2}, again=None, second=False)
        self.assertEqual([(variant, cell.case.name) for variant, cell in once.unconfirmed],
                         [("inline", CASE)])
        self.assertEqual(once.slower, [])

    def store_run(self, fake=None):
        """Have a run of the fake stored."""
        done = self.run_study("--filter", "amdv1/*/4K/x1", "--processes", 10, "--pairs", 40,
                              fake={"salt": "then", **(fake or {})})
        self.assertEqual(done.code, 0, done.err)

    def test_against_a_stored_run_drift_is_no_regression(self):
        self.store_run()
        slow = {name: 1.4 * time for name, time in
                {"inline": 2.0, "recursive": 2.5, "linux-6.12": 4.0, "limit": 1.0}.items()}
        done = self.gate(*FILTER, fake={"truth": slow})
        self.assertEqual((done.code, done.out), (0, ""), done.err)
        done = self.gate(*FILTER, "--processes", 10, fake={"truth": {**slow, "inline": 1.3 * slow["inline"]}})
        self.assertEqual(done.code, 1, done.err)
        self.assertEqual({line.split()[2] for line in done.out.splitlines()}, {"inline:"})
        self.assertEqual(len(done.out.splitlines()), 3)

    def test_what_is_lacking_is_said_before_anything_is_counted(self):
        log = self.folder / "log"

        def gate(*arguments):
            return self.ptbench("gate", "--results", self.results, *arguments, *FILTER,
                                fake={"log": str(log), "crash": "*"},
                                PTBENCH_BASELINE_BENCH=self.old_binary(crash="*"))

        self.fails(gate(), 5, "nothing to gate against", "no golden counts of fake 1.0", "nor a stored run",
                   "gate --baseline HEAD~1")
        self.fails(gate("--counts-only"), 5, "no golden counts of fake 1.0, ", "count --update",
                   "gate --baseline HEAD~1")
        self.assertFalse(log.exists())
        # With a commit to compare with it goes on, without counting: here both binaries crash at once.
        done = gate("--baseline", "v1")
        self.assertIn("note: only times are gated: there are no golden counts of fake 1.0", done.err)
        self.fails(Last(done), 3, "died of SIGSEGV")

    def test_what_cannot_be_gated(self):
        self.fails(self.gate(), 5, "no stored run", "--baseline", "--counts-only")
        self.store_made_up("2024-05-06-0123abcde-1", {"inline": 50.0, "limit": 20.0})
        self.fails(self.gate(), 4, "without a driver", "--baseline")
        other = self.store_made_up("2024-05-06-0123abcde-1", {"inline": 50.0, "linux-6.12": 100.0},
                                   machine="pdp-11", folder=self.results / "runs" / "pdp-11")
        self.fails(self.gate("--against", other), 4, "pdp-11", MACHINE)
        self.fails(self.gate("--against", "nix"), 2, "nix")
        self.fails(self.gate("--baseline", "no-such-commit"), 2, "no-such-commit")
        self.fails(self.gate("--baseline", "HEAD", PTBENCH_BASELINE_BENCH="/nowhere"), 3, "/nowhere")
        done = self.against_old("--processes", "2", *FILTER)
        self.fails(Last(done), 2, "--processes")
        self.fails(self.gate("--baseline", "a", "--against", "b"), 2, "not allowed with")


class CountsTest(unittest.TestCase):
    """What the gate makes of counts."""

    ROWS = [{"case": CASE, "variant": "inline", "instructions": 105.5, "golden": 100.0, "change": 0.055},
            {"case": CASE, "variant": "recursive", "instructions": 90.0, "golden": 100.0, "change": -0.1}]

    def gate(self, worse, failed=()):
        """(exit code or Failure, stdout, stderr) of `gate --counts-only`."""
        document = {"golden": "results/counts/fake.csv", "rows": self.ROWS, "worse": worse,
                    "not_counted": []}
        counted = types.SimpleNamespace(failed=failed, document=lambda: document)
        out, err = io.StringIO(), io.StringIO()

        def count(_bench, asked):
            self.asked.append(asked)
            return counted

        with mock.patch.object(counting, "count", count), \
                mock.patch.dict(os.environ, {"PTBENCH_BENCH": str(FAKE)}), \
                contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.main(["gate", "--counts-only", "--results", self.results])
        return code, out.getvalue(), err.getvalue()

    def setUp(self):
        self.asked = []
        folder = TemporaryDirectory(prefix="ptbench-test-")
        self.addCleanup(folder.cleanup)
        self.results = folder.name
        folder_of_counts = mock.patch.dict(os.environ, {"PTBENCH_COUNTS": folder.name})
        folder_of_counts.start()
        self.addCleanup(folder_of_counts.stop)
        golden = counts.golden_path("fake 1.0", os.uname().machine)
        counts.store(golden, counts.Golden({(CASE, "inline"): 100.0}))

    def test_worse_counts_fail_by_name(self):
        code, out, err = self.gate([[CASE, "inline"]])
        self.assertEqual((code, out), (1, f"count: {CASE} inline: 105.50 instructions instead of 100.00, "
                                          "+5.50%\n"))
        self.assertIn("2 counts, 1 worse", err)
        self.assertEqual(self.asked, [counting.Asked(quick=True)])

    def test_better_counts_pass(self):
        self.assertEqual(self.gate([])[:2], (0, ""))

    def test_counts_that_failed_are_no_pass(self):
        missed = callgrind.Count(CASE, "inline", reason="it crashed", code=3)
        code, out, err = self.gate([], [missed])
        self.assertEqual((code, out), (3, ""))
        self.assertIn(f"1 counts failed, first {CASE} inline: it crashed", err)


class Last:
    """How a call ended, with only the last line that it said."""

    def __init__(self, done):
        self.code = done.code
        self.lines = done.lines[-1:]
        self.err = done.err


def simulated(rng, slower, processes, quiet, cases=12):
    """An interleaved run of new and old: `slower` maps cases to a factor of the new one.

    quiet: noise of the control, as a fraction of that of the cases.
    """
    documents, names = [], [f"amdv1/map/4K/x{number + 1}/coherent/warm" for number in range(cases)]
    for name in names:
        truth = {"inline:new": 50.0 * slower.get(name, 1), "inline:old": 50.0}
        for process in range(processes):
            entries = unit(rng, name, process, truth, 2, 0.02, 0.015, False)
            entries += unit(rng, name, process, {"linux-6.12": 100.0}, 2, quiet * 0.02, quiet * 0.015, False)
            control = unit(rng, name, process, {"control": 100.0}, 2, quiet * 0.02, quiet * 0.015, False)
            for entry in control:
                entry["name"] = f"{name}/linux-6.12#2"
            documents.append(condense({"benchmarks": entries + control}))
    context = {"machine": MACHINE, "date": "2024-05-06T07:08:09Z", "kernel": "linux-6.12",
               "cases": [{"name": name, "format": "amdv1", "op": "map"} for name in names]}
    return Run("simulated", json.loads(merge(documents, context)))


def decide(seed, slower, quiet=1.0, again=None, second=True):
    """What the gate decides about simulated measurements.

    again: how slow cases are in the second pass; second: whether there is time for it.
    """
    rng = random.Random(seed)

    def passed(factors, processes):
        run = simulated(rng, factors, processes, quiet)
        return {"inline": compare_variants(run, "inline:new", "inline:old")}

    return gate_times.judge(passed(slower, 6), lambda names: passed(
        slower if again is None else again, 12) if second else None, all_tested=False)


class SimulationTest(unittest.TestCase):
    """The decision over many gates: noise of 2 % a sample and 1.5 % a process, twelve cases each."""

    GATES = 60

    def test_false_alarms_are_rare(self):
        # A control that is much quieter than the cases lets many suspects through.
        verdicts = [decide(number, {}, quiet=0.1) for number in range(self.GATES)]
        self.assertGreater(sum(len(verdict.suspects) for verdict in verdicts), 5)
        # 5 % are allowed: of 60 gates more than 8 in one try out of a thousand.
        self.assertLessEqual(sum(bool(verdict.slower) for verdict in verdicts), 8)

    def test_what_was_slow_only_once_passes(self):
        once = {f"amdv1/map/4K/x{number}/coherent/warm": 1.2 for number in (2, 3, 4)}
        verdict = decide(SEED, once, again={})
        self.assertEqual((len(verdict.suspects), verdict.slower, verdict.unconfirmed), (3, [], []))

    def test_a_slow_down_is_caught(self):
        guilty = "amdv1/map/4K/x5/coherent/warm"
        caught = 0
        for number in range(10):
            names = [slower.case.name for slower in decide(number, {guilty: 1.10}).slower]
            caught += guilty in names
            self.assertLessEqual(len(names), 2)
        self.assertGreaterEqual(caught, 9)

    def test_without_anything_unchanged_nothing_is_decided(self):
        run = Run("now", json.loads(made_up_run({"inline:new": 60.0, "inline:old": 50.0}, control=False)))
        with self.assertRaises(Failure) as caught:
            gate_times.judge({"inline": compare_variants(run, "inline:new", "inline:old")}, None, False)
        self.assertEqual(caught.exception.code, 4)

    def test_chance(self):
        class Statistic:
            processes = 10
            ratio = float(numpy.exp(0.02))
            draws = numpy.random.default_rng(SEED).normal(0.02, 0.01, 20000)

        # Student's t of 2 with 9 degrees of freedom.
        self.assertAlmostEqual(gate_times.chance(Statistic), 0.0383, delta=0.002)


@unittest.skipUnless(all(map(shutil.which, ("git", "cmake", "ninja", "cc"))), "no build tools")
class BaselineTest(unittest.TestCase):
    """Building a commit of a small project."""

    PRESETS = {"version": 3, "configurePresets": [
        {"name": "plain", "generator": "Ninja", "binaryDir": "${sourceDir}/build/plain"}]}
    LISTS = ("cmake_minimum_required(VERSION 3.18)\nproject(small C)\n"
             "add_executable(ptbench-bench main.c)\n"
             "set_target_properties(ptbench-bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY "
             "${CMAKE_BINARY_DIR}/bench)\n")

    def setUp(self):
        folder = TemporaryDirectory(prefix="ptbench-test-")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "project"
        self.root.mkdir()
        self.git("init", "-q")
        (self.root / "CMakePresets.json").write_text(json.dumps(self.PRESETS), encoding="utf-8")
        (self.root / "CMakeLists.txt").write_text(self.LISTS, encoding="utf-8")
        self.commits = [self.commit(f"int main(void) {{ return {number}; }}\n") for number in (11, 12)]
        self.commits.append(self.commit("no C\n"))

    def git(self, *arguments):
        """git in the small project; what it says."""
        who = ("-c", "user.name=someone", "-c", "user.email=someone@example.org")
        return subprocess.run(["git", *who, "-C", self.root, *arguments], check=True, text=True,
                              capture_output=True).stdout.strip()

    def commit(self, source):
        """Commit a main.c; the commit."""
        (self.root / "main.c").write_text(source, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-qm", "one more")
        return self.git("rev-parse", "HEAD")

    def build(self, commit):
        """The binary of a commit."""
        place = self.root / "build" / "baseline" / commit[:12]
        place.mkdir(parents=True, exist_ok=True)
        if not (place / "source").exists():
            baseline.check_out(commit, place / "source", self.root)
        baseline.compile_in(place / "source", place / "build", None)
        return place / "build" / baseline.BINARY

    def test_each_commit_has_its_binary(self):
        before = self.git("status", "--porcelain", "--untracked-files=no")
        for commit, code in zip(self.commits, (11, 12)):
            self.assertEqual(subprocess.run([self.build(commit)], check=False).returncode, code)
        self.assertEqual(self.git("status", "--porcelain", "--untracked-files=no"), before)
        self.assertEqual((self.root / "main.c").read_text(encoding="utf-8"), "no C\n")

    def test_a_commit_that_does_not_build(self):
        with self.assertRaises(Failure) as caught:
            self.build(self.commits[2])
        self.assertEqual(caught.exception.code, 3)
        self.assertRegex(str(caught.exception), r"^building the baseline failed: .*error: .*\(log: .*\)$")

    def test_sources_that_cannot_be_had(self):
        with self.assertRaises(Failure) as caught:
            baseline.check_out("0" * 40, self.root / "build" / "source", self.root)
        self.assertIn("000000000", str(caught.exception))
        self.assertFalse(os.path.exists(self.root / "build" / "source"))


if __name__ == "__main__":
    main()
