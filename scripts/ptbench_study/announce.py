# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a run says of itself: what it is going to do and how long that takes, what calibration found."""

import os

from .documents import show
from .merge import merge_contexts
from .paths import COMMAND
from .progress import duration, tell

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


def show_plan(work, cpu, limit, as_json):
    """Print on stdout what a run would do, case by case, and how long that takes."""
    of_case = {}
    for unit in work.units:
        count, seconds = of_case.get(unit.case, (0, 0.0))
        of_case[unit.case] = (count + 1, seconds + work.seconds(unit))
    total = sum(seconds for _, seconds in of_case.values())
    first = {unit.case: unit for unit in reversed(work.units) if not unit.again}
    if as_json:
        show({"seconds": round(total, 1), "max_seconds": limit, "seed": work.seed, "cpu": cpu,
              "processes": work.effort.processes, "blocks": work.effort.blocks,
              "setups": [{"build": setup.build, "tables": setup.tables}
                         for setup in work.setups],
              "controls": list(work.controls),
              "cases": [{"name": name, "units": count, "seconds": round(seconds, 2),
                         "variants": list(dict.fromkeys(first[name].variants))}
                        for name, (count, seconds) in of_case.items()]})
        return
    width = max(map(len, of_case))
    for name, (count, seconds) in of_case.items():
        print(f"{name:<{width}}  {count:>3} processes  {seconds:6.1f} s  "
              f"{' '.join(dict.fromkeys(first[name].variants))}"
              f"{'  control' if name in work.controls else ''}")
    print(plan_in_words(work, cpu, total)
          + (f", stopping after {duration(limit)}" if limit and total > limit else ""))
