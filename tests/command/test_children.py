#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""kill -9 of the command at any moment: nothing that it started is left, nothing that it finished is lost."""

import os
import random
import signal
import subprocess
import sys
import time
import unittest

from support import SEED, CommandTest, main
from ptbench_study.base import children

SOME = ("--filter", "amdv1/map", "--processes", "3", "--pairs", "6")
TIMES = 6
# For hangs only: what is waited for comes within milliseconds.
PATIENCE = 60
# Starts a child that would sleep for long, says its number, and waits for it.
STARTER = ("import sys\nfrom ptbench_study.base import children\n"
           "child = children.start(sys.argv[1:])\nprint(child.pid, flush=True)\nchild.wait()\n")


def is_running(pid):
    """Whether a process is there, and is no mere entry that nobody has waited for."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(reached):
    """Wait until reached() is true; whether it became so."""
    end = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


class KillTest(CommandTest):
    """Killed by SIGKILL, which nobody can handle."""

    def test_run_leaves_nothing_and_loses_nothing(self):
        rng = random.Random(SEED)
        pids = self.folder / "pids"
        pids.mkdir()
        finished = 0
        for attempt in range(TIMES):
            stall = finished + rng.randrange(1, 3)
            resumed = ("--resume",) if attempt else ("--seed", SEED)
            child = self.start("run", "--results", self.results, *resumed, *SOME,
                               fake={"stall": stall, "pids": str(pids), "sleep": 0.01})
            # The measuring process sleeps, after so many finished units, or it still starts.
            self.assertTrue(wait_until(lambda: len(self.unit_files()) >= stall))
            time.sleep(rng.random() * 0.2)
            child.kill()
            child.communicate()
            measuring = [int(path.name) for path in pids.iterdir()]
            self.assertTrue(wait_until(lambda: not any(map(is_running, measuring))),
                            f"attempt {attempt}: {[pid for pid in measuring if is_running(pid)]} live on")
            self.assertGreaterEqual(len(self.unit_files()), stall)
            finished = len(self.unit_files())
        done = self.ptbench("run", "--results", self.results, "--resume", *SOME)
        self.assertEqual(done.code, 0, done.err)
        self.assertIn(f"{finished} of ", done.err)
        self.assertTrue(self.only_run()["context"]["complete"])

    def starter(self, *command):
        """(the process that started a command, the number of the command's process)"""
        child = subprocess.Popen([sys.executable, "-s", "-c", STARTER, *command], stdout=subprocess.PIPE,
                                 text=True, env=self.environment())
        self.addCleanup(child.stdout.close)
        return child, int(child.stdout.readline())

    def test_any_child_dies_with_its_parent(self):
        for command in (("sleep", "600"), children.under(["sleep", "600"])):
            child, pid = self.starter(*command)
            self.assertTrue(is_running(pid))
            child.kill()
            child.wait()
            self.assertTrue(wait_until(lambda: not is_running(pid)), command)

    def test_a_parent_that_died_before_it_was_asked_for(self):
        # The moment between fork and prctl cannot be hit; what is done about it can be called.
        for parent, wanted in ((os.getpid(), 0), (1 << 30, -signal.SIGKILL)):
            done = subprocess.run(["true"], preexec_fn=lambda: children.die_with(parent), check=False)
            self.assertEqual(done.returncode, wanted)


class ChildTest(unittest.TestCase):
    """children.run(), which is subprocess.run()."""

    def test_as_subprocess(self):
        done = children.run(["cat"], input="text", text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (0, "text"))
        with self.assertRaises(subprocess.TimeoutExpired):
            children.run(["sleep", "600"], timeout=0.05)
        with self.assertRaises(subprocess.CalledProcessError):
            children.run(["false"], check=True)
        with self.assertRaises(FileNotFoundError):
            children.run(["/nonexistent"])
        # The mask of signals is as it was, here and in children.
        self.assertEqual(signal.pthread_sigmask(signal.SIG_BLOCK, ()), set())
        shown = children.run(["grep", "SigBlk", "/proc/self/status"], text=True, capture_output=True).stdout
        self.assertEqual(int(shown.split()[1], 16), 0)

    def test_measuring_starts_no_child_otherwise(self):
        package = children.__file__.rpartition("/")[0]
        others = {"build_info.py", "callgraph.py", "children.py", "doctor.py", "machine.py", "matrix.py"}
        for name in os.listdir(package):
            if name.endswith(".py") and name not in others:
                with open(f"{package}/{name}", encoding="utf-8") as file:
                    self.assertNotRegex(file.read(), r"subprocess\.(run|Popen|call|check_)", name)


if __name__ == "__main__":
    main()
