# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a run says of itself: what it is going to do and how long that takes, what calibration found."""

import os

from ..base.paths import COMMAND
from ..base.progress import duration, tell
from ..results.merge import merge_contexts

# One whole CPU's worth of other work: with fewer CPUs than that left, it gets into the samples.
BUSY_LOAD = 1.0
CALIBRATED = (("timer_ns", "two clock reads {} ns"), ("empty_loop_ns", "empty loop {} ns an operation"),
              ("store_gb_per_s", "stores {} GB/s"))


def plan_in_words(work, cpu, seconds):
    """A plan in a line."""
    effort = work.effort
    setups = [f"{setup.build}/{setup.tables}" for setup in work.setups]
    return (f"{len(work.cases)} cases x {effort.processes} processes, {effort.blocks} pairs each"
            + (f", in {len(setups)} setups ({', '.join(setups)})" if len(setups) > 1 else "")
            + f", on CPU {cpu}, seed {work.seed}: about {duration(seconds)}")


def announce(session, limit):
    """Say what is going to happen and how long it will take."""
    work = session.plan
    seconds = sum(map(work.seconds, session.todo()))
    text = plan_in_words(work, session.cpu, seconds)
    if session.documents:
        text += f", {len(session.documents)} of {len(work.units)} units are there"
    if limit and seconds > limit:
        text += f", stopping after {duration(limit)}"
    tell(text)
    load = os.getloadavg()[0]
    if load >= BUSY_LOAD:
        tell(f"load average {load:.1f}: other work disturbs this run, see {COMMAND} doctor")


def tell_calibration(session):
    """Say what the processes of a session calibrated, as the median over all of them."""
    found = merge_contexts([document["context"] for document in session.sound_documents()])
    parts = []
    for name, words in CALIBRATED:
        value = found.get(name)
        value = value.get("median") if isinstance(value, dict) else value
        if value is not None:
            parts.append(words.format(f"{float(value):.3g}"))
    if parts:
        tell("calibrated: " + ", ".join(parts))


def of_cases(work):
    """{case: (units, seconds, variants)} of a plan."""
    found = {}
    first = {unit.case: unit for unit in reversed(work.units) if not unit.again}
    for unit in work.units:
        count, seconds, _ = found.get(unit.case, (0, 0.0, ()))
        found[unit.case] = (count + 1, seconds + work.seconds(unit),
                            list(dict.fromkeys(first[unit.case].variants)))
    return found


def plan_document(work, cpu, limit):
    """What a run would do, case by case, and how long that takes, as JSON."""
    cases = of_cases(work)
    return {"seconds": round(sum(seconds for _, seconds, _ in cases.values()), 1), "max_seconds": limit,
            "seed": work.seed, "cpu": cpu, "processes": work.effort.processes,
            "blocks": work.effort.blocks,
            "setups": [{"build": setup.build, "tables": setup.tables} for setup in work.setups],
            "controls": list(work.controls),
            "cases": [{"name": name, "units": count, "seconds": round(seconds, 2), "variants": variants}
                      for name, (count, seconds, variants) in cases.items()]}


def plan_text(work, cpu, limit):
    """What a run would do, as text."""
    cases = of_cases(work)
    width, total = max(map(len, cases)), sum(seconds for _, seconds, _ in cases.values())
    lines = [f"{name:<{width}}  {count:>3} processes  {seconds:6.1f} s  {' '.join(variants)}"
             f"{'  control' if name in work.controls else ''}"
             for name, (count, seconds, variants) in cases.items()]
    lines.append(plan_in_words(work, cpu, total)
                 + (f", stopping after {duration(limit)}" if limit and total > limit else ""))
    return "\n".join(lines) + "\n"
