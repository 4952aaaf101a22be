#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""From the binary's samples to a stored file and back; facts about the binary."""

import json
import subprocess
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from support import main
from ptbench_study.results import merge
from ptbench_study.code import build_info
from ptbench_study.results.samples import Samples

CASE = "amdv1/map/4K/x1/coherent/warm"


def sample(variant, process, block, slot, time_ns, **more):
    """An entry as the binary writes it: counters are floating-point numbers."""
    return {"name": f"{CASE}/{variant}", "run_name": "x", "run_type": "iteration", "iterations": 10,
            "real_time": time_ns, "cpu_time": 1.0, "time_unit": "ns", "process": float(process),
            "block": float(block), "slot": float(slot), **more}


class MergeTest(unittest.TestCase):
    """merge and Samples"""

    def setUp(self):
        self.documents = [
            {"context": {"compiler": "cc", "empty_loop_ns": "0.2", "host_name": "h", "odd": "a"},
             "benchmarks": [sample("inline", 0, 0, 0, 10.0), sample("inline", 0, 0, 3, 12.0),
                            sample("linux-6.12", 0, 0, 1, 20.0), sample("linux-6.12", 0, 0, 2, 24.0)]},
            {"context": {"compiler": "cc", "empty_loop_ns": "0.4", "host_name": "h", "odd": "b"},
             "benchmarks": [sample("inline", 1, 0, 1, 15.000000789), sample("inline", 1, 0, 2, 14.0)]}]
        self.context = {"machine": "m", "cases": [{"name": CASE}]}

    def merged(self):
        """The stored document."""
        return json.loads(merge.merge(map(merge.condense, self.documents), self.context))

    def test_samples_come_back_by_process_and_block(self):
        samples = Samples(self.merged()["benchmarks"])
        self.assertEqual(samples.blocks(CASE, "inline"), {(0, 0): 11.0, (1, 0): 14.5})
        self.assertEqual(samples.pairs(CASE, "inline", "linux-6.12"), {0: [(11.0, 22.0)]})
        self.assertEqual(samples.processes(CASE, "inline"), [[11.0], [14.5]])
        self.assertEqual((samples.median(CASE, "inline"), samples.minimum(CASE, "inline")), (13.0, 10.0))
        self.assertEqual(samples.variants(CASE), ["inline", "linux-6.12"])
        self.assertIsNone(samples.median(CASE, "nix"))

    def test_entries(self):
        inline = self.merged()["benchmarks"][0]
        self.assertEqual(inline, {
            "name": f"{CASE}/inline", "run_type": "iteration", "repetitions": 2, "iterations": 40,
            "real_time": 13.0, "cpu_time": 13.0, "time_unit": "ns",
            "samples": {"0": [[0, 10.0, 12.0]], "1": [[1, 15.0, 14.0]]}})

    def test_context(self):
        context = self.merged()["context"]
        self.assertEqual(context["compiler"], "cc")
        self.assertEqual(context["empty_loop_ns"], {"min": 0.2, "median": 0.3, "max": 0.4})
        self.assertEqual(context["odd"], ["a", "b"])
        self.assertNotIn("host_name", context)

    def test_counters_become_medians(self):
        for entry, count in zip(self.documents[0]["benchmarks"], (100.0, 104.0, 300.0, 300.0)):
            entry["instructions"] = count
        del self.documents[1]
        samples = Samples(self.merged()["benchmarks"])
        self.assertEqual(samples.instructions_of(CASE, "inline"), 102.0)
        self.assertEqual(samples.instructions_of(CASE, "linux-6.12"), 300.0)

    def test_a_line_an_entry(self):
        lines = merge.merge(map(merge.condense, self.documents), self.context).splitlines()
        self.assertEqual(sum(line.startswith('{"name":"amdv1') for line in lines), 3)


class BinaryTest(unittest.TestCase):
    """build_info"""

    def test_text_section(self):
        data = Path("/bin/true").read_bytes()
        text = build_info.text_section(data)
        self.assertIn(text, data)
        listed = subprocess.run(["readelf", "-SW", "/bin/true"], capture_output=True, text=True,
                                check=True).stdout
        line = next(line.split("]", 1)[1].split() for line in listed.splitlines() if " .text " in line)
        self.assertEqual(len(text), int(line[4], 16))

    def test_no_elf_has_no_text(self):
        self.assertIsNone(build_info.text_section(b"#!/bin/sh\n"))
        self.assertEqual(build_info.subject_text_bytes("/nowhere"), {})

    def test_code_of_subjects_by_symbol(self):
        with TemporaryDirectory() as folder:
            source, binary = Path(folder) / "code.c", Path(folder) / "code.o"
            source.write_text("int amdv1_inline_map(int a) { return a; }\n"
                              "int amdv1_inline_unmap(int a) { return a; }\n"
                              "int armv8_4k_s1_recursive_map(int a) { return a; }\n"
                              "int inline_nothing;\n", encoding="utf-8")
            subprocess.run(["gcc", "-c", "-o", binary, source], check=True)
            self.assertEqual(list(build_info.subject_text_bytes(binary)),
                             ["amdv1/inline", "armv8_4k_s1/recursive"])


if __name__ == "__main__":
    main()
