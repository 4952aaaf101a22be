#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What can go wrong ends with one line and the exit code that says so: never a traceback, never code 1.

Numbers that are none, in every kind of file and from the measuring binary; output that cannot be written or
has no such letters; readers that go away; checkouts of other users; exceptions that nobody foresaw.
"""

import json
import os
import shutil
import subprocess
import unittest

from support import FAKE, MACHINE, ROOT, CommandTest, main
from ptbench_study.base import documents

TRUTH = {"inline": 50.0, "recursive": 60.0, "linux-6.12": 100.0}
# JSON literals that are no numbers of ours, and a word of what is said about each.
LITERALS = {"NaN": "not a finite number", "Infinity": "not a finite number",
            "-Infinity": "not a finite number", "1e400": "not a finite number",
            "1" + "0" * 400: "more than 64 bits", "9" * 5000: "too many digits", "null": "must be number",
            '"x"': "must be number",
            "[1]": "must be number", "true": "must be number", "1e300": "must be smaller"}
DEEP = "[" * 200000
ONE = ("--filter", "amdv1/map/4K/x1/coherent/warm", "--processes", "2", "--pairs", "2")


class NumbersTest(CommandTest):
    """Files with numbers, texts and sizes that ptbench does not write."""

    def setUp(self):
        super().setUp()
        self.path = self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        self.good = self.path.read_text(encoding="utf-8")
        self.commands = (("compare",), ("export",), ("history",), ("report",),
                         ("gate", "--times-only", "--processes", "3"))

    def refused(self, name, *words, commands=None):
        """Assert that commands end with one line and code 2."""
        for command in commands or self.commands:
            with self.subTest(command, words=words):
                self.fails(self.ptbench(*command, "--results", self.results), 2, name, *words)

    def test_numbers_of_a_run(self):
        document = json.loads(self.good)
        document["benchmarks"][2]["samples"]["0"][0][1] = "HERE"
        text = json.dumps(document)
        for number, (literal, word) in enumerate(LITERALS.items()):
            self.path.write_text(text.replace('"HERE"', literal), encoding="utf-8")
            place = () if word == "too many digits" else ("benchmarks[2].samples.0[0][1]: ",)
            self.refused(self.path.name, *place, word,
                         commands=None if number in (0, 3) else (("compare",),))

    def test_texts_of_a_run(self):
        for key, value, word in (("kernel", 7, "context.kernel"), ("command", None, "context.command"),
                                 ("failed", {"a": None}, "context.failed"), ("cases", None, "context.cases"),
                                 ("commit", "../x", "context.commit"), ("machine", None, "context.machine"),
                                 ("setups", [{"build": None, "tables": "huge"}], "context.setups"),
                                 ("command", "\ud800", "context.command: not text"),
                                 ("date", float("nan"), "context.date: not a finite number")):
            document = json.loads(self.good)
            document["context"][key] = value
            self.path.write_text(json.dumps(document), encoding="utf-8")
            self.refused(self.path.name, word, commands=(("compare",), ("report",)))

    def test_names_that_contradict_each_other(self):
        for change, word in ((lambda run: run["context"]["cases"][0].update(op="unmap"),
                              "context.cases[0].name"),
                             (lambda run: run["context"]["cases"].pop(), "of no case"),
                             (lambda run: run["benchmarks"].append(run["benchmarks"][0]), "is there twice")):
            document = json.loads(self.good)
            change(document)
            self.path.write_text(json.dumps(document), encoding="utf-8")
            self.refused(self.path.name, word, commands=(("compare",),))

    def test_forms_of_a_file(self):
        for data, word in ((DEEP.encode(), "nested too deep"), (b'{"a":' * 100000, "nested too deep"),
                           (b"", "not JSON"), (self.good.encode("utf-16"), "not JSON"),
                           (b"{}", "no \"ptbench\""),
                           (b"null", "no \"ptbench\""), (b"\x00" * 100, "not JSON")):
            self.path.write_bytes(data)
            self.refused(self.path.name, word, commands=(("compare",), ("report",)))
        with open(self.path, "wb") as file:
            file.truncate(documents.LARGEST_BYTES + 1)
        self.refused(self.path.name, "larger than", commands=(("compare",),))

    def test_a_run_in_a_foreign_folder(self):
        folder = self.results / "runs" / "other-1cpu"
        folder.mkdir()
        shutil.copy(self.path, folder)
        self.refused(self.path.name, "folder of another machine", commands=(("report",),))

    def test_machines_notes_and_counts(self):
        (self.results / "machines").mkdir()
        machine = self.results / "machines" / f"{MACHINE}.json"
        for text in ('{"cpus": NaN}', '{"model": 7}', '{"model": "a\\u001b[2J"}', "[]", DEEP):
            machine.write_text(text, encoding="utf-8")
            self.refused(machine.name, commands=(("report",),))
        machine.unlink()
        notes = self.results / "notes.toml"
        for data in (b"losing = 3", b"[[losing]]\ncases = 3\nreason = 'x'", b"x = nan", b"\xff",
                     b"[[losing]]\ncases = '*'\nreason = 'x'\nvariant = 7", b"x = " + b"[" * 100000):
            notes.write_bytes(data)
            self.refused(notes.name, commands=(("report",),))
        notes.unlink()
        counts = self.counts / "cc-1-x86-64.csv"
        counts.parent.mkdir(exist_ok=True)
        document = json.loads(self.good)
        document["context"] |= {"architecture": "x86-64", "subject_code": {"amdv1/inline": "ab"}}
        self.path.write_text(json.dumps(document), encoding="utf-8")
        for row in ("amdv1/map/4K/x1/coherent/warm,inline,nan", "amdv1/map/4K/x1/coherent/warm,inline,1e400",
                    "a\x1b,inline,1", "x"):
            counts.write_text(f"case,variant,instructions\n{row}\n", encoding="utf-8")
            self.refused(f"{counts.name}:2", commands=(("compare",),))

    def test_an_unfinished_run_that_is_none(self):
        folder = self.run_folder / ".partial"
        folder.mkdir()
        for text in ("[]", '{"identity": 3, "seed": 1}', '{"identity": {}, "seed": NaN}', DEEP):
            (folder / "manifest.json").write_text(text, encoding="utf-8")
            self.refused("manifest.json", commands=(("run", "--resume", *ONE),))


class BinaryTest(CommandTest):
    """A measuring binary that writes numbers that are none: the case fails, and nothing of it is stored."""

    def test_nothing_is_stored(self):
        for literal in ("NaN", "Infinity", "1e999", "1" + "0" * 400, "null", '"1"', "[" * 100000):
            with self.subTest(literal[:20]):
                done = self.run_study(*ONE, fake={"nonsense": {"*": literal}})
                self.assertEqual(done.code, 3, done.err)
                self.assertIn("wrote no valid results", done.lines[-1])
                self.assertEqual(self.run_files(), [])

    def test_the_other_cases_are_stored(self):
        done = self.run_study("--filter", "amdv1/map/4K/*/coherent/warm", "--processes", "2", "--pairs", "2",
                              fake={"nonsense": {"*/x256/*": "NaN"}})
        self.assertEqual(done.code, 3, done.err)
        text = self.run_files()[0].read_text(encoding="utf-8")
        self.assertNotIn("NaN", text)
        self.assertIn("amdv1/map/4K/x1/coherent/warm/inline", text)

    def test_nothing_that_is_written_has_them(self):
        with self.assertRaises(ValueError):
            documents.written({"a": float("nan")})


class StreamsTest(CommandTest):
    """stdout and stderr of every kind."""

    def setUp(self):
        super().setUp()
        self.store_made_up("2024-05-06-0123abcde-1", {**TRUTH, "inline": 120.0})

    def call(self, words, redirection, **more):
        """(exit code, stdout, stderr) of a call by a shell."""
        command = f"/usr/bin/python3 -s -m ptbench_study {words} {redirection}"
        done = subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment(**more),
                              text=True, capture_output=True, check=False, timeout=120)
        self.assertNotIn("Traceback", done.stderr)
        self.assertNotIn("Exception ignored", done.stderr)
        return done.returncode, done.stdout, done.stderr

    def test_a_full_disk(self):
        results = f"--results {self.results}"
        for words in ("list --json", f"compare {results}", f"compare --csv {results}", f"export {results}",
                      f"history {results}", "doctor", "run --help", "list --help", "study"):
            with self.subTest(words):
                code, _, err = self.call(words, ">/dev/full")
                self.assertEqual(code, 3, err)
                self.assertEqual(err.splitlines()[-1],
                                 "ptbench: cannot write the output: No space left on device")

    def test_stderr_that_cannot_be_written_changes_nothing(self):
        results = f"--results {self.results}"
        for words, wanted in (("list", 0), (f"compare {results}", 1), ("list --filter nix", 5),
                              (f"run --results {self.folder / 'more'} {' '.join(ONE)}", 0)):
            for redirection in ("2>/dev/full", "2>&-", "2> >(exec true)"):
                with self.subTest(words, redirection=redirection):
                    self.assertEqual(self.call(words, redirection)[0], wanted)

    def test_a_closed_stdout(self):
        self.assertEqual(self.call("list", ">&-")[0], 0)
        self.assertEqual(self.call(f"compare --results {self.results}", ">&-")[0], 1)

    def test_a_reader_that_has_seen_enough_keeps_the_verdict(self):
        for words, wanted in (("list --json", 0), (f"compare --results {self.results}", 1),
                              (f"export --results {self.results}", 0)):
            with self.subTest(words):
                code, out, err = self.call(words, "2>&1 | true; exit ${PIPESTATUS[0]}")
                self.assertEqual((code, out, err), (wanted, "", ""))

    def test_letters_that_an_encoding_does_not_have(self):
        (self.results / "notes.toml").write_text(
            "[[losing]]\ncases = '*'\nreason = 'gr\u00f6\u00dfer \u2265'\n", encoding="utf-8")
        for more in ({"PYTHONIOENCODING": "ascii"},
                     {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
            for words, wanted in (("compare", 1), ("compare --markdown", 1), ("history", 0), ("report", 0),
                                  ("export", 0)):
                with self.subTest(words, **more):
                    code, _, err = self.call(f"{words} --results {self.results}", "", **more)
                    self.assertEqual(code, wanted, err)
            code, _, err = self.call("compare 'k\u00fcche-\U0001f427.json'", "", **more)
            self.assertEqual((code, len(err.splitlines())), (2, 1), err)

    def test_names_that_are_no_text(self):
        name = os.fsencode(self.folder) + b"/\xff\x1b[2J.json"
        with open(name, "wb"):
            pass
        done = subprocess.run([b"/usr/bin/python3", b"-s", b"-m", b"ptbench_study", b"compare", name],
                              cwd=self.folder, env=self.environment(), capture_output=True, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertNotIn(b"\x1b", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)


class UnexpectedTest(CommandTest):
    """Exceptions that nobody foresaw."""

    def broken(self, *words, **more):
        """A call of a Python whose numpy is broken in a way that no code expects."""
        (self.folder / "numpy.py").write_text("raise RuntimeError('made\\nup')\n", encoding="utf-8")
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        path = f"{self.folder}{os.pathsep}{self.environment()['PYTHONPATH']}"
        return self.ptbench(*words, "--results", self.results, PYTHONPATH=path, **more)

    def test_one_line_and_code_3(self):
        self.fails(self.broken("compare"), 3, "unexpected RuntimeError: made up", "numpy.py:1",
                   "PTBENCH_TRACEBACK=1")

    def test_the_traceback_is_there_for_those_who_ask(self):
        done = self.broken("compare", PTBENCH_TRACEBACK="1")
        self.assertEqual(done.code, 3)
        self.assertIn("Traceback (most recent call last)", done.err)
        self.assertTrue(done.lines[-1].startswith("ptbench: unexpected RuntimeError"))

    def test_a_folder_that_cannot_be_used(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        (self.results / "charts").write_text("", encoding="utf-8")
        self.fails(self.ptbench("report", "--results", self.results), 3, "cannot write to", "charts")


class OtherUserTest(CommandTest):
    """A checkout that belongs to somebody else."""

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("git"), "needs root, to give files away")
    def test_its_commit_is_known_and_all_works(self):
        root = self.folder / "project"
        for name in ("scripts", "bench"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        (root / "results").mkdir()
        for path in (ROOT / "results").glob("*.json"):
            shutil.copy(path, root / "results")
        git = ["git", "-C", root, "-c", "user.name=someone", "-c", "user.email=someone@example.org"]
        for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "all")):
            subprocess.run([*git, *words], check=True)
        subprocess.run(["chown", "-R", "nobody", root], check=True)
        done = subprocess.run(["git", "-C", root, "status"], capture_output=True, check=False)
        self.assertNotEqual(done.returncode, 0, "git trusts the folder: nothing is shown here")
        more = {"PYTHONPATH": str(root / "scripts"), "PTBENCH_BASELINE_BENCH": str(FAKE)}
        done = self.run_study(*ONE, **more)
        self.assertEqual(done.code, 0, done.err)
        self.assertNotIn("nogit", self.run_files()[0].name)
        for words in (("history",), ("report",), ("gate", "--times-only", "--baseline", "HEAD", *ONE[:2],
                                                  "--processes", "3")):
            done = self.ptbench(*words, "--results", self.results, **more)
            self.assertIn(done.code, (0, 1), done.err)


if __name__ == "__main__":
    main()
