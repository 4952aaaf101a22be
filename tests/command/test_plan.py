#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Plans: selection, order, controls, effort, estimates; how lengths of time and figures are written."""

import argparse
import io
import unittest

from support import SEED, main
from ptbench_study.base import progress
from ptbench_study.commands import arguments
from ptbench_study.measure import plan
from ptbench_study.measure.bench import parse_catalog
from ptbench_study.base.errors import Failure


def catalog(formats=3, counts=(1, 8, 64), operations=("map", "unmap", "iova_to_phys")):
    """A catalog of made-up cases."""
    names = [f"f{number}/{operation}/4K/x{count}/coherent/warm" for number in range(formats)
             for operation in operations for count in counts]
    return parse_catalog({"formats": [f"f{number}" for number in range(formats)], "kernel": None,
                          "cases": [{"name": name, "format": name.split("/")[0],
                                     "op": name.split("/")[1], "quick": "/x1/" in name,
                                     "subjects": ["inline", "recursive", "limit"]}
                                    for name in names]})


class PlanTest(unittest.TestCase):
    """plan"""

    def test_every_case_once_in_every_round(self):
        made = plan.make(plan.select_cases(catalog()), plan.Effort(4, 2, 100, 5), SEED)
        for number in range(4):
            names = [unit.case for unit in made.units[number * 27:(number + 1) * 27]]
            self.assertEqual(len(set(names)), 27)
        self.assertEqual([unit.index for unit in made.units], list(range(4 * 27)))
        self.assertEqual(len({unit.file_name for unit in made.units}), 4 * 27)

    def test_controls_are_spread_over_operations(self):
        made = plan.make(plan.select_cases(catalog()), plan.Effort(2, 2, 100, 6), SEED)
        operations = [name.split("/")[1] for name in made.controls]
        self.assertEqual(sorted(operations), sorted(["map", "unmap", "iova_to_phys"] * 2))
        doubled = {unit.case for unit in made.units if unit.variants[-1] == unit.variants[0]}
        self.assertEqual(doubled, set(made.controls))

    def test_few_cases_are_all_controls(self):
        selected = plan.select_cases(catalog(), filters=["f0/map"])
        self.assertEqual(len(plan.make(selected, plan.QUICK, SEED).controls), 3)

    def test_filters(self):
        for pattern, number in (("f0", 9), ("f0/", 9), ("*/map/*", 9), ("f1/unmap", 3), ("*x64*", 9),
                                ("f0/map/4K/x1/coherent/warm", 1)):
            self.assertEqual(len(plan.select_cases(catalog(), filters=[pattern])), number, pattern)
        for pattern in ("f", "map", "F0"):
            with self.assertRaises(Failure):
                plan.select_cases(catalog(), filters=[pattern])
        self.assertEqual(len(plan.select_cases(catalog(), filters=["f0", "f1"])), 18)
        self.assertEqual(len(plan.select_cases(catalog(), quick=True)), 9)

    def test_pairs_are_shared_out_over_processes(self):
        for options, expected in (({}, (10, 4)), ({"pairs": 40}, (10, 4)), ({"pairs": 41}, (10, 5)),
                                  ({"pairs": 3}, (3, 1)), ({"processes": 4}, (4, 4)),
                                  ({"pairs": 10, "processes": 4}, (4, 3))):
            given = argparse.Namespace(**{"pairs": None, "processes": None, **options})
            effort = plan.effort_of(given, plan.FULL)
            self.assertEqual((effort.processes, effort.blocks), expected, options)

    def test_a_plan_takes_longer_with_more_to_do(self):
        selected = plan.select_cases(catalog())
        plans = [plan.make(selected, effort, SEED) for effort in (plan.QUICK, plan.FULL)]
        quick, full = (sum(map(made.seconds, made.units)) for made in plans)
        self.assertLess(quick * 2, full)

    def test_case_names_have_six_parts(self):
        with self.assertRaises(ValueError):
            parse_catalog({"formats": [], "cases": [{"name": "a/b", "format": "a", "op": "b",
                                                     "subjects": []}]})


class WritingTest(unittest.TestCase):
    """Numbers, as people read and write them."""

    def test_lengths_of_time(self):
        self.assertEqual([arguments.seconds(text) for text in ("90", "90s", "20m", "1.5h")],
                         [90, 90, 1200, 5400])
        self.assertEqual([progress.duration(value) for value in (8.2, 190, 3720)],
                         ["8s", "3m10s", "1h02m"])

    def test_figures_have_honest_digits(self):
        self.assertEqual([progress.figure(value) for value in (2.184, 53.14, 386.2, 12345.6, None)],
                         ["2.18", "53.1", "386", "12346", "-"])

    def test_progress_on_a_terminal_rewrites_its_line(self):
        class Terminal(io.StringIO):
            encoding = "utf-8"

            def isatty(self):
                return True

        stream = Terminal()
        shown = progress.Progress(180, stream)
        shown.step(41, 190, "amdv1/map", (53.2, 0.012))
        shown.step(42, 190, "amdv1/map", (53.14, 0.012))
        shown.finish()
        self.assertEqual(stream.getvalue().split("\r\x1b[K")[-1],
                         "[ 42/180] ETA 3m10s  amdv1/map  53.1 ns ±1.2%\n")

    def test_progress_elsewhere_is_a_line_now_and_then(self):
        stream = io.StringIO()
        shown = progress.Progress(1000, stream)
        for done in range(1, 1001):
            shown.step(done, 1, "name", (1.0, 0.1))
        self.assertEqual(len(stream.getvalue().splitlines()), 2)
        self.assertIn("[1000/1000]", stream.getvalue())


if __name__ == "__main__":
    main()
