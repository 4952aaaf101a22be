# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Results in the forms that other tools read: Google Benchmark's JSON, and CSV.

A run file is Google Benchmark's JSON already, with one entry for each case and variant. Its tools want what
its own binaries write: an entry for each repetition, for compare.py's U test, and aggregates after them,
for readers that only take those. A repetition is a process here: one sample of code and heap placement.
"""

import csv
import io
import statistics

from ..base.errors import NOTHING, Failure
from ..base.progress import tell
from ..results.samples import CONTROL_MARK, Samples, flaw_of
from ..measure.plan import matches, resolve_variants
from . import tables

CONTEXT = ("date", "num_cpus", "mhz_per_cpu", "cpu_scaling_enabled", "caches", "library_build_type",
           "machine", "commit", "dirty", "compiler", "flags", "build_type", "kernel", "text_sha256")
CSV_COLUMNS = ("machine", "a", "b", "format", "op", "page_size", "count", "mode", "state", "threads",
               "a_ns", "a_min_ns", "b_ns", "b_min_ns", "ratio", "ci_lo", "ci_hi", "a_instructions",
               "b_instructions", "verdict", "reason")


def repetitions(entry):
    """Times (ns) of a stored entry, one a process: the median of its samples."""
    processes = sorted(entry["samples"].items(), key=lambda item: int(item[0]))
    return [statistics.median([time for _, *times in blocks for time in times])
            for _, blocks in processes]


def aggregates(values):
    """Google Benchmark's aggregates of repetitions: {name: (value, unit)}."""
    mean = statistics.fmean(values)
    found = {"mean": (mean, "time"), "median": (statistics.median(values), "time")}
    if len(values) > 1:
        deviation = statistics.stdev(values)
        found["stddev"] = (deviation, "time")
        if mean > 0:
            found["cv"] = (deviation / mean, "percentage")
    return found


def entries_of(entry, threads, family):
    """The entries that Google Benchmark would have written for a stored one."""
    name, values = entry["name"], repetitions(entry)
    common = {"family_index": family, "per_family_instance_index": 0, "run_name": name,
              "repetitions": len(values), "threads": threads}

    def timed(value):
        return {"real_time": value, "cpu_time": value, "time_unit": "ns"}

    counted = {} if entry.get("instructions") is None else {"instructions": entry["instructions"]}
    written = [{"name": name, **common, "run_type": "iteration", "repetition_index": index,
                "iterations": max(1, entry["iterations"] // len(values)), **timed(value), **counted}
               for index, value in enumerate(values)]
    for aggregate, (value, unit) in aggregates(values).items():
        written.append({"name": f"{name}_{aggregate}", **common, "run_type": "aggregate",
                        "aggregate_name": aggregate, "aggregate_unit": unit,
                        "iterations": len(values), **timed(value)})
    return written


def google_benchmark(run, filters=(), variants=None):
    """The document of a run as Google Benchmark writes one; Failure NOTHING where nothing is left."""
    threads = {case["name"]: case.get("threads", 1) for case in run.context["cases"]}
    samples = Samples(run.entries)
    wanted = resolve_variants(variants, list(dict.fromkeys(
        name for case in threads for name in samples.variants(case)))) if variants else None
    written, flawed = [], {}
    for family, entry in enumerate(run.entries):
        case, _, variant = entry["name"].rpartition("/")
        if CONTROL_MARK in variant or not matches(case, filters) \
                or (wanted is not None and variant not in wanted):
            continue
        flaw = flaw_of(entry)
        if flaw:
            flawed.setdefault(flaw, []).append(entry["name"])
            continue
        written += entries_of(entry, threads.get(case, 1), family)
    for flaw, names in flawed.items():
        tell(f"{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''} left out: {flaw}")
    if not written:
        raise Failure(f"nothing in {run.path.name} matches {' '.join(filters) or 'this variant'}",
                      NOTHING)
    context = {name: run.context[name] for name in CONTEXT if name in run.context}
    return {"context": {**context, "executable": "ptbench-bench", "host_name": run.machine},
            "benchmarks": written}


def comparison_csv(comparison):
    """A comparison as CSV: a line a case, times in ns, ratio = a/b, empty for not known."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for cell, values in zip(comparison.shown, tables.document(comparison)["cells"]):
        values = {**values, "machine": comparison.machine, "a": comparison.a, "b": comparison.b,
                  "a_min_ns": tables.rounded(cell.a_min), "b_min_ns": tables.rounded(cell.b_min)}
        writer.writerow(["" if values[name] is None else values[name] for name in CSV_COLUMNS])
    return out.getvalue()
