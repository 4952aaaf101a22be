#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`replay`: the user's traces as cases; the project's own traces in `run`."""

import lzma
import os
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from support import CommandTest, main
from ptbench_study import traces
from ptbench_study.errors import Failure

LINES = ("  task-1 [000] ..... 3.2: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x7000 size=4096\n"
         "  task-1 [000] ..... 3.3: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 unmapped_size=4096\n")


class ReplayTest(CommandTest):
    """replay"""

    def trace(self, name, text=LINES):
        """A trace file in the test's folder."""
        path = self.folder / name
        if name.endswith(".xz"):
            path.write_bytes(lzma.compress(text.encode()))
        else:
            path.write_text(text, encoding="utf-8")
        return name

    def test_table(self):
        done = self.ptbench("replay", self.trace("mine.txt"), self.trace("other.txt.xz"),
                            "--format", "amdv1", "--seed", 7)
        self.assertEqual(done.code, 0, done.err)
        self.assertRegex(done.out, r"(?m)^amdv1 replay   machine ")
        for name in ("mine", "other"):
            self.assertRegex(done.out, rf"(?m)^   {name} +coherent/warm .* faster$")
        self.assertNotIn("vtdss", done.out)
        self.assertFalse(self.results.exists())

    def test_json(self):
        done = self.ptbench("replay", self.trace("mine.txt"), "--json", "--variant",
                            "inline,recursive", "--processes", 2, "--pairs", 6)
        comparison, = done.json["comparisons"]
        self.assertEqual([(cell["format"], cell["op"], cell["page_size"], cell["count"])
                          for cell in comparison["cells"]],
                         [("amdv1", "replay", "mine", 2), ("vtdss", "replay", "mine", 2)])
        self.assertIsNone(done.json["run"])

    def test_malformed_lines_are_named_as_the_user_calls_the_file(self):
        for name in ("bad.txt", "bad.txt.xz"):
            self.trace(name, LINES + "what is this\n")
            self.fails(self.ptbench("replay", name), 2, f"ptbench: {name}:3: ")

    def test_files_that_are_none(self):
        self.fails(self.ptbench("replay", "nowhere.txt"), 2, "nowhere.txt: No such file")
        self.fails(self.ptbench("replay", "nowhere.xz"), 2, "nowhere.xz: No such file")
        (self.folder / "cut.xz").write_bytes(lzma.compress(LINES.encode())[:-20])
        self.fails(self.ptbench("replay", "cut.xz"), 2, "cut.xz", "not an xz file, or cut off")
        self.trace("a.txt")
        self.trace("a.txt.xz")
        self.fails(self.ptbench("replay", "a.txt", "a.txt.xz"), 2, "two traces are called a")

    def test_formats_and_variants_are_checked(self):
        name = self.trace("mine.txt")
        self.fails(self.ptbench("replay", name, "--format", "nix"), 2, "unknown format 'nix'", "vtdss")
        self.fails(self.ptbench("replay", name, "--variant", "nix"), 2, "unknown variant 'nix'")

    def test_pagemap(self):
        done = self.ptbench("replay", "--pagemap", os.getpid(), "--format", "vtdss")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn(f"pagemap-{os.getpid()}", done.out)
        self.fails(self.ptbench("replay", "--pagemap", 1), 77, "process 1", "root")

    def test_a_trace_that_fails(self):
        done = self.ptbench("replay", self.trace("mine.txt"), fake={"crash": "amdv1/*"})
        self.assertEqual(done.code, 3)
        self.assertIn("SIGSEGV", done.lines[-1])
        self.assertIn("vtdss replay", done.out)

    def test_run_hands_the_recorded_traces_over(self):
        done = self.run_study("--filter", "amdv1/replay", "--processes", "2", "--pairs", "6")
        self.assertEqual(done.code, 0, done.err)
        self.assertRegex(done.out, r"(?m)^   intel-probe +coherent/warm")


class UnpackTest(unittest.TestCase):
    """traces: decompressed once."""

    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.packed = self.folder / "a.txt.xz"
        self.packed.write_bytes(lzma.compress(b"one"))

    def test_once_and_again_when_it_changed(self):
        plain = traces.unpack(self.packed, self.folder / "plain")
        self.assertEqual((plain.name, plain.read_bytes()), ("a.txt", b"one"))
        before = plain.stat().st_ino
        self.assertEqual(traces.unpack(self.packed, self.folder / "plain").stat().st_ino, before)
        self.packed.write_bytes(lzma.compress(b"two"))
        os.utime(self.packed, ns=(1, 1))
        self.assertEqual(traces.unpack(self.packed, self.folder / "plain").read_bytes(), b"two")

    def test_nothing_half_is_left(self):
        self.packed.write_bytes(lzma.compress(os.urandom(100000))[:-30])
        with self.assertRaises(Failure):
            traces.unpack(self.packed, self.folder / "plain")
        self.assertEqual(list((self.folder / "plain").iterdir()), [])

    def test_names(self):
        self.assertEqual([traces.name_of(name) for name in ("x/intel-probe.txt.xz", "b.xz", "c d=e.txt",
                                                            "plain")],
                         ["intel-probe", "b", "c-d-e", "plain"])


if __name__ == "__main__":
    main()
