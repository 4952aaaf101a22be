# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Setups: what a whole process has and not one variant in it: the build, and where tables come from.

A run may measure several. Their processes take turns, and a sample's variant carries what differs from
the usual setup, build `plain` over huge pages: inline@clang, linux-6.12@small, inline@clang+small. Stored
entries also have the fields "build" and "tables" there.

Two processes never have the same noise, so that what a run can resolve between setups is more than what it
can resolve inside a process. It is measured likewise: the control cases get one more process of the first
setup, whose samples are stored as inline#again.
"""

from dataclasses import dataclass
from itertools import product

from ..base.errors import USAGE, Failure
from ..base.paths import bench_binary, link_orders
from ..results.samples import AGAIN_SUFFIX
from ..code.build_info import sha256
from .bench import Bench

BUILDS = ("plain", "clang", "hardened", "clang-hardened")
TABLES = ("huge", "small", "kernel")


@dataclass(frozen=True)
class Setup:
    """One build over one kind of table memory: huge or small pages, or an allocator like a kernel's."""

    build: str = "plain"
    tables: str = "huge"

    @property
    def tag(self):
        """What a variant's name gets behind an @, empty for the usual setup."""
        parts = [self.build] if self.build != BUILDS[0] else []
        return "+".join(parts + ([self.tables] if self.tables != TABLES[0] else []))

    def fields(self):
        """What differs from the usual setup, as fields of a stored entry."""
        usual = Setup()
        return {name: getattr(self, name) for name in ("build", "tables")
                if getattr(self, name) != getattr(usual, name)}


USUAL = Setup()


def label(variant, setup):
    """The name of a variant, or of its control "inline#2", in a setup."""
    name, mark, number = variant.partition("#")
    return f"{name}@{setup.tag}{mark}{number}" if setup.tag else variant


def parse_label(text):
    """(variant, Setup) of a label."""
    name, _, tag = text.partition("#")[0].partition("@")
    parts = tag.split("+") if tag else []
    tables = next((part for part in parts if part in TABLES), TABLES[0])
    build = next((part for part in parts if part not in TABLES), BUILDS[0])
    return name, Setup(build, tables)


def setups_of(options):
    """The setups that --build and --tables name, the first of each first."""
    builds = list(dict.fromkeys(getattr(options, "build", None) or BUILDS[:1]))
    pages = list(dict.fromkeys(getattr(options, "tables", None) or TABLES[:1]))
    for asked, known, what in ((builds, BUILDS, "build"), (pages, TABLES, "kind of tables")):
        unknown = [name for name in asked if name not in known]
        if unknown:
            raise Failure(f"unknown {what} '{unknown[0]}'; there are: {', '.join(known)}", USAGE)
    return tuple(Setup(*each) for each in product(builds, pages))


def relabel(document, unit):
    """A condensed document of a unit, its entries named and marked by the unit's setup."""
    for entry in document["benchmarks"]:
        case, _, variant = entry["name"].rpartition("/")
        variant = label(variant, unit.setup) + (AGAIN_SUFFIX if unit.again else "")
        entry["name"] = f"{case}/{variant}"
        entry["fields"] = unit.setup.fields()
    return document


class Benches:
    """The measuring binaries of all builds of a run, each in several link orders.

    Has the interface of a Bench for what the first build answers for all.
    """

    def __init__(self, setups):
        self.setups = setups
        self.by_build = {}
        for setup in setups:
            if setup.build not in self.by_build:
                self.by_build[setup.build] = [Bench(path) for path in link_orders(bench_binary(setup.build))]
        first = self.by_build[setups[0].build][0]
        self.first = first
        self.path = first.path
        self.catalog = first.catalog
        self.pagemap = first.pagemap
        self.identify = first.identify

    @property
    def events(self):
        """The hardware events that can be counted, as Bench.events."""
        return self.first.events

    def identity(self):
        """One hash of all binaries."""
        hashes = [sha256(bench.path.read_bytes()) for benches in self.by_build.values()
                  for bench in benches]
        return hashes[0] if len(hashes) == 1 else sha256(" ".join(hashes).encode())

    def of(self, unit):
        """The binary of a unit: processes take turns with the link orders."""
        benches = self.by_build[unit.setup.build]
        return benches[unit.process % len(benches)]

    def measure(self, unit, out, **how):
        """Measure a unit in one new process; the samples are in the file `out` afterwards."""
        self.of(unit).measure(unit.case, unit.variants, out, process=unit.process,
                              tables=unit.setup.tables, **how)
