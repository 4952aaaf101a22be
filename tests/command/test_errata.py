#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What is known to be wrong in stored runs: marked wherever the figures would be shown or judged."""

import fnmatch
import json
import unittest

from support import MACHINE, ROOT, CommandTest, main

from ptbench_study.results import errata
from ptbench_study.base.errors import Failure

TRUTH = {"inline": 5.0, "recursive": 60.0, "linux-6.12": 100.0, "limit": 20.0}
CASES = ("map", "replay_batch")
BATCH = "amdv1/replay_batch/4K/x1/coherent/warm"
FAULT = {"what": "It was wrong.", "until": "2024-06-01T00:00:00Z", "cases": ["*/map/*"]}


class Rules(unittest.TestCase):
    """Which runs and entries a fault is in."""

    def test_until_and_since_are_dates_of_the_run(self):
        fault = {**FAULT, "since": "2024-05-01T00:00:00Z"}
        for date, expected in (("2024-04-30T23:59:59Z", False), ("2024-05-01T00:00:00Z", True),
                               ("2024-05-31T23:59:59Z", True), ("2024-06-01T00:00:00Z", False)):
            self.assertEqual(errata.concerns_run(fault, {"date": date}), expected, date)

    def test_where_binaries_say_their_method_that_decides(self):
        fault = {**FAULT, "method": 3}
        for method, expected in (("2", True), ("3", False), ({"min": 2, "median": 3, "max": 3}, True),
                                 ({"min": 3, "median": 4, "max": 4}, False), (None, True)):
            context = {"date": "2025-01-01T00:00:00Z", "method": method}
            self.assertEqual(errata.concerns_run(fault, context), expected, method)
        self.assertTrue(errata.concerns_run(fault, {"date": "2024-01-01T00:00:00Z"}))

    def test_a_fault_may_need_a_large_cache(self):
        fault = {**FAULT, "llc_above": 1 << 20}
        for size, expected in ((str(1 << 20), False), (str(1 << 21), True), (None, False)):
            context = {"date": "2024-01-01T00:00:00Z", "llc_bytes": size}
            self.assertEqual(errata.concerns_run(fault, context), expected, size)

    def test_cases_and_variants_are_globs_whatever_the_side(self):
        fault = {**FAULT, "variants": ["inline*"]}
        case = "amdv1/map/4K/x1/coherent/warm"
        for name in ("inline", "inline#2", "inline-eager", "inline@clang", "inline:old", "inline#again"):
            self.assertTrue(errata.concerns(fault, f"{case}/{name}"), name)
        self.assertFalse(errata.concerns(fault, f"{case}/linux-6.12"))
        self.assertFalse(errata.concerns(fault, f"{case.replace('map', 'unmap')}/inline"))
        self.assertTrue(errata.concerns(FAULT, f"{case}/linux-6.12"))

    def test_the_first_fault_marks(self):
        entries = [{"name": "amdv1/map/4K/x1/coherent/warm/inline"}, {"name": "a/unmap/4K/x1/c/w/inline"}]
        errata.mark(entries, {"date": "2024-01-01T00:00:00Z"}, [FAULT, {**FAULT, "what": "Other."}])
        self.assertEqual(entries[0]["fault"], "known to be wrong until 2024-06-01: It was wrong")
        self.assertNotIn("fault", entries[1])


class Files(CommandTest):
    """The file itself."""

    def test_every_glob_of_ours_is_about_figures_that_are_stored(self):
        stored = [json.loads(path.read_text(encoding="utf-8"))["context"]
                  for path in sorted((ROOT / "results" / "runs").glob("*/*.json"))]
        faults = errata.load()
        self.assertTrue(faults)
        for fault in faults:
            old = {case["name"] for context in stored if context["date"] < fault["until"]
                   for case in context["cases"]}
            for glob in fault["cases"]:
                self.assertTrue(fnmatch.filter(old, glob), glob)

    def test_a_wrong_one_is_refused_with_the_key(self):
        path = self.folder / "errata.toml"
        good = 'what = "x"\nuntil = "2024-06-01T00:00:00Z"\ncases = ["*"]\n'
        for text, key in ((good.replace("what", "why"), "why"), (good + "method = true\n", "method"),
                          (good.replace("00Z", "00"), "until"), (good + "variants = [1]\n", "variants"),
                          ('what = "x"\nuntil = "2024-06-01T00:00:00Z"\n', "cases")):
            path.write_text(f"[[fault]]\n{text}", encoding="utf-8")
            with self.assertRaisesRegex(Failure, f'errata.toml: a .* "{key}"'):
                errata.load(path)
        path.write_text("fault = 1", encoding="utf-8")
        self.assertRaises(Failure, errata.load, path)
        self.assertEqual(errata.load(self.folder / "none.toml"), [])


class Commands(CommandTest):
    """An old run with a case that was measured wrong."""

    def old_and_new(self):
        """Two runs of the same, before and after the fault."""
        old = self.store_made_up("2024-05-06-0123abcde-1", TRUTH, cases=CASES, method="1")
        new = self.store_made_up("2024-05-07-0123abcdf-1", {**TRUTH, "inline": 50.0}, cases=CASES)
        return old, new

    def test_compare_gives_no_verdict_and_says_why(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, cases=CASES, method="1")
        done = self.ptbench("compare", "--results", self.results, "--vs", "linux", "--json")
        right, wrong = done.json["cells"]
        self.assertEqual((right["verdict"], right["reason"]), ("faster", None))
        self.assertEqual((wrong["verdict"], wrong["a_ns"], wrong["ratio"]), ("incomparable", None, None))
        self.assertRegex(wrong["reason"], "^inline: known to be wrong until 20..-..-..: The empty loop")
        self.assertEqual(done.json["geomean"]["cells"], 1)
        text = self.ptbench("compare", "--results", self.results, "--vs", "linux").out
        self.assertIn(f"incomparable: {BATCH}: inline: known to be wrong", text)

    def test_two_runs_are_not_compared_in_what_was_wrong(self):
        old, new = self.old_and_new()
        done = self.ptbench("compare", new, old, "--json")
        found = {cell["op"]: cell["verdict"] for cell in done.json["cells"]}
        self.assertEqual(found["replay_batch"], "incomparable")
        self.assertNotEqual(found["map"], "incomparable")

    def test_history_leaves_it_out_and_says_so(self):
        self.old_and_new()
        done = self.ptbench("history", "--results", self.results, "--machine", MACHINE, "--json")
        points = {(each["case"], each["variant"]): len(each["points"]) for each in done.json["series"]}
        self.assertEqual(points[BATCH, "inline"], 1)
        self.assertEqual(points["amdv1/map/4K/x1/coherent/warm", "inline"], 2)
        left_out = {each["case"]: each["left_out"] for each in done.json["series"]}
        self.assertEqual([each["run"] for each in left_out[BATCH]], ["2024-05-06-0123abcde-1.json"])
        text = self.ptbench("history", "--results", self.results, "--machine", MACHINE).out
        self.assertIn("left out: 1 run: known to be wrong until", text)

    def test_a_series_of_nothing_else_is_refused_with_the_reason(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, cases=CASES, method="1")
        self.fails(self.ptbench("history", "--results", self.results, "--machine", MACHINE, "--filter",
                                "*replay_batch*"), 5, "known to be wrong until")

    def test_export_leaves_it_out_and_says_so(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, cases=CASES, method="1")
        done = self.ptbench("export", "--results", self.results)
        names = {entry["run_name"] for entry in json.loads(done.out)["benchmarks"]}
        self.assertNotIn(f"{BATCH}/inline", names)
        self.assertIn(f"{BATCH}/linux-6.12", names)
        self.assertRegex(done.err, "and 1 more left out: known to be wrong until")

    def test_the_report_tells_what_was_wrong_until_when(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, cases=CASES, method="1")
        page = self.folder / "BENCHMARKS.md"
        done = self.ptbench("report", "--results", self.results, "--output", page, "--site",
                            self.folder / "site")
        if done.code == 3 and "gnuplot" in done.err:
            self.skipTest("gnuplot is missing")
        self.assertEqual(done.code, 0, done.err)
        text = page.read_text(encoding="utf-8")
        section = text.partition("## What was wrong until when\n")[2].partition("\n## ")[0]
        self.assertRegex(section, r"\* until 20..-..-.., `\*/replay_batch/\*` of `inline\*`, "
                                  r"`recursive\*`: The empty loop")
        self.assertIn(f"* {MACHINE}: 3 of 10 figures of the run shown above.", section)


if __name__ == "__main__":
    main()
