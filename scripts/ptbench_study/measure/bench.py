# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Calls the measuring binary. Its contract is in docs/architecture.md, "The measuring binary"."""

import signal
import subprocess
from dataclasses import dataclass, field
from functools import cached_property

from ..base import children
from ..base.documents import parsed
from ..base.errors import FAILED, NOTHING, SKIPPED, USAGE, Failure
from ..base.quoting import terminal

# Longer than any call takes that does not hang, whatever else the machine does; added to what is expected.
HANG_SECONDS = 120
# Where page tables come from, as setups.py names it: the option of the measuring binary.
TABLES_OPTIONS = {"small": "--small-pages", "kernel": "--kernel-allocator"}


class CaseFailed(Exception):
    """One call for one case failed: `code` as the binary returned it, FAILED where it crashed."""

    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Case:
    """What is measured; the fields of `ptbench-bench list`."""

    name: str
    format: str
    op: str
    page_size: int = None
    count: int = 1
    mode: str = ""
    state: str = ""
    threads: int = 1
    quick: bool = False
    description: str = ""
    subjects: tuple = ()
    # Of a replay whose file the binary was given: what of it is replayed.
    trace: dict = field(default=None, compare=False)

    @property
    def is_replay(self):
        """Whether it repeats a recorded trace, call by call or in batches."""
        return self.op in ("replay", "replay_batch")

    @property
    def size_text(self):
        """The third part of the name: "4K", "mixed", or a trace's name."""
        return self.name.split("/")[2]

    def stored(self):
        """The fields that a run file keeps, so that it can be read without the binary."""
        return {"name": self.name, "format": self.format, "op": self.op,
                "page_size": self.page_size, "count": self.count, "mode": self.mode,
                "state": self.state, "threads": self.threads}


@dataclass(frozen=True)
class Catalog:
    """Everything a binary knows: `document` is what it printed.

    `extras` are the variants that are measured only where they are named.
    """

    formats: tuple
    variants: tuple
    cases: tuple
    kernel: str
    document: dict = field(repr=False)
    extras: frozenset = frozenset()

    @property
    def kernels(self):
        """The variants that are kernels' drivers, in the order they were named."""
        listed = self.document.get("kernels")
        if listed is None:  # of a binary that knows one only
            return (self.kernel,) if self.kernel else ()
        return tuple(kernel["name"] for kernel in listed)

    def lacks(self, format_name):
        """{kernel: why it has no driver of a format}."""
        engine = self.document["format_details"][format_name].get("engine_format", format_name)
        return {kernel["name"]: kernel["missing"][engine] for kernel in self.document.get("kernels", ())
                if engine in kernel["missing"]}

    @property
    def usual(self):
        """The variants that are measured where none is named."""
        return tuple(name for name in self.variants if name not in self.extras)


def last_line(text):
    """The last line of what a program wrote to stderr, without its own name in front."""
    lines = [line for line in (text or "").strip().splitlines() if line.strip()]
    return terminal(lines[-1].removeprefix("ptbench-bench: ").strip()) if lines else ""


def how_it_ended(code):
    """Words for an exit code of subprocess."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"died of {signal.Signals(-code).name}"
    except ValueError:
        return f"died of signal {-code}"


def trace_arguments(traces):
    """The --trace options of {name: file}."""
    return [word for name, file in (traces or {}).items() for word in ("--trace", f"{name}={file}")]


class Bench:
    """The binary at `path`, an existing executable."""

    def __init__(self, path):
        self.path = path

    def call(self, arguments, timeout=None):
        """Run it; (exit code, stdout, stderr). Kills it when interrupted or when time is up."""
        try:
            done = children.run([str(self.path), *map(str, arguments)], text=True, timeout=timeout,
                                stdin=subprocess.DEVNULL, capture_output=True, errors="replace")
        except subprocess.TimeoutExpired:
            raise
        except (OSError, subprocess.SubprocessError) as error:
            raise Failure(f"cannot run {self.path}: {getattr(error, 'strerror', error)}",
                          FAILED) from error
        return done.returncode, done.stdout, done.stderr

    def catalog(self, traces=None):
        """What the binary knows, with the cases of further traces {name: file}."""
        code, out, err = self.call(["list", *trace_arguments(traces)], timeout=60)
        if code != 0:
            raise Failure(f"ptbench-bench list: {last_line(err) or how_it_ended(code)}",
                          code if code in (USAGE, SKIPPED) else FAILED)
        try:
            return parse_catalog(parsed(out))
        except (ValueError, KeyError, TypeError) as error:
            raise Failure(f"ptbench-bench list printed no valid list: {error}", FAILED) from error

    def identify(self):
        """What the machine is made of and which events it counts: {"topology", "events"}.

        "events" maps each event to None, or to the reason why it cannot be counted.
        """
        code, out, err = self.call(["identify"], timeout=60)
        try:
            found = parsed(out) if code == 0 else None
            if isinstance(found["topology"], dict) and isinstance(found["events"], dict):
                return found
        except (ValueError, KeyError, TypeError):
            pass
        raise Failure(f"ptbench-bench identify: {last_line(err) or how_it_ended(code)}", FAILED)

    @cached_property
    def events(self):
        """{hardware event: None, or why it cannot be counted}, asked once; empty where the binary
        comes from before it could tell."""
        try:
            return self.identify()["events"]
        except Failure:
            return {}

    def dump(self, arguments):
        """Have it write a page table to stdout, as long as it takes."""
        try:
            with children.start([str(self.path), "dump", *map(str, arguments)], text=True, errors="replace",
                                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
                _, err = child.communicate()
        except OSError as error:
            raise Failure(f"cannot run {self.path}: {error.strerror}", FAILED) from error
        if child.returncode:
            raise Failure(last_line(err) or how_it_ended(child.returncode),
                          child.returncode if child.returncode in (USAGE, SKIPPED) else FAILED)

    def pagemap(self, pid, out):
        """Write the physical layout of a live process as a trace into the file `out`."""
        code, _, err = self.call(["pagemap", "--pid", pid, "--out", out], timeout=600)
        if code != 0:
            raise Failure(f"process {pid}: {last_line(err) or how_it_ended(code)}",
                          code if code in (USAGE, SKIPPED) else FAILED)

    def measure(self, case, variants, out, *, blocks, seed, process, cpu, sample_us=None,
                traces=None, tables="huge", timeout=None):
        """Measure one case in one new process; the samples are in the file `out` afterwards."""
        arguments = ["measure", "--case", case, "--variants", ",".join(variants),
                     "--blocks", blocks, "--seed", seed, "--process", process, "--cpu", cpu,
                     "--out", out]
        if sample_us is not None:
            arguments += ["--sample-us", sample_us]
        if tables in TABLES_OPTIONS:
            arguments.append(TABLES_OPTIONS[tables])
        if None in self.events.values():
            arguments.append("--events")
        code, _, err = self.call(arguments + trace_arguments(traces), timeout)
        if code != 0:
            said = last_line(err) or how_it_ended(code)
            if code < 0:
                said = how_it_ended(code) + (f": {said}" if last_line(err) else "")
            raise CaseFailed(said, code if code in (NOTHING, SKIPPED) else FAILED)


def parse_catalog(document):
    """A Catalog out of what `list` printed; KeyError, TypeError or ValueError where it is foreign."""
    cases = []
    for entry in document["cases"]:
        fields = {name: entry[name] for name in Case.__dataclass_fields__ if name in entry}
        fields["subjects"] = tuple(entry["subjects"])
        cases.append(Case(**fields))
        if len(cases[-1].name.split("/")) != 6:
            raise ValueError(f"case name of other than six parts: {cases[-1].name}")
    variants = dict.fromkeys(variant for case in cases for variant in case.subjects)
    extras = frozenset(entry["variant"] for entry in document.get("subjects", ()) if entry.get("extra"))
    return Catalog(tuple(document["formats"]), tuple(variants), tuple(cases),
                   document.get("kernel"), document, extras)
