#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`doctor`: every check with its remedy, nothing changed."""

from unittest import mock

from support import MACHINE, CommandTest, main
from ptbench_study.measure import doctor, system

CHECKS = ["architecture", "governor", "turbo", "SMT", "measured CPU", "isolated CPUs", "CPU kinds",
          "CPU limits", "huge pages", "load", "swap", "power", "ASLR", "virtualised",
          "PMU", "kernel source", "packages", "results", "builds"]


class DoctorTest(CommandTest):
    """doctor"""

    def test_json(self):
        done = self.ptbench("doctor", "--json", "--results", self.results)
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertEqual(done.json["machine"], MACHINE)
        self.assertEqual([check["check"] for check in done.json["checks"]], CHECKS)
        for check in done.json["checks"]:
            self.assertIn(check["status"], ("ok", "advice"))
            self.assertEqual(check["remedy"] is None, check["status"] == "ok", check)
        self.assertFalse(self.results.exists())

    def test_text(self):
        done = self.ptbench("doctor", "--results", self.results)
        self.assertEqual(done.code, 0)
        self.assertEqual(done.out.splitlines()[0], f"machine {MACHINE}")
        for name in CHECKS:
            self.assertRegex(done.out, rf"(?m)^(ok|advice) +{name} +\S")

    def test_impossible(self):
        (self.folder / "file").write_text("", encoding="utf-8")
        done = self.ptbench("doctor", "--results", self.folder / "file" / "results")
        self.assertEqual(done.code, 3)
        self.assertIn("impossible  results", done.out)
        self.assertEqual(len(done.lines), 1)

    def test_builds_that_cannot_be_written(self):
        (self.folder / "file").write_text("", encoding="utf-8")
        done = self.ptbench("doctor", "--results", self.results,
                            PTBENCH_BUILD_DIR=self.folder / "file" / "builds")
        self.assertEqual(done.code, 3)
        self.assertIn("impossible  builds", done.out)
        self.assertIn("PTBENCH_BUILD_DIR", done.out)

    def check(self, function, files, status, *words):
        """Assert what a check says where files of /proc and /sys read like this."""
        def read(path, default=None):
            return files.get(str(path), default)

        with mock.patch.object(system, "read", read):
            found = function()
        self.assertEqual(found.status, status, found.seen)
        for word in words:
            self.assertIn(word, f"{found.seen} {found.remedy}")

    def test_what_is_seen_decides(self):
        cpu = "/sys/devices/system/cpu"
        thp = "/sys/kernel/mm/transparent_hugepage/enabled"
        swaps = "Filename Type Size Used Priority\n/dev/sda2 partition 1000 {} -2"
        for function, files, status, words in (
                (doctor.turbo, {f"{cpu}/intel_pstate/no_turbo": "0"}, "advice", ["on", "no_turbo"]),
                (doctor.turbo, {f"{cpu}/intel_pstate/no_turbo": "1"}, "ok", ["off"]),
                (doctor.turbo, {f"{cpu}/cpufreq/boost": "1"}, "advice", ["boost"]),
                (doctor.smt, {f"{cpu}/smt/active": "1"}, "advice", ["smt/control"]),
                (doctor.smt, {}, "ok", ["off"]),
                (doctor.huge_pages, {thp: "always madvise [never]"}, "advice", ["never", "madvise"]),
                (doctor.huge_pages, {thp: "always [madvise] never"}, "ok", ["madvise"]),
                (doctor.swap, {"/proc/swaps": swaps.format(5)}, "advice", ["swapoff"]),
                (doctor.swap, {"/proc/swaps": swaps.format(0)}, "ok", []),
                (doctor.placement, {"/proc/sys/kernel/randomize_va_space": "0"}, "advice", ["=2"]),
                (doctor.placement, {"/proc/sys/kernel/randomize_va_space": "2"}, "ok", [])):
            with self.subTest(function=function.__name__, files=files):
                self.check(function, files, status, *words)

    def test_missing_packages_are_named(self):
        with mock.patch.object(doctor, "wanted_packages", lambda: ["bash", "no-such-package-1"]):
            found = doctor.packages()
        if found.seen.startswith("not a Debian"):
            self.skipTest("no dpkg here")
        self.assertEqual((found.status, found.seen), ("advice", "missing: no-such-package-1"))
        self.assertIn("apt-get install", found.remedy)


if __name__ == "__main__":
    main()
