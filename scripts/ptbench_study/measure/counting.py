# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench count`: instructions of every case and variant, and what changed since the golden file."""

import threading
import time
from dataclasses import dataclass
from typing import Optional

from ..base.errors import FAILED, SKIPPED
from ..base.paths import shown
from ..base.progress import Progress, duration, tell
from ..results import counts
from ..code import build_info, object_code
from . import callgrind, plan, traces

# A change of counts is never noise; smaller ones than this are no regression all the same.
WORSE = 0.005
NOT_COUNTED = "limit"


@dataclass(frozen=True)
class Asked:
    """What is to be counted: the quick cases only, cases by globs, variants (None: all), caches too."""

    quick: bool = False
    filters: tuple = ()
    variants: Optional[list] = None
    cache: bool = False


class Counted:
    """What was counted, against `golden`, the file at `path` (None: there is none).

    `counted` maps (case, variant) to a dict of figures, `missed` to a callgrind.Count with its reason;
    `expected` are the rows of the golden file that this call should have counted.
    """

    def __init__(self, bench, catalog, golden, path, built, expected):
        self.bench = bench
        self.catalog = catalog
        self.golden = golden
        self.path = path
        self.built = built
        self.expected = expected
        self.counted = {}
        self.missed = {}

    def add(self, count):
        """Take a callgrind.Count."""
        if count.values is None:
            self.missed[count.case, count.variant] = count
        else:
            self.counted[count.case, count.variant] = {
                name: counts.rounded(value) for name, value in count.values.items()}

    def before(self, key):
        """Instructions in the golden file, or None."""
        return self.golden.rows.get(key) if self.golden else None

    def change(self, key):
        """Relative change of a row against the golden file, or None for a new one."""
        old, new = self.before(key), self.counted[key]["instructions"]
        if old is None:
            return None
        return new / old - 1 if old else float(new != old)

    @property
    def changed(self):
        """Rows that are not what they were, the worst first."""
        return sorted((key for key in self.counted if self.change(key)),
                      key=lambda key: (-self.change(key), key))

    @property
    def worse(self):
        """Rows that got worse by more than is let pass."""
        return [key for key in self.changed if self.change(key) > WORSE]

    @property
    def new(self):
        """Rows that the golden file does not have."""
        return sorted(key for key in self.counted if self.before(key) is None)

    @property
    def vanished(self):
        """Rows of the golden file that no case of this build stands behind any more."""
        return sorted(self.expected - self.counted.keys() - self.missed.keys())

    @property
    def failed(self):
        """What could not be counted although it should have been."""
        return [count for count in self.missed.values() if count.code != SKIPPED]

    def update(self):
        """Write the golden file: everything that was counted, and what other builds have counted."""
        usual, golden = self.catalog.usual, self.golden
        foreign = {key: value for key, value in (golden.rows if golden else {}).items()
                   if key[1] not in usual}
        foreign_code = {subject: value for subject, value in (golden.code if golden else {}).items()
                        if subject.split("/")[1] not in usual}
        rows = {key: values["instructions"] for key, values in self.counted.items()}
        code = object_code.subject_code(self.catalog, self.bench.path)
        counts.store(self.path, counts.Golden({**foreign, **rows}, {**foreign_code, **code}))
        tell(f"wrote {len(rows)} rows to {shown(self.path)}")

    def document(self, updated=False):
        """As JSON; change is relative, null for new rows."""
        return {
            **self.built,
            "golden": str(self.path) if self.golden is not None or updated else None,
            "updated": updated,
            "rows": [{"case": case, "variant": variant, **values, "golden": self.before((case, variant)),
                      "change": self.change((case, variant))}
                     for (case, variant), values in sorted(self.counted.items())],
            "changed": [list(key) for key in self.changed],
            "worse": [list(key) for key in self.worse],
            "new": [list(key) for key in self.new],
            "vanished": [list(key) for key in self.vanished],
            "not_counted": [{"case": count.case, "variant": count.variant, "code": count.code,
                             "reason": count.reason} for _, count in sorted(self.missed.items())],
        }


def expected_rows(golden, selected, catalog, asked):
    """The golden file's rows that `selected` should have, or that should be among them.

    Rows of a kernel that is not in this build are left alone.
    """
    if golden is None:
        return set()
    wanted = {(case.name, variant) for case, variants in selected for variant in variants}
    if asked.quick or asked.filters or asked.variants:
        known = {case.name for case in catalog.cases}
        return {key for key in golden.rows if key in wanted or (
            key[0] not in known and not asked.quick and not asked.variants
            and plan.matches(key[0], asked.filters))}
    return {key for key in golden.rows if key[1] in catalog.usual}


def choose(catalog, asked):
    """[(case, variants)] of what is asked for; the limit walks nothing, so it is left out."""
    variants = asked.variants or [name for name in catalog.usual if name != NOT_COUNTED]
    return plan.select_cases(catalog, quick=asked.quick, filters=asked.filters, variants=variants)


def count_all(counter, selected, found):
    """Count and show how far it is."""
    total = sum(len(variants) for _, variants in selected)
    progress, started, lock = Progress(total), time.monotonic(), threading.Lock()

    def each(count):
        with lock:
            found.add(count)
            done = len(found.counted) + len(found.missed)
            left = (time.monotonic() - started) / done * (total - done)
            progress.step(done, left, f"{count.case}  {count.variant}")

    try:
        counter.count(selected, each)
    finally:
        progress.finish()
    for case, variants in selected:
        for variant in variants:
            if (case.name, variant) not in found.counted | found.missed:
                found.add(callgrind.Count(case.name, variant, reason="no result", code=FAILED))
    tell(f"{total} counts in {duration(time.monotonic() - started)}")


def count(bench, asked):
    """Count what is asked for; a Counted. Progress, and what of traces is replayed, go to stderr."""
    catalog = bench.catalog()
    selected = choose(catalog, asked)
    files = traces.recorded({case.size_text for case, _ in selected if case.is_replay})
    counter = callgrind.Counter(bench, files, cache=asked.cache)
    built = build_info.built_by(bench.path, catalog)
    path = counts.golden_path(built["compiler"], built["architecture"])
    golden = counts.load(path)
    found = Counted(bench, catalog, golden, path, built, expected_rows(golden, selected, catalog, asked))
    traces.tell_recorded(bench, [case for case, _ in selected], files)
    count_all(counter, selected, found)
    return found
