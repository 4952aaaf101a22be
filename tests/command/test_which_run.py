#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which run is shown where none is named: full ones first, and every command says which it took."""

import json

from support import MACHINE, CommandTest, main
from ptbench_study.results import store, which_run

TRUTH = {"inline": 50.0, "recursive": 60.0, "linux-6.12": 100.0, "limit": 20.0}
CASES = ("map", "unmap", "iova_to_phys")
MISSING = {"amdv1/unmap/4K/x1/coherent/warm": 5, "amdv1/iova_to_phys/4K/x1/coherent/warm": 6,
           "amdv1/cut/4K/x1/coherent/warm": 6}
SHORT = {"complete": False, "full": False, "missing": MISSING}
QUICK = {"full": False, "quick": True}
CHOSEN = {"full": False, "command": "scripts/ptbench run --filter amdv1/map"}


class WhichRunTest(CommandTest):
    """The choice, and what is said of it."""

    def store(self, number, inline=50.0, **keys):
        """A run of a day; its path."""
        return self.store_made_up(f"2024-05-{number:02d}-0123abcde-1", {**TRUTH, "inline": inline},
                                  cases=CASES, **{"processes": 3, "blocks": 2, **keys})

    def best(self):
        """The day of the run that is shown."""
        return int(which_run.best(self.results, MACHINE).path.stem.split("-")[2])

    def test_order(self):
        self.store(1, **SHORT)
        self.assertEqual(self.best(), 1)
        self.store(2, **SHORT)
        self.store(3, study="freeing", full=False)
        self.store(4, itself="inline", full=False)
        self.assertEqual(self.best(), 2)
        self.store(5, **QUICK)
        self.store(6, **SHORT)
        self.assertEqual(self.best(), 5)
        self.store(7)
        self.store(8)
        self.store(9, **QUICK)
        self.assertEqual(self.best(), 8)
        self.assertEqual([run.path.stem.split("-")[2] for run in which_run.by_rank(self.results, MACHINE)],
                         ["08", "07", "09", "05", "06", "02", "01", "04", "03"])

    def test_words(self):
        for keys, words in (
                ({}, "full run, 3 cases"), (QUICK, "quick run, 3 cases"),
                (CHOSEN, "run of chosen cases, 3 cases"),
                ({**QUICK, **SHORT}, "quick run, stopped early, 1 of 4 cases"),
                ({"full": False, "failed": {"a/b/c/d/e/f": "died"}}, "run, 3 of 4 cases"),
                ({"study": "freeing"}, "run of the study freeing, 3 cases"),
                ({"itself": "inline"}, "run of inline against itself, 3 cases")):
            with self.subTest(words):
                self.assertEqual(which_run.described(store.load_run(self.store(1, **keys))), words)

    def test_compare_takes_the_full_one_and_says_so(self):
        self.store(1)
        self.store(2, inline=80.0, **SHORT)
        done = self.ptbench("compare", "--results", self.results, "--vs", "linux", "--json")
        self.assertEqual(done.code, 0, done.err)
        self.assertAlmostEqual(done.json["cells"][0]["ratio"], 0.5, delta=0.05)
        self.assertIn("ptbench: 2024-05-01-0123abcde-1.json: full run, 3 cases; not the newest, "
                      "2024-05-02-0123abcde-1.json: run, stopped early, 1 of 4 cases\n", done.err)
        named = self.ptbench("compare", "--results", self.results, "2024-05-02-0123abcde-1", "--vs", "linux")
        self.assertIn("ptbench: 2024-05-02-0123abcde-1.json: run, stopped early, 1 of 4 cases\n", named.err)

    def test_compare_takes_the_first_that_can_answer(self):
        self.store(1)
        path = self.store_made_up("2024-05-02-0123abcde-1", {"inline-eager": 60.0, "inline": 50.0}, **CHOSEN)
        done = self.ptbench("compare", "--results", self.results, "--variant", "inline-eager,inline",
                            "--json")
        self.assertEqual(done.code, 1, done.err)
        self.assertIn(f"ptbench: {path.name}: run of chosen cases, 2 cases\n", done.err)
        self.fails(self.ptbench("compare", "--results", self.results, "--variant", "inline,nix"), 2,
                   "unknown variant 'nix'", "recursive")

    def test_export(self):
        self.store(1)
        self.store(2, **QUICK)
        done = self.ptbench("export", "--results", self.results, "--output", self.folder / "out.json")
        self.assertIn("2024-05-01-0123abcde-1.json: full run, 3 cases; not the newest, ", done.err)
        document = json.loads((self.folder / "out.json").read_text(encoding="utf-8"))
        self.assertEqual(document["context"]["machine"], MACHINE)

    def test_history_leaves_out_what_was_cut_short(self):
        self.store(1)
        self.store(2, **SHORT)
        done = self.ptbench("history", "--results", self.results, "--variant", "inline")
        self.assertRegex(done.out, r"^machine \S+   2 runs \(1 full, 1 stopped early\), ")
        points = {line.split()[0].split("/")[1]: int(line.split()[4]) for line in done.out.splitlines()
                  if line.startswith("amdv1/")}
        self.assertEqual(points, {"map": 2, "unmap": 1, "iova_to_phys": 1})

    def test_report(self):
        self.store(1, **SHORT)
        self.store(2, **QUICK)
        self.store(3, **SHORT)
        done = self.ptbench("report", "--results", self.results)
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("2024-05-02-0123abcde-1.json: quick run, 3 cases, ", done.err)
        text = (self.results / "BENCHMARKS.md").read_text(encoding="utf-8")
        self.assertIn("> This is no full study but a quick run, 3 cases: `", text)
        page = (self.results / "site" / "index.html").read_text(encoding="utf-8")
        self.assertIn("No full study but a quick run, 3 cases:", page)


if __name__ == "__main__":
    main()
