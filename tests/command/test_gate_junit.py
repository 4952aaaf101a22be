#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`gate --junit`: well-formed XML, one testcase a case, and each case's fate."""

import json
import types
import unittest
import xml.etree.ElementTree as ElementTree

from support import FAKE, SEED, CommandTest, main
from ptbench_study.publish import gate_junit

FILTER = ("--filter", "amdv1/map/4K/x1", "--filter", "amdv1/unmap/4K/x1")
CASES = ["amdv1/map/4K/x1/coherent/cold", "amdv1/map/4K/x1/coherent/warm", "amdv1/unmap/4K/x1/coherent/warm"]


def fates(root):
    """{case: kinds of what is said of it}."""
    return {entry.get("name"): [said.tag for said in entry] for entry in root.iter("testcase")}


class CommandLineTest(CommandTest):
    """Times of fakes."""

    def gate(self, *arguments, **fake):
        """(exit code, root of the XML) of a gate of the fake against an old one."""
        old = self.folder / "old-bench"
        old.write_text(f"#!/bin/sh\nFAKE_BENCH='{json.dumps({'salt': 'old'})}' exec {FAKE} \"$@\"\n",
                       encoding="utf-8")
        old.chmod(0o755)
        path = self.folder / "gate.xml"
        done = self.ptbench("gate", "--times-only", "--results", self.results, "--seed", SEED,
                            "--baseline", "v1", "--junit", path, *FILTER, *arguments, fake=fake,
                            PTBENCH_BASELINE_BENCH=str(old))
        return done.code, ElementTree.parse(path).getroot()

    def test_what_is_slower_fails(self):
        code, root = self.gate(truth={"inline": 2.4})
        self.assertEqual(code, 1)
        self.assertEqual(root.tag, "testsuites")
        self.assertEqual({name: root[0].get(name) for name in ("tests", "failures", "errors", "skipped")},
                         {"tests": "3", "failures": "3", "errors": "0", "skipped": "0"})
        self.assertEqual(fates(root), {case: ["failure"] for case in CASES})
        entry = next(root.iter("testcase"))
        self.assertEqual(entry.get("classname"), "ptbench.amdv1.map")
        self.assertRegex(entry[0].get("message"), r"^time: amdv1/map/\S+ inline: [\d.]+ ns instead of ")

    def test_what_passes_and_what_crashes(self):
        code, root = self.gate(crash="amdv1/unmap/*")
        self.assertEqual(code, 3)
        self.assertEqual(fates(root), {CASES[0]: [], CASES[1]: [], CASES[2]: ["error"]})

    def test_a_folder_is_no_file(self):
        self.fails(self.ptbench("gate", "--times-only", "--baseline", "v1", "--junit", self.folder), 2,
                   "is a folder")


class ReportTest(unittest.TestCase):
    """gate_junit.Report"""

    def test_counts_and_times_of_a_case_are_one_testcase(self):
        report = gate_junit.Report("machine")
        report.add_counts({"rows": [{"case": case} for case in CASES[:2]], "not_counted": [
            {"case": CASES[2], "variant": "inline", "reason": "threads"}]}, [(CASES[0], "count: more")])
        cell = types.SimpleNamespace(case=types.SimpleNamespace(name=CASES[1]))
        times = types.SimpleNamespace(measured=CASES, failed={}, thin=set(),
                                      skipped={CASES[2]: "no clflushopt"})
        report.add_times(times, [(CASES[0], "time: more"), (CASES[1], "unconfirmed: perhaps")],
                         types.SimpleNamespace(unconfirmed=[("inline", cell)]))
        root = report.element()
        self.assertEqual(fates(root), {CASES[0]: ["failure"], CASES[1]: ["error"], CASES[2]: ["skipped"]})
        self.assertEqual(root[0][0][0].text, "count: more\ntime: more")

    def test_no_text_breaks_the_xml(self):
        report = gate_junit.Report("ma<chine>")
        report.add(CASES[0], "error", "a \"quoted\" <tag> & \x1b[31m \x00 \ud800 end")
        text = ElementTree.tostring(report.element(), encoding="unicode")
        entry = next(ElementTree.fromstring(text.encode()).iter("error"))
        self.assertEqual(entry.text, "a \"quoted\" <tag> & \\u001b[31m \\u0000 \\ud800 end")


if __name__ == "__main__":
    main()
