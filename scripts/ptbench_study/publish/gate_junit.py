# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`gate --junit FILE`: what the gate found as JUnit's XML, a testcase a case, for CI that shows tests.

A case that got worse has a failure; one that crashed, or could not be told, an error; one for which
something is missing here is skipped.
"""

import xml.etree.ElementTree as ElementTree

from ..base.quoting import terminal
from ..results import store

SUITE = "ptbench gate"


class Report:
    """The testcases of a gate: add cases, then what is to be said of them."""

    def __init__(self, machine):
        self.machine = machine
        self.cases = {}

    def add(self, case, kind=None, text=""):
        """Take a case; kind is None, "failure", "error" or "skipped", `text` one line of why."""
        said = self.cases.setdefault(case, {})
        if kind:
            said.setdefault(kind, []).append(text)

    def add_counts(self, document, lines):
        """What `count --json` printed, and its [(case, line)] of what got worse."""
        for row in document["rows"]:
            self.add(row["case"])
        for case, line in lines:
            self.add(case, "failure", line)
        for each in document["not_counted"]:
            if each["case"] not in self.cases:
                self.add(each["case"], "skipped", f"not counted: {each['reason']}")

    def add_sizes(self, lines):
        """[(operation, line)] of code or stack that grew."""
        for name, line in lines:
            self.add(name, "failure", line)

    def add_times(self, times, lines, verdict):
        """A gate.Times that measured, its [(case, line)] and its Verdict."""
        for case in times.measured:
            self.add(case)
        unconfirmed = {cell.case.name for _, cell in verdict.unconfirmed}
        for case, line in lines:
            self.add(case, "error" if case in unconfirmed else "failure", line)
        for case, reason in times.failed.items():
            self.add(case, "error", reason)
        for case, reason in times.skipped.items():
            self.add(case, "skipped", reason)
        for case in sorted(times.thin):
            self.add(case, "error", "too few processes to be judged")

    def element(self):
        """The <testsuites> element."""
        numbers = {kind: sum(kind in said for said in self.cases.values())
                   for kind in ("failure", "error", "skipped")}
        totals = {"tests": str(len(self.cases)), "failures": str(numbers["failure"]),
                  "errors": str(numbers["error"]), "skipped": str(numbers["skipped"])}
        root = ElementTree.Element("testsuites", {"name": SUITE, **totals})
        suite = ElementTree.SubElement(root, "testsuite", {
            "name": SUITE, "hostname": terminal(self.machine), **totals})
        for case, said in self.cases.items():
            parts = case.split("/")
            entry = ElementTree.SubElement(suite, "testcase", {
                "classname": terminal(".".join(["ptbench", *parts[:2]])), "name": terminal(case)})
            for kind, lines in said.items():
                lines = [terminal(line) for line in lines]
                ElementTree.SubElement(entry, kind, {"message": lines[0]}).text = "\n".join(lines)
        return root

    def write(self, path):
        """Write the file, whole or not at all."""
        root = self.element()
        ElementTree.indent(root)
        text = ElementTree.tostring(root, encoding="unicode")
        store.write_whole(path, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')
