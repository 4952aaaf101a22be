#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Results in other tools' forms: `export`, `compare --csv`, and Google Benchmark's own compare.py."""

import csv
import io
import json
import statistics
import subprocess
import unittest
from pathlib import Path

from support import CommandTest, main

TRUTH = {"inline": 50.0, "recursive": 60.0, "linux-6.12": 100.0, "limit": 20.0}
CASE = "amdv1/map/4K/x1/coherent/warm"
COMPARE_PY = Path("/usr/share/benchmark/compare.py")


class ExportTest(CommandTest):
    """export"""

    def setUp(self):
        super().setUp()
        self.run_file = self.store_made_up("2024-05-06-0123abcde-1", TRUTH, processes=9)

    def export(self, *arguments):
        """The document that `ptbench export` prints."""
        done = self.ptbench("export", "--results", self.results, *arguments)
        self.assertEqual((done.code, len(done.lines)), (0, 1), done.err)
        return done.json

    def test_repetitions_and_aggregates(self):
        entries = self.export("--variant", "inline", "--filter", CASE)["benchmarks"]
        runs = [entry for entry in entries if entry["run_type"] == "iteration"]
        self.assertEqual([entry["repetition_index"] for entry in runs], list(range(9)))
        self.assertEqual({entry["name"] for entry in entries if entry not in runs},
                         {f"{CASE}/inline_{name}" for name in ("mean", "median", "stddev", "cv")})
        times = [entry["real_time"] for entry in runs]
        samples = next(entry["samples"] for entry in json.loads(self.run_file.read_text(
            encoding="utf-8"))["benchmarks"] if entry["name"] == f"{CASE}/inline")
        self.assertEqual(times[3], statistics.median(
            [time for _, *pair in samples["3"] for time in pair]))
        by_name = {entry.get("aggregate_name"): entry["real_time"] for entry in entries}
        self.assertAlmostEqual(by_name["mean"], statistics.fmean(times))
        self.assertAlmostEqual(by_name["stddev"], statistics.stdev(times))
        self.assertAlmostEqual(by_name["cv"], statistics.stdev(times) / statistics.fmean(times))
        for entry in entries:
            self.assertEqual((entry["run_name"], entry["time_unit"], entry["threads"],
                              entry["repetitions"]), (f"{CASE}/inline", "ns", 1, 9))
            self.assertNotIn("samples", entry)

    def test_what_is_exported(self):
        names = {entry["run_name"] for entry in self.export()["benchmarks"]}
        self.assertEqual(len(names), 2 * len(TRUTH))
        self.assertFalse([name for name in names if "#" in name])
        names = {entry["run_name"] for entry in self.export("--variant", "linux,limit")["benchmarks"]}
        self.assertEqual({name.rpartition("/")[2] for name in names}, {"linux-6.12", "limit"})

    def test_to_a_file(self):
        path = self.folder / "out.json"
        call = ("export", self.run_file, "--output", path)
        done = self.ptbench(*call)
        self.assertEqual((done.code, done.out), (0, ""))
        document = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual(document["context"]["commit"], "0123abcde")
        self.fails(self.ptbench("export", self.run_file, "--output", self.folder), 2, "is a folder")
        self.fails(self.ptbench("export", self.run_file, "--output", "/proc/nix/out.json"), 3,
                   "cannot write")

    def test_what_cannot_be_exported(self):
        self.fails(self.ptbench("export", self.run_file, "--filter", "nix"), 5, "nix")
        self.fails(self.ptbench("export", self.run_file, "--variant", "nix"), 2, "'nix'", "recursive")
        self.fails(self.ptbench("export", "nix.json"), 2, "nix.json")

    def test_csv(self):
        self.store_made_up("2024-05-07-0123abcde-1", {**TRUTH, "inline": 110.0})
        done = self.ptbench("compare", "--results", self.results, "--vs", "linux", "--csv")
        self.assertEqual(done.code, 1)
        rows = list(csv.DictReader(io.StringIO(done.out)))
        self.assertEqual([row["op"] for row in rows], ["map", "unmap"])
        for row in rows:
            self.assertNotIn(None, row)
            self.assertNotIn(None, row.values())
            self.assertEqual((row["a"], row["b"], row["page_size"], row["verdict"],
                              row["a_instructions"]), ("inline", "linux-6.12", "4096", "slower", ""))
            self.assertAlmostEqual(float(row["ratio"]), 1.1, delta=0.02)
            self.assertLessEqual(float(row["a_min_ns"]), float(row["a_ns"]))


@unittest.skipUnless(COMPARE_PY.exists(), "libbenchmark-tools is missing")
class ComparePyTest(CommandTest):
    """Google Benchmark's compare.py on our files."""

    def compare_py(self, *arguments):
        """What it prints; it has to take the files without complaint."""
        done = subprocess.run(["/usr/bin/python3", "-s", COMPARE_PY, "--no-color", *map(str, arguments)],
                              capture_output=True, text=True, check=False, timeout=120)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stderr)
        return done.stdout

    def setUp(self):
        super().setUp()
        self.old = self.store_made_up("2024-05-06-0123abcde-1", TRUTH, processes=9, seed=1)
        self.new = self.store_made_up("2024-05-07-0123abcde-1", {**TRUTH, "inline": 75.0}, processes=9,
                                      seed=2)

    def change_of(self, text, name):
        """The relative changes of time that it prints for a name."""
        return [float(line.split()[-6]) for line in text.splitlines()
                if line.split()[:1] == [name] and len(line.split()) == 7]

    def test_stored_runs(self):
        out = self.compare_py("benchmarks", self.old, self.new)
        change, = self.change_of(out, f"{CASE}/inline")
        self.assertAlmostEqual(change, 0.5, delta=0.02)
        change, = self.change_of(out, f"{CASE}/linux-6.12")
        self.assertAlmostEqual(change, 0.0, delta=0.02)
        self.assertIn("OVERALL_GEOMEAN", out)

    def test_two_variants_of_a_stored_run(self):
        out = self.compare_py("filters", self.old, "/linux-6.12$", "/inline$")
        self.assertIn(f"{CASE}[/linux-6.12$ vs. /inline$]", out)
        changes = [float(line.split()[-6]) for line in out.splitlines() if line.startswith(CASE)]
        self.assertEqual(len(changes), 1)
        self.assertAlmostEqual(changes[0], -0.5, delta=0.02)

    def test_exported_runs_have_its_test(self):
        paths = []
        for run in (self.old, self.new):
            paths.append(self.folder / f"{run.stem}-exported.json")
            self.assertEqual(self.ptbench("export", run, "--output", paths[-1]).code, 0)
        out = self.compare_py("benchmarks", *paths)
        self.assertEqual(len(self.change_of(out, f"{CASE}/inline")), 9)
        p_values = {line.split()[0]: float(line.split()[1]) for line in out.splitlines()
                    if "_pvalue" in line}
        self.assertLess(p_values[f"{CASE}/inline_pvalue"], 0.01)
        self.assertIn("U Test, Repetitions: 9 vs 9", out)
        change, = self.change_of(out, f"{CASE}/inline_median")
        self.assertAlmostEqual(change, 0.5, delta=0.02)


if __name__ == "__main__":
    main()
