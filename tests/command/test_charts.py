#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Charts: each kind out of made-up runs, the same bytes twice, and what keeps them readable."""

import json
import re
import shutil
import sys
import xml.etree.ElementTree as ElementTree

from support import MACHINE, CommandTest, main, made_up_run
from ptbench_study.base import quoting
from ptbench_study.results import store
from ptbench_study.publish import charts, charts_ecdf, charts_heat, charts_ratio, charts_run_length, gnuplot
from ptbench_study.measure.bench import Case
from ptbench_study.judge.races import races_of

TRUTH = {"inline": {"map": 50.0, "unmap": 130.0}, "recursive": 60.0, "linux-6.12": 100.0, "limit": 20.0}
SVG = "{http://www.w3.org/2000/svg}"


class ChartTest(CommandTest):
    """Charts of a run"""

    def draw(self, *arguments, **keys):
        """Draw the charts of a made-up run; their folder."""
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, **keys)
        done = self.ptbench("report", "--results", self.results, *arguments)
        self.assertEqual(done.code, 0, done.err)
        return self.results / "charts" / MACHINE

    def chart(self, name, **keys):
        """The text of one chart, which is well-formed XML."""
        text = (self.draw(**keys) / name).read_text(encoding="utf-8")
        ElementTree.fromstring(text)
        return text

    def titles(self, text):
        """What the points of a chart say on hover."""
        return [title.text for group in ElementTree.fromstring(text).iter(f"{SVG}g")
                if group.get("class") == "point" for title in group.iter(f"{SVG}title")]

    def test_ratio(self):
        text = self.chart("ratio-amdv1.svg")
        for word in ("inline", "recursive", "linux-6.12", "map 2^12 coherent/warm", "95 % intervals",
                     MACHINE):
            self.assertIn(word, text)
        for variant in ("inline", "recursive", "linux"):
            red, green, blue = (int(gnuplot.COLOURS[variant][place:place + 2], 16) for place in (1, 3, 5))
            self.assertTrue(gnuplot.COLOURS[variant].lower() in text.lower()
                            or re.search(rf"rgb\( *{red}, *{green}, *{blue}\)", text), variant)

    def test_ratios_that_lie_far_apart_are_on_a_log_scale(self):
        self.store_made_up("2024-05-06-0123abcde-1", {**TRUTH, "inline": {"map": 0.5, "unmap": 900.0}})
        done = self.ptbench("report", "--results", self.results)
        self.assertEqual(done.code, 0, done.err)
        text = (self.results / "charts" / MACHINE / "ratio-amdv1.svg").read_text(encoding="utf-8")
        self.assertIn("log scale; 95 % intervals", text)

    def test_points_say_what_they_are(self):
        said = self.titles(self.chart("ratio-amdv1.svg"))
        self.assertEqual(len(said), 4)
        self.assertRegex(said[0], r"^amdv1/map/4K/x1/coherent/warm, inline: 0\.\d+ \[0\.\d+, 0\.\d+\] of "
                                  r"linux-6\.12, faster$")
        self.assertNotIn("onmouse", (self.results / "charts" / MACHINE / "ratio-amdv1.svg")
                         .read_text(encoding="utf-8"))

    def test_heat_map_of_means(self):
        text = self.chart("heat.svg")
        said = self.titles(text)
        self.assertEqual(len(said), 2)
        self.assertRegex(said[0], r"^amdv1, map: 0\.\d+ \[.*\], faster$")
        self.assertRegex(said[1], r"^amdv1, unmap: 1\.3\d? \[.*\], slower$")

    def test_heat_map_of_cases(self):
        said = self.titles(self.chart("heat-map.svg", sizes=("4K", "2M")))
        self.assertEqual(len(said), 2)
        self.assertRegex(said[0], r"^2\^12 coherent/warm, amdv1: 0\.\d+ ")

    def test_a_map_of_one_row_is_left_out(self):
        self.assertFalse((self.draw() / "heat-map.svg").exists())

    def test_machines_side_by_side(self):
        other = "intel-xeon-f6m85s4-8cpu"
        self.store_made_up("2024-05-06-0123abcde-1", {**TRUTH, "inline": 70.0}, machine=other,
                           folder=self.results / "runs" / other)
        folder = self.draw().parent / "all-machines"
        self.assertEqual(len(self.titles((folder / "heat.svg").read_text(encoding="utf-8"))), 2)
        said = self.titles((folder / "heat-map.svg").read_text(encoding="utf-8"))
        self.assertEqual(len(said), 2)
        self.assertTrue(any(other in line for line in said) and any(MACHINE in line for line in said))
        self.assertRegex(next(line for line in said if other in line), r": 0\.(69|70|71) ")

    def test_curves_of_doubtful_cases(self):
        folder = self.draw()
        self.assertEqual([path.name for path in folder.glob("ecdf-*")],
                         ["ecdf-amdv1-unmap-4K-x1-coherent-warm.svg"])

    def test_curves_that_are_asked_for(self):
        folder = self.draw("--ecdf", "amdv1/map/4K/x1/coherent/warm")
        text = (folder / "ecdf-amdv1-map-4K-x1-coherent-warm.svg").read_text(encoding="utf-8")
        said = self.titles(text)
        self.assertEqual(len(said), 4)
        self.assertRegex(next(line for line in said if ", inline:" in line),
                         r"median (49|50|51)\.\d ns of 48 samples, ")

    def test_an_unknown_case_is_named(self):
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH)
        self.fails(self.ptbench("report", "--results", self.results, "--ecdf", "amdv1/nothing"), 5,
                   "amdv1/nothing")

    def test_same_bytes_twice(self):
        folder = self.draw(sizes=("4K", "2M"))
        first = {path.name: path.read_bytes() for path in folder.iterdir()}
        kinds = {name.partition("-")[0].partition(".")[0] for name in first}
        self.assertLessEqual({"heat", "ratio", "ecdf"}, kinds)
        shutil.rmtree(folder)
        self.assertEqual(self.ptbench("report", "--results", self.results).code, 0)
        self.assertEqual({path.name: path.read_bytes() for path in folder.iterdir()}, first)

    def test_only_own_charts_are_removed(self):
        folder = self.results / "charts" / MACHINE
        folder.mkdir(parents=True)
        for name in ("history-amdv1.svg", "ratio-gone.svg"):
            (folder / name).write_text('<svg width="9" height="9"></svg>', encoding="utf-8")
        self.draw()
        self.assertTrue((folder / "history-amdv1.svg").exists())
        self.assertFalse((folder / "ratio-gone.svg").exists())

    def test_names_are_text_only(self):
        kernel = "linux-`echo x`'\"<&"
        run = store.Run("run", json.loads(made_up_run({"inline": 50.0, kernel: 100.0}, kernel=kernel)))
        charts.draw(run, races_of(run), self.folder)
        root = ElementTree.parse(self.folder / "ratio-amdv1.svg").getroot()
        texts = ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]
        self.assertIn(kernel, texts)


class ReadableTest(CommandTest):
    """What keeps charts readable"""

    def test_labels_are_kept_apart(self):
        placed = gnuplot.spread({"a": 100.0, "b": 99.0, "c": 10.0, "d": 98.0}, 1.2, 1000.0)
        heights = sorted(placed.values())
        for low, high in zip(heights, heights[1:]):
            self.assertGreaterEqual(high / low, 1.199)
        self.assertEqual(placed["a"], 100.0)

    def test_ticks(self):
        self.assertEqual(gnuplot.octaves(-2, 1), "('1/4' 0.25, '1/2' 0.5, '1' 1.0, '2' 2.0)")
        self.assertEqual([gnuplot.decade(10.0 ** power) for power in (-1, 0, 3, 5, 6)],
                         ["0.1", "1", "1k", "100k", "1M"])

    def test_few_ticks(self):
        for span in range(2, 40):
            ticks = gnuplot.octaves(-span, 3).count("'") // 2
            self.assertLessEqual(ticks, 9)
            self.assertIn("'1' 1.0", gnuplot.octaves(-span, 3))

    def test_counts_have_room(self):
        self.assertEqual(charts_run_length.apart([1, 256, 512]), [1, 256, 512])
        kept = charts_run_length.apart([2 ** power for power in range(19)])
        self.assertEqual(kept[-1], 1 << 18)
        self.assertLessEqual(len(kept), 10)

    def test_a_format_of_many_cases_is_split(self):
        def case(operation, number):
            return Case(f"f/{operation}/{number}", "f", operation)

        few = [case("map", number) for number in range(charts_ratio.MOST_ROWS)]
        self.assertEqual(list(charts_ratio.parts(few)), [""])
        many = few + [case("cut", 0), case("replay", 0)]
        self.assertEqual({name: len(part) for name, part in charts_ratio.parts(many).items()},
                         {"map": charts_ratio.MOST_ROWS, "others": 2})

    def test_figures_in_cells_contrast(self):
        for step in range(-60, 61):
            colour = charts_heat.background(2 ** (step / 10))
            lights = sorted(map(charts_heat.luminance, (colour, charts_heat.text_colour(colour))))
            self.assertGreaterEqual((lights[1] + 0.05) / (lights[0] + 0.05), 4.5, step)

    def test_colours_read_on_white(self):
        for name, colour in gnuplot.COLOURS.items():
            parts = [int(colour[place:place + 2], 16) for place in (1, 3, 5)]
            self.assertGreaterEqual(1.05 / (charts_heat.luminance(parts) + 0.05), 4.5, name)

    def test_figures_are_short(self):
        self.assertEqual([charts_heat.cell_figure(ratio) for ratio in (0.0001, 0.271, 1.0, 49.4, 575.0)],
                         ["<.01", "0.27", "1.00", "49", "575"])

    def test_steps(self):
        points, beyond = charts_ecdf.steps([3.0, 1.0, 2.0, 9.0], 0, 5)
        self.assertEqual(points, [(0, 0.0), (1.0, 0.25), (2.0, 0.5), (3.0, 0.75), (5, 0.75)])
        self.assertEqual(beyond, 1)

    def test_quoting(self):
        self.assertEqual(quoting.gnuplot("it's\n`id`"), "'it''s `id`'")
        self.assertEqual(quoting.datum('a "b"\\'), '"a \'b\'/"')


if __name__ == "__main__":
    if not shutil.which("gnuplot"):
        print("skipped: gnuplot is missing")
        sys.exit(77)
    main()
