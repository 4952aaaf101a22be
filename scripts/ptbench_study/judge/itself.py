# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A variant against itself: what the suite says about identical code, against the rate that it states.

`run --variant inline,inline` names a variant twice. The binary measures it as two sides, inline and inline#2,
in every case; compare.py judges them like any other two, and here its verdicts are counted. Control cases
have a third side, inline#3: what the run can resolve comes from there, not from what is judged.
"""

from ..base.errors import OK, REGRESSION
from ..base.libraries import scipy_stats
from ..results.samples import CONTROL_SUFFIX
from .stats import FALSE_VERDICTS

# So unlikely a number of false verdicts is not the luck of one run.
UNLUCKY = 0.05


class Finding:
    """What a comparison of identical code says about the suite."""

    def __init__(self, comparison):
        self.variant = comparison.a
        self.cells = len(comparison.judged)
        self.false = sum(comparison.count(verdict) for verdict in ("faster", "slower", "conflict"))
        self.without_one = sum(not cell.statistic.low <= 1 <= cell.statistic.high
                               for cell in comparison.judged)
        self.p_value = float(scipy_stats.binomtest(
            self.false, self.cells, FALSE_VERDICTS, alternative="greater").pvalue) if self.cells else 1.0

    @property
    def exit_code(self):
        """REGRESSION where there are more false verdicts than the stated rate explains."""
        return REGRESSION if self.p_value < UNLUCKY else OK

    def sentence(self):
        """All of it in words."""
        rate = f"{100 * FALSE_VERDICTS:.0f} %"
        text = (f"{self.variant} against itself: {self.cells} cells of identical code, {self.false} false "
                f"verdicts (stated rate: at most {rate}), {self.without_one} intervals without 1 "
                f"(by chance: {rate})")
        if self.exit_code:
            text += f"; so many false verdicts are not chance, p {self.p_value:.2g}"
        return text

    def document(self):
        """The "itself" of a comparison as JSON."""
        return {"cells": self.cells, "false_verdicts": self.false, "intervals_without_1": self.without_one,
                "stated_rate": FALSE_VERDICTS, "p": float(f"{self.p_value:.3g}")}


def finding(comparison):
    """The Finding of a comparison of a variant with itself, None of any other."""
    return Finding(comparison) if comparison.b == comparison.a + CONTROL_SUFFIX else None


def exit_code(comparison):
    """A comparison's exit code: of identical code nothing is a regression but too many verdicts."""
    found = finding(comparison)
    return found.exit_code if found and comparison.judged else comparison.exit_code
