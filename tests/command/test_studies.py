#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Studies: their files, and what `ptbench study` measures, answers and draws."""

import unittest

from support import FAKE, MACHINE, CommandTest, main
from ptbench_study.measure import setups
from ptbench_study.judge import sides, studies
from ptbench_study.publish import study_page
from ptbench_study.base.errors import Failure

STUDY = '''title = "A test"
question = "Which is faster?"
decides = "The sun."
cases = ["amdv1/unmap/4K/*"]
variants = ["inline", "linux"]
'''


class FilesTest(unittest.TestCase):
    """bench/studies/*.toml"""

    def test_all_of_them_are_sound(self):
        for name in ("inline-vs-recursive", "compilers", "mitigations", "freeing", "flushing",
                     "contiguous", "batch-size", "fast-path", "table-pages"):
            self.assertIn(name, studies.names())
        for name in studies.names():
            study = studies.find(name)
            self.assertTrue(study.question.endswith("?"), name)
            self.assertLessEqual(set(study.builds), set(setups.BUILDS), name)
            for pair in study.compare:
                for side in pair:
                    sides.check_side(side)
                self.assertEqual(pair[0].keys(), pair[1].keys(), name)

    def test_controls_between_processes_where_they_are_needed(self):
        self.assertFalse(studies.find("inline-vs-recursive").across)
        self.assertTrue(studies.find("flushing").across)
        self.assertTrue(studies.find("compilers").across)
        self.assertTrue(studies.find("batch-size").across)

    def test_what_is_wrong_is_named(self):
        with self.assertRaisesRegex(Failure, "no study 'nix'; there are: batch-size, compilers"):
            studies.find("nix")


class LoadTest(CommandTest):
    """studies.load() of files that are not as they should be."""

    def refused(self, text, word):
        """Assert that a file is refused with a word."""
        path = self.folder / "a.toml"
        path.write_text(text, encoding="utf-8")
        with self.assertRaisesRegex(Failure, f"a.toml: not (a study|TOML): .*{word}"):
            studies.load(path)

    def test_bad_files(self):
        self.refused("title = ", "Invalid")
        self.refused(STUDY, "compares")
        self.refused(STUDY + "colour = 1\n", "colour")
        self.refused(STUDY + "[[compare]]\na = { mode = 'x' }\n", "\"b\"")
        self.refused(STUDY.replace("decides", "decide"), "decide")


class CommandLineTest(CommandTest):
    """`ptbench study` with the fake."""

    def setUp(self):
        super().setUp()
        clang = self.folder / "clang-bench"
        clang.symlink_to(FAKE)
        self.benches = {"PTBENCH_BENCH": f"plain={FAKE},clang={clang}"}

    def study(self, *arguments, **fake):
        """A call that has to succeed; how it ended."""
        done = self.ptbench("study", *arguments, "--results", self.results, "--seed", 7,
                            fake={"slow": {"clang-bench": 1.25}, **fake}, **self.benches)
        self.assertEqual(done.code, 0, done.err)
        return done

    def page(self, name):
        """(text of the page, text of the chart) of a study."""
        folder = self.results / "studies" / MACHINE
        return ((folder / f"{name}.md").read_text(encoding="utf-8"),
                (folder / f"{name}.svg").read_text(encoding="utf-8"))

    def test_list(self):
        done = self.ptbench("study")
        self.assertEqual(done.code, 0, done.err)
        for name in studies.names():
            self.assertIn(f"{name} ", done.out)

    def test_variants(self):
        done = self.study("fast-path", "--pairs", "12", "--processes", "4")
        self.assertIn("inline takes 50 % less time than linux-6.12", done.out)
        page, chart = self.page("fast-path")
        for text in ("# Single pages", "## Short answer", "**inline** takes 50 % less time than",
                     "![Single pages](fast-path.svg)", "| amdv1 | unmap | 0.50 [",
                     "scripts/ptbench study fast-path --pairs 12 --processes 4",
                     "Differences below ", "../../runs/"):
            self.assertIn(text, page)
        self.assertIn("recursive / linux-6.12", chart)
        self.assertEqual(self.only_run()["context"]["study"], "fast-path")

    def test_builds_in_pairs(self):
        done = self.study("compilers", "--quick", "--pairs", "12", "--processes", "6")
        self.assertRegex(done.out, r"inline clang takes 2[3-7] % more time than inline plain")
        self.assertRegex(done.out, r"linux-6.12 clang takes 2[3-7] % more time than linux-6.12 plain")
        self.assertIn("| vtdss | map |", self.page("compilers")[0])

    def test_what_cannot_be_resolved_is_no_answer(self):
        done = self.study("fast-path", "--pairs", "12", "--processes", "4", placement=0.5)
        self.assertIn("Cannot tell whether inline or linux-6.12 takes less time on the whole", done.out)
        self.assertNotIn("% less time than", done.out)
        page = self.page("fast-path")[0]
        self.assertIn("Cannot tell whether **inline** or **linux-6.12**", page)
        self.assertRegex(page, r"\| amdv1 \| unmap \| [\d.]+ \[[\d.]+, [\d.]+\]\? \|")

    def test_sides_that_this_build_has_no_case_of(self):
        done = self.ptbench("study", "flushing", "--results", self.results, "--pairs", "2",
                            "--processes", "2", **self.benches)
        self.assertEqual(done.code, 5, done.err)
        self.assertIn("nothing was measured both for coherent and coherent+lazy", done.err)
        self.assertEqual(len(self.run_files()), 1)

    def test_curve(self):
        path = self.folder / "curve.toml"
        path.write_text(STUDY + 'kind = "curve"\n', encoding="utf-8")
        self.assertEqual(studies.load(path).kind, "curve")
        points = [(1, 10.0), (256, 2.1), (512, 2.0)]
        self.assertEqual(study_page.enough(points), 256)
        found = {("amdv1", "map_batch", "4K"): {"inline": points},
                 ("vtdss", "map_batch", "4K"): {"inline": [(1, 2.0), (512, 2.0)]}}
        self.assertEqual(study_page.curve_answer(found, 0.04), [
            "**map_batch, inline**: within 10 % of its best time a page from 1 page in one call on, "
            "in some formats from 256 on."])
        for resolvable, why in ((0.12, "Differences below 12.0 % cannot be resolved here."),
                                (None, "What can be resolved here is not known.")):
            self.assertEqual(study_page.curve_answer(found, resolvable), [
                "Cannot tell from how many pages on a page is within 10 % of its best time. " + why])
        self.assertIn("| amdv1 | map_batch | 4K | inline | 10.0 | 2.10 | 2.00 |",
                      study_page.curve_table(found))

    def test_dry_run_and_bad_names(self):
        done = self.study("compilers", "--dry-run")
        self.assertIn("in 2 setups (plain/huge, clang/huge)", done.out)
        self.assertFalse((self.results / "studies").exists())
        self.fails(self.ptbench("study", "nix"), 2, "no study 'nix'")

    def test_failed_cases_are_told(self):
        done = self.ptbench("study", "fast-path", "--results", self.results, "--processes", "2",
                            "--pairs", "6", fake={"crash": "amdv1/map/*"}, **self.benches)
        self.assertEqual(done.code, 3)
        self.assertIn("the answer is without them", done.lines[-1])
        self.assertIn("This run stopped early or some of its cases failed", self.page("fast-path")[0])


if __name__ == "__main__":
    main()
