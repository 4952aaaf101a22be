#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`run`: what it stores, in which order it measures, what it does when cases fail or time runs out."""

import json
import statistics
import time

from support import MACHINE, CommandTest, main

FEW = ("--filter", "amdv1/map/4K", "--processes", "3", "--pairs", "6")


class StoreTest(CommandTest):
    """What a run leaves behind."""

    def test_run_file(self):
        done = self.run_study(*FEW)
        self.assertEqual(done.code, 0, done.err)
        path, = self.run_files()
        self.assertRegex(path.name, r"^\d{4}-\d{2}-\d{2}-([0-9a-f]{9}|nogit)-1\.json$")
        document = self.only_run()
        context = document["context"]
        for key, value in {"machine": MACHINE, "complete": True, "full": False, "quick": False,
                           "seed": 7, "processes": 3, "blocks": 2, "kernel": "linux-6.12",
                           "compiler": "fake 1.0", "missing": {}, "failed": {}}.items():
            self.assertEqual(context[key], value, key)
        for key in ("commit", "dirty", "binary_sha256", "text_sha256", "flags", "build_type", "cpu"):
            self.assertIn(key, context)
        self.assertLess(context["empty_loop_ns"]["min"], context["empty_loop_ns"]["max"])
        self.assertEqual(len(context["cases"]), 4)
        text = path.read_text(encoding="utf-8")
        for private in ("secret-host", "/home/someone"):
            self.assertNotIn(private, text)
        machine = json.loads((self.results / "machines" / f"{MACHINE}.json").read_text())
        self.assertEqual(machine["id"], MACHINE)

    def test_every_sample_is_stored_as_google_benchmark_has_it(self):
        self.run_study(*FEW)
        entries = self.only_run()["benchmarks"]
        self.assertEqual(len({entry["name"] for entry in entries}), len(entries))
        self.assertEqual(len([entry for entry in entries if not entry["name"].endswith("#2")]), 16)
        for entry in entries:
            self.assertEqual((entry["run_type"], entry["time_unit"], entry["repetitions"]),
                             ("iteration", "ns", 3))
            self.assertEqual(list(entry["samples"]), ["0", "1", "2"])
            self.assertEqual({len(blocks) for blocks in entry["samples"].values()}, {2})
            times = [time_ns for blocks in entry["samples"].values() for _, *both in blocks
                     for time_ns in both]
            self.assertEqual(len(times), 12)
            self.assertAlmostEqual(entry["real_time"], statistics.median(times),
                                   delta=1e-4 * times[0])
            self.assertEqual(entry["iterations"], 12000)

    def test_tables_of_all_three_races_and_charts(self):
        done = self.run_study(*FEW)
        for race in ("inline against linux-6.12", "recursive against linux-6.12",
                     "inline against recursive"):
            self.assertIn(race + ", 4 cells: 4 faster", done.out)
        charts = self.results / "charts" / MACHINE
        self.assertIn("</svg>", (charts / "ratio-amdv1.svg").read_text(encoding="utf-8"))
        self.assertNotIn("[", done.out.splitlines()[0])

    def test_json(self):
        done = self.run_study("--json", *FEW)
        self.assertEqual([(each["a"], each["b"]) for each in done.json["comparisons"]],
                         [("inline", "linux-6.12"), ("recursive", "linux-6.12"),
                          ("inline", "recursive")])
        self.assertEqual(done.json["run"], str(self.run_files()[0]))

    def test_runs_are_numbered_and_never_replaced(self):
        self.run_study(*FEW)
        first, = self.run_files()
        before = first.read_bytes()
        self.run_study(*FEW)
        self.assertEqual(len(self.run_files()), 2)
        self.assertEqual(first.read_bytes(), before)

    def test_the_published_charts_stay_those_of_a_full_run(self):
        full = self.run_study("--processes", "2", "--pairs", "2")
        self.assertTrue(self.only_run()["context"]["full"], full.err)
        chart = self.results / "charts" / MACHINE / "heat.svg"
        before = chart.stat().st_mtime_ns
        done = self.run_study(*FEW)
        self.assertEqual(done.code, 0)
        self.assertEqual(chart.stat().st_mtime_ns, before)

    def test_few_pairs_give_no_verdict_and_say_why(self):
        done = self.run_study("--filter", "amdv1/map/4K/x1", "--processes", "2", "--pairs", "4")
        self.assertIn("fewer than 6 pairs", done.out)
        self.assertNotIn("faster", done.out)

    def test_nothing_unfinished_is_left(self):
        self.run_study(*FEW)
        self.assertFalse((self.run_folder / ".partial").exists())


class MeasureTest(CommandTest):
    """What is measured, and when."""

    def log(self, *arguments, **fake):
        """The calls of a run, as [case, process, variants]."""
        path = self.folder / "log"
        path.unlink(missing_ok=True)
        done = self.run_study(*arguments, fake={"log": str(path), **fake})
        self.assertEqual(done.code, 0, done.err)
        return [line.split() for line in path.read_text(encoding="utf-8").splitlines()]

    def test_rounds_are_shuffled_and_seeded(self):
        arguments = ("--quick", "--filter", "amdv1", "--processes", "3", "--pairs", "3")
        calls = self.log(*arguments)
        rounds = [[case for case, process, _ in calls if process == str(number)]
                  for number in range(3)]
        self.assertEqual([process for _, process, _ in calls], ["0"] * 6 + ["1"] * 6 + ["2"] * 6)
        self.assertEqual({tuple(sorted(each)) for each in rounds}, {tuple(sorted(rounds[0]))})
        self.assertGreater(len({tuple(each) for each in rounds}), 1)
        self.assertEqual(self.log(*arguments), calls)

    def test_controls_measure_identical_code(self):
        calls = self.log("--filter", "amdv1", "--processes", "2", "--pairs", "2")
        controls = [variants for _, _, variants in calls if variants.endswith("limit,inline")]
        self.assertEqual(len(controls), len(calls))
        names = {entry["name"].rpartition("/")[2] for entry in self.only_run()["benchmarks"]}
        self.assertEqual(names, {"inline", "inline#2", "recursive", "linux-6.12", "limit"})

    def test_quick_takes_the_quick_cases(self):
        calls = self.log("--quick", "--filter", "*/unmap/*", "--processes", "1")
        self.assertEqual({case for case, _, _ in calls},
                         {f"{name}/unmap/4K/x{count}/coherent/warm" for name in ("amdv1", "vtdss")
                          for count in (1, 256)})

    def test_variants_are_selected(self):
        calls = self.log("--filter", "amdv1/map/4K/x1", "--processes", "1",
                         "--variant", "recursive,linux")
        self.assertEqual({variants for _, _, variants in calls},
                         {"recursive,linux-6.12,recursive"})

    def test_without_kernel_drivers_the_variants_race(self):
        done = self.run_study(*FEW, fake={"no_kernel": True})
        self.assertEqual(done.code, 0)
        self.assertIn("inline against recursive, 4 cells", done.out)
        self.assertNotIn("linux", done.out)

    def test_progress_is_on_stderr(self):
        done = self.run_study(*FEW)
        self.assertRegex(done.lines[0], r"^ptbench: 4 cases x 3 processes, 2 pairs each, on CPU \d+, "
                                        r"seed 7: about \d+s$")
        self.assertRegex(done.err, r"(?m)^\[12/12\] ETA 0s  amdv1/map/\S+  \d+(\.\d+)? ns (±|\+-)\d\.\d%$")


class FailureTest(CommandTest):
    """Cases that fail, and time that runs out."""

    def test_a_failing_case_is_named_and_the_others_are_kept(self):
        for how, word in (("crash", "SIGSEGV"), ("disagree", "different tables"),
                          ("garbage", "no valid results"), ("short", "samples instead of")):
            with self.subTest(how):
                done = self.run_study(*FEW, fake={how: "amdv1/map/4K/x256/*"})
                self.assertEqual(done.code, 3)
                self.assertIn("amdv1/map/4K/x256/coherent/warm FAILED: ", done.err)
                self.assertIn(word, done.lines[-1])
                document = json.loads(self.run_files()[-1].read_text(encoding="utf-8"))
                self.assertFalse(document["context"]["complete"])
                self.assertEqual(list(document["context"]["failed"]),
                                 ["amdv1/map/4K/x256/coherent/warm"])
                self.assertNotIn("x256", json.dumps(document["benchmarks"]))
                self.assertEqual(len(document["context"]["cases"]), 3)

    def test_what_cannot_be_measured_here_is_skipped(self):
        done = self.run_study(*FEW, fake={"absent": "*/cold"})
        self.assertEqual(done.code, 0)
        self.assertIn("cold skipped: ", done.err)
        self.assertIn("clflushopt", str(self.only_run()["context"]["skipped"]))

    def test_nothing_left_to_store(self):
        for how, code in (("crash", 3), ("absent", 77)):
            done = self.run_study(*FEW, fake={how: "*"})
            self.assertEqual(done.code, code)
            self.assertEqual(self.run_files(), [])
            self.assertFalse((self.run_folder / ".partial").exists())

    def test_max_time_wins(self):
        started = time.monotonic()
        done = self.run_study("--max-time", "4s", fake={"stall": 4})
        self.assertLess(time.monotonic() - started, 25)
        self.assertEqual(done.code, 0, done.err)
        self.assertRegex(done.err, r"stopped after 4s: \d+ of 220 units are missing, over 22 cases; "
                                   r"go on with: scripts/ptbench run --results \S+ --resume")
        context = self.only_run()["context"]
        self.assertFalse(context["complete"])
        self.assertEqual(len(context["missing"]), 22)

    def test_max_time_wins_over_a_case_that_never_ends(self):
        started = time.monotonic()
        done = self.run_study(*FEW, "--max-time", "3s", fake={"hang": "*/cold"})
        self.assertLess(time.monotonic() - started, 60)
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("amdv1/map/4K/x1/coherent/cold", self.only_run()["context"]["missing"])

    def test_no_time_at_all(self):
        done = self.run_study("--max-time", "0.001s")
        self.assertEqual(done.code, 3)
        self.assertIn("nothing was measured within", done.lines[-1])


if __name__ == "__main__":
    main()
