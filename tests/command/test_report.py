#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`report`: BENCHMARKS.md and charts out of stored runs."""

import re
import shutil
import sys
import xml.etree.ElementTree as ElementTree

from support import MACHINE, CommandTest, main
from ptbench_study import charts

TRUTH = {"inline": {"map": 50.0, "unmap": 130.0}, "recursive": 60.0, "linux-6.12": 100.0, "limit": 20.0}
NOTE = """[[losing]]
cases = "*/unmap/*"
variant = "inline"
reason = "Clears what the driver detaches."
"""


class ReportTest(CommandTest):
    """report"""

    def report(self, *arguments):
        """`ptbench report` on the test's results; its text."""
        done = self.ptbench("report", "--results", self.results, *arguments)
        self.assertEqual(done.code, 0, done.err)
        return (self.results / "BENCHMARKS.md").read_text(encoding="utf-8")

    def test_text(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        (self.results / "notes.toml").write_text(NOTE, encoding="utf-8")
        text = self.report()
        self.assertLess(text.index("## Short answer"), text.index("inline against linux-6.12, 2 cells: "
                                                                  "1 faster, 1 slower"))
        self.assertRegex(text, r"(?m)^\| map \| 2\^12 \| 1 \| coherent \| warm \| [\d.]+ \([\d.]+\) \|"
                               r".*\| 0\.50 \[0\.\d\d, 0\.\d\d\] faster \|")
        self.assertRegex(text, r"(?m)^\| amdv1/unmap/4K/x1/coherent/warm \| inline \| 1\.3\d \[.*\] slower"
                               r" \| Clears what the driver detaches\. \|$")
        self.assertEqual(text.count("Clears what"), 1)
        self.assertTrue(text.endswith("\n"))
        self.assertNotIn("full study", text.split("## Short answer")[1].split("## ")[0])

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

    def test_a_cell_without_a_reason_says_so(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        self.assertIn("not explained yet", self.report())

    def test_no_loss(self):
        self.store_made_up("2024-05-06-0123abcde-1", {**TRUTH, "inline": 50.0})
        self.assertIn("No cell loses", self.report())

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

    def test_broken_notes_are_named(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        for text in ("[[losing]\n", "[[losing]]\ncases = 3\n"):
            (self.results / "notes.toml").write_text(text, encoding="utf-8")
            self.fails(self.ptbench("report", "--results", self.results), 2, "notes.toml")


class ChartTest(CommandTest):
    """charts"""

    def chart(self, name, **keys):
        """An SVG of a made-up run, parsed, and its text."""
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, **keys)
        self.assertEqual(self.ptbench("report", "--results", self.results).code, 0)
        text = (self.results / "charts" / MACHINE / name).read_text(encoding="utf-8")
        ElementTree.fromstring(text)
        return text

    def test_ratio_chart(self):
        text = self.chart("ratio-amdv1.svg")
        for word in ("inline", "recursive", "linux-6.12", "map 2^12 coherent/warm", "95 % intervals",
                     MACHINE):
            self.assertIn(word, text)
        for variant in ("inline", "recursive", "linux"):
            red, green, blue = (int(charts.COLOURS[variant][place:place + 2], 16) for place in (1, 3, 5))
            self.assertTrue(charts.COLOURS[variant].lower() in text.lower()
                            or re.search(rf"rgb\( *{red}, *{green}, *{blue}\)", text), variant)

    def test_overview(self):
        self.assertIn("amdv1 unmap", self.chart("overview.svg"))

    def test_labels_are_kept_apart(self):
        placed = charts.spread({"a": 100.0, "b": 99.0, "c": 10.0, "d": 98.0}, 1.2, 1000.0)
        heights = sorted(placed.values())
        for low, high in zip(heights, heights[1:]):
            self.assertGreaterEqual(high / low, 1.199)
        self.assertEqual(placed["a"], 100.0)

    def test_ticks(self):
        self.assertEqual(charts.octaves(-2, 1), '("1/4" 0.25, "1/2" 0.5, "1" 1.0, "2" 2.0)')
        self.assertEqual([charts.decade(10.0 ** power) for power in (-1, 0, 3, 5, 6)],
                         ["0.1", "1", "1k", "100k", "1M"])


if __name__ == "__main__":
    if not shutil.which("gnuplot"):
        print("skipped: gnuplot is missing")
        sys.exit(77)
    main()
