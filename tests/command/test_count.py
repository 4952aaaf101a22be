#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`count`: golden file, what changed, exit codes; and the counts beside the times of a run."""

import json
import os
import re

from support import CommandTest, HERE, ROOT, main
from ptbench_study.results import counts
from ptbench_study.measure import callgrind

TRUTH = {"inline": 50.0, "recursive": 60.0, "linux-6.12": 100.0}
CASE = "amdv1/map/4K/x1/coherent/warm"
CODE = {f"amdv1/{variant}": "0123456789ab" for variant in TRUTH}


class CountTest(CommandTest):
    """What the tests share."""

    def setUp(self):
        super().setUp()
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        (self.bin / "valgrind").symlink_to(HERE / "fake_valgrind.py")
        self.golden = next(iter(self.counts.glob("*")), None)

    def count(self, *arguments, fake=None):
        """`ptbench count` with a valgrind that simulates nothing."""
        done = self.ptbench("count", *arguments, fake=fake,
                            PATH=f"{self.bin}{os.pathsep}{os.environ['PATH']}")
        found = sorted(self.counts.glob("*.csv"))
        self.golden = found[0] if found else None
        return done

    def lines(self):
        """The golden file's lines."""
        return self.golden.read_text(encoding="utf-8").splitlines()


class GoldenTest(CountTest):
    """The golden file and what is compared with it."""

    def test_update_writes_what_the_next_count_finds_unchanged(self):
        done = self.count("--update")
        self.assertEqual(done.code, 0, done.err)
        self.assertRegex(self.golden.name, r"^fake-1\.0-[a-z0-9_-]+\.csv$")
        rows = [line for line in self.lines() if not line.startswith("#")]
        self.assertEqual(rows[0], "case,variant,instructions")
        self.assertEqual(rows[1:], sorted(rows[1:]))
        self.assertIn(f"{CASE},inline,2000.00", rows)
        self.assertFalse([row for row in rows if ",limit," in row])
        before = self.lines()
        done = self.count()
        self.assertEqual(done.code, 0)
        self.assertRegex(done.out, r"^\d+ rows against .*: 0 changed, 0 of them worse by more than "
                                   r"0\.5 %, 0 new, 0 vanished, 0 not counted\n$")
        self.assertEqual(self.lines(), before)

    def test_worse_rows_are_a_regression(self):
        self.count("--update")
        for factor, code in ((1.01, 1), (1.006, 1), (1.004, 0), (0.9, 0)):
            with self.subTest(factor):
                done = self.count(fake={"counts": {f"{CASE} inline": factor}})
                self.assertEqual(done.code, code, done.out)
                self.assertIn(" 1 changed", done.out)
                change = re.escape(f"{100 * (factor - 1):+.2f}%")
                self.assertRegex(done.out, rf"(?m)^{CASE} +inline +2000\.00 +[\d.]+ +{change}$")
                self.assertEqual("count --update" in done.err, code == 1)

    def test_new_and_vanished_rows_are_listed_and_are_no_regression(self):
        self.count("--update")
        gone = "amdv1/map/8K/x1/coherent/warm,inline,12.00"
        text = "\n".join(line for line in self.lines() if not line.startswith(f"{CASE},"))
        self.golden.write_text(f"{text}\n{gone}\n", encoding="utf-8")
        done = self.count()
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("vanished: amdv1/map/8K/x1/coherent/warm inline, 12.00", done.out)
        self.assertRegex(done.out, rf"(?m)^{CASE} +recursive +- +2500\.00 +new$")
        self.assertIn("0 changed, 0 of them worse by more than 0.5 %, 3 new, 1 vanished", done.out)
        self.assertNotIn("vanished: ", self.count("--filter", "vtdss/*").out)

    def test_a_filter_counts_only_what_it_names(self):
        self.count("--update")
        done = self.count("--filter", "amdv1/map", "--variant", "inline,linux", "--json")
        self.assertEqual({row["variant"] for row in done.json["rows"]}, {"inline", "linux-6.12"})
        self.assertEqual(len(done.json["rows"]), 10)
        self.assertEqual((done.json["vanished"], done.json["new"]), ([], []))
        self.fails(self.count("--update", "--filter", "amdv1"), 2, "--filter")

    def test_a_build_without_drivers_leaves_their_counts_alone(self):
        self.count("--update")
        before = self.lines()
        done = self.count("--update", fake={"no_kernel": True})
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(self.lines(), before)
        self.assertIn("0 vanished", self.count(fake={"no_kernel": True}).out)

    def test_what_cannot_be_counted_is_listed(self):
        done = self.count(fake={"absent": CASE})
        self.assertEqual(done.code, 0)
        self.assertIn(f"not counted: {CASE} inline and 2 more: this CPU has no clflushopt", done.out)
        done = self.count("--update", fake={"crash": CASE})
        self.assertEqual(done.code, 3)
        self.assertIn("Segmentation fault", done.lines[-1])
        self.assertIsNone(self.golden)

    def test_cache(self):
        done = self.count("--filter", CASE, "--variant", "inline", "--cache", "--json")
        row, = done.json["rows"]
        self.assertEqual((row["instructions"], row["d1_misses"], row["ll_misses"],
                          row["branch_misses"]), (2000, 0.6, 0.14, 0.07))
        done = self.count("--filter", CASE, "--variant", "inline", "--cache")
        self.assertEqual(done.out.splitlines()[0].split()[-6:],
                         ["d1", "misses", "ll", "misses", "branch", "misses"])

    def test_no_valgrind(self):
        self.fails(self.ptbench("count", PATH=str(self.folder)), 77, "apt-get install valgrind")

    def test_a_damaged_golden_file_is_named(self):
        self.count("--update")
        for damage in (f"{CASE},inline", f"{CASE},inline,many"):
            self.golden.write_text(f"# c\ncase,variant,instructions\n{damage}\n", encoding="utf-8")
            self.fails(self.count(), 2, f"{self.golden.name}:3")


class DumpTest(CommandTest):
    """What callgrind writes."""

    def test_less_than_the_loop_around_nothing_is_no_count(self):
        for measured in (60, 70):
            with self.assertRaisesRegex(ValueError, "70 instructions"):
                callgrind.per_operation({"Ir": 70}, {"Ir": measured}, 10)

    def test_fewer_misses_than_around_nothing_are_told(self):
        names = ("Ir", "D1mr", "D1mw", "DLmr", "DLmw", "Bcm", "Bim")
        found = callgrind.per_operation(dict.fromkeys(names, 4), {**dict.fromkeys(names, 1), "Ir": 14}, 10)
        self.assertEqual(found, {"instructions": 1, "d1_misses": -0.6, "ll_misses": -0.6,
                                 "branch_misses": -0.6})

    def test_totals(self):
        text = "part: 2\nevents: Ir Dr Dw\n\nfn=(1) x\n1 2 3\ntotals: 70 5\n"
        self.assertEqual(callgrind.totals_of(text), {"Ir": 70, "Dr": 5, "Dw": 0})
        self.assertRaises(ValueError, callgrind.totals_of, "events: Ir\n")


class BesideTimesTest(CountTest):
    """Counts in the tables of compare."""

    def prepare(self, code=None, rows=None, compiler="cc 1", **truth):
        """A run and a golden file of the compiler."""
        self.store_made_up("2024-05-06-0123abcde-1", {**TRUTH, **truth}, subject_code=CODE,
                           compiler="cc 1", architecture="x86-64")
        known = rows or {(f"amdv1/{op}/4K/x1/coherent/warm", variant): value
                         for op in ("map", "unmap")
                         for variant, value in (("inline", 80.0), ("recursive", 99.0),
                                                ("linux-6.12", 160.0))}
        counts.store(self.counts / f"{counts.compiler_label(compiler, 'x86-64')}.csv",
                     counts.Golden(known, CODE if code is None else code))

    def compare(self, *arguments):
        """`ptbench compare` of inline and the driver."""
        return self.ptbench("compare", "--results", self.results, "--vs", "linux", *arguments)

    def test_counts_of_the_same_code_are_shown(self):
        self.prepare()
        done = self.compare("--json")
        self.assertEqual((done.code, len(done.lines)), (0, 1), done.err)
        for cell in done.json["cells"]:
            self.assertEqual((cell["a_instructions"], cell["b_instructions"], cell["verdict"]),
                             (80, 160, "faster"))
        self.assertRegex(self.compare().out, r"(?m) -50\.0% +faster$")

    def test_counts_are_those_of_the_source_wherever_results_are(self):
        path = sorted((ROOT / "results" / "counts").glob("*.csv"))[0]
        golden = counts.load(path)
        compiler = path.stem.removesuffix("-x86-64").replace("-", " ", 1)
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, subject_code=golden.code, compiler=compiler,
                           architecture="x86-64")
        done = self.ptbench("compare", "--results", self.results, "--variant", "inline,recursive", "--json",
                            PTBENCH_COUNTS="")
        cell = done.json["cells"][0]
        self.assertEqual((cell["a_instructions"], cell["b_instructions"]),
                         (golden.rows[CASE, "inline"], golden.rows[CASE, "recursive"]), done.err)
        self.assertFalse((self.results / "counts").exists())

    def test_time_and_counts_that_disagree_are_a_conflict(self):
        self.prepare(inline=150.0)
        done = self.compare("--json")
        self.assertEqual({cell["verdict"] for cell in done.json["cells"]}, {"conflict"})

    def test_other_code_has_no_counts_and_this_is_said(self):
        for words, prepared in ((["amdv1/inline ", "other code"],
                                 {"code": {**CODE, "amdv1/inline": "ffffffffffff"}}),
                                (["cc-1-x86-64.csv", "count --update"], {"compiler": "cc 2"}),
                                (["2 cases were never counted"],
                                 {"rows": {("amdv1/unmap/4K/x1/coherent/warm", variant): 1.0
                                           for variant in TRUTH} | {
                                     ("amdv1/map/4K/x1/coherent/warm", "recursive"): 2.0}})):
            with self.subTest(prepared):
                for path in self.counts.glob("*"):
                    path.unlink()
                self.prepare(**prepared)
                done = self.compare("--json")
                self.assertEqual((done.code, len(done.lines)), (0, 2), done.err)
                for word in words:
                    self.assertIn(word, done.err)
                self.assertIsNone(done.json["cells"][0]["a_instructions"])

    def test_threads_that_race_have_no_count_and_nobody_misses_it(self):
        rows = {("amdv1/unmap/4K/x1/coherent/warm", variant): 1.0 for variant in TRUTH}
        self.prepare(rows=rows)
        [path] = self.run_folder.glob("*.json")
        run = json.loads(path.read_text(encoding="utf-8"))
        run["context"]["cases"][0]["threads"] = 2
        path.write_text(json.dumps(run), encoding="utf-8")
        done = self.compare("--json")
        self.assertEqual((done.code, len(done.lines)), (0, 1), done.err)

    def test_a_run_that_does_not_name_its_code(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        done = self.compare()
        self.assertIn("does not say which code it measured", done.err)


if __name__ == "__main__":
    main()
