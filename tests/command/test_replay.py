#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`replay`: the user's traces as cases; the project's own traces in `run`."""

import json
import lzma
import os
import shutil
import subprocess
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from support import CommandTest, main
from ptbench_study.measure import traces
from ptbench_study.base.errors import Failure

LINES = ("  task-1 [000] ..... 3.2: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x7000 size=4096\n"
         "  task-1 [000] ..... 3.3: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 unmapped_size=4096\n")
LOST = "CPU:8 [LOST 673 EVENTS]\n"
EMPTY = "  task-1 [000] ..... 3.2: unmap: IOMMU: iova=0x0 - 0x0 size=0 unmapped_size=0\n"


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

    def test_what_is_left_out_is_said(self):
        name = self.trace("mine.txt", LINES + LOST + "other words\n" + EMPTY * 2)
        self.trace("whole.txt")
        words = "2 of 4 events; 2 left out because they changed nothing; the recorder lost 673 events"
        done = self.ptbench("replay", name, "whole.txt")
        self.assertIn(f"ptbench: mine: {words}", done.lines)
        self.assertIn("ptbench: whole: 2 of 2 events", done.lines)
        self.assertIn("ptbench: mine: passed over 1 line that is no map or unmap event", done.lines)
        head = done.out.partition("vtdss replay")[0].splitlines()
        self.assertIn("   events: whole 2 of 2", head[1])
        self.assertIn(f"   mine: {words}", "\n".join(head))
        done = self.ptbench("replay", name, "--json")
        cell = done.json["comparisons"][0]["cells"][0]
        self.assertEqual(cell["trace"], {"recorded": 4, "replayed": 2, "calls": 3, "lost": 673,
                                         "left_out": {"empty": 2}, "other_lines": 1})

    def test_formats_with_other_pages(self):
        name = self.trace("mine.txt", LINES * 2)
        some, most = {"unaligned": {"vtdss": 1}}, {"unaligned": {"vtdss": 3}}
        done = self.ptbench("replay", name, fake=some)
        self.assertIn("ptbench: mine in amdv1: 4 of 4 events", done.lines)
        self.assertIn("ptbench: mine in vtdss: 3 of 4 events; 1 left out because it is no multiple "
                      "of the format's page", done.lines)
        done = self.ptbench("replay", name, fake=most)
        self.assertNotIn("vtdss replay", done.out)
        self.assertIn("left out, as most events are no multiples of their pages: vtdss", done.err)
        done = self.ptbench("replay", name, "--format", "vtdss", fake=most)
        self.assertIn("1 of 4 events; 3 left out because they are no multiples", done.err)
        self.fails(self.ptbench("replay", name, "--format", "vtdss", fake={"unaligned": {"vtdss": 4}}), 5,
                   "no event of these traces fits vtdss")

    def test_malformed_lines_are_named_as_the_user_calls_the_file(self):
        for name in ("bad.txt", "bad.txt.xz"):
            self.trace(name, LINES + "map: IOMMU: what is this\n")
            self.fails(self.ptbench("replay", name), 2, f"ptbench: {name}:3: ")

    def test_files_that_are_none(self):
        self.fails(self.ptbench("replay", "nowhere.txt"), 2, "nowhere.txt: No such file")
        self.fails(self.ptbench("replay", "nowhere.xz"), 2, "nowhere.xz: No such file")
        (self.folder / "cut.xz").write_bytes(lzma.compress(LINES.encode())[:-20])
        self.fails(self.ptbench("replay", "cut.xz"), 2, "cut.xz", "not packed by xz, or truncated",
                   "Unexpected end of input")
        self.fails(self.ptbench("replay", "."), 2, "Is a directory")
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
        # The fake counts all lines of the real file; what it says goes through the stored run.
        self.assertRegex(done.err, r"(?m)^ptbench: intel-probe: \d+ of \d+ events")
        stored = self.only_run()["context"]
        trace, = {json.dumps(each) for each in stored["traces"].values()}
        self.assertEqual(json.loads(trace)["left_out"], {})
        self.assertFalse([name for name in stored if name.startswith("trace_")])
        for how in ((), ("--markdown",)):
            compared = self.ptbench("compare", "--results", self.results, *how)
            self.assertRegex(compared.out, r"(?m)^( {3}|\* )events: intel-probe \d+ of \d+$")
        text = json.loads(self.run_files()[0].read_text(encoding="utf-8"))
        del text["context"]["traces"]
        self.run_files()[0].write_text(json.dumps(text), encoding="utf-8")
        self.assertIn("intel-probe: how many of its events were left out is not stored",
                      self.ptbench("compare", "--results", self.results).out)


PACKERS = {"xz": "xz", "gz": "gzip", "bz2": "bzip2", "zst": "zstd"}


class UnpackTest(unittest.TestCase):
    """traces: unpacked once where they are the project's, with limits in any case."""

    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.packed = self.folder / "a.txt.xz"
        self.packed.write_bytes(lzma.compress(b"one"))

    def test_once_and_again_when_it_changed(self):
        plain = traces.unpacked(self.packed, self.folder / "plain")
        self.assertEqual((plain.name, plain.read_bytes()), ("a.txt", b"one"))
        before = plain.stat().st_ino
        self.assertEqual(traces.unpacked(self.packed, self.folder / "plain").stat().st_ino, before)
        self.packed.write_bytes(lzma.compress(b"two"))
        os.utime(self.packed, ns=(1, 1))
        self.assertEqual(traces.unpacked(self.packed, self.folder / "plain").read_bytes(), b"two")

    def pack(self, ending, content, name="b"):
        """A file that is packed, in the test's folder."""
        packer = PACKERS[ending]
        if not shutil.which(packer):
            self.skipTest(f"no {packer}")
        path = self.folder / f"{name}.{ending}"
        path.write_bytes(subprocess.run([packer, "-c"], input=content, stdout=subprocess.PIPE,
                                        check=True).stdout)
        return path

    def test_every_packing_by_what_is_in_the_file(self):
        for ending in PACKERS:
            with self.subTest(ending):
                path = self.pack(ending, b"a line\n")
                for name in (path, shutil.copy(path, self.folder / "without-ending")):
                    plain, origins = traces.given([name], self.folder / "given")
                    self.assertEqual([file.read_bytes() for file in plain.values()], [b"a line\n"])
                    self.assertEqual(list(origins), list(map(str, plain.values())))

    def test_files_of_the_same_name_are_not_taken_for_each_other(self):
        for text in (b"one", b"two"):
            self.packed.write_bytes(lzma.compress(text))
            os.utime(self.packed, ns=(1, 1))
            plain, _ = traces.given([self.packed], self.folder / text.decode())
            self.assertEqual(plain["a"].read_bytes(), text)

    def test_what_was_unpacked_goes(self):
        with mock.patch.object(traces, "UNPACKED", self.folder):
            (self.folder / "given-999999999-x").mkdir()
            with traces.own_folder() as folder:
                traces.given([self.packed], folder)
                self.assertEqual([path.name for path in self.folder.glob("given-*")], [folder.name])
        self.assertEqual(list(self.folder.glob("given-*")), [])

    def test_what_is_no_file_is_read_once(self):
        fifo = self.folder / "pipe"
        os.mkfifo(fifo)
        with subprocess.Popen(["bash", "-c", f"echo text >{fifo}"]):
            plain, _ = traces.given([fifo], self.folder / "given")
        self.assertEqual(plain["pipe"].read_bytes(), b"text\n")

    def test_nothing_half_is_left(self):
        self.packed.write_bytes(lzma.compress(os.urandom(100000))[:-30])
        with self.assertRaises(Failure):
            traces.unpacked(self.packed, self.folder / "plain")
        self.assertEqual(list((self.folder / "plain").iterdir()), [])

    def test_a_file_that_unpacks_to_more_than_it_may_is_stopped(self):
        limit = 8 << 20
        with mock.patch.object(traces, "MOST_BYTES", limit):
            for ending in PACKERS:
                with self.subTest(ending):
                    # A few streams after one another are a file, too: small, and long when unpacked.
                    bomb = self.pack(ending, bytes(limit // 2 + 1), "bomb")
                    bomb.write_bytes(bomb.read_bytes() * 64)
                    with self.assertRaises(Failure) as raised:
                        traces.given([bomb], self.folder / "given")
                    self.assertEqual(raised.exception.code, 2)
                    self.assertIn("longer than 8 MiB when unpacked", str(raised.exception))
                    self.assertEqual(list((self.folder / "given").iterdir()), [])

    def test_a_file_that_asks_for_much_memory_is_refused(self):
        with open(self.packed, "wb") as file:
            subprocess.run(["xz", "-c", "--lzma2=preset=0,dict=1GiB"], input=b"x", stdout=file, check=True)
        with self.assertRaises(Failure) as raised:
            traces.given([self.packed], self.folder / "given")
        self.assertIn("Memory usage limit", str(raised.exception))

    def test_a_packer_that_is_missing_is_named(self):
        with mock.patch.object(traces.shutil, "which", return_value=None), \
                self.assertRaises(Failure) as raised:
            traces.given([self.packed], self.folder / "given")
        self.assertEqual(raised.exception.code, 77)
        self.assertIn("packed by xz, which is not installed here (Debian: xz-utils)", str(raised.exception))

    def test_names(self):
        self.assertEqual([traces.name_of(name) for name in ("x/intel-probe.txt.xz", "b.xz", "c d=e.txt",
                                                            "plain")],
                         ["intel-probe", "b", "c-d-e", "plain"])


if __name__ == "__main__":
    main()
