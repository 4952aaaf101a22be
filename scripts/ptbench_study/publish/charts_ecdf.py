# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How the samples of one case are spread: the share of samples at or below a time, for each variant.

    ecdf-<case>.svg

Drawn for the cells that need a second look (time and counts disagree, the kernel's driver wins, or the
interval is widest) and for whatever case is asked for.
"""

import math
import statistics

from ..base.errors import NOTHING, Failure
from ..base.progress import figure
from ..results.samples import Samples
from ..code.kernels import is_kernel
from ..judge.compare import stored_cases
from .gnuplot import POINTS, chart_file, decade, gnuplot, kind, ticks

MOST = 4
RANK = {"conflict": 0, "slower": 1, "unresolved": 2}
# Where variants lie further apart than this, only a log scale shows all of them.
LOG_ABOVE = 8
# Samples beyond this quantile of the slowest variant are counted, not drawn.
SHOWN_QUANTILE = 0.95


def doubtful(comparisons):
    """Names of the cases that most need a second look, worst first."""
    ranked = []
    for comparison in comparisons:
        for cell in comparison.judged:
            if cell.verdict in RANK and comparison.a == "inline":
                statistic = cell.statistic
                size = math.log(statistic.high / statistic.low) if cell.verdict == "unresolved" \
                    else abs(math.log(statistic.ratio))
                against_kernel = is_kernel(comparison.b)
                ranked.append((not against_kernel, RANK[cell.verdict], -size, cell.case.name))
    return list(dict.fromkeys(name for *_, name in sorted(ranked)))[:MOST]


def check(run, asked):
    """Failure NOTHING unless the run has every case that is asked for."""
    known = {case.name for case in stored_cases(run)}
    for name in asked:
        if name not in known:
            raise Failure(f"no case '{name}' in {run.path.name} of {run.machine}; "
                          "scripts/ptbench list shows all names", NOTHING)


def draw(run, comparisons, folder, asked=()):
    """Draw the doubtful cases and those that are asked for; their paths."""
    samples = Samples(run.entries)
    return [chart(chart_file(folder, "ecdf", name), name, run, samples)
            for name in dict.fromkeys([*asked, *doubtful(comparisons)])]


def steps(times, low, high):
    """[(time, share)] of a step curve inside [low, high], and how many samples lie above it."""
    ordered = sorted(times)
    points = [(low, 0.0)]
    points += [(time, (index + 1) / len(ordered)) for index, time in enumerate(ordered) if time <= high]
    beyond = len(ordered) + 1 - len(points)
    return points + [(high, points[-1][1])], beyond


def chart(path, case, run, samples):
    """Draw one case."""
    times = {name: samples.all_times(case, name) for name in samples.variants(case)
             if kind(name) in POINTS}
    times = {name: found for name, found in times.items() if found and min(found) > 0}
    if not times:
        raise Failure(f"{case} has no samples above zero", NOTHING)
    medians = {name: statistics.median(found) for name, found in times.items()}
    ends = [sorted(found)[math.ceil(SHOWN_QUANTILE * len(found)) - 1] for found in times.values()]
    log = max(ends) > LOG_ABOVE * min(medians.values())
    high = 1.1 * max(ends)
    low = 0.8 * min(map(min, times.values())) if log else 0
    beyond, drawn = 0, []
    order = sorted(medians, key=medians.get)
    for place, name in enumerate(order):
        points, above = steps(times[name], low, high)
        beyond += above
        drawn.append({
            "name": name, "colour": kind(name), "points": points, "dashed": name == "limit",
            "point_type": POINTS[kind(name)], "median": medians[name], "label_row": 0.94 - 0.085 * place,
            "text": f"{name}  {figure(medians[name])}",
            "said": f"{case}, {name}: median {figure(medians[name])} ns of {len(times[name])} samples, "
                    f"{figure(min(times[name]))} to {figure(max(times[name]))}"})
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1) if log else ()
    marks = [factor * 10.0 ** power for power in powers for factor in (1, 2, 5)]
    entry = next(entry for entry in run.entries if entry["name"].startswith(case + "/"))
    note = f"share of samples that took at most so long; {len(entry['samples'])} processes; {beyond} of " \
           f"{sum(map(len, times.values()))} samples lie further right"
    return gnuplot("ecdf.gnuplot.j2", path, f"{case} on {run.machine}", low=low, high=high, log=log,
                   note=note, all_series=drawn,
                   x_ticks=ticks([mark for mark in marks if low <= mark <= high], decade) if log else "")
