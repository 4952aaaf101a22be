# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The comparisons that a run's tables and charts show."""

from ..base.errors import NOTHING, Failure
from ..results.samples import Samples
from ..measure.setups import Setup, label
from . import compare, sides

# "linux" stands for each kernel of the run in turn.
RACES = (("inline", "linux"), ("recursive", "linux"), ("inline", "recursive"))


def races_against(drivers):
    """RACES with each kernel in turn in the place of "linux"."""
    each = [(a, driver) for driver in drivers for a, b in RACES if b == "linux"]
    return each + [race for race in RACES if race[1] != "linux"]


def races_of(run):
    """The comparisons of a run's variants, as far as it has them."""
    samples = Samples(run.entries)
    known = compare.known_variants(run, samples)
    twice = run.context.get("itself")
    if twice in known:
        return [compare.compare_variants(run, twice, twice, samples=samples)]
    first, *_ = [{axis: each[axis] for axis in ("build", "tables")}
                 for each in run.context.get("setups", [])] or [{}]
    found = []
    for race in races_against(run.kernels):
        a, b = (label(name, Setup(**first)) for name in race)
        if a in known and b in known:
            try:
                found.append(compare.compare_variants(run, a, b, samples=samples))
            except Failure as failure:
                if failure.code != NOTHING:
                    raise
    return found


def setup_races(run):
    """The comparisons of a run's first setup with its others, one for each variant."""
    setups, samples = run.context.get("setups", []), Samples(run.entries)
    found = []
    for other in setups[1:]:
        differing = [axis for axis in ("build", "tables") if other[axis] != setups[0][axis]]
        fixed = [{axis: each[axis] for axis in differing} for each in (setups[0], other)]
        try:
            found += [each for each in sides.compare_sides(run, *fixed, samples=samples)
                      if not each.a.startswith("limit ")]
        except Failure as failure:
            if failure.code != NOTHING:
                raise
    return found
