#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`inside` without a kernel: what is made of packages' names, of sources and of a console's lines."""

import shutil
import subprocess
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from support import CommandTest, main
from ptbench_study.base.errors import FAILED, SKIPPED, Failure
from ptbench_study.code import inside_module
from ptbench_study.measure import inside
from ptbench_study.results import counts, inside_counts

CASE = "amdv1/map/4K/x1/coherent/warm"
CALIBRATED = "calibrated 10000 instructions 10006 ticks"


class PackagesTest(unittest.TestCase):
    """Which kernel is taken."""

    def test_the_newest_that_has_iommus(self):
        names = [f"linux-image-{name}-amd64" for name in (
            "6.12.9+deb12", "6.12.117+deb12", "6.12.74+deb13+1", "6.12.120+deb12-rt", "6.12.120+deb12-cloud",
            "6.1.200", "6.13.1")]
        names += ["linux-image-6.12.130+deb12-amd64-dbg", "linux-image-6.12.131+deb12-arm64",
                  "linux-image-6.12.132+deb12-amd64-unsigned", "linux-image-6.12-amd64"]
        self.assertEqual(inside_module.newest(names, "6.12"), "6.12.117+deb12")
        self.assertIsNone(inside_module.newest(names, "7.3"))

    def test_sources_name_every_format_in_both_variants(self):
        with TemporaryDirectory() as name:
            kernel = inside_module.Kernel("6.12", "6.12.1")
            files = inside_module.source_files(kernel, ("amdv1", "vtdss"), Path(name))
        for each in ("amdv1", "vtdss"):
            self.assertIn("#define PT_INLINE", files[f"{each}_inline.c"])
            self.assertNotIn("PT_INLINE", files[f"{each}_recursive.c"])
            self.assertIn(f'"{each}"', files["formats.c"])
        self.assertIn("-DPTBENCH_LINUX=6012", files["Kbuild"])
        for file in files:
            if file.endswith(".c"):
                self.assertIn(file[:-2] + ".o", files["Kbuild"].split())


class ArchiveTest(unittest.TestCase):
    """What the machine has in its memory."""

    @unittest.skipUnless(shutil.which("cpio"), "no cpio to read it with")
    def test_cpio_reads_it(self):
        with TemporaryDirectory() as name:
            data = inside.archive({"init": (0o100755, b"abc"), "x": (0o100644, b"12345")})
            done = subprocess.run(["cpio", "-idm", "--quiet"], cwd=name, check=False, capture_output=True,
                                  input=data)
            self.assertEqual((Path(name) / "init").read_bytes(), b"abc", done.stderr)
            self.assertEqual((Path(name) / "x").read_bytes(), b"12345")

    def test_fields_are_where_the_format_has_them(self):
        data = inside.archive({"init": (0o100755, b"abc")})
        place = data.index(b"init\0") - 110
        fields = [int(data[place + 6 + 8 * i:place + 14 + 8 * i], 16) for i in range(13)]
        self.assertEqual(place % 4, 0)
        self.assertEqual((fields[1], fields[6], fields[11]), (0o100755, 3, 5))
        self.assertTrue(data.endswith(b"\0") and b"TRAILER!!!" in data)


class ConsoleTest(unittest.TestCase):
    """What a console says is somebody else's text."""

    def read(self, *lines):
        """said() of lines with times in front."""
        return inside.said([f"[    1.23] {line}" for line in lines])

    def test_fine(self):
        own, trouble = self.read("inside: verify amdv1: 3 steps: equal", "inside: fine")
        self.assertEqual(own, ["verify amdv1: 3 steps: equal", "fine"])
        inside.check(own, trouble)

    def test_what_is_wrong_is_said(self):
        for lines, complaint in (
                ((), "it said nothing"),
                (("inside: verify amdv1: equal",), "did not come to its end: verify amdv1: equal"),
                (("inside: amdv1: 3 tables are lost", "inside: FAILED"), "1 faults, first amdv1: 3"),
                (("BUG: Bad page state in process init", "inside: fine"), "the kernel says: "),
                (("inside: a\x1b[31mb", "inside: FAILED"), "1 faults, first a")):
            with self.assertRaises(Failure) as caught:
                inside.check(*self.read(*lines))
            self.assertEqual(caught.exception.code, FAILED)
            self.assertIn(complaint, str(caught.exception))
            self.assertNotIn("\x1b", str(caught.exception))

    def test_counts(self):
        own = [CALIBRATED, f"count {CASE} inline 15700 15700", f"count {CASE} linux+core 46900 46950",
               "count ../../x inline 1 1", "fine"]
        self.assertEqual(inside.counts_of(own, "linux-6.12"),
                         {(CASE, "inline"): 157.0, (CASE, "linux-6.12+core"): 469.0})

    def test_what_does_not_repeat_or_counts_something_else_is_no_count(self):
        for own, complaint in (
                ([CALIBRATED, f"count {CASE} inline 15700 17700"], "between 157.00 and 177.00"),
                (["calibrated 10000 instructions 7 ticks"], "counts something else"), ([], "None")):
            with self.assertRaises(Failure) as caught:
                inside.counts_of(own, "linux-6.12")
            self.assertIn(complaint, str(caught.exception))


class CommandLineTest(CommandTest):
    """The command where it cannot do its work."""

    def test_what_goes_together(self):
        for words, complaint in ((("count", "--plant", "word"), "--plant word does not go with count"),
                                 (("dma", "--steps", "3"), "--steps goes with verify"),
                                 (("dma", "--format", "amdv1"), "leave out --format"),
                                 (("verify", "--update"), "--update goes with count"),
                                 (("verify", "--kernel", "5.4"), "'5.4' is no kernel that the module"),
                                 (("verify", "--format", "armv7s"), "'armv7s' cannot be compared inside"),
                                 (("verify", "--plant", "x"), "invalid choice: 'x'")):
            self.fails(self.ptbench("inside", *words), 2, complaint)

    def test_without_make_it_is_skipped(self):
        with mock.patch.object(shutil, "which", return_value=None), self.assertRaises(Failure) as caught:
            inside_module.build("6.12", ("amdv1",))
        self.assertEqual(caught.exception.code, SKIPPED)

    def test_golden_counts_and_those_outside(self):
        golden = counts.Golden({(CASE, "inline"): 100.0})
        found = inside_counts.rows({(CASE, "inline"): 101.0, (CASE, "inline+core"): 300.0}, golden,
                                   {(CASE, "inline"): 50.5})
        self.assertEqual([(row["change"] and round(row["change"], 4), row["ratio"]) for row in found],
                         [(0.01, 2.0), (None, None)])
        path = Path(self.folder) / "inside.csv"
        counts.store(path, inside_counts.golden_of({(CASE, "inline+core"): 300.0}))
        self.assertEqual(counts.load(path).rows, {(CASE, "inline+core"): 300.0})
        self.assertIn("inside count --update", path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
