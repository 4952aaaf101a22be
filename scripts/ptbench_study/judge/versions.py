# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How the instructions of kernels' page tables went from version to version."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """From one kernel to the next: instructions of the cases that both have."""

    before: str
    after: str
    counts: dict  # {case name: (before, after)}

    def ratios(self):
        """{case: after / before}."""
        return {case: after / before for case, (before, after) in self.counts.items() if before and after}

    def means(self):
        """{(format, operation): (geometric mean of the ratios, number of cases)}."""
        logs = {}
        for case, ratio in self.ratios().items():
            logs.setdefault(tuple(case.split("/")[:2]), []).append(math.log(ratio))
        return {key: (math.exp(sum(values) / len(values)), len(values)) for key, values in logs.items()}


def steps(counted, kernels):
    """The Steps between neighbours of a list of kernels, out of {(case, kernel): instructions}."""
    found = []
    for before, after in zip(kernels, kernels[1:]):
        common = {case: (value, counted[case, after]) for (case, kernel), value in counted.items()
                  if kernel == before and (case, after) in counted}
        found.append(Step(before, after, common))
    return found
