# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench count`: instructions of every case and variant, and what changed since the golden file."""

import threading
import time

from . import build_info, callgrind, columns, counts, object_code, plan, traces
from .documents import show
from .errors import FAILED, OK, REGRESSION, SKIPPED, USAGE, Failure
from .paths import COMMAND, shown
from .progress import Progress, duration, tell

# A change of counts is never noise; smaller ones than this are no regression all the same.
WORSE = 0.005
NOT_COUNTED = "limit"


class Outcome:
    """What was counted, against `golden` (None: there is no golden file).

    `counted` maps (case, variant) to a dict of figures, `missed` to a callgrind.Count with its reason;
    `expected` are the rows of the golden file that this call should have counted.
    """

    def __init__(self, golden, expected):
        self.golden = golden
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


def expected_rows(golden, selected, catalog, options):
    """The golden file's rows that `selected` should have, or that should be among them.

    Rows of a kernel that is not in this build are left alone.
    """
    if golden is None:
        return set()
    wanted = {(case.name, variant) for case, variants in selected for variant in variants}
    if options.quick or options.filter or options.variant:
        known = {case.name for case in catalog.cases}
        return {key for key in golden.rows if key in wanted or (
            key[0] not in known and not options.quick and not options.variant
            and plan.matches(key[0], options.filter))}
    return {key for key in golden.rows if key[1] in catalog.usual}


def choose(catalog, options):
    """[(case, variants)] of what the options ask for; the limit walks nothing, so it is left out."""
    variants = options.variant or [name for name in catalog.usual if name != NOT_COUNTED]
    return plan.select_cases(catalog, quick=options.quick, filters=options.filter or (),
                             variants=variants)


def count_all(counter, selected, outcome):
    """Count and show how far it is."""
    total = sum(len(variants) for _, variants in selected)
    progress, started, lock = Progress(total), time.monotonic(), threading.Lock()

    def each(count):
        with lock:
            outcome.add(count)
            done = len(outcome.counted) + len(outcome.missed)
            left = (time.monotonic() - started) / done * (total - done)
            progress.step(done, left, f"{count.case}  {count.variant}")

    try:
        counter.count(selected, each)
    finally:
        progress.finish()
    for case, variants in selected:
        for variant in variants:
            if (case.name, variant) not in outcome.counted | outcome.missed:
                outcome.add(callgrind.Count(case.name, variant, reason="no result", code=FAILED))
    tell(f"{total} counts in {duration(time.monotonic() - started)}")


def update(path, golden, outcome, catalog, code):
    """Write the golden file: everything that was counted, and what other builds have counted."""
    foreign = {key: value for key, value in (golden.rows if golden else {}).items()
               if key[1] not in catalog.usual}
    foreign_code = {subject: value for subject, value in (golden.code if golden else {}).items()
                    if subject.split("/")[1] not in catalog.usual}
    rows = {key: values["instructions"] for key, values in outcome.counted.items()}
    counts.store(path, counts.Golden({**foreign, **rows}, {**foreign_code, **code}))
    tell(f"wrote {len(rows)} rows to {shown(path)}")


def percent(change):
    """A change as text with its sign."""
    return "new" if change is None else f"{100 * change:+.2f}%"


def table(outcome, keys, with_cache):
    """Rows as lines: case, variant, golden, now, change, and with --cache what was simulated."""
    names = ["case", "variant", "golden", "Ir", "change"]
    simulated = list(callgrind.CACHE_COLUMNS) if with_cache else []
    names += [name.replace("_", " ") for name in simulated]
    rows = []
    for key in keys:
        old, values = outcome.before(key), outcome.counted[key]
        rows.append([*key, "-" if old is None else f"{old:.2f}", f"{values['instructions']:.2f}",
                     percent(outcome.change(key)), *(f"{values[name]:.2f}" for name in simulated)])
    return columns.table(names, rows, (0, 1), ((2,), tuple(range(5, len(names)))))


def not_counted(outcome):
    """A line for each reason why there are no counts."""
    reasons = {}
    for (case, variant), count in sorted(outcome.missed.items()):
        reasons.setdefault(count.reason.removeprefix(f"{case}: "), []).append(f"{case} {variant}")
    return [f"not counted: {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")
            + f": {reason}" for reason, names in reasons.items()]


def text(outcome, options, path, updated):
    """What a terminal gets."""
    everything = options.all or options.cache or (outcome.golden is None and not updated)
    keys = [] if outcome.golden is None else outcome.changed + outcome.new
    keys = sorted(outcome.counted) if everything else keys
    lines = table(outcome, keys, options.cache) if keys else []
    lines += [f"vanished: {case} {variant}, {outcome.before((case, variant)):.2f} in the golden file"
              for case, variant in outcome.vanished]
    lines += not_counted(outcome)
    if outcome.golden is None and updated:
        lines.append(f"{len(outcome.counted)} rows in the new golden file {shown(path)}")
    elif outcome.golden is None:
        lines.append(f"{len(outcome.counted)} rows; there is no golden file {shown(path)}: "
                     "--update writes it")
    else:
        lines.append(f"{len(outcome.counted)} rows against {shown(path)}: "
                     f"{len(outcome.changed)} changed, {len(outcome.worse)} of them worse by more "
                     f"than {100 * WORSE} %, {len(outcome.new)} new, {len(outcome.vanished)} vanished, "
                     f"{len(outcome.missed)} not counted")
    return "\n".join(lines)


def document(outcome, facts, path, updated):
    """What --json prints; change is relative, null for new rows."""
    return {
        **facts, "golden": str(path) if outcome.golden is not None or updated else None,
        "updated": updated,
        "rows": [{"case": case, "variant": variant, **values, "golden": outcome.before((case, variant)),
                  "change": outcome.change((case, variant))}
                 for (case, variant), values in sorted(outcome.counted.items())],
        "changed": [list(key) for key in outcome.changed],
        "worse": [list(key) for key in outcome.worse],
        "new": [list(key) for key in outcome.new],
        "vanished": [list(key) for key in outcome.vanished],
        "not_counted": [{"case": count.case, "variant": count.variant, "code": count.code,
                         "reason": count.reason} for _, count in sorted(outcome.missed.items())],
    }


def check(options):
    """Failure for options that contradict each other."""
    if options.update and (options.filter or options.variant or options.quick):
        raise Failure("--update writes all counts, so that they are of one and the same code: leave "
                      "out --filter, --variant and --quick", USAGE)


def count(options, bench):
    """The command; its exit code."""
    check(options)
    catalog = bench.catalog()
    selected = choose(catalog, options)
    replayed = {case.size_text for case, _ in selected if case.is_replay}
    files = traces.recorded(replayed)
    counter = callgrind.Counter(bench, files, cache=options.cache)
    built = build_info.built_by(bench.path, catalog)
    path = counts.golden_path(built["compiler"], built["architecture"])
    golden = counts.load(path)
    outcome = Outcome(golden, expected_rows(golden, selected, catalog, options))
    traces.tell_recorded(bench, [case for case, _ in selected], files)
    count_all(counter, selected, outcome)
    failed = [count for count in outcome.missed.values() if count.code != SKIPPED]
    updated = options.update and not failed
    if updated:
        update(path, golden, outcome, catalog, object_code.subject_code(catalog, bench.path))
    if options.json:
        show(document(outcome, built, path, updated))
    else:
        print(text(outcome, options, path, updated), flush=True)
    if failed:
        raise Failure(f"{len(failed)} counts failed, first {failed[0].case} {failed[0].variant}: "
                      f"{failed[0].reason}", FAILED)
    if outcome.worse and not updated:
        tell(f"{len(outcome.worse)} counts are worse by more than {100 * WORSE} %; if that is meant: "
             f"{COMMAND} count --update")
        return REGRESSION
    return OK
