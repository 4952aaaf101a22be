# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The samples of a run, by case, variant, process and block; entries as merge.py describes them."""

import statistics

# Behind a variant's name: its second side in the same process, a third one, and the same variant in another
# process of the same number. A name with the mark is no variant of its own.
CONTROL_MARK = "#"
CONTROL_SUFFIX, THIRD_SUFFIX, AGAIN_SUFFIX = "#2", "#3", "#again"
# What the first binaries wrote for samples that the empty loop left nothing of.
NOTHING_LEFT_NS = 0.001


def flaw_of(entry):
    """Why the times of a stored entry are no figures, or None."""
    if entry.get("fault"):
        return entry["fault"]
    least = entry.get("least_ns", NOTHING_LEFT_NS)
    times = [time for blocks in entry["samples"].values() for _, *block in blocks for time in block]
    short = sum(time <= least for time in times)
    if not short:
        return None
    return f"{short} of {len(times)} samples are not above {least:.3g} ns, what a few reads of the " \
           "clock take: too short to be told from the empty loop"


class Samples:
    """Index over stored entries, whose names are case/variant.

    Each block of a variant holds the times (ns per operation) of its slots in the palindrome. What has
    a flaw is known to have been measured, but has no times: `flaws` says why.
    """

    def __init__(self, entries):
        self.times = {}
        self.of_case = {}
        self.means = {}
        self.instructions = {}
        self.flaws = {}
        for entry in entries:
            case, _, variant = entry["name"].rpartition("/")
            blocks = self.times.setdefault((case, variant), {})
            self.of_case.setdefault(case, {})[variant] = blocks
            if isinstance(entry.get("instructions"), (int, float)) and not entry.get("fault"):
                self.instructions[case, variant] = entry["instructions"]
            flaw = flaw_of(entry)
            if flaw:
                self.flaws[case, variant] = flaw
                continue
            for process, of_process in entry["samples"].items():
                number = int(process)
                for block, slots in enumerate(of_process):
                    blocks[number, block] = slots[1:]

    def variants(self, case):
        """Variants measured for a case in the usual setup, controls left out."""
        return [name for name in self.labels(case) if "@" not in name]

    def labels(self, case):
        """Variants measured for a case in all setups (setups.py), controls left out."""
        return [variant for variant in self.of_case.get(case, ()) if "#" not in variant]

    def measured(self, case):
        """All that was measured for a case, controls and all."""
        return set(self.of_case.get(case, ()))

    def control_pairs(self, suffix=CONTROL_SUFFIX):
        """[(case, variant, control variant)] of identical code; the suffix is the control's."""
        return [(case, variant.removesuffix(suffix), variant)
                for case, variant in self.times if variant.endswith(suffix)]

    def again_pairs(self):
        """[(case, variant, control variant)] of identical code in two processes."""
        return [(case, variant.removesuffix(AGAIN_SUFFIX), variant)
                for case, variant in self.times if variant.endswith(AGAIN_SUFFIX)]

    def why_incomparable(self, case, variant):
        """Why there are no times to compare with, where a comparison has none."""
        return self.flaws.get((case, variant)) or (
            None if self.times.get((case, variant)) else "was not measured")

    def blocks(self, case, variant):
        """{(process, block): mean of its slots}; empty where nothing was measured. Not to be changed."""
        found = self.means.get((case, variant))
        if found is None:
            found = {place: statistics.fmean(times)
                     for place, times in self.times.get((case, variant), {}).items()}
            self.means[case, variant] = found
        return found

    def processes(self, case, variant):
        """A list of one list of block means for each process."""
        groups = {}
        for (process, _), mean in sorted(self.blocks(case, variant).items()):
            groups.setdefault(process, []).append(mean)
        return list(groups.values())

    def pairs(self, case, a, b):
        """{process: [(mean of a, mean of b) of each block that has both]}."""
        return self.pairs_between((case, a), (case, b))

    def pairs_between(self, a, b):
        """pairs() of two sides that may differ in the case too, each (case, variant).

        Of two processes those of one number are a pair: they followed each other.
        """
        of_a, of_b = self.blocks(*a), self.blocks(*b)
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
        """Median absolute deviation, as a fraction of the median; None without times."""
        times = self.all_times(case, variant)
        if not times:
            return None
        middle = statistics.median(times)
        return statistics.median([abs(time - middle) for time in times]) / abs(middle or 1)

    def instructions_of(self, case, variant):
        """Instructions of one operation, or None where they were not counted."""
        return self.instructions.get((case, variant))
