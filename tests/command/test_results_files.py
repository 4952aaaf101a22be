#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Files of results that are truncated, foreign or not to be had: a line with name and reason, exit 2."""

import json
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from support import MACHINE, ROOT, CommandTest, main, made_up_run
from ptbench_study.results import schema, store
from ptbench_study.base.errors import Failure

TRUTH = {"inline": 50.0, "linux-6.12": 100.0}


class CorruptTest(CommandTest):
    """compare and report on files that are no runs."""

    def setUp(self):
        super().setUp()
        self.good = made_up_run(TRUTH, processes=2)
        self.path = self.folder / "run.json"

    def changed(self, change):
        """The good document after change(document)."""
        document = json.loads(self.good)
        change(document)
        return json.dumps(document)

    def test_reason_and_name(self):
        cases = {
            "not JSON": self.good[:len(self.good) // 2],
            "no \"ptbench\" in its context": "[1, 2]",
            "context: lacks \"machine\"": self.changed(lambda run: run["context"].pop("machine")),
            "another version": self.changed(lambda run: run["context"].update(ptbench=99)),
            "lacks \"benchmarks\"": self.changed(lambda run: run.pop("benchmarks")),
            "benchmarks: must be array, not {}": self.changed(lambda run: run.update(benchmarks={})),
            "benchmarks[3]: lacks \"real_time\"": self.changed(
                lambda run: run["benchmarks"][3].pop("real_time")),
            "benchmarks[0].samples.0[0][1]: must be number, not \"x\"": self.changed(
                lambda run: run["benchmarks"][0].update(samples={"0": [[0, "x"]]})),
            "benchmarks[0].samples.0[0]: must contain at least 2 items": self.changed(
                lambda run: run["benchmarks"][0].update(samples={"0": [[0]]})),
            "benchmarks[1].time_unit": self.changed(
                lambda run: run["benchmarks"][1].update(time_unit="us")),
            "context.date: must match pattern": self.changed(
                lambda run: run["context"].update(date="yesterday")),
            "context.cases[0]: lacks \"format\"": self.changed(
                lambda run: run["context"].update(cases=[{"name": "x"}])),
            "context.complete: must be boolean, not 1": self.changed(
                lambda run: run["context"].update(complete=1)),
            "not a run of ptbench": json.dumps({"context": {"host_name": "x"}, "benchmarks": []}),
        }
        for reason, text in cases.items():
            with self.subTest(reason):
                self.path.write_text(text, encoding="utf-8")
                self.fails(self.ptbench("compare", self.path), 2, "run.json", reason)

    def test_bytes_that_are_no_text(self):
        self.path.write_bytes(b"\xff\xfe\x00{")
        self.fails(self.ptbench("compare", self.path), 2, "run.json", "not JSON")

    def test_a_folder_is_no_run(self):
        self.fails(self.ptbench("compare", self.folder), 2, "Is a directory")

    def test_a_corrupt_stored_run_is_named(self):
        self.run_folder.mkdir(parents=True)
        (self.run_folder / "2024-01-01-abcabcabc-1.json").write_text("{}", encoding="utf-8")
        for command in ("compare", "report"):
            self.fails(self.ptbench(command, "--results", self.results), 2,
                       "2024-01-01-abcabcabc-1.json")


class WriteTest(unittest.TestCase):
    """store: whole or not at all."""

    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_a_failed_write_leaves_the_old_file_and_no_other(self):
        path = self.folder / "file"
        store.write_whole(path, "old")
        with mock.patch("os.fsync", side_effect=OSError(28, "No space left on device")):
            with self.assertRaises(Failure) as caught:
                store.write_whole(path, "new")
        self.assertIn("No space left", str(caught.exception))
        self.assertEqual(path.read_text(encoding="utf-8"), "old")
        self.assertEqual(list(self.folder.iterdir()), [path])

    def test_a_run_is_never_replaced(self):
        add = [store.add_run(self.folder, MACHINE, "2024-05-06", commit,
                             made_up_run(TRUTH, processes=2, commit=commit)).name
               for commit in ("aaaaaaaaa", "bbbbbbbbb", "aaaaaaaaa")]
        self.assertEqual(add, ["2024-05-06-aaaaaaaaa-1.json", "2024-05-06-bbbbbbbbb-2.json",
                               "2024-05-06-aaaaaaaaa-3.json"])

    def test_what_is_no_run_is_not_stored(self):
        with self.assertRaises(Failure) as caught:
            store.add_run(self.folder, MACHINE, "2024-05-06", "aaaaaaaaa",
                          made_up_run(TRUTH, processes=2, seed=-1))
        self.assertEqual(caught.exception.code, 3)
        self.assertIn("context.seed: must be bigger than or equal to 0, not -1",
                      str(caught.exception))
        self.assertEqual(list(self.folder.rglob("*.json")), [])

    def test_newest_is_by_date_then_number(self):
        folder = self.folder / "runs" / MACHINE
        folder.mkdir(parents=True)
        for name in ("2024-05-06-aaa-9", "2024-05-06-000-10", "2023-12-31-fff-11"):
            (folder / f"{name}.json").write_text("", encoding="utf-8")
        (folder / "notes.json").write_text("", encoding="utf-8")
        self.assertEqual([path.stem for path in store.run_paths(self.folder, MACHINE)],
                         ["2023-12-31-fff-11", "2024-05-06-aaa-9", "2024-05-06-000-10"])


class SchemaTest(unittest.TestCase):
    """results/run.schema.json, and what it is said to be in SCHEMA.md."""

    def test_stored_runs_are_what_the_schema_says(self):
        stored = sorted((ROOT / "results" / "runs").glob("*/*.json"))
        self.assertTrue(stored)
        for path in stored:
            run = store.load_run(path)
            self.assertEqual(path.parent.name, run.machine)
            self.assertTrue(path.name.startswith(f"{run.context['date'][:10]}-{run.context['commit']}"))

    def test_every_key_is_explained(self):
        text = (ROOT / "results" / "SCHEMA.md").read_text(encoding="utf-8")
        definitions = json.loads(schema.RUN.read_text(encoding="utf-8"))["definitions"]
        for kind in ("context", "case", "entry"):
            for name in definitions[kind]["properties"]:
                self.assertIn(f"`{name}`", text)


if __name__ == "__main__":
    main()
