# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench replay`: the user's traces, or the memory of a live process, as cases of a run.

The same plan, session and statistics as `run`; only nothing is stored, because nobody else could
repeat it. An unfinished replay cannot be resumed.
"""

from ..base.errors import NOTHING, USAGE, Failure
from ..base.progress import tell
from . import plan, traces, unstored
from .cpus import check_cpu, tell_limits
from .runner import itself_of

EFFORT = plan.Effort(processes=5, blocks=3, sample_us=1000, controls=4)


def layout_of_process(bench, pid, folder):
    """A trace of the physical layout of a live process; its file."""
    file = folder / f"pagemap-{pid}.txt"
    bench.pagemap(pid, file)
    return file


def catalog_with(bench, files, origins):
    """The binary's list with the given traces; its complaints name the user's files."""
    try:
        return bench.catalog(files)
    except Failure as failure:
        message = str(failure)
        for plain, origin in origins.items():
            message = message.replace(plain, origin)
        raise Failure(message.removeprefix("ptbench-bench list: "), failure.code) from failure


def fits_badly(case):
    """Whether most of a trace is no multiple of the format's page: it was not recorded with such pages."""
    trace = case.trace or {}
    return 2 * trace.get("left_out", {}).get("unaligned", 0) > trace.get("recorded", 0)


def leave_out_misfits(selected):
    """The cases without those that fit badly, unless that is all; says on stderr what is left out."""
    misfits = [case.name for case, _ in selected if fits_badly(case)]
    if not misfits or len(misfits) == len(selected):
        return selected
    formats = dict.fromkeys(name.split("/")[0] for name in misfits)
    tell(f"left out, as most events are no multiples of their pages: {', '.join(formats)} "
         "(--format takes them all the same)")
    return [(case, variants) for case, variants in selected if case.name not in misfits]


def choose(catalog, files, options):
    """[(case, variants)] of the traces, in the formats that are asked for, else in those that fit."""
    unknown = [name for name in options.format or () if name not in catalog.formats]
    if unknown:
        raise Failure(f"unknown format '{unknown[0]}'; there are: {', '.join(catalog.formats)}",
                      USAGE)
    selected = [(case, variants) for case, variants in plan.select_cases(
        catalog, variants=options.variant) if case.is_replay and case.size_text in files
        and (not options.format or case.format in options.format)]
    if not selected:
        raise Failure(f"no event of these traces fits {', '.join(options.format or ('any format',))}: "
                      "their addresses lie beyond it, or are no multiples of its page", NOTHING)
    selected = selected if options.format else leave_out_misfits(selected)
    return [(case, names * 2) for case, names in selected] if itself_of(options, catalog) else selected


def tell_passed_over(selected):
    """Say how many lines of a trace's file are no events of ours."""
    found = {case.size_text: case.trace["other_lines"] for case, _ in selected if case.trace}
    for name, count in found.items():
        if count:
            tell(f"{name}: passed over {count} {'lines that are' if count > 1 else 'line that is'} "
                 "no map or unmap event")


def replay(options, bench, machine):
    """Measure; (an unstored Run, {case: reason} of those that failed)."""
    check_cpu(options.cpu)
    tell_limits()
    with traces.own_folder() as folder:
        files = list(options.files)
        if options.pagemap:
            files.append(layout_of_process(bench, options.pagemap, folder))
        named, origins = traces.given(files, folder)
        return measure(options, bench, machine, named, catalog_with(bench, named, origins))


def measure(options, bench, machine, named, catalog):
    """replay() of the traces {name: plain file} that the catalog has."""
    effort = plan.effort_of(options, EFFORT)
    selected = choose(catalog, named, options)
    traces.tell_replayed([case for case, _ in selected],
                         {case.name: case.trace for case, _ in selected if case.trace})
    tell_passed_over(selected)
    twice = itself_of(options, catalog)
    return unstored.measure(bench, catalog, machine, selected, effort, seed=options.seed, cpu=options.cpu,
                            limit=options.max_time, traces=named, context={"itself": twice} if twice else {})
