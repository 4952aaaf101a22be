#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Interrupted runs: nothing that is finished is lost, and only the same run goes on with it."""

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
from unittest import mock

from support import FAKE, SEED, CommandTest, main
from ptbench_study import cli
from ptbench_study.results import store
from ptbench_study.measure.bench import Bench
from ptbench_study.base.errors import Failure

SOME = ("--filter", "amdv1/map", "--processes", "3", "--pairs", "6")


class ResumeTest(CommandTest):
    """run, interrupted, and run --resume"""

    def interrupted(self, units=4, number=signal.SIGINT):
        """A run that was interrupted after so many units; how it ended."""
        child = self.start("run", "--results", self.results, "--seed", SEED, *SOME,
                           fake={"stall": units})
        return self.interrupt(child, units, number)

    def check_complete(self):
        """All of 5 cases is there: 4 variants and a control, in 3 processes."""
        entries = self.only_run()["benchmarks"]
        self.assertEqual(len(entries), 5 * 5)
        self.assertEqual({tuple(entry["samples"]) for entry in entries}, {("0", "1", "2")})

    def test_interrupt_keeps_what_is_finished_and_says_how_to_go_on(self):
        done = self.interrupted()
        self.assertEqual(done.code, 130)
        said, _, command = done.lines[-1].partition("go on with: ")
        self.assertRegex(said, r"^ptbench: interrupted; \d+ finished units are kept, $")
        self.assertEqual(command, "scripts/ptbench run --filter amdv1/map --pairs 6 --processes 3 "
                                  f"--results {self.results} --resume")
        self.assertEqual(len(self.unit_files()), 4)
        self.assertEqual(self.run_files(), [])
        self.assertNotIn("Traceback", done.err)

    def test_a_request_to_end_is_like_an_interrupt(self):
        self.assertEqual(self.interrupted(number=signal.SIGTERM).code, 130)
        self.assertEqual(len(self.unit_files()), 4)

    def test_resume_measures_only_the_rest(self):
        self.interrupted()
        kept = len(self.unit_files())
        log = self.folder / "log"
        done = self.ptbench("run", "--results", self.results, "--resume", *SOME,
                            fake={"log": str(log)})
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(len(log.read_text(encoding="utf-8").splitlines()), 15 - kept)
        self.assertFalse((self.run_folder / ".partial").exists())
        resumed = self.only_run()
        shutil.rmtree(self.run_folder)
        self.run_study(*SOME)
        whole = self.only_run()
        self.assertEqual(resumed["benchmarks"], whole["benchmarks"])
        self.assertTrue(resumed["context"]["complete"])

    def test_a_killed_run_can_be_resumed(self):
        done = self.interrupted(number=signal.SIGKILL)
        self.assertEqual(done.code, -signal.SIGKILL)
        self.assertEqual(self.ptbench("run", "--results", self.results, "--resume", *SOME).code, 0)
        self.check_complete()

    def test_a_damaged_unit_is_measured_again(self):
        self.interrupted()
        self.unit_files()[0].write_text("{", encoding="utf-8")
        self.assertEqual(self.ptbench("run", "--results", self.results, "--resume", *SOME).code, 0)
        self.check_complete()

    def test_resume_after_max_time(self):
        arguments = ("run", "--results", self.results, *SOME)
        self.ptbench(*arguments, "--max-time", "5", fake={"stall": 4})
        self.assertFalse(self.only_run()["context"]["complete"])
        self.assertEqual(self.ptbench(*arguments, "--resume").code, 0)
        newest = json.loads(self.run_files()[-1].read_text(encoding="utf-8"))
        self.assertTrue(newest["context"]["complete"])

    def test_other_arguments_or_binary_cannot_resume(self):
        self.interrupted()
        kept = len(self.unit_files())
        self.fails(self.ptbench("run", "--results", self.results, "--resume"), 2, "cannot resume",
                   "other arguments", "--filter amdv1/map")
        other = self.folder / "other_bench"
        shutil.copy(FAKE, other)
        with open(other, "a", encoding="utf-8") as file:
            file.write("# another build\n")
        self.fails(self.ptbench("run", "--results", self.results, "--resume", *SOME,
                                PTBENCH_BENCH=str(other)), 2, "another build of the binary")
        manifest = self.run_folder / ".partial" / "manifest.json"
        document = json.loads(manifest.read_text(encoding="utf-8"))
        document["identity"]["commit"] = "fffffffff"
        manifest.write_text(json.dumps(document), encoding="utf-8")
        self.fails(self.ptbench("run", "--results", self.results, "--resume", *SOME), 2,
                   "another commit", "fffffffff")
        self.assertEqual(len(self.unit_files()), kept)

    def test_an_interrupt_leaves_no_process_behind_however_early_it_comes(self):
        begun, start = [], subprocess.Popen

        def interrupted_start(*arguments, **keys):
            begun.append(start(*arguments, **keys))
            os.kill(os.getpid(), signal.SIGINT)
            return begun[-1]

        with mock.patch.object(subprocess, "Popen", interrupted_start), \
                self.assertRaises(KeyboardInterrupt):
            Bench("/usr/bin/sleep").call([10])
        with begun[0] as child:
            self.assertEqual(child.poll(), -signal.SIGKILL)
        self.assertNotIn(signal.SIGINT, signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    def test_a_process_can_be_ended_from_outside(self):
        self.assertEqual(Bench("/bin/sh").call(["-c", "kill -TERM $$; sleep 30"])[0], -signal.SIGTERM)

    def test_samples_outlive_a_store_that_fails(self):
        silence = io.StringIO()
        with mock.patch.object(store, "add_run", side_effect=Failure("no space left", 3)), \
                mock.patch.dict(os.environ, self.environment()), \
                contextlib.redirect_stderr(silence), contextlib.redirect_stdout(silence):
            self.assertEqual(cli.main(["run", "--results", str(self.results), *SOME]), 3)
        self.assertEqual(len(self.unit_files()), 15)
        self.assertEqual(self.ptbench("run", "--results", self.results, "--resume", *SOME).code, 0)
        self.check_complete()

    def test_nothing_to_resume(self):
        self.fails(self.ptbench("run", "--results", self.results, "--resume"), 2, "nothing to resume")
        self.assertFalse((self.run_folder / ".partial").exists())

    def test_a_new_run_says_that_it_drops_an_unfinished_one(self):
        self.interrupted()
        done = self.run_study(*SOME)
        self.assertEqual(done.code, 0)
        self.assertIn("dropping an unfinished run", done.err)

    def test_one_run_at_a_time(self):
        child = self.start("run", "--results", self.results, *SOME, fake={"stall": 1})
        while not self.unit_files():
            self.assertIsNone(child.poll())
        self.fails(self.run_study(*SOME), 3, "another run", str(child.pid))
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=30)
        self.assertEqual(child.returncode, 130)


if __name__ == "__main__":
    main()
