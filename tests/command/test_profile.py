#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`profile`: what is made of perf's samples, and what happens where perf cannot sample."""

import os
import shutil
import unittest
import xml.etree.ElementTree as xml

from support import CommandTest, main
from ptbench_study.publish import flame, profile

CASE = "amdv1/unmap/4K/x1/coherent/warm"
SAMPLES = """
\t           5f3f5 fill<&> (inlined)
\t           5f3f5 walk (inlined)
\t           5f3f5 amdv1_inline_unmap+0x35 (/bench)
\t           52686 hot_unmap+0x86 (/bench)
\t           4dac9 round_timed+0x9 (/bench)
\t           47f1d main+0x1 (/bench)

\t           5f3f6 amdv1_inline_unmap+0x36 (/bench)
\t           52686 hot_unmap+0x86 (/bench)
\t           4dac9 round_timed+0x9 (/bench)
\t           47f1d main+0x1 (/bench)

\t           5aaaa amdv1_inline_map+0x1 (/bench)
\t           47f1d main+0x1 (/bench)

\tffffffffffff [unknown] ([unknown])

"""
FAKE_PERF = f"""#!/bin/sh
case $1 in
record) echo "$*" >>"$PERF_LOG"
\tcase $* in *" $PERF_REFUSES "*) echo "$PERF_SAYS" >&2; exit 255 ;; esac ;;
evlist) echo cpu-clock:u ;;
script) cat <<'END'
{SAMPLES}
END
\t;;
annotate) echo "annotated $*" ;;
esac
"""
SVG = "{http://www.w3.org/2000/svg}"


class FlameTest(unittest.TestCase):
    """The picture."""

    def drawn(self, folded):
        """[(title, width)] of its frames; the text is well-formed XML of its own."""
        text = flame.svg(folded, "a <case>", "three samples")
        self.assertNotIn("href", text)
        root = xml.fromstring(text)
        self.assertEqual(root.find(f"{SVG}text").text, "a <case>")
        frames = [group for group in root.iter(f"{SVG}g")]
        return [(group.find(f"{SVG}title").text, float(group.find(f"{SVG}rect").get("width")),
                 float(group.find(f"{SVG}rect").get("y"))) for group in frames]

    def test_width_is_the_share_and_callees_stand_on_their_callers(self):
        drawn = self.drawn({"outer": 1, "outer;in<ner>": 3})
        self.assertEqual([title for title, _, _ in drawn],
                         ["all: 4 samples, 100.0 %, 0.0 % in itself",
                          "outer: 4 samples, 100.0 %, 25.0 % in itself",
                          "in<ner>: 3 samples, 75.0 %"])
        self.assertAlmostEqual(drawn[2][1], 0.75 * drawn[0][1], delta=0.1)
        self.assertEqual([drawn[0][2] - drawn[1][2], drawn[1][2] - drawn[2][2]], [flame.ROW] * 2)

    def test_what_cannot_be_seen_is_left_out(self):
        self.assertEqual(len(self.drawn({"big": 100000, "tiny": 1})), 2)

    def test_labels_fit_their_frames(self):
        self.assertEqual(flame.label("amdv1_inline_map", 400), "amdv1_inline_map")
        short = flame.label("amdv1_inline_map", 60)
        self.assertTrue(short.endswith("…") and len(short) * flame.CHARACTER < 60, short)
        self.assertEqual(flame.label("amdv1_inline_map", 10), "")


class SamplesTest(unittest.TestCase):
    """What perf script says."""

    def test_stacks(self):
        stacks = profile.parse_stacks(SAMPLES)
        self.assertEqual(len(stacks), 4)
        self.assertEqual(stacks[0].frames, ["main", "round_timed", "hot_unmap", "amdv1_inline_unmap",
                                            "walk", "fill<&>"])
        self.assertEqual(stacks[0].symbol, "amdv1_inline_unmap")
        measured = profile.measured_part(stacks)
        self.assertEqual(profile.fold(measured), {"hot_unmap;amdv1_inline_unmap": 1,
                                                  "hot_unmap;amdv1_inline_unmap;walk;fill<&>": 1})
        self.assertEqual(profile.ranked(stack.symbol for stack in measured),
                         [("amdv1_inline_unmap", 2)])


class ProfileTest(CommandTest):
    """The command."""

    def profile(self, *arguments, refuses="nothing", says=""):
        """`ptbench profile` with a perf that makes its samples up."""
        perf = self.folder / "bin" / "perf"
        perf.parent.mkdir(exist_ok=True)
        perf.write_text(FAKE_PERF, encoding="utf-8")
        perf.chmod(0o755)
        self.log = self.folder / "log"
        return self.ptbench("profile", *arguments, "--output", self.folder / "out",
                            PATH=f"{perf.parent}{os.pathsep}{os.environ['PATH']}", PERF_SAYS=says,
                            PERF_LOG=str(self.log), PERF_REFUSES=refuses)

    def test_files_and_table(self):
        done = self.profile(CASE, "--variant", "inline", "--seconds", "7")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("2 samples of cpu-clock:u in the measured part, 50 % of all", done.out)
        self.assertRegex(done.out, r"(?m)^   50\.0%  fill<&>$")
        out = self.folder / "out"
        self.assertEqual(len((out / "folded.txt").read_text("utf-8").splitlines()), 2)
        self.assertIn("-s amdv1_inline_unmap", (out / "annotate.txt").read_text("utf-8"))
        xml.parse(out / "flame.svg")
        self.assertIn(f"repeat --case {CASE} --variants inline --seconds 7",
                      self.log.read_text("utf-8"))

    def test_what_is_replayed_of_a_trace_is_said(self):
        case = next(iter(self.ptbench("list", "--filter", "amdv1/replay", "--json").json["cases"]))["name"]
        done = self.profile(case, "--seconds", "1")
        self.assertEqual(done.code, 0, done.err)
        self.assertRegex(done.err, rf"{case.split('/')[2]}: \d+ of \d+ events")

    def test_without_a_pmu_the_clock_is_sampled(self):
        done = self.profile(CASE, refuses="cycles:u", says="no such event")
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(["cycles:u" in line for line in self.log.read_text("utf-8").splitlines()],
                         [True, False])

    def test_what_perf_may_not_do_has_a_remedy(self):
        says = "Access to performance monitoring and observability operations is limited."
        done = self.profile(CASE, refuses="-q", says=says)
        self.assertEqual(done.code, 77)
        self.assertIn("sysctl kernel.perf_event_paranoid=1", done.lines[-1])
        done = self.profile(CASE, refuses="-q", says="ptbench-bench: it failed")
        self.assertEqual((done.code, done.lines[-1]), (3, "ptbench: it failed"))

    def test_no_perf(self):
        self.fails(self.ptbench("profile", CASE, "--output", self.folder, PATH=str(self.folder)), 77,
                   "apt-get install linux-perf")

    def test_it_takes_one_case_and_one_variant(self):
        self.fails(self.profile("amdv1/unmap"), 2, "names 4 cases", "name one")
        self.fails(self.profile("nix"), 5, "nix")
        self.fails(self.profile(CASE, "--variant", "inline,recursive"), 2, "one variant")


@unittest.skipUnless(shutil.which("objdump"), "no binutils")
class RealPerfTest(CommandTest):
    """perf itself, where it is there and may sample."""

    def test_a_real_profile(self):
        binary = os.environ.get("PTBENCH_REAL_BENCH")
        if not binary or not shutil.which("perf"):
            self.skipTest("no perf, or no measuring binary is named")
        done = self.ptbench("profile", "amdv1/unmap/4K/x256/coherent/warm", "--variant", "recursive",
                            "--seconds", "1", "--output", self.folder / "out", PTBENCH_BENCH=binary)
        if done.code == 77:
            self.skipTest(done.err)
        self.assertEqual(done.code, 0, done.err)
        folded = (self.folder / "out" / "folded.txt").read_text("utf-8")
        self.assertIn("hot_unmap;", folded)
        self.assertIn("amdv1_recursive_unmap", folded)
        self.assertIn("amdv1_recursive_unmap", (self.folder / "out" / "annotate.txt").read_text(
            "utf-8"))


if __name__ == "__main__":
    main()
