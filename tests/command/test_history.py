#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`history`: series, change points with their commits, the end of a series, and the charts."""

import random
import shutil
import unittest
import xml.etree.ElementTree as ElementTree

import numpy
from support import MACHINE, SEED, CommandTest, main
from ptbench_study.judge import changepoints
from ptbench_study.measure.bench import Case
from ptbench_study.publish.charts_history import MOST_PANELS, chosen_cases
from ptbench_study.judge.history import Change, Series

TRUTH = {"inline": {"map": 50.0, "unmap": 30.0}, "recursive": 60.0, "linux-6.12": 100.0, "limit": 20.0}
CHANGED = "amdv1/map/4K/x1/coherent/warm"


def drifting(factor, drift):
    """TRUTH on a machine `drift` times as slow; map of the inline variant takes `factor` as long."""
    slower = {name: {operation: drift * time for operation, time in times.items()}
              if isinstance(times, dict) else drift * times for name, times in TRUTH.items()}
    slower["inline"]["map"] *= factor
    return slower


class HistoryTest(CommandTest):
    """The command."""

    def store_series(self, factors, drifts=None, **keys):
        """A run a day, whose map is slower by its factor."""
        rng = random.Random(SEED)
        for number, factor in enumerate(factors):
            drift = rng.uniform(0.7, 1.4) if drifts is None else drifts[number]
            commit = f"{number:09x}"
            self.store_made_up(f"2024-05-{number + 1:02d}-{commit}-1", drifting(factor, drift),
                               seed=number, commit=commit, date=f"2024-05-{number + 1:02d}T01:02:03Z",
                               **keys)

    def history(self, *arguments, **more):
        """`ptbench history` on the test's results."""
        done = self.ptbench("history", "--results", self.results, *arguments, **more)
        self.assertEqual((done.code, done.err), (0, ""))
        return done

    def series(self, *arguments):
        """{(case, variant): series} of --json."""
        document = self.history("--json", *arguments).json
        self.assertEqual(document["machine"], MACHINE)
        return {(each["case"], each["variant"]): each for each in document["series"]}

    def test_a_change_is_found_through_drift_and_named_by_its_commits(self):
        self.store_series([1.0] * 7 + [1.1] * 6)
        found = self.series()
        self.assertEqual(len(found), 4)
        for key, series in found.items():
            self.assertEqual(series["unit"], "linux-6.12")
            self.assertEqual(len(series["points"]), 13)
            if key != (CHANGED, "inline"):
                self.assertEqual(series["changes"], [], key)
        change, = found[CHANGED, "inline"]["changes"]
        self.assertEqual((change["commits"], change["run"]),
                         ("000000006..000000007", "2024-05-08-000000007-1.json"))
        self.assertAlmostEqual(change["ratio"], 1.1, delta=0.02)
        self.assertLess(found[CHANGED, "inline"]["band_pct"], 3)
        text = self.history("--variant", "inline").out
        self.assertRegex(text, r"(?m)^    change: \+(9|10)\.\d% from 2024-05-08 on, "
                               r"000000006\.\.000000007, p 0\.00\d$")
        self.assertIn("2 series, 1 with change points", text)

    def test_in_ns_the_drift_hides_it(self):
        self.store_series([1.0] * 7 + [1.1] * 6)
        series = self.series("--ns", "--variant", "inline")[CHANGED, "inline"]
        self.assertEqual((series["unit"], series["changes"]), ("ns", []))
        self.assertGreater(series["band_pct"], 10)
        for point in series["points"]:
            self.assertAlmostEqual(point["value"] / point["ns"], 1, delta=0.01)
            self.assertTrue(point["low"] < point["value"] < point["high"])

    def test_the_newest_run_is_compared_directly(self):
        self.store_series([1.0] * 11 + [1.15])
        series = self.series("--variant", "inline")
        changed = series[CHANGED, "inline"]
        self.assertEqual(changed["changes"], [])
        self.assertEqual((changed["last"][-1]["verdict"], changed["last"][-1]["run"]),
                         ("slower", "2024-05-12-00000000b-1.json"))
        self.assertAlmostEqual(changed["last"][-1]["ratio"], 1.15, delta=0.03)
        self.assertEqual(len(changed["last"]), changepoints.SHORTEST - 1)
        other = series["amdv1/unmap/4K/x1/coherent/warm", "inline"]
        self.assertNotIn("slower", [last["verdict"] for last in other["last"]])

    def test_runs_of_two_drivers_are_no_ratio(self):
        self.store_series([1.0] * 3)
        self.store_made_up("2024-06-01-abcabcabc-1",
                           {"inline": 50.0, "recursive": 60.0, "limit": 20.0}, commit="abcabcabc")
        found = self.series("--filter", "amdv1/map")
        self.assertEqual({series["unit"] for series in found.values()}, {"ns"})
        found = self.series("--filter", "amdv1/map", "--ratio")
        self.assertEqual({(series["unit"], len(series["points"])) for series in found.values()},
                         {("linux-6.12", 3)})

    def test_what_else_changed_is_said(self):
        self.store_series([1.0] * 6, compiler="cc 1")
        for number in range(6, 12):
            self.store_made_up(f"2024-05-{number + 1:02d}-{number:09x}-1", drifting(1.2, 1.0),
                               seed=number, commit=f"{number:09x}", compiler="cc 2",
                               date=f"2024-05-{number + 1:02d}T01:02:03Z")
        change, = self.series("--variant", "inline")[CHANGED, "inline"]["changes"]
        self.assertEqual(change["notes"], ["compiler changed too"])

    def test_points_and_plain_terminals(self):
        self.store_series([1.0, 1.0, 1.2], drifts=[1.0, 1.0, 1.0])
        done = self.history("--points", "--variant", "inline", PYTHONIOENCODING="ascii")
        self.assertTrue(done.out.isascii())
        self.assertRegex(done.out, r"(?m)^    2024-05-03  000000002 +0\.6\d\d \[0\.\d+,0\.\d+\] +"
                                   r"\d\d\.\d ns  Ir -$")
        self.assertRegex(done.out, r"(?m)^amdv1/map.* _+#$")
        self.assertIn("change points need about ten runs, there are 3", done.out)

    def test_what_has_no_history(self):
        call = ("history", "--results", self.results)
        self.fails(self.ptbench(*call), 5, "no run of", MACHINE)
        self.store_series([1.0] * 2)
        self.fails(self.ptbench(*call, "--filter", "nix"), 5, "nix")
        self.fails(self.ptbench(*call, "--variant", "nix"), 2, "unknown variant 'nix'")
        self.fails(self.ptbench(*call, "--machine", "pdp-11"), 5, "no run of pdp-11")
        self.fails(self.ptbench(*call, "--ns", "--ratio"), 2, "not allowed with")
        self.store_made_up("2024-06-01-0123abcde-1", TRUTH, machine="pdp-11")
        self.fails(self.ptbench(*call), 4, "2024-06-01-0123abcde-1.json", "pdp-11")

    @unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is missing")
    def test_report_draws_it(self):
        for number, factor in enumerate([1.0] * 6 + [1.3] * 5):
            self.store_made_up(f"2024-05-{number + 1:02d}-{number:09x}-1", drifting(factor, 1.0),
                               seed=number, commit=f"{number:09x}", sizes=("4K", "2M"),
                               date=f"2024-05-{number + 1:02d}T01:02:03Z")
        for _ in range(2):
            done = self.ptbench("report", "--results", self.results)
            self.assertEqual(done.code, 0, done.err)
            self.assertIn("2 history charts", done.err)
            folder = self.results / "charts" / MACHINE
            self.assertEqual(sorted(path.name for path in folder.glob("history-*")),
                             ["history-map.svg", "history-unmap.svg"])
        texts = [element.text or "" for element in ElementTree.parse(folder / "history-map.svg").iter()
                 if element.tag.endswith("text") or element.tag.endswith("tspan")]
        said = " ".join("".join(texts).split())
        self.assertIn("map on " + MACHINE, said)
        self.assertEqual(sum(text.strip() == "inline" for text in texts), 2)
        self.assertEqual(sum(text.strip().startswith("+") and text.strip().endswith(" %")
                             for text in texts), 2)


class PanelsTest(unittest.TestCase):
    """Which cases a chart shows."""

    @staticmethod
    def group(name, ratio=None):
        """The series of a case, changed by a ratio."""
        changes = [Change(5, ratio, 0.001, [])] if ratio else []
        return [Series(Case(name, *name.split("/")[:2]), "inline", "ns", [], changes)]

    def test_what_changed_most_comes_first_then_each_format(self):
        groups = [self.group(f"amdv1/map/4K/x{number}/coherent/warm") for number in range(MOST_PANELS)]
        groups += [self.group("amdv1/map/2M/x1/coherent/warm", 1.1),
                   self.group("vtdss/map/4K/x1/coherent/warm"),
                   self.group("vtdss/map/2M/x1/coherent/warm", 0.5)]
        names = [group[0].case.name for group in chosen_cases(groups)]
        self.assertEqual(names[:4], ["vtdss/map/2M/x1/coherent/warm", "amdv1/map/2M/x1/coherent/warm",
                                     "amdv1/map/4K/x0/coherent/warm", "vtdss/map/4K/x1/coherent/warm"])
        self.assertEqual(len(names), MOST_PANELS)


class ChangePointTest(unittest.TestCase):
    """E-Divisive on made-up series."""

    def setUp(self):
        self.rng = numpy.random.default_rng(SEED)

    def test_no_alarm_on_noise(self):
        alarms = sum(bool(changepoints.change_points(self.rng.standard_t(3, 30), seed=number))
                     for number in range(200))
        # 1 % are allowed: of 200, more than 7 in one try out of a thousand.
        self.assertLessEqual(alarms, 7)

    def test_one_outlier_is_no_change(self):
        values = self.rng.normal(1, 0.01, 20)
        values[9] = 3
        self.assertEqual(changepoints.change_points(values), [])

    def test_two_changes_at_their_places(self):
        values = numpy.concatenate([self.rng.normal(level, 0.01, 10) for level in (1, 1.1, 0.9)])
        self.assertEqual([index for index, _ in changepoints.change_points(values)], [10, 20])

    def test_the_best_cut_is_the_one_of_the_definition(self):
        values = self.rng.normal(0, 1, 12)
        best = (-numpy.inf, 0)
        for end in range(2 * changepoints.SHORTEST, 13):
            for cut in range(changepoints.SHORTEST, end - changepoints.SHORTEST + 1):
                x, y = values[:cut], values[cut:end]
                energy = 2 * numpy.mean([abs(a - b) for a in x for b in y]) - sum(
                    numpy.mean([abs(a - b) for i, a in enumerate(part) for b in part[:i]])
                    for part in (x, y))
                best = max(best, (len(x) * len(y) / (len(x) + len(y)) * energy, cut))
        quality, cut = changepoints.largest(values)
        self.assertAlmostEqual(quality, best[0], places=10)
        self.assertEqual(cut, best[1])

    def test_too_short(self):
        self.assertEqual(changepoints.change_points([1, 1, 1, 9, 9]), [])
        self.assertEqual(changepoints.change_points([]), [])


if __name__ == "__main__":
    main()
