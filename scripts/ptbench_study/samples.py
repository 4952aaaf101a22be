# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The samples of a run, by case, variant, process and block; entries as merge.py describes them."""

import statistics

CONTROL_SUFFIX = "#2"


class Samples:
    """Index over stored entries, whose names are case/variant.

    Each block of a variant holds the times (ns per operation) of its slots in the palindrome.
    """

    def __init__(self, entries):
        self.times = {}
        self.instructions = {}
        for entry in entries:
            case, _, variant = entry["name"].rpartition("/")
            blocks = self.times.setdefault((case, variant), {})
            for process, of_process in entry["samples"].items():
                for block, (_, *times) in enumerate(of_process):
                    blocks[int(process), block] = times
            if isinstance(entry.get("instructions"), (int, float)):
                self.instructions[case, variant] = entry["instructions"]

    def variants(self, case):
        """Variants measured for a case, controls left out."""
        return [variant for name, variant in self.times
                if name == case and not variant.endswith(CONTROL_SUFFIX)]

    def control_pairs(self):
        """[(case, variant, control variant)] of identical code."""
        return [(case, variant.removesuffix(CONTROL_SUFFIX), variant)
                for case, variant in self.times if variant.endswith(CONTROL_SUFFIX)]

    def blocks(self, case, variant):
        """{(process, block): mean of its slots}; empty where nothing was measured."""
        return {place: statistics.fmean(times)
                for place, times in self.times.get((case, variant), {}).items()}

    def processes(self, case, variant):
        """A list of one list of block means for each process."""
        groups = {}
        for (process, _), mean in sorted(self.blocks(case, variant).items()):
            groups.setdefault(process, []).append(mean)
        return list(groups.values())

    def pairs(self, case, a, b):
        """{process: [(mean of a, mean of b) of each block that has both]}."""
        of_a, of_b = self.blocks(case, a), self.blocks(case, b)
        found = {}
        for place in sorted(of_a.keys() & of_b.keys()):
            found.setdefault(place[0], []).append((of_a[place], of_b[place]))
        return found

    def median(self, case, variant):
        """Median over all samples, or None."""
        times = self.all_times(case, variant)
        return statistics.median(times) if times else None

    def minimum(self, case, variant):
        """The smallest sample, or None."""
        return min(self.all_times(case, variant), default=None)

    def all_times(self, case, variant):
        """Every sample, in no particular order."""
        return [time for times in self.times.get((case, variant), {}).values() for time in times]

    def spread(self, case, variant):
        """Median absolute deviation, as a fraction of the median."""
        times = self.all_times(case, variant)
        middle = statistics.median(times)
        return statistics.median([abs(time - middle) for time in times]) / abs(middle or 1)

    def median_instructions(self, case, variant):
        """Median of the instructions of one operation, or None where they were not counted."""
        return self.instructions.get((case, variant))
