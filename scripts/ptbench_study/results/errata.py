# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What is known to be wrong in stored results: results/errata.toml.

Run files never change, so a fault that is found later is written down beside them, and whoever reads a run
gets the faults of its entries with it. The file belongs to this project, not to a folder of results: it says
what its own binary did wrong. results/SCHEMA.md explains its keys.
"""

import re
from fnmatch import fnmatchcase

from ..base.documents import load_toml
from ..base.errors import USAGE, Failure
from ..base.paths import RESULTS, shown

PATH = RESULTS / "errata.toml"
FIRST_METHOD = 1
REQUIRED = {"what": str, "until": str, "cases": list}
OPTIONAL = {"variants": list, "since": str, "method": int, "llc_above": int}
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def wrong_key(fault):
    """The first key of a [[fault]] that is missing, unknown or of another type, or None."""
    if not isinstance(fault, dict):
        return "everything"
    for name, value in fault.items():
        kind = {**REQUIRED, **OPTIONAL}.get(name)
        if kind is None or not isinstance(value, kind) or isinstance(value, bool) \
                or (kind is list and not all(isinstance(glob, str) for glob in value)) \
                or (name in ("since", "until") and not DATE.fullmatch(value)):
            return name
    return next((name for name in REQUIRED if name not in fault), None)


def load(path=PATH):
    """The list of faults, newest first; empty without the file; Failure USAGE where it is wrong."""
    faults = load_toml(path).get("fault", []) if path.exists() else []
    for fault in faults if isinstance(faults, list) else [None]:
        name = wrong_key(fault)
        if name:
            raise Failure(f"{shown(path)}: a [[fault]] is wrong in \"{name}\"", USAGE)
    return sorted(faults, key=lambda fault: fault["until"], reverse=True)


def least_number(value):
    """A number of a context, the smallest where processes differed; None where there is none."""
    if isinstance(value, dict):
        value = value.get("min")
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def concerns_run(fault, context):
    """Whether a run that has this context was made while a fault was there."""
    if fault.get("since", "") > context.get("date", ""):
        return False
    if "llc_above" in fault and (least_number(context.get("llc_bytes")) or 0) <= fault["llc_above"]:
        return False
    if "method" in fault:
        return (least_number(context.get("method")) or FIRST_METHOD) < fault["method"]
    return context.get("date", "") < fault["until"]


def plain_variant(variant):
    """A variant without what tells sides and setups apart: inline of inline#2, inline:old, inline@clang."""
    return re.split("[#@:]", variant)[0]


def concerns(fault, name):
    """Whether a fault is in an entry of this name, case/variant."""
    case, _, variant = name.rpartition("/")
    return any(fnmatchcase(case, glob) for glob in fault["cases"]) \
        and any(fnmatchcase(plain_variant(variant), glob) for glob in fault.get("variants", ["*"]))


def where(fault):
    """What a fault concerns, as Markdown."""
    def globs(name):
        return ", ".join(f"`{glob}`" for glob in fault[name])

    parts = [f"until {fault['until'][:10]}"]
    if "since" in fault:
        parts.append(f"from {fault['since'][:10]} on")
    parts.append(globs("cases") + (f" of {globs('variants')}" if "variants" in fault else ""))
    if "llc_above" in fault:
        parts.append(f"where the last-level cache is larger than {fault['llc_above'] >> 20} MiB")
    return ", ".join(parts)


def text(fault):
    """A fault in a line."""
    return f"known to be wrong until {fault['until'][:10]}: {fault['what'].rstrip('.')}"


def mark(entries, context, faults=None):
    """Give "fault" to every entry that a fault is in. Only in memory: run files never change."""
    faults = [fault for fault in (load() if faults is None else faults)
              if concerns_run(fault, context)]
    for entry in entries if faults else ():
        found = next((fault for fault in faults if concerns(fault, entry["name"])), None)
        if found:
            entry["fault"] = text(found)
