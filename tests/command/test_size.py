#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Code and stack of functions that a compiler made just now, and the chart of code against time."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from support import CommandTest, main
from ptbench_study.results import golden_sizes, store
from ptbench_study.code import callgraph, size
from ptbench_study.commands import gate
from ptbench_study.publish import charts_size
from ptbench_study.base.errors import Failure

SOURCE = """
extern void elsewhere(char *);
__attribute__((noinline)) static int leaf(int a) { char big[200]; elsewhere(big); return a + big[0]; }
__attribute__((noinline)) static int below(int a) { return leaf(a) + leaf(a + 1); }
int tree_inline_map(int a) { return below(a) * 3; }
int tree_inline_unmap(int a) { return a * 5; }
int tree_inline_iova_to_phys(int level)
{ char some[40]; elsewhere(some); return level ? tree_inline_iova_to_phys(level - 1) + some[0] : 1; }
static int unused_by_operations(void) { char some[4000]; elsewhere(some); return some[3]; }
int (*pointer)(void) = unused_by_operations;
"""


class FunctionsTest(unittest.TestCase):
    """callgraph.Functions, and what size makes of it."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="ptbench-test-")
        cls.addClassCleanup(folder.cleanup)
        source = Path(folder.name) / "tree.c"
        source.write_text(SOURCE, encoding="utf-8")
        subprocess.run(["gcc", "-O1", "-fno-optimize-sibling-calls", "-fstack-usage", "-c", source.name],
                       cwd=folder.name, check=True)
        cls.functions = callgraph.Functions(source.with_suffix(".o"))

    def test_what_an_operation_reaches(self):
        self.assertEqual(self.functions.closure("tree_inline_map"), {"tree_inline_map", "below", "leaf"})
        self.assertEqual(self.functions.closure("tree_inline_unmap"), {"tree_inline_unmap"})
        sizes = self.functions.sizes
        self.assertEqual(self.functions.text_bytes(["tree_inline_map"]),
                         sizes["tree_inline_map"] + sizes["below"] + sizes["leaf"])

    def test_stack_is_that_of_the_deepest_path(self):
        frames = self.functions.frames
        self.assertGreater(frames["leaf"], 200)
        self.assertEqual(self.functions.stack_bytes("tree_inline_map", 4),
                         frames["tree_inline_map"] + frames["below"] + frames["leaf"])

    def test_recursion_counts_at_its_depth(self):
        one = self.functions.stack_bytes("tree_inline_iova_to_phys", 1)
        self.assertGreater(one, 40)
        self.assertEqual(self.functions.stack_bytes("tree_inline_iova_to_phys", 5), 5 * one)
        self.assertEqual(self.functions.stack_bytes("tree_inline_unmap", 5),
                         self.functions.stack_bytes("tree_inline_unmap", 1))

    def test_rows_count_shared_code_once_in_all(self):
        roots = size.engine_roots(self.functions, "tree", "inline")
        self.assertEqual(list(roots), ["map", "unmap", "iova_to_phys"])
        rows = size.rows_of(self.functions, {**roots, "cut": ["below"]}, 4)
        self.assertEqual(rows["all"]["text_bytes"],
                         sum(rows[op]["text_bytes"] for op in roots))
        self.assertEqual(rows["cut"]["functions"], 2)
        self.assertEqual(rows["all"]["stack_bytes"], max(row["stack_bytes"] for row in rows.values()))

    def test_operations_of_drivers_by_their_names(self):
        class Driver:
            """Names as the kernel's drivers have them."""
            sizes = dict.fromkeys(("arm_lpae_map_pages", "arm_lpae_unmap_pages", "arm_lpae_iova_to_phys",
                                   "__arm_lpae_map", "arm_lpae_alloc_pgtable",
                                   "iommu_v1_read_and_clear_dirty"), 1)
        self.assertEqual(size.driver_roots(Driver), {
            "map": ["arm_lpae_map_pages"], "unmap": ["arm_lpae_unmap_pages"],
            "iova_to_phys": ["arm_lpae_iova_to_phys"],
            "read_dirty": ["iommu_v1_read_and_clear_dirty"]})

    def test_components_come_before_their_callers(self):
        parts = callgraph.components({"a", "b", "c", "d"},
                                     {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()})
        self.assertEqual([sorted(part) for part in parts], [["d"], ["b", "c"], ["a"]])


class GoldenTest(unittest.TestCase):
    """golden_sizes."""

    SIZES = [{"format": "amdv1", "variant": "inline", "op": op, "text_bytes": code, "stack_bytes": stack}
             for op, code, stack in (("map", 1000, 200), ("unmap", 500, 100), ("all", 1200, 200))]

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ptbench-test-")
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "cc-1.csv"

    def test_what_was_written_is_read_and_other_kernels_stay(self):
        self.assertIsNone(golden_sizes.load(self.path))
        self.assertEqual(golden_sizes.update(self.path, self.SIZES), 3)
        kernel = [{**self.SIZES[0], "variant": "linux-6.1"}]
        golden_sizes.update(self.path, kernel)
        golden = golden_sizes.load(self.path)
        self.assertEqual(golden, {**golden_sizes.keyed(self.SIZES), **golden_sizes.keyed(kernel)})
        self.assertEqual(golden_sizes.changes(golden, self.SIZES), [])
        golden_sizes.update(self.path, self.SIZES[:1])
        self.assertEqual(len(golden_sizes.load(self.path)), 2, "what is gone is gone")

    def test_code_or_stack_that_grew_comes_first(self):
        golden_sizes.update(self.path, self.SIZES)
        now = [{**self.SIZES[0], "stack_bytes": 300}, {**self.SIZES[1], "text_bytes": 400}, self.SIZES[2]]
        changed = golden_sizes.changes(golden_sizes.load(self.path), now)
        self.assertEqual([key[2] for key, _, _ in changed], ["map", "unmap"])
        self.assertEqual([golden_sizes.growth(old, new) for _, old, new in changed], [0.5, 0.0])

    def test_a_wrong_line_is_named(self):
        for damage in ("amdv1,inline,map,1", "amdv1,inline,map,1,-2", "a b,inline,map,1,2", "x" * 9999):
            self.path.write_text(f"{golden_sizes.HEADER}\n{damage}\n", encoding="utf-8")
            with self.assertRaisesRegex(Failure, "cc-1.csv:2: not a line of"):
                golden_sizes.load(self.path)


class ChartTest(CommandTest):
    """charts_size, and the command."""

    SIZES = [{"format": "amdv1", "variant": variant, "op": op, "text_bytes": 1000 * place + 500,
              "stack_bytes": 8, "functions": 1} for op in ("map", "unmap")
             for place, variant in enumerate(("inline", "recursive", "linux-6.12"))]

    def test_a_point_for_each_variant(self):
        run = store.load_run(self.store_made_up("2024-01-01-abc-1", {
            "inline": 10.0, "recursive": 20.0, "linux-6.12": 30.0}))
        points = charts_size.points_of(run, self.SIZES, "map")
        self.assertEqual({name: found[0][0] for name, found in points.items()},
                         {"inline": 500, "recursive": 1500, "linux-6.12": 2500})
        path = charts_size.draw_size_chart(run, self.SIZES, self.folder / "size.svg")
        text = path.read_text(encoding="utf-8")
        for word in ("unmap", "recursive", "bytes of code"):
            self.assertIn(word, text)
        self.assertIsNone(charts_size.draw_size_chart(run, [], self.folder / "none.svg"))

    def test_without_objects_it_says_so(self):
        self.fails(self.ptbench("size"), 77, "no object files")
        self.fails(self.ptbench("size", "--format", "nix"), 2, "unknown format 'nix'", "amdv1")
        self.fails(self.ptbench("size", "--update", "--format", "amdv1"), 2, "leave out --format")


class GateTest(unittest.TestCase):
    """What `gate` makes of sizes."""

    def test_what_grew_is_named(self):
        def row(op, code, stack):
            return {"format": "amdv1", "variant": "inline", "op": op, "text_bytes": code,
                    "stack_bytes": stack}

        bench, options = mock.Mock(), mock.Mock(filter=None, variant=None)
        bench.catalog.return_value = mock.Mock(formats=["amdv1"], cases=[mock.Mock(format="amdv1")])
        with TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"PTBENCH_SIZES": folder}), \
                mock.patch.object(gate.plan, "matches", lambda *_: True), \
                mock.patch.object(gate.build_info, "built_by",
                                  lambda *_: {"compiler": "gcc 1", "architecture": "x86_64"}), \
                mock.patch.object(size, "objects_of", lambda _: Path(folder)), \
                mock.patch.object(size, "sizes_of",
                                  lambda *_: [row("map", 1020, 100), row("unmap", 505, 90)]):
            self.assertIsNone(gate.gated_sizes(options, bench))
            golden = golden_sizes.path_of("gcc 1", "x86_64")
            golden_sizes.update(golden, [row("map", 1000, 100), row("unmap", 500, 100)])
            found = gate.gated_sizes(options, bench)
            self.assertEqual(list(gate.size_lines(found)), [
                ("amdv1/map", "size: amdv1/map inline: code 1000 -> 1020, stack 100 -> 100 bytes")])
            self.assertEqual(gate.answered({"counts": None, "sizes": found}, [], [], None, None).code, 1)
            golden_sizes.update(golden, [row("map", 1020, 100), row("unmap", 505, 90)])
            found = gate.gated_sizes(options, bench)
            self.assertEqual((found["rows"], found["worse"]), (2, []))
            self.assertEqual(gate.answered({"counts": None, "sizes": found}, [], [], None, None).code, 0)


if __name__ == "__main__":
    missing = [name for name in ("gcc", "objdump", "gnuplot") if not shutil.which(name)]
    if missing:
        print(f"skipped: {', '.join(missing)} missing")
        sys.exit(77)
    main()
