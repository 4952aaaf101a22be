# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a patch changed, in all that does not depend on a machine: tables, instructions, code, stack.

before and after are two kernels of one binary (code/patched.py).
"""

from dataclasses import dataclass, field
from pathlib import Path

from ..base.errors import FAILED, SKIPPED, Failure
from ..code import matrix, object_code, size
from ..code.patched import AFTER, BEFORE
from ..measure import counting, plan
from ..measure.bench import last_line
from ..measure.plan import matches


@dataclass
class Change:
    """What was found; counts and sizes are {key: (before, after)}."""

    formats: list  # those whose drivers are other code now
    gone: dict = field(default_factory=dict)  # format: why it cannot be built any more
    new: list = field(default_factory=list)  # formats that could not be built before
    verified: int = 0  # cases whose tables are the same
    differing: dict = field(default_factory=dict)  # case: what differs
    counts: dict = field(default_factory=dict)  # (case): instructions
    sizes: dict = field(default_factory=dict)  # (format, operation): ((code, stack), (code, stack))


def missing_in(catalog, name):
    """{format: why} of what one of the two trees lacks."""
    for kernel in catalog.document["kernels"]:
        if kernel["name"] == name:
            return kernel["missing"]
    raise Failure(f"the binary has no drivers called '{name}'", FAILED)


def code_of(build, catalog, kernel):
    """{format: hash of its driver's object}."""
    return {entry["format"]: object_code.code_hash([path])
            for entry in catalog.document["subjects"] if entry["variant"] == kernel
            and (path := matrix.object_of_driver(build, kernel, entry["source"]))}


def look(bench, catalog):
    """A Change that knows which formats changed, and nothing more."""
    build = Path(bench.path).resolve().parent.parent
    before, after = (code_of(build, catalog, name) for name in (BEFORE, AFTER))
    lacked, lacks = (missing_in(catalog, name) for name in (BEFORE, AFTER))
    found = Change([name for name in catalog.formats
                    if name in before and name in after and before[name] != after[name]])
    found.gone = {name: why for name, why in lacks.items() if name not in lacked and name in before}
    found.new = [name for name in after if name not in before]
    return found


def cases_of(catalog, change, filters, quick=False):
    """[(case, (before, after))] of the changed formats that both have."""
    return [(case, (BEFORE, AFTER)) for case in catalog.cases
            if case.format in change.formats and {BEFORE, AFTER} <= set(case.subjects)
            and not case.is_replay and matches(case.name, filters)
            and (not quick or case.quick or filters)]


def verify(bench, selected, change):
    """Compare the tables of both, case by case, word for word."""
    for case, variants in selected:
        code, _, err = bench.call(["verify", "--case", case.name, "--variants", ",".join(variants)],
                                  timeout=600)
        if code == 0:
            change.verified += 1
        elif code == SKIPPED:
            continue
        else:
            change.differing[case.name] = last_line(err) or f"exit code {code}"


def count(bench, selected, change):
    """Count the instructions of both."""
    counted = counting.count(bench, counting.Asked(
        filters=tuple(case.name for case, _ in selected), variants=[BEFORE, AFTER]))
    if counted.failed:
        first = counted.failed[0]
        raise Failure(f"{first.case} {first.variant} cannot be counted: {first.reason}", FAILED)
    for case, _ in selected:
        pair = [counted.counted.get((case.name, name)) for name in (BEFORE, AFTER)]
        if all(pair):
            change.counts[case.name] = tuple(each["instructions"] for each in pair)


def measure_sizes(bench, catalog, change):
    """Bytes of code and stack of both."""
    build = size.objects_of(bench)
    rows = size.sizes_of(catalog, change.formats, build) if build else []
    by_key = {}
    for row in rows:
        if row["variant"] in (BEFORE, AFTER):
            by_key.setdefault((row["format"], row["op"]), {})[row["variant"]] = (
                row["text_bytes"], row["stack_bytes"])
    change.sizes = {key: (both[BEFORE], both[AFTER]) for key, both in by_key.items() if len(both) == 2}


def usual_effort(options):
    """How much is timed."""
    return plan.effort_of(options, plan.Effort(processes=6, blocks=3, sample_us=500, controls=4))


def worse_counts(change, limit):
    """[case] whose instructions grew by more than a fraction."""
    return [case for case, (before, after) in change.counts.items()
            if after > before * (1 + limit) + 0.005]


def worse_sizes(change, limit):
    """[(format, operation)] whose code or stack grew by more than a fraction."""
    return [key for key, (before, after) in change.sizes.items()
            if any(new > old * (1 + limit) for old, new in zip(before, after))]
