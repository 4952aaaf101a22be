#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`compare`: tables, JSON, verdicts, and the exit codes they turn into."""

import json
import re

from support import MACHINE, CommandTest, main

TRUTH = {"inline": 50.0, "recursive": 60.0, "linux-6.12": 100.0, "limit": 20.0}
KEYS = ["machine", "a", "b", "pairs", "resolvable_pct", "cells", "geomean"]
CELL_KEYS = ["format", "op", "page_size", "count", "mode", "state", "threads", "a_ns", "b_ns", "ratio",
             "ci_lo", "ci_hi", "a_instructions", "b_instructions", "verdict", "reason"]


class CompareTest(CommandTest):
    """compare"""

    def compare(self, *arguments):
        """`ptbench compare` in the test's results folder."""
        return self.ptbench("compare", "--results", self.results, *arguments)

    def test_json_has_exactly_the_documented_keys(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        done = self.compare("--vs", "linux", "--json")
        self.assertEqual(done.code, 0)
        self.assertEqual(list(done.json), KEYS)
        self.assertEqual((done.json["machine"], done.json["a"], done.json["b"], done.json["pairs"]),
                         (MACHINE, "inline", "linux-6.12", 24))
        self.assertGreater(done.json["resolvable_pct"], 0)
        self.assertEqual(len(done.json["cells"]), 2)
        for cell in done.json["cells"]:
            self.assertEqual(list(cell), CELL_KEYS)
            self.assertTrue(cell["ci_lo"] <= cell["ratio"] <= cell["ci_hi"])
            self.assertAlmostEqual(cell["ratio"], 0.5, delta=0.01)
            self.assertAlmostEqual(cell["a_ns"], 50, delta=1)
            self.assertEqual((cell["page_size"], cell["verdict"]), (4096, "faster"))
            self.assertIsNone(cell["a_instructions"])
            self.assertIsNone(cell["reason"])
        self.assertAlmostEqual(done.json["geomean"]["ratio"], 0.5, delta=0.01)

    def test_text_has_the_columns_of_the_field(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        done = self.compare("--variant", "inline,recursive")
        lines = done.out.splitlines()
        self.assertRegex(lines[0], rf"^amdv1 map   machine {MACHINE}   24 pairs in 6 processes   "
                                   r"resolvable >= \d+\.\d %$")
        self.assertEqual(lines[1].split(), ["pgsz", "mode/state", "inline", "min", "recursive", "min",
                                            "delta", "95%", "CI", "Ir", "verdict"])
        self.assertRegex(lines[2], r"^   2\^12 +coherent/warm +\d\d\.\d +\d\d\.\d +\d\d\.\d +\d\d\.\d"
                                   r" +-1\d\.\d% +\[-\d+\.\d,-\d+\.\d\] +- +faster$")
        self.assertEqual(done.code, 0)

    def test_markdown_is_a_table(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        done = self.compare("--vs", "linux", "--markdown")
        rows = [line for line in done.out.splitlines() if line.startswith("|")]
        self.assertEqual({row.count("|") for row in rows}, {11})
        self.assertEqual(rows[0], "| pgsz | mode/state | inline | min | linux-6.12 | min | delta | 95% CI | "
                                  "Ir | verdict |")
        self.assertRegex(rows[2], r"^\| 2\^12 \| coherent/warm \| \d\d\.\d \| \d\d\.\d \| [\d.]+ \| [\d.]+ "
                                  r"\| -\d\d\.\d% \| \[-\d\d\.\d,-\d\d\.\d\] \| - \| faster \|$")
        self.assertRegex(done.out, rf"^\*\*inline\*\* against \*\*linux-6\.12\*\* on `{MACHINE}`, 24 pairs "
                                   r"in 6 processes, resolvable ≥ \d+\.\d %\.")
        self.assertIn("inline against linux-6.12, 2 cells: 2 faster; geometric mean 0.50", done.out)

    def test_slower_somewhere_is_a_regression(self):
        self.store_made_up("2024-05-06-0123abcde-1", {**TRUTH, "inline": {"map": 50, "unmap": 130}})
        done = self.compare("--vs", "linux", "--json")
        self.assertEqual(done.code, 1)
        self.assertEqual([cell["verdict"] for cell in done.json["cells"]], ["faster", "slower"])
        self.assertEqual(self.compare("--vs", "linux", "--filter", "amdv1/map").code, 0)

    def test_small_differences_below_the_runs_noise_are_unresolved(self):
        self.store_made_up("2024-05-06-0123abcde-1", {**TRUTH, "recursive": 51.0}, placement=0.04)
        done = self.compare("--variant", "inline,recursive", "--json")
        self.assertEqual({cell["verdict"] for cell in done.json["cells"]}, {"unresolved"})
        self.assertEqual(done.code, 0)

    def test_identical_variants_are_the_same_in_a_quiet_run(self):
        self.store_made_up("2024-05-06-0123abcde-1", {**TRUTH, "recursive": 50.0}, noise=0.001,
                           placement=0.001)
        done = self.compare("--variant", "inline,recursive", "--json")
        self.assertEqual({cell["verdict"] for cell in done.json["cells"]}, {"same"})

    def test_default_is_the_newest_run_against_the_kernel(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        self.store_made_up("2024-05-06-00fff0000-10", {**TRUTH, "inline": 80.0})
        done = self.compare("--json")
        self.assertAlmostEqual(done.json["cells"][0]["ratio"], 0.8, delta=0.02)

    def test_two_runs(self):
        old = self.store_made_up("2024-05-06-0123abcde-1", TRUTH, seed=1)
        new = self.store_made_up("2024-05-07-0123abcdf-1", {**TRUTH, "inline": 60.0}, seed=2)
        done = self.compare(new.name, str(old), "--json")
        self.assertEqual(done.code, 1)
        self.assertEqual({cell["verdict"] for cell in done.json["cells"]}, {"slower"})
        self.assertAlmostEqual(done.json["cells"][0]["ratio"], 1.2, delta=0.03)
        self.assertEqual(self.compare(str(old), str(new)).code, 0)
        same = self.compare(str(new), str(old), "--variant", "recursive", "--json")
        self.assertEqual(same.code, 0)
        self.assertNotIn("slower", {cell["verdict"] for cell in same.json["cells"]})

    def test_two_runs_that_drifted_apart_do_not_blame_the_code(self):
        slow = {name: 1.3 * value for name, value in TRUTH.items()}
        old = self.store_made_up("2024-05-06-0123abcde-1", TRUTH, seed=1)
        new = self.store_made_up("2024-05-07-0123abcdf-1", slow, seed=2)
        done = self.compare(str(new), str(old), "--json")
        self.assertEqual({cell["verdict"] for cell in done.json["cells"]}, {"unresolved"})

    def test_same_code_in_both_runs_is_said(self):
        old = self.store_made_up("2024-05-06-0123abcde-1", TRUTH, text_sha256="ab")
        new = self.store_made_up("2024-05-07-0123abcdf-1", TRUTH, text_sha256="ab")
        self.assertIn("same .text", self.compare(str(new), str(old)).out)

    def test_two_machines_are_never_compared(self):
        here = self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        other = self.store_made_up("2024-05-06-0123abcde-1", TRUTH, machine="intel-xeon-f6m85s4-8cpu",
                                   folder=self.results / "runs" / "intel-xeon-f6m85s4-8cpu")
        self.fails(self.compare(str(here), str(other)), 4, MACHINE, "intel-xeon-f6m85s4-8cpu")

    def test_times_that_are_not_above_zero_are_incomparable(self):
        self.store_made_up("2024-05-06-0123abcde-1", {**TRUTH, "inline": -1.0})
        done = self.compare("--vs", "linux", "--json")
        self.assertEqual(done.code, 4)
        self.assertEqual({cell["verdict"] for cell in done.json["cells"]}, {"incomparable"})
        self.assertIsNone(done.json["geomean"])
        for cell in done.json["cells"]:
            self.assertRegex(cell["reason"], "^inline: 48 of 48 samples are not above 0.001 ns, ")
            self.assertIsNone(cell["a_ns"])

    def test_what_is_shorter_than_a_few_clock_reads_is_never_faster(self):
        path = self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        run = json.loads(path.read_text(encoding="utf-8"))
        for entry in run["benchmarks"]:
            entry["least_ns"] = 3.0
            if entry["name"] == "amdv1/map/4K/x1/coherent/warm/inline":
                entry["samples"]["2"][1][2] = 2.9
        path.write_text(json.dumps(run), encoding="utf-8")
        done = self.compare("--vs", "linux", "--json")
        self.assertEqual([cell["verdict"] for cell in done.json["cells"]], ["incomparable", "faster"])
        self.assertRegex(done.json["cells"][0]["reason"],
                         "^inline: 1 of 48 samples are not above 3 ns, what a few reads of the clock take")
        self.assertEqual(done.json["geomean"]["cells"], 1)
        reason = "incomparable: amdv1/map/4K/x1/coherent/warm: inline: 1 of 48 samples"
        self.assertIn(reason, self.compare("--vs", "linux").out)
        self.assertIn(reason[1:], self.compare("--vs", "linux", "--markdown").out)

    def test_a_mean_takes_in_what_the_run_can_resolve(self):
        cases = {"cases": ("map", "unmap", "iova_to_phys"), "formats": ("amdv1", "vtdss"), "counts": (1, 256)}
        self.store_made_up("2024-05-06-0123abcde-1", {**TRUTH, "recursive": 52.0}, placement=0.04, **cases)
        done = self.compare("--variant", "inline,recursive", "--json")
        mean, resolvable = done.json["geomean"], done.json["resolvable_pct"] / 100
        self.assertEqual(mean["cells"], 12)
        self.assertLessEqual(mean["ci_lo"] * (1 + resolvable), mean["ratio"])
        self.assertGreaterEqual(mean["ci_hi"], mean["ratio"] * (1 + 0.99 * resolvable))
        out = self.compare("--variant", "inline,recursive").out
        self.assertRegex(out, r"; cannot tell on the whole, geometric mean 0\.\d\d \[0\.\d\d, 1\.\d\d\]\n")

    def test_a_mean_of_one_process_has_no_interval(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, processes=1)
        mean = self.compare("--vs", "linux", "--json").json["geomean"]
        self.assertEqual((mean["ci_lo"], mean["ci_hi"]), (None, None))
        self.assertIn("cannot tell on the whole, geometric mean 0.50 [not known]",
                      self.compare("--vs", "linux").out)

    def test_one_process_gives_no_verdict(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, processes=1)
        done = self.compare("--vs", "linux")
        self.assertIn("one process", done.out)
        self.assertNotRegex(done.out, re.compile("faster$", re.MULTILINE))

    def test_what_cannot_be_compared(self):
        self.fails(self.compare(), 5, "no run of", MACHINE)
        self.store_made_up("2024-05-06-0123abcde-1", {"inline": 50.0, "recursive": 60.0})
        self.fails(self.compare("--vs", "linux"), 77, "linux-source-6.12", "--kernel")
        self.fails(self.compare("--variant", "inline,nix"), 2, "unknown variant 'nix'", "recursive")
        self.fails(self.compare("--variant", "inline,inline"), 2, "same variant")
        self.fails(self.compare("--variant", "a,b,c"), 2, "two variants")
        self.fails(self.compare("--filter", "nix"), 5, "nix")
        self.fails(self.compare("nothing.json"), 2, "nothing.json")
        self.fails(self.compare("1", "2", "3"), 2, "at most two")


if __name__ == "__main__":
    main()
