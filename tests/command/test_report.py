#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`report`: BENCHMARKS.md out of stored runs."""

import re
import shlex
import shutil
import sys

from support import MACHINE, CommandTest, main

TRUTH = {"inline": {"map": 50.0, "unmap": 130.0}, "recursive": 60.0, "linux-6.12": 100.0, "limit": 20.0}
NOTE = """[[losing]]
cases = "*/unmap/*"
variant = "inline"
reason = "Clears what the driver detaches."

[[decision]]
decision = "Inline every level."
reason = "Calls cost."
a = "inline"
b = "linux"
cases = "*/map/*"
"""


class ReportTest(CommandTest):
    """report"""

    def test_arguments_are_checked_before_the_work(self):
        for day in (6, 7):
            self.store_made_up(f"2024-05-0{day}-0123abcde-1", TRUTH)
        (self.folder / "mine").mkdir()
        (self.folder / "mine" / "file").write_text("mine", encoding="utf-8")
        for arguments, code, words in (
                (("--ecdf", "no/such/case/at/all/here"), 5, ["no case"]),
                (("--output", self.folder), 2, ["is a folder"]),
                (("--output", "/proc/nix/B.md"), 3, ["cannot write"]),
                (("--site", self.folder / "mine"), 2, ["no site of ptbench"])):
            with self.subTest(arguments):
                self.fails(self.ptbench("report", "--results", self.results, *arguments), code, *words)
                self.assertFalse((self.results / "charts").exists())

    def report(self, *arguments):
        """`ptbench report` on the test's results; its text."""
        done = self.ptbench("report", "--results", self.results, *arguments)
        self.assertEqual(done.code, 0, done.err)
        return (self.results / "BENCHMARKS.md").read_text(encoding="utf-8")

    def test_text(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        (self.results / "notes.toml").write_text(NOTE, encoding="utf-8")
        text = self.report()
        self.assertLess(text.index("## Short answer"), text.index("* inline against linux-6.12: "))
        self.assertRegex(text, r"\* inline against linux-6.12: cannot tell on the whole, "
                               r"geometric mean 0\.8\d \[0\.\d\d, 1\.\d\d\]; of 2 cells 1 faster, 1 slower\n")
        self.assertRegex(text, r"\* recursive against linux-6.12: 0\.60 \[0\.\d\d, 0\.\d\d\] times "
                               "the time; of 2 ")
        self.assertRegex(text, r"(?m)^\| map \| 0\.50 \[0\.\d\d, 0\.\d\d\] \|")
        self.assertRegex(text, r"(?m)^\| amdv1 \| 0\.8\d \[0\.\d\d, 1\.\d\d?\]\? \|")
        self.assertRegex(text, r"(?m)^\| inline \| 1 \| amdv1/unmap/4K/x1/coherent/warm \| 1\.3\d? \[.*\]"
                               r" \| Clears what the driver detaches\. \|$")
        self.assertEqual(text.count("Clears what"), 1)
        self.assertTrue(text.endswith("\n"))
        self.assertNotIn("full study", text.split("## Short answer")[1].split("## ")[0])

    def test_decisions_stand_with_their_evidence(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        (self.results / "notes.toml").write_text(NOTE, encoding="utf-8")
        text = self.report()
        self.assertIn("1. **Inline every level.** Calls cost.", text)
        self.assertRegex(text, rf"\* {MACHINE}: 0\.50 \[.*\] over 1 cell: 1 faster\n")
        command = re.search(r"`scripts/ptbench (compare .*)`", text)[1]
        done = self.ptbench(*shlex.split(command), "--results", self.results, "--json")
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual([(cell["op"], cell["verdict"]) for cell in done.json["cells"]],
                         [("map", "faster")])

    def test_a_decision_without_figures_says_so(self):
        self.store_made_up("2024-05-06-0123abcde-1", {"inline": 50.0, "recursive": 60.0})
        (self.results / "notes.toml").write_text(NOTE, encoding="utf-8")
        self.assertIn(f"* {MACHINE}: not measured", self.report())

    def test_tables_are_well_formed(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, sizes=("4K", "2M"))
        block = []
        for line in self.report().splitlines() + [""]:
            if line.startswith("|"):
                block.append(line.count("|"))
            elif block:
                self.assertGreaterEqual(len(block), 3)
                self.assertEqual(len(set(block)), 1, block)
                block = []

    def test_links_lead_somewhere(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        links = re.findall(r"\]\(([^)]+)\)", self.report())
        self.assertGreaterEqual(len(links), 3)
        for link in links:
            self.assertTrue((self.results / link).exists(), link)

    def test_charts_of_other_commands_are_linked(self):
        folder = self.results / "charts" / MACHINE
        folder.mkdir(parents=True)
        for name in ("history-map", "size"):
            (folder / f"{name}.svg").write_text('<svg width="9" height="9"></svg>', encoding="utf-8")
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        text = self.report()
        self.assertIn(f"From run to run: [map](charts/{MACHINE}/history-map.svg).\n", text)
        self.assertIn(f"![Bytes of code against time](charts/{MACHINE}/size.svg)\n", text)

    def test_a_cell_without_a_reason_says_so(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        self.assertIn("not explained yet", self.report())

    def test_no_loss(self):
        self.store_made_up("2024-05-06-0123abcde-1", {**TRUTH, "inline": 50.0})
        self.assertIn("No cell loses", self.report())

    def test_what_was_replayed_is_said(self):
        truth = {"inline": 50.0, "linux-6.12": 100.0}
        case = "amdv1/replay/mine/x1/coherent/warm"
        of_trace = {"recorded": 498, "replayed": 213, "left_out": {"not_mapped": 280, "empty": 5}}
        keys = {"cases": ("replay",), "sizes": ("mine",)}
        self.store_made_up("2024-05-06-0123abcde-1", truth, **keys, traces={case: of_trace})
        words = ("213 of 498 events; 285 left out because 280 unmap what is not known to be mapped, "
                 "5 changed nothing")
        self.assertIn(f"### Replayed traces\n\n* `mine` (amdv1): {words}\n", self.report())
        page = (self.results / "site" / "machines" / f"{MACHINE}.html").read_text(encoding="utf-8")
        self.assertIn(f"<li><code>mine</code> (amdv1): {words}</li>", page)
        self.store_made_up("2024-05-06-0123abcde-2", truth, **keys)
        self.assertIn("* `mine` (amdv1): how many of its events were left out is not stored in this run\n",
                      self.report())

    def test_a_quick_run_is_called_one(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, full=False, quick=True)
        self.assertIn("quick run", self.report())

    def test_every_machine_has_its_part(self):
        other = "intel-xeon-f6m85s4-8cpu"
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, machine=other,
                           folder=self.results / "runs" / other)
        text = self.report()
        for name in (MACHINE, other):
            self.assertIn(f"\n## {name}\n", text)

    def test_same_results_same_bytes(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        first = self.report()
        svg = self.results / "charts" / MACHINE / "ratio-amdv1.svg"
        before = svg.read_bytes(), svg.stat().st_mtime_ns
        self.assertEqual(self.report(), first)
        self.assertEqual((svg.read_bytes(), svg.stat().st_mtime_ns), before)

    def test_without_kernel_drivers(self):
        self.store_made_up("2024-05-06-0123abcde-1", {"inline": 50.0, "recursive": 60.0})
        text = self.report()
        self.assertIn("inline against recursive", text)
        self.assertNotIn("linux-", text.split("## How to reproduce")[0])

    def test_one_variant_alone(self):
        self.store_made_up("2024-05-06-0123abcde-1", {"inline": 50.0})
        text = self.report()
        self.assertIn("one variant only", text)
        self.assertTrue((self.results / "site" / "formats" / "amdv1.html").exists())

    def test_broken_notes_are_named(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        for text in ("[[losing]\n", "[[losing]]\ncases = 3\n", "losing = 3\n",
                     NOTE.replace('b = "linux"\n', "")):
            (self.results / "notes.toml").write_text(text, encoding="utf-8")
            self.fails(self.ptbench("report", "--results", self.results), 2, "notes.toml")


if __name__ == "__main__":
    if not shutil.which("gnuplot"):
        print("skipped: gnuplot is missing")
        sys.exit(77)
    main()
