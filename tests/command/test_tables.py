#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Tables on a terminal: what gives way where it is narrow, and what --summary and --slower-only leave."""

import os
import pty
import subprocess
from unittest import mock

from support import MACHINE, CommandTest, main
from ptbench_study.base import columns

TRUTH = {"inline": {"map": 50.0, "unmap": 130.0, "iova_to_phys": 40.0}, "recursive": 60.0,
         "linux-6.12": 100.0, "limit": 20.0}


class TablesTest(CommandTest):
    """compare, run and history."""

    def setUp(self):
        super().setUp()
        for day in (6, 7):
            self.store_made_up(f"2024-05-0{day}-0123abcde-1", TRUTH, cases=tuple(TRUTH["inline"]),
                               processes=3, counts=(1, 256))

    def on_terminal(self, width, *arguments):
        """What a call prints on a terminal of this width."""
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "rb", buffering=0) as reader:
            child = subprocess.Popen(
                ["/usr/bin/python3", "-s", "-m", "ptbench_study", *map(str, arguments)], cwd=self.folder,
                env=self.environment(COLUMNS=str(width)), stdin=subprocess.DEVNULL, stdout=theirs,
                stderr=subprocess.DEVNULL)
            os.close(theirs)
            text = b""
            try:
                while part := reader.read(65536):
                    text += part
            except OSError:  # how a terminal without anybody on the other side ends
                pass
            self.assertLessEqual(child.wait(60), 1)
        return text.decode().replace("\r\n", "\n")

    def compare(self, *arguments):
        """Arguments of a comparison with the drivers."""
        return ("compare", "--results", self.results, "--vs", "linux", *arguments)

    def test_everything_fits_into_80_columns(self):
        for arguments in (self.compare(), self.compare("--summary"),
                          ("history", "--results", self.results, "--variant", "inline"),
                          ("list",), ("list", "--formats")):
            for line in self.on_terminal(80, *arguments).splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_the_least_needed_columns_go_first(self):
        wide = self.on_terminal(200, *self.compare())
        self.assertEqual(wide, self.ptbench(*self.compare()).out)
        self.assertNotIn("left out", wide)
        narrow = self.on_terminal(80, *self.compare())
        self.assertIn("note: left out in this narrow terminal: min", narrow)
        heading = next(line for line in narrow.splitlines() if line.lstrip().startswith("pgsz")).split()
        self.assertEqual(heading[0], "pgsz")
        self.assertNotIn("min", heading)
        for name in ("inline", "linux-6.12", "delta", "verdict"):
            self.assertIn(name, heading)

    def test_a_table_that_is_all_there_says_nothing_of_it(self):
        names, rows = ("case", "first", "second"), [("a" * 40, "1", "2"), ("b", "30", "4")]
        for width, left in ((60, names), (51, ("case", "first")), (45, ("case",))):
            with mock.patch.object(columns, "terminal_width", lambda width=width: width):
                lines = columns.table(names, rows, (0,), ((2,), (1,)), "a foot")
            self.assertEqual(tuple(lines[0].split()), left)
            self.assertEqual(lines[3], "a foot")
            self.assertEqual(" ".join(lines[4:]).split(), [] if left == names else
                             ["note:", *"left out in this narrow terminal:".split(),
                              *", ".join(names[len(left):]).split()])
        self.assertEqual(columns.table(names, rows, (0,))[2], f"{'b':40}     30       4")

    def test_summary(self):
        done = self.ptbench(*self.compare("--summary"))
        self.assertEqual(done.code, 1)
        lines = done.out.splitlines()
        self.assertRegex(lines[0], rf"^inline against linux-6\.12   machine {MACHINE}   "
                                   r"12 pairs in 3 processes   resolvable >= ")
        self.assertRegex(lines[1], r"^   map           mean 0\.50 \[0\.\d\d, 0\.\d\d\]: 2 faster$")
        self.assertRegex(lines[2], r"^   unmap         mean 1\.\d\d? \[1\.\d\d, 1\.\d\d\]: 2 slower$")
        self.assertRegex(lines[4], r"^inline against linux-6\.12, 6 cells: 4 faster, 2 slower; ")
        self.assertEqual(len(lines), 5)
        document = self.ptbench(*self.compare("--summary", "--json")).json
        self.assertEqual((document["cells"], document["geomean"]["cells"]), ([], 6))

    def test_slower_only(self):
        done = self.ptbench(*self.compare("--slower-only"))
        self.assertEqual(done.code, 1)
        self.assertEqual(done.out.count(" slower\n"), 2)
        self.assertNotIn("amdv1 map ", done.out)
        self.assertIn("6 cells: 4 faster, 2 slower; ", done.out)
        self.assertEqual({cell["op"] for cell in
                          self.ptbench(*self.compare("--slower-only", "--json")).json["cells"]}, {"unmap"})
        self.assertEqual(len(self.ptbench(*self.compare("--slower-only", "--csv")).out.splitlines()), 3)
        none = self.ptbench(*self.compare("--slower-only", "--filter", "amdv1/map"))
        self.assertEqual((none.code, none.out.splitlines()[0]), (0, "no cell is slower"))
        self.fails(self.ptbench(*self.compare("--slower-only", "--summary")), 2, "not allowed with")

    def test_run_takes_both(self):
        few = ("--filter", "amdv1/map/4K/x1", "--processes", "2", "--pairs", "6")
        done = self.run_study(*few, "--summary")
        self.assertEqual(done.code, 0, done.err)
        self.assertNotIn("pgsz", done.out)
        self.assertIn("inline against recursive, 2 cells: ", done.out)
        self.assertEqual(self.run_study(*few, "--slower-only").out.count("no cell is slower"), 3)

    def test_kept(self):
        names, rows = ["a", "bb", "c"], [["1", "2222", "3"]]
        self.assertEqual(columns.kept(names, rows, None, ((1,),)), [0, 1, 2])
        self.assertEqual(columns.kept(names, rows, 10, ((1,),)), [0, 1, 2])
        self.assertEqual(columns.kept(names, rows, 9, ((1,), (0,))), [0, 2])
        self.assertEqual(columns.kept(names, rows, 1, ((1,), (0,))), [2])
        self.assertEqual(columns.line_up(names, rows, [0, 1], (0,), 1), [" a    bb", " 1  2222"])


if __name__ == "__main__":
    main()
