# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench report`: charts, BENCHMARKS.md and a site, out of nothing but the results folder.

Each machine is shown by its newest full run (which_run.py).
"""

import os
import shutil
from pathlib import Path

from ..base import quoting
from ..base.errors import FAILED, NOTHING, USAGE, Failure
from ..base.paths import COMMAND, shown
from ..base.progress import mean_text, tell
from ..results import errata, store, which_run
from . import charts, charts_ecdf, charts_heat, history_text, published, site, tables, templates

ALL_MACHINES = "all-machines"


def checked(results, output, site_folder, ecdf):
    """(the runs that are shown, notes); Failure for whatever would fail after the work was done."""
    if not store.machines(results):
        raise Failure(f"no runs in {shown(results)}: {COMMAND} run makes one", NOTHING)
    if not shutil.which("gnuplot"):
        raise Failure("gnuplot is missing: install gnuplot-nox", FAILED)
    if Path(output).is_dir():
        raise Failure(f"{shown(output)}: is a folder; name a file", USAGE)
    site.check_folder(site_folder)
    for folder in (results, Path(output).parent, Path(site_folder).parent):
        store.ensure_folder(folder)
    notes = published.load_notes(results)
    runs = [which_run.best(results, machine) for machine in store.machines(results)]
    for run in runs:
        charts_ecdf.check(run, ecdf)
    return runs, notes


def publish(results, output, site_folder, ecdf=()):
    """Draw everything, write the report and the site."""
    runs, notes = checked(results, output, site_folder, ecdf)
    history_text.draw_all(results)
    reports = []
    for run in runs:
        folder = Path(results) / "charts" / run.machine
        each = published.MachineReport(results, run, notes, folder)
        drawn = charts.draw(run, each.comparisons, folder, ecdf)
        tell(f"{run.machine}: {run.path.name}: {each.what}, {len(drawn)} charts in {shown(folder)}")
        reports.append(each)
    across = charts_heat.draw_machines({each.id: each.comparisons for each in reports},
                                       Path(results) / "charts" / ALL_MACHINES)
    write_markdown(output, reports, notes, across)
    tell(f"wrote {shown(output)}")
    pages = site.build(site_folder, results, reports, notes, across)
    tell(f"wrote {pages} pages, begin at {shown(Path(site_folder) / 'index.html')}")


def write_markdown(output, reports, notes, across):
    """Write BENCHMARKS.md; links are relative to where it lies."""
    base = Path(os.path.abspath(output)).parent
    text = templates.render(
        "BENCHMARKS.md.j2", machines=reports, command=COMMAND, decisions=notes["decision"],
        evidence=published.evidence, mean_text=mean_text, whole=tables.whole, across=across,
        faults=errata.load(), fault_where=errata.where,
        link=lambda path: quoting.link(os.path.relpath(os.path.abspath(path), base)))
    store.write_if_changed(output, text)
