#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`record`: on a folder that behaves as tracefs, and on machines that do not let anybody trace."""

import json
import lzma
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from support import CommandTest, Done, main
from ptbench_study.measure import traces

LINES = ("  task-1 [000] ..... 3.2: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x7000 size=4096\n"
         "  task-1 [000] ..... 3.3: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 unmapped_size=4096\n"
         "CPU:1 [LOST 73 EVENTS]\n"
         "  task-1 [000] ..... 3.4: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x7000 size=4096\n")
FAKE_TRACEFS = Path(__file__).resolve().with_name("fake_tracefs.py")


class RecordTest(CommandTest):
    """record"""

    def setUp(self):
        super().setUp()
        self.tracefs = self.folder / "tracefs"
        for name in ("instances", "events/iommu/map", "events/iommu/unmap"):
            (self.tracefs / name).mkdir(parents=True)
        for name in ("map", "unmap"):
            (self.tracefs / "events" / "iommu" / name / "enable").write_text("0", encoding="ascii")
        self.written, self.log = self.folder / "written", self.folder / "log"
        self.lines(LINES)

    def lines(self, text):
        """What the kernel is going to record."""
        (self.folder / "lines").write_text(text, encoding="utf-8")

    def begin(self, *arguments, **more):
        """Start a recording."""
        environment = self.environment(
            PTBENCH_TRACEFS=str(self.tracefs), FAKE_LINES=str(self.folder / "lines"),
            FAKE_WRITTEN=str(self.written), FAKE_LOG=str(self.log), **more)
        child = subprocess.Popen([sys.executable, "-s", FAKE_TRACEFS, "record", *map(str, arguments)],
                                 text=True, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(lambda: child.poll() is None and child.kill())
        return child

    def end(self, child):
        """How a recording ended."""
        out, err = child.communicate(timeout=120)
        return Done(child.returncode, out, err)

    def until_written(self):
        """A command that ends when everything was recorded."""
        return ("sh", "-c", f"until [ -e {self.written} ]; do sleep 0.01; done")

    def assert_restored(self):
        """Nothing of the recorder is left, and nothing else was touched."""
        self.assertEqual(list((self.tracefs / "instances").iterdir()), [])
        for name in ("map", "unmap"):
            self.assertEqual((self.tracefs / "events" / "iommu" / name / "enable").read_text(), "0")

    def test_while_a_command_runs(self):
        done = self.end(self.begin("--", *self.until_written()))
        self.assertEqual((done.code, done.out), (0, ""), done.err)
        self.assertEqual(lzma.open(self.folder / "my-trace.txt.xz").read().decode(), LINES)
        self.assertIn("2 maps and 1 unmaps in my-trace.txt.xz", done.err)
        self.assertIn("73 more events were lost", done.err)
        self.assertIn("scripts/ptbench replay my-trace.txt.xz", done.lines[-1])
        self.assert_restored()
        left = json.loads(self.log.read_text(encoding="utf-8"))
        self.assertEqual([left[f"events/iommu/{name}/enable"] for name in ("map", "unmap")], ["0", "0"])
        self.assertGreaterEqual(int(left["buffer_size_kb"]), 64)
        self.assertEqual([path.name for path in self.folder.glob("*.xz")], ["my-trace.txt.xz"])
        self.assertEqual(list(self.folder.glob(".my-trace*")), [])

    def test_what_is_recorded_is_replayed(self):
        self.end(self.begin("--output", "t.txt.xz", "--", *self.until_written()))
        done = self.ptbench("replay", "t.txt.xz", "--format", "amdv1")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("t: 3 of 3 events; the recorder lost 73 events", done.err)

    def test_for_a_time(self):
        done = self.end(self.begin("--time", "0.5s", "--output", "t.txt"))
        self.assertIn(done.code, (0, 5), done.err)  # a busy machine may not get so far
        self.assert_restored()
        if done.code == 0:
            self.assertEqual((self.folder / "t.txt").read_text(encoding="utf-8"), LINES)

    def test_an_interrupt_ends_it(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.written.unlink(missing_ok=True)
                child = self.begin("--time", "1h", "--output", f"{number}.txt")
                limit = time.monotonic() + 60
                while not self.written.exists() and time.monotonic() < limit:
                    time.sleep(0.01)
                child.send_signal(number)
                done = self.end(child)
                self.assertEqual(done.code, 0, done.err)
                self.assertEqual((self.folder / f"{number}.txt").read_text(encoding="utf-8"), LINES)
                self.assert_restored()

    def test_nothing_happened(self):
        self.lines("")
        done = self.end(self.begin("--", *self.until_written()))
        self.assertEqual(done.code, 5, done.err)
        self.assertIn("nothing was mapped or unmapped", done.lines[-1])
        self.assertEqual(list(self.folder.glob("*my-trace*")), [])
        self.assert_restored()

    def test_leftovers_of_killed_recorders_are_removed(self):
        for name in ("ptbench-999999999", "ptbench-1", "somebody"):
            (self.tracefs / "instances" / name).mkdir()
        self.end(self.begin("--", *self.until_written()))
        self.assertEqual({path.name for path in (self.tracefs / "instances").iterdir()},
                         {"ptbench-1", "somebody"})

    def refused(self, done, *words):
        """Assert that one line says why, and that the rest says how it is done elsewhere."""
        self.fails(done, 77, "cannot record here", *words)
        lines = [line for line in done.out.splitlines() if line.startswith("    ")]
        self.assertEqual(len(lines), 3)
        subprocess.run(["sh", "-n", "-c", "\n".join(lines)], check=True)
        self.assertIn("as root", done.out)
        self.assertIn("scripts/ptbench replay my-trace.txt.xz", done.out)

    def test_machines_that_do_not_let_us(self):
        self.refused(self.end(self.begin("--time", "1s", FAKE_DENIED="instances")), "Permission denied")
        self.refused(self.end(self.begin("--time", "1s", FAKE_DENIED="events/iommu/unmap/enable")),
                     "unmap/enable")
        self.refused(self.end(self.begin("--time", "1s", FAKE_DENIED="buffer_size_kb")), "buffer_size_kb")
        self.assert_restored()
        self.refused(self.ptbench("record", PTBENCH_TRACEFS=str(self.folder / "nowhere")), "no tracefs")
        self.refused(self.ptbench("record", PTBENCH_TRACEFS=str(self.folder)), "no tracefs")
        (self.tracefs / "events" / "iommu" / "unmap" / "enable").unlink()
        (self.tracefs / "events" / "iommu" / "unmap").rmdir()
        self.refused(self.ptbench("record", PTBENCH_TRACEFS=str(self.tracefs)), "no tracepoint iommu:unmap")

    def test_wrong_arguments(self):
        (self.folder / "there.txt").touch()
        for arguments, words in ((("--output", "there.txt"), ["there.txt is there already"]),
                                 (("--output", "a.csv"), ["a.csv", "*.txt.xz"]),
                                 (("--output", "no/a.txt"), ["no such folder"]),
                                 (("--time", "1s", "--", "true"), ["--time"])):
            self.fails(self.ptbench("record", *arguments, PTBENCH_TRACEFS=str(self.tracefs)), 2, *words)
        done = self.end(self.begin("--", "./nowhere"))
        self.assertEqual(done.code, 2)
        self.assertIn("./nowhere: No such file", done.lines[-1])
        self.assert_restored()


class NameTest(unittest.TestCase):
    """A recording has a name that a case can have."""

    def test_default_name(self):
        self.assertEqual(traces.name_of("my-trace.txt.xz"), "my-trace")


if __name__ == "__main__":
    main()
