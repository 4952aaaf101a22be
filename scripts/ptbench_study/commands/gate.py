# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Did the code get worse? With one line a case. For CI.

Instructions, and bytes of code and stack, are compared with golden files: they repeat exactly, so half a
percent of the one and a percent of the other is a regression on any machine. Times are compared with an old
build, measured in turns with the new one (--baseline), or with a stored run of this machine (--against);
gate_times.py says how it is decided.
"""

import time
from pathlib import Path

from ..base.answer import Answer
from ..base.errors import FAILED, NOTHING, REGRESSION, USAGE, Failure
from ..base.paths import COMMAND, bench_binary, shown
from ..base.progress import figure, tell
from ..results import counts, golden_sizes
from ..code import build_info, size
from ..measure import counting, plan
from ..measure.bench import Bench
from ..measure.cpus import check_cpu
from ..measure.machine import identify
from ..judge.gate_passes import Times
from ..publish import gate_junit
from ..publish.tables import difference, rounded
from . import arguments

EXAMPLE = "gate --baseline HEAD~1 --filter amdv1 --max-time 20m"
MORE = """
Counts more than 0.5 % above the golden file fail, and bytes of code or stack more
than 1 %. Times are those of the quick cases, or of --filter; what looks slower is
measured again, and only that decides: docs/regressions.md. A line on stdout for
each failing case.
Exit code: 0 nothing is worse, 1 something is, 3 it could not be told."""
BLURRED = 0.1


def add(parser):
    """Its arguments."""
    against = parser.add_mutually_exclusive_group()
    against.add_argument("--baseline", metavar="REF",
                         help="times against this commit, built now, the two measured in turns")
    against.add_argument("--against", metavar="RUN",
                         help="times against this stored run, relative to the kernel's driver in each "
                              "(default: the newest full one)")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--counts-only", action="store_true", help="no times: fit for any CI runner")
    only.add_argument("--times-only", action="store_true", help="no instruction counts")
    parser.add_argument("--junit", type=Path, metavar="FILE",
                        help="write what was found as JUnit's XML too, a testcase a case")
    arguments.case_filter(parser)
    arguments.measuring(parser)
    arguments.results(parser)


def golden_missing(bench):
    """Why counts cannot be gated, known before anything is counted; None where they can."""
    built = build_info.built_by(bench.path, bench.catalog())
    path = counts.golden_path(built["compiler"], built["architecture"])
    return None if path.exists() else f"there are no golden counts of {built['compiler']}, {shown(path)}"


def times_against(options, bench, machine, started, no_golden):
    """A Times. Failure where there is nothing to compare with, of which `no_golden` is one half."""
    try:
        return Times(options, bench, machine, started)
    except Failure as failure:
        if failure.code != NOTHING or not no_golden:
            raise
        raise Failure(f"nothing to gate against: {no_golden}, nor a stored run of {machine}; name a commit "
                      f"with --baseline, as in {COMMAND} gate --baseline HEAD~1", NOTHING) from failure


def gated_sizes(options, bench):
    """The "sizes" of `gate --json`: bytes of code and stack that grew; None where they cannot be compared."""
    catalog = bench.catalog()
    build = size.objects_of(bench)
    built = build_info.built_by(bench.path, catalog)
    golden = golden_sizes.load(golden_sizes.path_of(built["compiler"], built["architecture"]))
    if build is None or golden is None:
        return None
    formats = {case.format for case in catalog.cases if plan.matches(case.name, options.filter)}
    rows = size.sizes_of(catalog, [name for name in catalog.formats if name in formats], build)
    rows = [row for row in rows if not options.variant or row["variant"] in options.variant]
    grown = [(key, old, new) for key, old, new in golden_sizes.changes(golden, rows)
             if golden_sizes.growth(old, new) > golden_sizes.WORSE]
    return {"rows": len(rows), "worse": [
        {"format": key[0], "variant": key[1], "op": key[2], "golden": list(old), "now": list(new)}
        for key, old, new in grown]}


def size_lines(document):
    """(name, line) for each operation whose code or stack grew."""
    for row in document["worse"]:
        name = f"{row['format']}/{row['op']}"
        yield name, (f"size: {name} {row['variant']}: code {row['golden'][0]} -> {row['now'][0]}, stack "
                     f"{row['golden'][1]} -> {row['now'][1]} bytes")


def count_lines(document):
    """(case, line) for each count that is worse."""
    worse = {tuple(key) for key in document["worse"]}
    for row in document["rows"]:
        if (row["case"], row["variant"]) in worse:
            yield row["case"], (
                f"count: {row['case']} {row['variant']}: {row['instructions']:.2f} instructions instead "
                f"of {row['golden']:.2f}, {100 * row['change']:+.2f}%")


def time_lines(verdict):
    """(case, line) for each case that is slower, or may be."""
    for slower in verdict.slower:
        delta, bounds = difference(slower.again.statistic)
        yield slower.case.name, (
            f"time: {slower.case.name} {slower.variant}: {figure(slower.again.a_ns)} ns instead of "
            f"{figure(slower.again.b_ns)}, {delta} {bounds}; at first "
            f"{difference(slower.first.statistic)[0]}")
    for variant, cell in verdict.unconfirmed:
        delta, bounds = difference(cell.statistic)
        yield cell.case.name, \
            f"unconfirmed: {cell.case.name} {variant}: {delta} {bounds}, not measured again"


def time_document(verdict, times):
    """The "times" of `gate --json`; ratios are new / old, or now / then relative to the driver."""
    def cell(variant, found):
        statistic = found.statistic
        return {"case": found.case.name, "variant": variant, "a_ns": rounded(found.a_ns),
                "b_ns": rounded(found.b_ns), "ratio": rounded(statistic.ratio),
                "ci_lo": rounded(statistic.low), "ci_hi": rounded(statistic.high)}

    return {"against": times.reference, "compared": verdict.compared,
            "resolvable_pct": rounded(100 * verdict.resolvable, 3),
            "suspects": len(verdict.suspects),
            "slower": [{**cell(each.variant, each.again),
                        "first_ratio": rounded(each.first.statistic.ratio)} for each in verdict.slower],
            "unconfirmed": [cell(*each) for each in verdict.unconfirmed],
            "failed": times.failed, "skipped": times.skipped, "too_few_processes": sorted(times.thin)}


def summary(verdict, times):
    """What was compared, in a line."""
    return (f"{verdict.compared} comparisons against {times.reference}, resolvable >= "
            f"{100 * verdict.resolvable:.1f} %: {len(verdict.suspects)} looked slower, "
            f"{len(verdict.slower)} are")


def run(options):
    """Gate counts, then times; the exit code says the verdict."""
    started = time.monotonic()
    machine, bench = identify(options.cpu)[0], Bench(bench_binary())
    check_cpu(options.cpu)
    if options.junit and options.junit.is_dir():
        raise Failure(f"{shown(options.junit)}: is a folder; name a file", USAGE)
    junit = gate_junit.Report(machine)
    document = {"machine": machine, "counts": None, "sizes": None, "times": None}
    lines, notes, verdict, times = [], [], None, None
    no_golden = None if options.times_only else golden_missing(bench)
    if no_golden and options.counts_only:
        raise Failure(f"{no_golden}: {COMMAND} count --update makes them of this code; {COMMAND} gate "
                      "--baseline HEAD~1 compares times with a commit instead", NOTHING)
    if not options.counts_only:
        times = times_against(options, bench, machine, started, no_golden)
    if no_golden:
        tell(f"note: only times are gated: {no_golden}")
    elif not options.times_only:
        asked = counting.Asked(not options.filter, tuple(options.filter or ()), options.variant)
        counted = counting.count(bench, asked)
        if counted.failed:
            raise Failure(f"{len(counted.failed)} counts failed, first {counted.failed[0].case} "
                          f"{counted.failed[0].variant}: {counted.failed[0].reason}", FAILED)
        document["counts"] = counted.document()
        lines += count_lines(document["counts"])
        junit.add_counts(document["counts"], lines)
        notes.append(f"{len(document['counts']['rows'])} counts, {len(lines)} worse")
    if not options.times_only:
        document["sizes"] = gated_sizes(options, bench)
    if document["sizes"]:
        grown = list(size_lines(document["sizes"]))
        lines += grown
        junit.add_sizes(grown)
        notes.append(f"{document['sizes']['rows']} sizes, {len(grown)} larger")
    if not options.counts_only:
        if times.same_code():
            notes.append(f"{times.reference} is the same machine code: no time to compare")
        else:
            verdict = times.verdict()
            slower = list(time_lines(verdict))
            lines += slower
            junit.add_times(times, slower, verdict)
            document["times"] = time_document(verdict, times)
            notes.append(summary(verdict, times))
            if verdict.resolvable > BLURRED:
                notes.append(f"WARNING: this machine is too noisy now to see changes below "
                             f"{100 * verdict.resolvable:.0f} %: see {COMMAND} doctor, give --processes more")
    if options.junit:
        junit.write(options.junit)
    return answered(document, [line for _, line in lines], notes, verdict, times)


def answered(document, lines, notes, verdict, times):
    """The Answer. What is worse counts for more than what could not be measured."""
    worse = any(document[name] and document[name]["worse"] for name in ("counts", "sizes")) \
        or bool(verdict and verdict.slower)
    gaps = bool(verdict and verdict.unconfirmed) or bool(times and (times.failed or times.thin))
    document["passed"] = not worse and not gaps
    answer = Answer(lambda: "".join(f"{line}\n" for line in lines), document, notes)
    if worse:
        answer.code = REGRESSION
    elif gaps:
        answer.failure = Failure(gap(verdict, times), FAILED)
    return answer


def gap(verdict, times):
    """What could not be measured."""
    if verdict and verdict.unconfirmed:
        return (f"{len(verdict.unconfirmed)} suspects could not be measured again: give "
                "--max-time more")
    if times.thin:
        return (f"{len(times.thin)} cases got too few processes to be judged: give --max-time "
                "more, or fewer cases by --filter")
    name, reason = next(iter(times.failed.items()))
    return f"{len(times.failed)} cases failed, first {name}: {reason}"
