#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`dump`: a page table written out holds what was mapped and nothing else, still or watched."""

import json
import os
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
BENCH = os.environ["PTBENCH_BENCH"]
SEED = int(os.environ.get("PTBENCH_SEED", random.SystemRandom().getrandbits(31)))
EVENT = "            test-1 [000] ..... 1.0: {}: IOMMU: iova=0x{:016x} {}\n"


def mapped(iova, oa, size):
    """A line of a trace."""
    return EVENT.format("map", iova, f"- 0x{iova + size:016x} paddr=0x{oa:016x} size={size}")


def unmapped(iova, size):
    """A line of a trace."""
    return EVENT.format("unmap", iova, f"- 0x{iova + size:016x} size={size} unmapped_size={size}")


class DumpTest(unittest.TestCase):
    """scripts/ptbench dump, on the real binary."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ptbench-test-")  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.trace = Path(folder.name) / "small.txt"
        self.trace.write_text(mapped(0x100000, 0x500000, 0x2000) + mapped(0x10000000, 0x40000000, 0x1000)
                              + unmapped(0x100000, 0x2000), encoding="utf-8")

    def dump(self, *words):
        """The command."""
        return subprocess.run(["/usr/bin/python3", "-s", "-m", "ptbench_study", "dump", *map(str, words)],
                              capture_output=True, text=True, timeout=300, check=False,
                              env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")})

    def documents(self, *words):
        """The JSON objects that it prints."""
        done = self.dump(*words, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found, text = [], done.stdout.strip()
        while text:
            document, end = json.JSONDecoder().raw_decode(text)
            found.append(document)
            text = text[end:].strip()
        return found

    def leaves(self, document):
        """{address: where it is in memory} of all leaves."""
        return {int(item["iova"], 16): int(item["oa"], 16) for item in document["items"]
                if item["kind"] == "leaf"}

    def test_a_trace_up_to_a_call(self):
        for calls, expected in ((1, {0x100000: 0x500000, 0x101000: 0x501000}),
                                (2, {0x100000: 0x500000, 0x101000: 0x501000, 0x10000000: 0x40000000}),
                                (3, {0x10000000: 0x40000000})):
            for variant in ("inline", "recursive"):
                document, = self.documents("x86_64", "--trace", self.trace, "--calls", calls, "--variant",
                                           variant)
                self.assertEqual(self.leaves(document), expected)
        document, = self.documents("x86_64", "--trace", self.trace)
        self.assertEqual(self.leaves(document), {0x10000000: 0x40000000})

    def test_every_format_at_random_as_text_and_as_json(self):
        listed = json.loads(subprocess.run([BENCH, "list"], capture_output=True, check=True).stdout)
        for name in listed["formats"]:
            with self.subTest(format=name, seed=SEED):
                words = (name, "--random", 500, "--seed", SEED)
                document, = self.documents(*words)
                done = self.dump(*words)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                leaves = self.leaves(document)
                self.assertTrue(leaves)
                lines = [line.split() for line in done.stdout.splitlines()[1:]]
                self.assertEqual(len(lines), len(document["items"]))
                self.assertEqual({int(line[0], 16): int(line[-1], 16) for line in lines if "leaf" in line},
                                 leaves)
                # Maps go to the same address or, scattered, to the page behind it.
                page = min(2 ** item["size_lg2"] for item in document["items"] if item["kind"] == "leaf")
                self.assertLessEqual({oa - iova for iova, oa in leaves.items()}, {0, page})

    def test_watched_while_others_map(self):
        for words in (("amdv1", "--random", 200), ("amdv1", "--trace", self.trace)):
            documents = self.documents(*words, "--watch", 2)
            self.assertEqual(len(documents), 4)
            for document in documents:
                self.assertEqual(document["format"], "amdv1")

    def test_what_is_wrong_is_named(self):
        for words, code, complaint in (
                (("nonsense",), 2, "no such format: nonsense"),
                (("amdv1", "--variant", "limit"), 2, "no variant of the engine: limit"),
                (("amdv1", "--calls", "3"), 2, "--calls goes with --trace"),
                (("amdv1", "--trace", self.trace, "--calls", "3", "--watch", "1"), 2, "not with --watch"),
                (("amdv1", "--trace", self.trace.parent / "none.txt"), 2, "none.txt"),
                (("armv8_64k_s1", "--trace", self.trace), 2, "no event of")):
            done = self.dump(*words)
            self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertIn(complaint, done.stderr)


if __name__ == "__main__":
    print(f"seed {SEED}", file=sys.stderr)
    unittest.main()
