# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Studies: one question each, asked by a file bench/studies/NAME.toml.

    title, question, decides   what is asked, in words, and what in the answer decides
    kind                       "sides" (default); "curve": time a page over the pages in one operation;
                               or "counts": instructions of kernels, one version after the other
    cases, quick               globs of cases, as --filter takes them; quick: those of --quick
    variants, builds, tables   what is measured, as --variant, --build and --tables take it
    kernels                    of kind counts: the kernels, oldest first; those that are not here are left out
    [[compare]] a, b           two sides (sides.py), each fixing the same axes: { build = "clang" }

`ptbench study NAME` measures with the machinery of `run`, stores the run like any other, and answers with
a page and a chart under <results>/studies/<machine>/.
"""

from dataclasses import dataclass, field

from ..base.documents import load_toml
from ..base.errors import USAGE, Failure
from ..base.paths import ROOT, shown
from ..measure.setups import BUILDS, TABLES

FOLDER = ROOT / "bench" / "studies"
KINDS = ("sides", "curve", "counts")
# What a study's file has: texts, of which only the kind may be missing, and lists of texts.
TEXTS = ("title", "question", "decides", "kind")
LISTS = ("cases", "quick", "variants", "builds", "tables", "kernels")
# Axes that a process has as a whole, and those that a case has.
IN_ONE_PROCESS = {"variant"}


@dataclass(frozen=True)
class Study:
    """One study, as its file has it; compare is a list of (side a, side b)."""

    name: str
    title: str
    question: str
    decides: str
    cases: list
    variants: list
    quick: list = field(default_factory=list)
    builds: list = field(default_factory=lambda: list(BUILDS[:1]))
    tables: list = field(default_factory=lambda: list(TABLES[:1]))
    kernels: list = field(default_factory=list)
    kind: str = KINDS[0]
    compare: list = field(default_factory=list)

    @property
    def across(self):
        """Whether what is compared is measured by different processes; of a curve each point is."""
        return self.kind == "curve" or any(set(a) - IN_ONE_PROCESS for a, _ in self.compare)

    def filters(self, quick):
        """Globs of its cases."""
        return self.quick if quick and self.quick else self.cases


def load(path):
    """The study in a file; Failure with what is wrong with it."""
    found = load_toml(path)
    wrong = wrong_field(found)
    if wrong:
        raise Failure(f"{shown(path)}: not a study: {wrong}", USAGE)
    found["compare"] = [(each["a"], each["b"]) for each in found.get("compare", [])]
    study = Study(name=path.stem, **found)
    if study.kind not in KINDS or (study.kind == "sides") != bool(study.compare):
        raise Failure(f"{shown(path)}: not a study: it is of kind sides and compares, or of another kind",
                      USAGE)
    if (study.kind == "counts") != bool(study.kernels):
        raise Failure(f"{shown(path)}: not a study: one of kind counts, and no other, has kernels", USAGE)
    return study


def wrong_field(found):
    """What is wrong with a study's document, or None."""
    for name in found:
        if name not in TEXTS + LISTS + ("compare",):
            return f"nobody knows \"{name}\""
    for name in TEXTS:
        if not isinstance(found.get(name, "" if name == "kind" else None), str):
            return f"\"{name}\" has to be there, as text"
    for name in LISTS:
        value = found.get(name, None if name in ("cases", "variants") else [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            return f"\"{name}\" has to be a list of texts"
    compare = found.get("compare", [])
    if not isinstance(compare, list) or not all(
            isinstance(each, dict) and is_side(each.get("a")) and is_side(each.get("b"))
            for each in compare):
        return "every [[compare]] has \"a\" and \"b\", each a table of texts"
    return None


def is_side(side):
    """Whether a value of a document is a side as sides.py takes it."""
    return isinstance(side, dict) and bool(side) and all(isinstance(value, str) for value in side.values())


def names():
    """Names of all studies."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def find(name):
    """A study by name."""
    if name not in names():
        raise Failure(f"no study '{name}'; there are: {', '.join(names())}", USAGE)
    return load(FOLDER / f"{name}.toml")


def options_for(study, options):
    """The options of `run` that measure a study, put into `options`."""
    options.study = study.name
    options.filter = study.filters(options.quick)
    options.variant = study.variants
    options.build, options.tables = study.builds, study.tables
    options.across = study.across
    return options
