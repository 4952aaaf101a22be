#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`patch` without a kernel: what is done with patches and trees, and how the mail reads."""

import os
import subprocess
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from support import CommandTest, main
from ptbench_study.base.errors import USAGE, Failure
from ptbench_study.code import patched
from ptbench_study.judge import change
from ptbench_study.publish import patch_mail

FILE = "drivers/iommu/own.c"
CASE = "amdv1/map/4K/x1/coherent/warm"
DIFF = ("diff --git a/{0} b/{0}\n--- a/{0}\n+++ b/{0}\n@@ -1,3 +1,3 @@\n one\n-two\n+{1}\n three\n")
MAIL = ("From 123 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\n"
        "Subject: [PATCH 1/2] own: Say\n {1}\n\nText.\n---\n")


class PatchTest(unittest.TestCase):
    """Patches on a tree of a few lines."""

    def setUp(self):
        folder = TemporaryDirectory(prefix="ptbench-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.tree = self.folder / "tree"
        (self.tree / FILE).parent.mkdir(parents=True)
        (self.tree / FILE).write_text("one\ntwo\nthree\n", encoding="utf-8")

    def patch(self, text, name="a.patch"):
        """A file with a patch in it."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
        return path

    def refuses(self, text, *complaints):
        """Expect a Failure that says so, and a tree that is what it was."""
        with self.assertRaises(Failure) as caught:
            patched.applied(self.patch(text), self.tree)
        self.assertEqual(caught.exception.code, USAGE)
        for complaint in complaints:
            self.assertIn(complaint, str(caught.exception))
        self.assertNotIn("\n", str(caught.exception))
        self.assertEqual((self.tree / FILE).read_text(encoding="utf-8"), "one\ntwo\nthree\n")

    def test_a_diff_and_a_mailbox(self):
        first = DIFF.format(FILE, "zwei")
        second = DIFF.format(FILE, "deux").replace("-two", "-zwei")
        path = self.patch(MAIL.replace("{1}", "zwei") + first + MAIL.replace("{1}", "deux") + second)
        self.assertEqual(patched.applied(path, self.tree), [FILE, FILE])
        self.assertEqual((self.tree / FILE).read_text(encoding="utf-8"), "one\ndeux\nthree\n")
        self.assertEqual(patched.subjects_of([path]), ["own: Say zwei", "own: Say deux"])

    def test_inside_of_a_repository(self):
        subprocess.run(["git", "init", "-q", str(self.folder)], check=True)
        self.assertEqual(patched.applied(self.patch(DIFF.format(FILE, "zwei")), self.tree), [FILE])
        self.assertIn("zwei", (self.tree / FILE).read_text(encoding="utf-8"))

    def test_what_is_elsewhere_is_left_out(self):
        path = self.patch(DIFF.format("MAINTAINERS", "x") + DIFF.format(FILE, "zwei"))
        self.assertEqual(patched.applied(path, self.tree), [FILE])

    def test_what_cannot_be_applied_is_named(self):
        self.refuses(DIFF.format(FILE, "zwei").replace("-two", "-drei"), "a.patch does not apply",
                     f"{FILE}:1")
        self.refuses(DIFF.format("drivers/iommu/none.c", "x"), "does not apply", "none.c")
        self.refuses("no patch\n", "does not apply: No valid patches")
        self.refuses(DIFF.format(FILE, "zwei")[:-8], "does not apply: corrupt patch")
        self.refuses(DIFF.format("MAINTAINERS", "x"), "changes nothing that is compared")

    def test_nothing_gets_out_of_the_tree(self):
        outside = self.folder / "evil"
        for name in ("../evil", "drivers/iommu/../../../evil", "/" + str(outside).lstrip("/")):
            with self.subTest(name):
                text = f"diff --git a/{name} b/{name}\nnew file mode 100644\n--- /dev/null\n+++ b/{name}\n" \
                       "@@ -0,0 +1 @@\n+evil\n"
                self.refuses(text)
        link = (f"diff --git a/drivers/iommu/l b/drivers/iommu/l\nnew file mode 120000\n--- /dev/null\n"
                f"+++ b/drivers/iommu/l\n@@ -0,0 +1 @@\n+{self.folder}\n\\ No newline at end of file\n"
                "diff --git a/drivers/iommu/l/evil b/drivers/iommu/l/evil\nnew file mode 100644\n"
                "--- /dev/null\n+++ b/drivers/iommu/l/evil\n@@ -0,0 +1 @@\n+evil\n")
        self.refuses(link)
        self.assertFalse(outside.exists())

    def test_hostile_bytes(self):
        self.refuses("GIT binary patch\n" + DIFF.format(FILE, "x"), "binary patch")
        path = self.patch("Subject: a\x1b[31mb\n\n" + DIFF.format(FILE, "x"))
        self.assertNotIn("\x1b", patched.subjects_of([path])[0])
        with mock.patch.object(patched, "LARGEST_PATCH", 10):
            self.refuses(DIFF.format(FILE, "zwei"), "larger than")
        with self.assertRaises(Failure):
            patched.applied(self.folder / "none.patch", self.tree)

    def test_files_that_are_the_same_keep_their_time(self):
        made, place = self.folder / "made", self.folder / "place"
        for root, texts in ((made, {"a": "1", "d/b": "2", "e": "new"}),
                            (place, {"a": "1", "d/b": "x", "f/g": "3"})):
            for name, text in texts.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
        os.utime(place / "a", (5, 5))
        patched.settle_into(made, place)
        self.assertEqual({str(path.relative_to(place)): path.read_text(encoding="utf-8")
                          for path in place.rglob("*") if path.is_file()}, {"a": "1", "d/b": "2", "e": "new"})
        self.assertEqual((place / "a").stat().st_mtime, 5)

    def test_the_ends_of_a_range(self):
        def git(*words):
            command = ["git", "-C", str(self.folder), "-c", "user.name=a", "-c", "user.email=a@b", *words]
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

        git("init", "-q")
        commits = []
        for text in ("1", "2", "3"):
            (self.folder / "file").write_text(text, encoding="utf-8")
            git("add", "file")
            git("commit", "-qm", text)
            commits.append(git("rev-parse", "HEAD"))
        self.assertEqual(patched.ends_of(self.folder, f"{commits[0]}..HEAD"), (commits[0], commits[2]))
        self.assertEqual(patched.ends_of(self.folder, f"{commits[0]}.."), (commits[0], commits[2]))
        self.assertEqual(patched.ends_of(self.folder, commits[1]), (commits[0], commits[1]))
        for wrong in ("none..HEAD", "--output=x", "HEAD~9"):
            with self.assertRaises(Failure):
                patched.ends_of(self.folder, wrong)
        with self.assertRaises(Failure) as caught:
            patched.take_commit(self.folder, commits[0], self.tree)
        self.assertIn("no Linux tree", str(caught.exception))


class MailTest(unittest.TestCase):
    """What is printed."""

    def found(self):
        """A change with a bit of everything."""
        found = change.Change(["amdv1"])
        found.verified = 3
        found.counts = {CASE: (100.0, 102.0), CASE.replace("x1", "x256"): (1000.0, 900.0),
                        CASE.replace("4K", "2M"): (5.0, 5.0)}
        found.sizes = {("amdv1", "map"): ((1000, 100), (1004, 100)), ("amdv1", "unmap"): ((7, 8), (7, 8))}
        return found

    def text(self, found):
        """The mail."""
        return patch_mail.text(["own: Say zwei " * 8], "6.12, gcc 12.2.0", [FILE] * 7, found, None)

    def test_lines_fit_a_mail(self):
        found = self.found()
        found.differing = {CASE: "words differ " * 20}
        found.gone = {"x86_64": "a reason " * 20}
        text = self.text(found)
        self.assertLessEqual(max(map(len, text.splitlines())), 72)
        for words in ("TABLES DIFFER in 1 cases", "x86_64 CANNOT BE BUILT", "1 take fewer, 1 more, 1 as many",
                      "1000 -> 900  -10.0%", "code 1000 -> 1004, stack 100 -> 100",
                      "2 operations: 1 changed"):
            self.assertIn(words, text)

    def test_the_same_code(self):
        text = self.text(change.Change([]))
        self.assertIn("The machine code of every driver's page tables is what it was.",
                      " ".join(text.split()))
        self.assertNotIn("Instructions", text)

    def test_what_the_gate_stops(self):
        found = self.found()
        self.assertEqual(change.worse_counts(found, 0.005), [CASE])
        self.assertEqual(change.worse_counts(found, 0.05), [])
        self.assertEqual(change.worse_sizes(found, 0.001), [("amdv1", "map")])
        self.assertEqual(change.worse_sizes(found, 0.01), [])


class CommandLineTest(CommandTest):
    """Arguments."""

    def test_what_goes_together(self):
        for words, complaint in (((), "name patches, or --git"), (("a.patch",), "--kernel names the kernel"),
                                 (("a.patch", "--git", "r", "a..b"), "name patches, or --git"),
                                 (("--git", "r", "a..b", "--kernel", "6.12"), "leave out --kernel"),
                                 (("a.patch", "--kernel", "none"), "names the one kernel"),
                                 (("a.patch", "--kernel", "5.4"), "too old"),
                                 (("a.patch", "--gate", "x", "--kernel", "6.12"), "not a number of percent")):
            done = self.ptbench("patch", *words, PTBENCH_BUILD_DIR=str(self.folder / "build"))
            self.fails(done, 2, complaint)


if __name__ == "__main__":
    main()
