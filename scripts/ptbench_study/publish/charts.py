# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""All charts of a run. gnuplot.py has what they share.

    heat*.svg         ratios as a grid of coloured cells (charts_heat.py)
    ratio-*.svg       ratio against the kernel's drivers, case by case (charts_ratio.py)
    run-length-*.svg  time of one operation over its number of pages (charts_run_length.py)
    ecdf-*.svg        how the samples of one case are spread (charts_ecdf.py)
"""

from ..results import store
from . import charts_ecdf, charts_heat, charts_ratio, charts_run_length

# The charts that draw() makes, and removes where they are no longer made.
OWN = ("heat", "ratio-", "run-length-", "ecdf-")


def draw(run, comparisons, folder, ecdf=()):
    """Draw all charts of a run into a folder; their paths. Charts that are no longer made go.

    ecdf names cases whose samples are drawn besides those of the cells that need it most.
    """
    store.ensure_folder(folder)
    drawn = [*charts_heat.draw(comparisons, folder), *charts_ratio.draw(comparisons, folder),
             *charts_run_length.draw(run, folder),
             *charts_ecdf.draw(run, comparisons, folder, ecdf)]
    for old in set(folder.glob("*.svg")) - set(drawn):
        if old.name.startswith(OWN):
            old.unlink()
    return drawn
