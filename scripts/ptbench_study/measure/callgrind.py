# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Counts by callgrind: runs the measuring binary's `count` and reads what callgrind dumped.

Each case and variant is a process of its own, which the binary forks off; one call of valgrind takes a
chunk of them, and as many calls as there are CPUs run at once. Nothing of that shows in the counts: a
virtual CPU has no neighbours.
"""

import os
import re
import shutil
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from ..base import children
from ..base.documents import parsed
from ..base.errors import FAILED, NOTHING, SKIPPED, USAGE, Failure
from .bench import how_it_ended, last_line, trace_arguments
from .cpus import affinity

# Callgrind would take the caches of the machine it runs on, and the counts with them.
CACHES = ("--I1=32768,8,64", "--D1=32768,8,64", "--LL=1048576,16,64")
SIMULATED = ("--cache-sim=yes", "--branch-sim=yes", *CACHES)
CHUNK = 30
# Columns of --cache, each the sum of callgrind's events.
CACHE_COLUMNS = {"d1_misses": ("D1mr", "D1mw"), "ll_misses": ("DLmr", "DLmw"),
                 "branch_misses": ("Bcm", "Bim")}
EVENTS = re.compile(r"^events: (.*)$", re.M)
TOTALS = re.compile(r"^totals: (.*)$", re.M)


class Count:
    """What one operation of a case costs on a variant: figures by name, or why there are none.

    `values` has "instructions" and, with --cache, those of CACHE_COLUMNS.
    """

    def __init__(self, case, variant, values=None, reason=None, code=0):
        self.case = case
        self.variant = variant
        self.values = values
        self.reason = reason
        self.code = code


def totals_of(text):
    """{event: total} of a dump; ValueError where it has none. Events that never happened are left
    out at the end of the line."""
    events, totals = EVENTS.search(text), TOTALS.search(text)
    if not events or not totals:
        raise ValueError("callgrind wrote no totals")
    names, values = events[1].split(), [int(value) for value in totals[1].split()]
    return dict(zip(names, values + [0] * (len(names) - len(values))))


def per_operation(empty, measured, operations):
    """Figures of one operation: what was measured without what the loop around nothing costs.

    ValueError where that loop takes as many instructions or more: then it is not the loop of what was
    measured. Misses may be a little below 0: a loop that waits for nothing can miss where another hits.
    """
    def figure(names):
        return sum(measured[name] - empty[name] for name in names) / operations

    values = {"instructions": figure(("Ir",))}
    if values["instructions"] <= 0:
        raise ValueError(f"the loop around nothing takes {empty['Ir']} instructions, more than the "
                         f"measured one: {measured['Ir']}")
    if "D1mr" in measured:
        values |= {column: figure(names) for column, names in CACHE_COLUMNS.items()}
    return values


def read_result(line, prefix):
    """A Count from a line that the binary printed; reads and removes the dumps it speaks of."""
    entry = parsed(line)
    if "error" in entry:
        return Count(entry["case"], entry["variant"], reason=entry["error"] or "no reason given",
                     code=entry["code"])
    dumps = [Path(f"{prefix}.{entry['pid']}{part}") for part in (".1", ".2", "")]
    try:
        empty, measured = (totals_of(path.read_text(encoding="utf-8")) for path in dumps[:2])
        return Count(entry["case"], entry["variant"],
                     per_operation(empty, measured, entry["operations"]))
    except (OSError, ValueError) as error:
        return Count(entry["case"], entry["variant"], code=FAILED,
                     reason=f"callgrind's dumps: {error}")
    finally:
        for path in dumps:
            path.unlink(missing_ok=True)


class Counter:
    """Counts cases with a measuring binary; `traces` are those of replays, {name: file}."""

    def __init__(self, bench, traces, cache=False):
        self.bench = bench
        self.traces = traces
        self.cache = cache
        self.children = set()
        self.lock = threading.Lock()
        self.stopped = False
        if not shutil.which("valgrind"):
            raise Failure("count needs valgrind: sudo apt-get install valgrind", SKIPPED)

    def command(self, folder, wanted):
        """The words of a call that counts the lines of the file `wanted`."""
        return ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", "--collect-atstart=no",
                *(SIMULATED if self.cache else ()), f"--callgrind-out-file={folder}/dump.%p",
                f"--log-file={folder}/log.%p", str(self.bench.path), "count", "--list", str(wanted)]

    def count_chunk(self, chunk, each):
        """Count [(case, variants)], calling `each` with every Count as it comes."""
        with tempfile.TemporaryDirectory(prefix="ptbench-count-") as folder:
            wanted = Path(folder) / "wanted"
            wanted.write_text("".join(f"{case.name} {' '.join(names)}\n" for case, names in chunk),
                              encoding="utf-8")
            sizes = {case.size_text for case, _ in chunk if case.is_replay}
            traces = {name: file for name, file in self.traces.items() if name in sizes}
            with open(Path(folder) / "errors", "w+", encoding="utf-8", errors="replace") as errors:
                child = self.start([*self.command(folder, wanted), *trace_arguments(traces)], errors)
                for line in child.stdout:
                    each(read_result(line, f"{folder}/dump"))
                code = self.finish(child)
                errors.seek(0)
                said = last_line(errors.read())
        if code:
            raise Failure(f"counting: {said or how_it_ended(code)}",
                          code if code in (USAGE, NOTHING, SKIPPED) else FAILED)

    def start(self, command, errors):
        """A child that stop() kills."""
        with self.lock:
            if self.stopped:
                raise Failure("counting was stopped", FAILED)
            child = children.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=errors, text=True, errors="replace", start_new_session=True,
                                   env={**os.environ, "LD_BIND_NOW": "1"})
            self.children.add(child)
        return child

    def finish(self, child):
        """Wait for a child that has closed its output; its exit code."""
        code = child.wait()
        child.stdout.close()
        with self.lock:
            self.children.discard(child)
        return code

    def stop(self):
        """Kill what runs, with the processes that it forked off."""
        with self.lock:
            self.stopped = True
            for child in self.children:
                try:
                    os.killpg(child.pid, 9)
                except ProcessLookupError:
                    pass

    def count(self, selected, each):
        """Count all of `selected`, [(case, variants)]; `each` gets every Count, from any thread."""
        chunks = [selected[at:at + CHUNK] for at in range(0, len(selected), CHUNK)]
        with ThreadPoolExecutor(max_workers=min(len(affinity()), len(chunks))) as pool:
            try:
                for done in as_completed([pool.submit(self.count_chunk, chunk, each)
                                          for chunk in chunks]):
                    done.result()
            except BaseException:
                self.stop()
                pool.shutdown(cancel_futures=True)
                raise
