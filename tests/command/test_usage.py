#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Wrong arguments: a line on stderr and the right exit code. Help has examples."""

import json
import os
import re
from unittest import mock

from support import ROOT, CommandTest, main
from ptbench_study.code import build_info

COMMANDS = ("run", "list", "study", "size", "memory", "compare", "count", "profile", "history", "gate",
            "export", "report", "replay", "record", "doctor", "test")


class UsageTest(CommandTest):
    """The command line."""

    def test_wrong_arguments(self):
        results = ("--results", self.results)
        for arguments, code, words in (
                ((), 2, ["COMMAND"]),
                (("nix",), 2, ["nix", "doctor"]),
                (("run", "--nix"), 2, ["--nix", "--help"]),
                (("run", "--qui"), 2, ["--qui"]),
                (("run", "--pairs", "0"), 2, ["--pairs", "'0'"]),
                (("run", "--processes", "many"), 2, ["'many'"]),
                (("run", "--max-time", "soon"), 2, ["20m", "'soon'"]),
                (("run", "--max-time", "0s"), 2, ["'0s'"]),
                (("run", "--variant", ",", *results), 2, ["--variant"]),
                (("run", "--variant", "nix", *results), 2, ["'nix'", "inline, recursive"]),
                (("run", "--filter", "nix/*", *results), 5, ["nix/*", "scripts/ptbench list"]),
                (("run", "--quick", "--filter", "*/mixed/*", *results), 5, ["--quick"]),
                (("run", "--cpu", "4711", *results), 2, ["no CPU 4711", "there are: "]),
                (("run", "--cpu", "x", *results), 2, ["--cpu"]),
                (("list", "--filter", "nix"), 5, ["nix"]),
                (("compare", "--json", "--markdown"), 2, ["not allowed with"]),
                (("replay",), 2, ["--pagemap"]),
                (("report", *results), 5, ["no runs", "scripts/ptbench run"])):
            with self.subTest(arguments):
                self.fails(self.ptbench(*arguments), code, *words)

    def test_help_has_an_example(self):
        for command in COMMANDS:
            with self.subTest(command):
                done = self.ptbench(command, "--help")
                self.assertEqual((done.code, done.err), (0, ""))
                self.assertIn(f"Example:\n  scripts/ptbench {command}", done.out)
        self.assertIn("Example: ", self.ptbench("--help").out)

    def test_version(self):
        done = self.ptbench("--version")
        self.assertEqual((done.code, done.err), (0, ""))
        number = (ROOT / "VERSION").read_text(encoding="utf-8").split("\n")[0]
        self.assertRegex(done.out, rf"^ptbench {re.escape(number)}"
                                   r"( \(commit [0-9a-z]+( with changes)?\))?\n$")

    def test_version_of_a_tarball_and_of_a_bare_copy(self):
        for stamp, words in (("0123abc", "7.5 (commit 0123abc)"), ("$Format:%h$", "7.5")):
            (self.folder / "VERSION").write_text(f"7.5\n{stamp}\n", encoding="utf-8")
            with mock.patch.object(build_info, "ROOT", self.folder):
                self.assertEqual(build_info.version(), words)

    def test_results_folder_that_cannot_be_written(self):
        blocker = self.folder / "file"
        blocker.write_text("", encoding="utf-8")
        self.fails(self.ptbench("run", "--results", blocker / "results"), 3, "cannot write to",
                   "Not a directory")

    def test_no_binary(self):
        self.fails(self.ptbench("run", "--results", self.results, PTBENCH_BENCH="/nowhere/bench"), 3,
                   "/nowhere/bench")

    def test_binary_that_is_none(self):
        for content, word in (("#!/bin/sh\necho no list\n", "no valid list"),
                              ("#!/bin/sh\nkill -SEGV $$\n", "SIGSEGV"),
                              ("#!/bin/sh\necho '{\"formats\": []}'\n", "no valid list"),
                              ("not a program", "")):
            path = self.folder / "bench"
            path.write_text(content, encoding="utf-8")
            path.chmod(0o755)
            self.fails(self.ptbench("list", PTBENCH_BENCH=str(path)), 3, word)

    def test_list(self):
        done = self.ptbench("list", "--filter", "amdv1/map", "--filter", "vtdss/unmap/2M/*")
        self.assertEqual(done.code, 0)
        self.assertEqual(len(done.out.splitlines()), 6)
        self.assertRegex(done.out, r"(?m)^amdv1/map/4K/x1/coherent/warm +quick +inline recursive "
                                   r"linux-6.12 limit$")
        self.assertIn("6 cases, 3 of them quick", done.err)
        lines = self.ptbench("list", "--formats").out.splitlines()
        self.assertEqual([line.split()[0] for line in lines[1:3]], ["amdv1", "vtdss"])
        self.assertRegex(lines[0], "^format +baseline +page sizes")
        listed = json.loads(self.ptbench("list", "--json", "--filter", "vtdss").out)
        self.assertEqual((listed["formats"], listed["kernel"]), (["vtdss"], "linux-6.12"))
        self.assertEqual({case["format"] for case in listed["cases"]}, {"vtdss"})

    def test_list_and_doctor_need_no_numpy(self):
        (self.folder / "numpy.py").write_text("raise ImportError\n", encoding="utf-8")
        path = f"{self.folder}{os.pathsep}{self.environment()['PYTHONPATH']}"
        for command in ("list", "doctor"):
            self.assertEqual(self.ptbench(command, PYTHONPATH=path).code, 0)

    def test_closed_pipe_is_no_error(self):
        child = self.start("list", "--json")
        child.stdout.close()
        self.assertEqual(child.wait(30), 0)
        with child.stderr as errors:
            self.assertEqual(errors.read(), "")


if __name__ == "__main__":
    main()
