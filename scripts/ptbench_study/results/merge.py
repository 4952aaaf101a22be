# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Puts the files of a run's units together into the one file that is stored.

The binary writes an entry a sample. Stored is an entry a case and variant, which keeps a whole study
small; `real_time` is the median of its samples, `iterations` the sum of their operations, and no sample
is lost. "interrupted" counts the rounds that were taken again because the scheduler had interrupted them;
`samples` maps each process to its blocks, in order, each [slot, ns, ns] with the variant's
place in the palindrome and the time of one operation there and at the mirrored place.

What the binary says about itself is taken over from its context; what names the machine's owner, or
what every call was told, is not.
"""

import statistics
from itertools import groupby

from ..base.documents import written
from .store import SCHEMA

DROPPED_CONTEXT = {"date", "host_name", "executable", "load_avg", "case", "process", "seed",
                   "blocks", "cpu", "aslr_enabled", "json_schema_version", "variants"}
# Where code and data of a process were: kept for each, as "layouts".
LAYOUT_CONTEXT = ("link_order", "stack_pad_bytes", "heap_pad_bytes", "arena_pad_pages")
# What of a trace was replayed: kept for each case, as "traces".
TRACE_CONTEXT = "trace"
LEFT_OUT_CONTEXT = "trace_left_out_"
OF_EACH = ("layouts", "traces")
SAMPLE_FIELDS = {"name", "run_name", "run_type", "iterations", "real_time", "cpu_time", "time_unit",
                 "process", "block", "slot", "family_index", "per_family_instance_index",
                 "repetitions", "repetition_index", "threads", "label", "interrupted"}


def number(text):
    """A context value as a number where it is one: Google Benchmark only takes strings."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def trace_of(context):
    """What the context of a binary's document says about the trace that it replayed, or None."""
    if "trace_recorded" not in context:
        return None
    found = {name.removeprefix(TRACE_CONTEXT + "_"): int(context[name].rstrip("+"))
             for name in context if name.startswith(TRACE_CONTEXT + "_")
             and not name.startswith(LEFT_OUT_CONTEXT)}
    reasons = {name.removeprefix(LEFT_OUT_CONTEXT): int(value) for name, value in context.items()
               if name.startswith(LEFT_OUT_CONTEXT)}
    always = {name: found.pop(name) for name in ("recorded", "replayed", "calls")}
    return {**always, "left_out": {name: count for name, count in reasons.items() if count},
            **{name: count for name, count in found.items() if count},
            **({"lost_more": True} if context["trace_lost"].endswith("+") else {})}


def shortened(value):
    """A measured value with five significant digits, which is more than repeats."""
    return float(f"{value:.5g}")


def condense(document):
    """What is kept of a document that the binary wrote: {"context", "benchmarks"}, both shortened.

    An entry for each name, in order of appearance, with lists where merge() forms medians.
    """
    groups = {}
    for entry in document["benchmarks"]:
        groups.setdefault(entry["name"], []).append(entry)
    found = document.get("context", {})
    context = {name: value for name, value in found.items()
               if name not in DROPPED_CONTEXT and name not in LAYOUT_CONTEXT
               and not name.startswith(TRACE_CONTEXT)}
    layout = {name: int(found[name]) for name in LAYOUT_CONTEXT if name in found}
    if layout:
        context["layouts"] = {found["process"]: layout}
    trace = trace_of(found)
    if trace:
        context["traces"] = {found["case"]: trace}
    return {"context": context,
            "benchmarks": [condensed(name, group) for name, group in groups.items()]}


def condensed(name, group):
    """The entry of one variant of a case, of all its samples in `group`."""
    group = sorted(group, key=lambda entry: (entry["process"], entry["block"], entry["slot"]))
    samples = {}
    for (process, _), block in groupby(group, lambda entry: (entry["process"], entry["block"])):
        block = list(block)
        samples.setdefault(str(int(process)), []).append(
            [int(block[0]["slot"]), *(shortened(entry["real_time"]) for entry in block)])
    counters = {}
    for counter in dict.fromkeys(name for entry in group for name in entry):
        values = [number(entry.get(counter)) for entry in group]
        if counter not in SAMPLE_FIELDS and None not in values:
            counters[counter] = values
    return {"name": name, "iterations": int(sum(entry.get("iterations", 0) for entry in group)),
            "samples": samples, "counters": counters,
            "interrupted": int(sum(entry.get("interrupted", 0) for entry in group))}


def joined(parts):
    """The stored entry out of the entries of one name that condense() made of several documents."""
    samples, counters = {}, {}
    for part in parts:
        samples |= part["samples"]
        for counter, values in part["counters"].items():
            counters.setdefault(counter, []).extend(values)
    median = shortened(statistics.median(
        [time for blocks in samples.values() for _, *times in blocks for time in times]))
    interrupted = sum(part.get("interrupted", 0) for part in parts)
    return {"name": parts[0]["name"], "run_type": "iteration", "repetitions": len(samples),
            "iterations": sum(part["iterations"] for part in parts), "real_time": median,
            "cpu_time": median, "time_unit": "ns", **parts[0].get("fields", {}),
            **({"interrupted": interrupted} if interrupted else {}),
            **{name: shortened(statistics.median(values)) for name, values in counters.items()},
            "samples": samples}


def merge_contexts(contexts):
    """One context of many: equal values as they are, numbers that differ as min, median, max."""
    merged = {}
    for name in dict.fromkeys(name for context in contexts for name in context):
        values = [context[name] for context in contexts if name in context]
        if name in OF_EACH:
            merged[name] = {key: each for value in values for key, each in value.items()}
            continue
        if all(value == values[0] for value in values):
            merged[name] = values[0]
            continue
        numbers = [number(value) for value in values]
        if None in numbers:
            merged[name] = sorted({str(value) for value in values})
        else:
            merged[name] = {"min": shortened(min(numbers)),
                            "median": shortened(statistics.median(numbers)),
                            "max": shortened(max(numbers))}
    return merged


def laid_out(value):
    """A value as JSON: one line, but a line for each entry of a list of objects."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(map(laid_out, value)) + "\n]"
    return written(value, separators=(",", ":"))


def merge(documents, context):
    """The text of a run file out of condensed documents; `context` overrules theirs."""
    documents = list(documents)
    head = {"ptbench": SCHEMA, **merge_contexts([each["context"] for each in documents]), **context}
    parts = {}
    for document in documents:
        for entry in document["benchmarks"]:
            parts.setdefault(entry["name"], []).append(entry)
    entries = [joined(each) for each in parts.values()]
    ranks = {case["name"]: rank for rank, case in enumerate(context["cases"])}
    entries.sort(key=lambda entry: ranks[entry["name"].rpartition("/")[0]])
    keys = ",\n".join(f"{written(key)}: {laid_out(value)}" for key, value in head.items())
    return f'{{"context": {{\n{keys}\n}},\n"benchmarks": {laid_out(entries)}}}\n'
