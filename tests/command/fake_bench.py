#!/usr/bin/python3 -sS
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A measuring binary that measures nothing: it obeys the contract of ptbench-bench, with known truth.

Times follow a model, so that tests know which variant is faster by how much; the same arguments give
the same times. FAKE_BENCH, a JSON object in the environment, makes it misbehave:

    "truth"     {variant: factor}, times relative to "limit"; default TRUTH
    "noise"     relative noise of a sample, "placement" of a process
    "no_kernel" no kernel drivers in this build
    "crash", "disagree", "absent", "hang", "garbage", "short"
                a glob of cases that die, disagree, lack something, never end, write no JSON, write too
                few samples
    "nonsense"  {glob of cases: JSON text that stands where the time of a sample belongs}
    "salt"      another salt gives other noise
    "events"    what identify says of hardware events, "caches" the bytes of the caches
    "sleep"     seconds that measure takes
    "stall"     after so many finished units of a run the next one takes 30 seconds
    "second"    factor of the second side of a variant that is named twice
    "small"     factor of times over small pages; "slow" {name the fake is called by: factor}
    "counts"    {glob of "case variant": factor}, by which counts differ from the model
    "unaligned" {format: events of every trace that are no multiples of its page}
    "log"       a file that gets a line for every measure
    "pids"      a folder that gets a file named after every process that measures
"""

import fnmatch
import glob
import json
import os
import random
import re
import signal
import sys
import time

CONFIG = json.loads(os.environ.get("FAKE_BENCH", "{}"))
TRUTH = {"inline": 2.0, "recursive": 2.5, "linux-6.12": 4.0, "limit": 1.0}
TRUTH.update(CONFIG.get("truth", {}))
FORMATS = ("amdv1", "vtdss")
DETAILS = {"title": "a format", "engine_format": "amdv1", "granule_lg2": 12, "page_sizes": 1 << 12,
           "ia_bits": 48, "levels": 4, "incoherent": True, "dirty": False, "options": []}
SIZES = {"4K": 4096, "2M": 2 << 20, "mixed": None}
GRID = (("map", "4K", 1, "coherent", "warm", True), ("map", "4K", 256, "coherent", "warm", True),
        ("map", "4K", 512, "coherent", "warm", False), ("map", "4K", 1, "coherent", "cold", True),
        ("map", "mixed", 1, "coherent", "warm", False),
        ("unmap", "4K", 1, "coherent", "warm", True), ("unmap", "4K", 256, "coherent", "warm", True),
        ("unmap", "4K", 512, "coherent+lazy", "warm", False),
        ("unmap", "2M", 1, "coherent", "warm", False),
        ("iova_to_phys", "4K", 1, "coherent", "warm", True))
TRACE_LINE = re.compile(r"^[^#]*\b(map|unmap): IOMMU:")
# A sound one; an unmap that took nothing away is left out.
TRACE_EVENT = re.compile(TRACE_LINE.pattern + r".* size=(\d+)")


def fail(code, text):
    """One line and an exit code, as the real one."""
    print(f"ptbench-bench: {text}", file=sys.stderr)
    sys.exit(code)


def variants():
    """The subjects of every format."""
    return [name for name in TRUTH if not (CONFIG.get("no_kernel") and name.startswith("linux-"))]


def case(format_name, operation, size, count, mode, state, quick):
    """An entry of the list."""
    return {"name": f"{format_name}/{operation}/{size}/x{count}/{mode}/{state}",
            "format": format_name, "op": operation, "page_size": SIZES.get(size), "count": count,
            "mode": mode, "state": state, "threads": 1, "quick": quick,
            "description": "made up", "subjects": variants()}


def cases(traces):
    """All entries of the list."""
    found = [case(name, *row) for name in FORMATS for row in GRID]
    known = {"intel-probe": {"recorded": 36, "replayed": 36, "left_out": {}}}
    known |= {name: counted_trace(file) for name, file in traces.items()}
    for name, trace in known.items():
        for format_name in FORMATS:
            each = dict(trace)
            unaligned = CONFIG.get("unaligned", {}).get(format_name, 0)
            if unaligned:
                each["left_out"] = {**each["left_out"], "unaligned": unaligned}
                each["replayed"] -= unaligned
            if each["replayed"]:
                replayed = case(format_name, "replay", name, each["replayed"], "coherent", "warm", False)
                found.append({**replayed, "trace": each if name in traces else None})
    return found


def counted_trace(file):
    """What the binary says of a trace."""
    found = {"recorded": 0, "replayed": 0, "left_out": {}, "in_part": 0, "put_in": 0, "lost": 0,
             "lost_more": False, "other_lines": 0}
    with open(file, encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            event = TRACE_EVENT.search(line)
            lost = re.match(r"CPU:\d+ \[LOST (\d+) EVENTS\]", line)
            if event:
                empty = event[2] == "0"
                found["recorded"] += 1
                found["replayed"] += not empty
                found["left_out"]["empty"] = found["left_out"].get("empty", 0) + empty
            elif TRACE_LINE.search(line):
                fail(2, f"{file}:{number}: malformed")
            elif lost:
                found["lost"] += int(lost[1])
            else:
                found["other_lines"] += not line.startswith("#")
    if not found["recorded"]:
        fail(2, f"{file}: no map or unmap event in it")
    return found


def arguments(words):
    """Options as {name: value}, and {trace: file}."""
    options, traces = {}, {}
    for flag in ("small-pages", "kernel-allocator"):
        if f"--{flag}" in words:
            words = [word for word in words if word != f"--{flag}"]
            options[flag] = True
    words = [word for word in words if word != "--events"]
    for name, value in zip(words[::2], words[1::2]):
        if name == "--trace":
            key, _, file = value.partition("=")
            traces[key] = file
        else:
            options[name.lstrip("-")] = value
    return options, traces


def named(kind, name):
    """Whether the case is to misbehave in this way."""
    return fnmatch.fnmatchcase(name, CONFIG.get(kind, ""))


def misbehave(name, out):
    """Do what FAKE_BENCH asks for in this case."""
    if named("crash", name):
        os.kill(os.getpid(), signal.SIGSEGV)
    if named("disagree", name):
        fail(3, f"{name}: inline and linux-6.12 built different tables")
    if named("absent", name):
        fail(77, f"{name}: this CPU has no clflushopt")
    if named("hang", name):
        time.sleep(600)
    if named("garbage", name):
        with open(out, "w", encoding="utf-8") as file:
            file.write('{"context": {')
        sys.exit(0)


def measure(options, traces):
    """Write samples that follow the model."""
    entry = next((each for each in cases(traces) if each["name"] == options["case"]), None)
    if entry is None:
        fail(5, f"no case {options['case']}")
    name, names = entry["name"], options["variants"].split(",")
    if CONFIG.get("log"):
        with open(CONFIG["log"], "a", encoding="utf-8") as file:
            file.write(f"{name} {options['process']} {options['variants']}\n")
    if CONFIG.get("pids"):
        with open(os.path.join(CONFIG["pids"], str(os.getpid())), "w", encoding="utf-8"):
            pass
    misbehave(name, options["out"])
    time.sleep(CONFIG.get("sleep", 0))
    if len(glob.glob(os.path.join(os.path.dirname(options["out"]), "*-p*.json"))) == CONFIG.get("stall"):
        time.sleep(30)
    rng = random.Random(f"{name} {options['process']} {options['seed']}{CONFIG.get('salt', '')} "
                        f"{os.path.basename(sys.argv[0]).partition('-')[0]}")
    base = 10.0 * entry["count"] ** 0.8 * CONFIG.get("slow", {}).get(os.path.basename(sys.argv[0]), 1)
    for flag, factor in (("small-pages", "small"), ("kernel-allocator", "kernel_allocator")):
        if flag in options:
            base *= CONFIG.get(factor, 1)
    places = {index: rng.gauss(1, CONFIG.get("placement", 0.004)) for index in range(len(names))}
    events = {"instructions": 150.0, "cycles": 60.0} if "--events" in sys.argv else {}
    benchmarks = []
    for block in range(int(options["blocks"])):
        order = list(range(len(names)))
        order = order[block % len(order):] + order[:block % len(order)]
        for slot, index in enumerate(order + order[::-1]):
            sides = names[:index].count(names[index]) + 1
            variant = names[index] + (f"#{sides}" if sides > 1 else "")
            nanoseconds = (base * TRUTH[names[index]] * places[index]
                           * rng.gauss(1, CONFIG.get("noise", 0.01))
                           * (CONFIG.get("second", 1) if variant.endswith("#2") else 1))
            benchmarks.append({"name": f"{name}/{variant}", "run_type": "iteration",
                               "iterations": 1000, "real_time": nanoseconds,
                               "cpu_time": nanoseconds, "time_unit": "ns",
                               "process": float(options["process"]), "block": float(block),
                               "slot": float(slot), **events})
    if named("short", name):
        benchmarks.pop()
    document = {"context": {"method": "2", "host_name": "secret-host", "executable": "/home/someone/bench",
                            "num_cpus": 2, "build_type": "plain", "compiler": "fake 1.0",
                            "flags": "-O2", "process": options["process"],
                            "huge_kib": "0" if "small-pages" in options else "2048",
                            "link_order": "0", "stack_pad_bytes": "16", "heap_pad_bytes": "32",
                            "arena_pad_pages": "3", "empty_loop_ns": str(rng.uniform(0.2, 0.3))},
                "benchmarks": benchmarks}
    trace = entry.get("trace")
    if trace:
        document["context"] |= {
            "case": name, "trace": name.split("/")[2], "trace_calls": str(trace["replayed"] + 1),
            **{f"trace_{key}": str(trace[key])
               for key in ("recorded", "replayed", "in_part", "put_in", "lost", "other_lines")},
            **{f"trace_left_out_{key}": str(count) for key, count in trace["left_out"].items()}}
    text = json.dumps(document)
    for pattern, literal in CONFIG.get("nonsense", {}).items():
        if fnmatch.fnmatchcase(name, pattern):
            text = re.sub(r'"real_time": [^,]*', lambda _: f'"real_time": {literal}', text, count=1)
    with open(options["out"] + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(options["out"] + ".new", options["out"])


def counted(name, variant, pages):
    """Instructions of one operation by the model."""
    factor = 1.0
    for pattern, value in CONFIG.get("counts", {}).items():
        if fnmatch.fnmatchcase(f"{name} {variant}", pattern):
            factor *= value
    return round(TRUTH[variant] * pages * 1000 * factor)


def count(options, traces):
    """Print a line for every count and leave the dumps that callgrind would have written."""
    known = {each["name"]: each for each in cases(traces)}
    dumps, events, operations = os.environ["FAKE_DUMPS"], os.environ["FAKE_EVENTS"], 100
    with open(options["list"], encoding="utf-8") as file:
        wanted = [line.split() for line in file]
    for number, (name, variant) in enumerate(
            (name, variant) for name, *names in wanted for variant in names):
        line = {"case": name, "variant": variant}
        if named("crash", name):
            line |= {"code": 3, "error": "Segmentation fault"}
        elif named("absent", name):
            line |= {"code": 77, "error": f"{name}: this CPU has no clflushopt"}
        else:
            cost = counted(name, variant, known[name]["count"]) * operations
            others = " 40 20 8 6 4 3 200 5" if "D1mr" in events else ""
            for part, totals in ((".1", "700"), (".2", f"{cost + 700}{others}"), ("", "0")):
                with open(f"{dumps}.{number}{part}", "w", encoding="utf-8") as dump:
                    dump.write(f"version: 1\nevents: {events}\nsummary: 0\n\ntotals: {totals}\n")
            line |= {"pid": number, "operations": operations}
        print(json.dumps(line), flush=True)


def main():
    """One call, one thing."""
    if len(sys.argv) < 2:
        fail(2, "say what to do")
    options, traces = arguments(sys.argv[2:])
    if sys.argv[1] == "list":
        print(json.dumps({"formats": list(FORMATS), "cases": cases(traces),
                          "format_details": {name: DETAILS for name in FORMATS},
                          "subjects": [{"format": name, "variant": variant, "source": "fake"}
                                       for name in FORMATS for variant in variants()],
                          "kernel": None if CONFIG.get("no_kernel") else "linux-6.12",
                          "compiler": "fake 1.0"}))
    elif sys.argv[1] == "measure":
        measure(options, traces)
    elif sys.argv[1] == "identify":
        print(json.dumps({"topology": {"packages": 1, "cores": 2, "threads": 2, "numa_nodes": [],
                                       "caches": [{"name": "L3", "bytes": size}
                                                  for size in CONFIG.get("caches", ())]},
                          "events": CONFIG.get("events", {"cycles": "ENOENT: made up"})}))
    elif sys.argv[1] == "count":
        count(options, traces)
    elif sys.argv[1] == "pagemap":
        if int(options["pid"]) == 1:
            fail(77, "the kernel hides physical addresses: run as root")
        with open(options["out"], "w", encoding="utf-8") as file:
            file.write("map: IOMMU: iova=0x0 - 0x1000 paddr=0x5000 size=4096\n")
    else:
        fail(2, f"unknown command {sys.argv[1]}")


main()
