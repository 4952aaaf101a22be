#!/usr/bin/python3 -sS
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The measuring binary as it is called: list, verify, measure, and its exit codes."""

import json
import lzma
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BENCH = os.environ["PTBENCH_BENCH"]
TRACES = Path(__file__).resolve().parents[2] / "bench" / "traces"
CASE = "amdv1/map/4K/x256/coherent/warm"


def call(*arguments, **environment):
    """Run the binary."""
    return subprocess.run([BENCH, *map(str, arguments)], text=True, capture_output=True, timeout=120,
                          env={**os.environ, **environment}, check=False)


def listing(*arguments):
    """What list prints."""
    return json.loads(call("list", *arguments).stdout)


class Folder(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def fails(self, code, complaint, *arguments):
        """Expect an exit code and one line."""
        done = call(*arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertTrue(done.stderr.startswith("ptbench-bench: "), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(complaint, done.stderr)
        self.assertEqual(done.stdout, "")


class List(unittest.TestCase):
    """list."""

    def test_every_case_has_its_fields(self):
        known = listing()
        self.assertEqual(set(known), {"formats", "format_details", "subjects", "cases", "kernel",
                                      "kernels", "compiler"})
        self.assertIn("amdv1", known["formats"])
        self.assertEqual(set(known["format_details"]), set(known["formats"]))
        for subject in known["subjects"]:
            self.assertEqual(set(subject) - {"option"}, {"format", "variant", "source", "extra"})
            self.assertEqual(subject["extra"], bool(re.match("(inline|recursive)-", subject["variant"])))
            self.assertEqual("option" in subject, subject["variant"].startswith(("inline", "recursive")))
        for case in known["cases"]:
            self.assertEqual(set(case), {"name", "format", "op", "page_size", "count", "mode", "trace",
                                         "state", "threads", "quick", "description", "subjects"})
            parts = case["name"].split("/")
            self.assertEqual([parts[0], parts[1], parts[4], parts[5]],
                             [case["format"], case["op"], case["mode"],
                              case["state"] + ("+t%d" % case["threads"]
                                               if case["op"] == "map_unmap" else "")])
            self.assertEqual(parts[3], f"x{case['count']}")
            self.assertEqual(case["page_size"] is None, case["op"].startswith("replay") or parts[2] == "mixed")
            # What only an option of the engine makes has no other subjects.
            self.assertGreaterEqual({subject.split("-")[0] for subject in case["subjects"]},
                                    {"inline", "recursive"})

    def test_threads_are_1_to_all_cpus(self):
        threads = {case["threads"] for case in listing()["cases"] if case["op"] == "map_unmap"}
        self.assertIn(1, threads)
        self.assertLessEqual(max(threads), os.cpu_count())
        self.assertEqual({case["threads"] for case in listing()["cases"]
                          if case["op"] != "map_unmap"}, {1})

    def test_kernel_is_the_version_of_its_variant(self):
        known = listing()
        names = [kernel["name"] for kernel in known["kernels"]]
        drivers = {subject["variant"] for subject in known["subjects"]
                   if not subject["variant"].startswith(("inline", "recursive", "limit"))}
        self.assertEqual(drivers, set(names))
        self.assertEqual(known["kernel"], names[0] if names else None)

    def test_a_kernel_has_a_subject_or_a_reason_for_each_format(self):
        known = listing()
        for kernel in known["kernels"]:
            there = {subject["format"] for subject in known["subjects"]
                     if subject["variant"] == kernel["name"]}
            for name, details in known["format_details"].items():
                self.assertNotEqual(name in there, details["engine_format"] in kernel["missing"],
                                    f"{kernel['name']}: {name}")


class Memory(unittest.TestCase):
    """memory: what the freeing policies promise."""

    @classmethod
    def setUpClass(cls):
        done = call("memory", "--seed", 3)
        assert done.returncode == 0, done.stderr
        cls.rows = {(row["format"], row["variant"]): row for row in json.loads(done.stdout)["rows"]}

    def test_every_engine_and_driver_has_a_row(self):
        subjects = {(subject["format"], subject["variant"]) for subject in listing()["subjects"]
                    if subject["variant"] != "limit"}
        self.assertEqual(set(self.rows), subjects)

    def test_mapped_pages_take_about_one_item_each(self):
        details = listing()["format_details"]
        for (name, variant), row in self.rows.items():
            pages = (1 << 30) >> details[name]["granule_lg2"]
            self.assertGreaterEqual(row["mapped"], pages * 4, (name, variant))
            self.assertLessEqual(row["mapped"], pages * 8 + (1 << 18), (name, variant))

    def test_eager_leaves_nothing_and_never_leaves_all(self):
        for (name, variant), row in self.rows.items():
            left = [row[key] for key in ("after_pages", "after_range", "after_churn")]
            if variant.endswith("-eager"):
                self.assertEqual(left, [0, 0, 0], (name, variant))
            elif variant.endswith("-never"):
                self.assertEqual(left[:2], [row["mapped"]] * 2, (name, variant))
                self.assertGreater(left[2], 0)

    def test_covered_tables_go_with_the_range_that_covers_them(self):
        for (name, variant), row in self.rows.items():
            if variant in ("inline", "recursive"):
                self.assertEqual(row["after_pages"], row["mapped"], (name, variant))
                self.assertLess(row["after_range"], row["mapped"] // 2, (name, variant))

    def test_inline_and_recursive_keep_the_same(self):
        for (name, variant), row in self.rows.items():
            if variant.startswith("inline"):
                other = self.rows[name, variant.replace("inline", "recursive")]
                self.assertEqual({**row, "variant": ""}, {**other, "variant": ""})


class RecordedTraces(Folder):
    """The table of recorded traces says the truth about bench/traces."""

    def test_event_counts_are_those_of_the_files(self):
        arguments, names = [], set()
        for packed in sorted(TRACES.glob("*.txt.xz")):
            name = packed.name.removesuffix(".txt.xz")
            plain = self.folder / name
            plain.write_bytes(lzma.open(packed).read())
            arguments += ["--trace", f"{name}={plain}"]
            names.add(name)
        recorded = {case["name"] for case in listing()["cases"] if case["op"] == "replay"}
        read = {case["name"] for case in listing(*arguments)["cases"] if case["op"] == "replay"}
        self.assertEqual(recorded, read)
        self.assertEqual({name.split("/")[2] for name in read}, names)


class Measure(Folder):
    """measure."""

    def measure(self, *more, case=CASE, variants="inline,recursive,inline", **environment):
        """Measure into a file; its content."""
        out = self.folder / "out.json"
        done = call("measure", "--case", case, "--variants", variants, "--blocks", 2, "--seed", 5,
                    "--process", 7, "--sample-us", 50, "--out", out, "--allow-sanitized", *more,
                    **environment)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual([file.name for file in self.folder.glob("out*")], ["out.json"])
        return json.loads(out.read_text(encoding="utf-8"))

    def test_samples_form_palindromes_of_all_sides(self):
        entries = self.measure()["benchmarks"]
        self.assertEqual(len(entries), 2 * 2 * 3)
        for block in range(2):
            names = [entry["name"] for entry in entries if entry["block"] == block]
            self.assertEqual(names, names[::-1])
            self.assertEqual(set(names), {f"{CASE}/inline", f"{CASE}/recursive", f"{CASE}/inline#2"})
            self.assertEqual([entry["slot"] for entry in entries if entry["block"] == block],
                             list(range(6)))
        self.assertEqual({entry["process"] for entry in entries}, {7.0})
        self.assertEqual({entry["time_unit"] for entry in entries}, {"ns"})
        self.assertEqual(len({entry["iterations"] for entry in entries}), 1)
        self.assertTrue(all(entry["real_time"] > 0 for entry in entries))

    def test_every_side_has_its_own_loop_subtracted(self):
        """512 calls in one: what a loop over 512 calls takes is nothing to subtract from it."""
        trace, page = self.folder / "trace", 4096
        trace.write_text("".join(
            f"a-1 [0] 1: map: IOMMU: iova={at * page:#x} - {(at + 1) * page:#x} "
            f"paddr={(at ^ 1) * page:#x} size={page}\n" for at in range(512, 2560)), encoding="utf-8")
        found = self.measure("--trace", f"t={trace}", case="vtdss/replay_batch/t/x2048/coherent/warm")
        for entry in found["benchmarks"]:
            self.assertGreater(entry["real_time"], entry["least_ns"], entry)
            self.assertGreater(entry["least_ns"], 0)
            # Four calls of 512 each.
            self.assertLess(entry["empty_ns"], 0.5, entry)

    def test_context_says_what_it_was_made_with(self):
        context = self.measure("--small-pages")["context"]
        expected = {"case": CASE, "variants": "inline,recursive,inline", "seed": "5", "process": "7",
                    "blocks": "2", "sample_us": "50", "pages": "small", "method": "2"}
        self.assertEqual({name: context[name] for name in expected}, expected)
        for name in ("compiler", "flags", "build_type", "kernel", "timer_ns", "empty_loop_ns",
                     "operations_per_round", "rounds_per_sample"):
            self.assertTrue(context[name])

    def test_every_link_order_measures_and_says_which_it_is(self):
        contexts = []
        for order, binary in enumerate([Path(BENCH), *sorted(Path(BENCH).parent.glob("*-order[0-9]"))]):
            out = self.folder / f"order{order}.json"
            subprocess.run([binary, "measure", "--case", CASE, "--variants", "inline", "--blocks", "1",
                            "--seed", "5", "--process", "2", "--sample-us", "20", "--out", out],
                           check=True, timeout=120)
            contexts.append(json.loads(out.read_text(encoding="utf-8"))["context"])
        self.assertEqual([context["link_order"] for context in contexts], ["0", "1", "2"])
        for name in ("stack_pad_bytes", "heap_pad_bytes", "arena_pad_pages"):
            self.assertEqual(len({context[name] for context in contexts}), 1)
        self.assertGreater(float(contexts[0]["store_gb_per_s"]), 0)

    def test_environment_does_not_disturb(self):
        found = self.measure(BENCHMARK_FILTER="nothing", BENCHMARK_LIST_TESTS="1",
                             BENCHMARK_REPETITIONS="3")
        self.assertEqual(len(found["benchmarks"]), 12)

    def test_dropped_events_are_counted(self):
        trace = self.folder / "trace"
        trace.write_text("a-1 [0] 1: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 "
                         "unmapped_size=4096\n"
                         "a-1 [0] 1: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x3000 size=4096\n",
                         encoding="utf-8")
        found = self.measure("--trace", f"t={trace}", case="amdv1/replay/t/x1/coherent/warm")
        context = {name: value for name, value in found["context"].items() if name.startswith("trace_")}
        self.assertEqual((context["trace_recorded"], context["trace_replayed"],
                          context["trace_left_out_not_mapped"]), ("2", "1", "1"))
        listed, = (case for case in listing("--trace", f"t={trace}")["cases"]
                   if case["name"] == "amdv1/replay/t/x1/coherent/warm")
        self.assertEqual(listed["trace"], {
            "recorded": 2, "replayed": 1, "left_out": {"not_mapped": 1}, "in_part": 0, "put_in": 0,
            "lost": 0, "lost_more": False, "other_lines": 0})


class ExitCodes(Folder):
    """Every failure has its code and one line."""

    def test_usage(self):
        self.fails(2, "a command is missing")
        self.fails(2, "no such variant: inlin;", "verify", "--case", CASE, "--variants", "inlin")
        self.fails(2, "--cpu 4095", "verify", "--case", CASE, "--cpu", 4095)
        self.fails(2, "--trace intel-probe=FILE is missing", "verify", "--case",
                   "amdv1/replay/intel-probe/x36/coherent/warm")
        self.fails(2, "No such file", "list", "--trace", "t=/nonexistent")

    def test_no_case(self):
        self.fails(5, f"near it: {CASE}", "verify", "--case", CASE.replace("K", "k"))

    def test_absent(self):
        self.fails(77, "linux-1.0 is not in this build", "verify", "--case", CASE, "--variants",
                   "linux-1.0")

    def test_unwritable(self):
        self.fails(3, "/nonexistent/out.json", "measure", "--case", CASE, "--variants", "inline",
                   "--blocks", 1, "--seed", 1, "--sample-us", 10, "--allow-sanitized", "--out",
                   "/nonexistent/out.json")

    def test_pid(self):
        self.fails(2, "No such file", "pagemap", "--pid", 1 << 30, "--out", self.folder / "trace")

    def test_verify(self):
        done = call("verify", "--case", CASE)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_help(self):
        done = call("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("Example:", done.stdout)


if __name__ == "__main__":
    sys.exit(unittest.main())
