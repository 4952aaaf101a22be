# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench report`: charts, BENCHMARKS.md and a site, out of nothing but the results folder.

Each machine is shown by its newest full run (store.published).
"""

import os
import shutil
from pathlib import Path

from . import charts, charts_ecdf, charts_heat, published, quoting, site, store, templates
from .errors import FAILED, NOTHING, OK, Failure
from .paths import COMMAND, shown
from .progress import ratio_interval, tell

ALL_MACHINES = "all-machines"


def mean_text(mean):
    """A geometric mean with its interval."""
    return "-" if mean is None else ratio_interval(*mean)


def publish(results, output, site_folder, ecdf=()):
    """Draw everything, write the report and the site; exit code."""
    runs = [store.published(results, machine) for machine in store.machines(results)]
    if not runs:
        raise Failure(f"no runs in {shown(results)}: {COMMAND} run makes one", NOTHING)
    if not shutil.which("gnuplot"):
        raise Failure("gnuplot is missing: install gnuplot-nox", FAILED)
    site.check_folder(site_folder)
    notes = published.load_notes(results)
    for run in runs:
        charts_ecdf.check(run, ecdf)
    reports = []
    for run in runs:
        folder = Path(results) / "charts" / run.machine
        each = published.MachineReport(results, run, notes, folder)
        drawn = charts.draw(run, each.comparisons, folder, ecdf)
        tell(f"{run.machine}: {run.path.name}, {len(drawn)} charts in {shown(folder)}")
        reports.append(each)
    across = charts_heat.draw_machines({each.id: each.comparisons for each in reports},
                                       Path(results) / "charts" / ALL_MACHINES)
    write_markdown(output, reports, notes, across)
    tell(f"wrote {shown(output)}")
    pages = site.build(site_folder, results, reports, notes, across)
    tell(f"wrote {pages} pages, begin at {shown(Path(site_folder) / 'index.html')}")
    return OK


def write_markdown(output, reports, notes, across):
    """Write BENCHMARKS.md; links are relative to where it lies."""
    base = Path(os.path.abspath(output)).parent
    text = templates.render(
        "BENCHMARKS.md.j2", machines=reports, command=COMMAND, decisions=notes["decision"],
        evidence=published.evidence, mean_text=mean_text, across=across,
        link=lambda path: quoting.link(os.path.relpath(os.path.abspath(path), base)))
    store.write_if_changed(output, text)
