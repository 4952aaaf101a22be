# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the subcommands do. Each takes the parsed options and returns an exit code.

Modules that need numpy, scipy or jinja2 are imported where they are used: list and doctor work on a
machine that has none of them.
"""

import shutil
import sys

from . import doctor as doctor_module
from . import columns, counts, store, traces, which_run
from .bench import Bench
from .cpus import check_cpu
from .documents import show, written
from .errors import FAILED, NOTHING, OK, USAGE, Failure
from .machine import identify
from .paths import BUILD, COMMAND, RESULTS, bench_binary, shown
from .progress import tell
from .setups import USUAL, Benches, Setup, label, setups_of

RACES = (("inline", "linux"), ("recursive", "linux"), ("inline", "recursive"))


def doctor(options):
    """Check the machine."""
    return doctor_module.doctor(options)


def test(_options):
    """Only here for its help: scripts/ptbench builds and runs ctest itself."""
    raise Failure(f"tests are run by {COMMAND} test", USAGE)


def list_cases(options):
    """Print what the binary knows."""
    from . import plan

    catalog = Bench(bench_binary()).catalog()
    cases = [case for case in catalog.cases if plan.matches(case.name, options.filter)]
    if not cases:
        raise Failure(f"no case matches {' '.join(options.filter or ['*'])}", NOTHING)
    formats = [name for name in catalog.formats if any(case.format == name for case in cases)]
    if options.json:
        chosen = {case.name for case in cases}
        show({**catalog.document, "formats": formats, "cases": [
            entry for entry in catalog.document["cases"] if entry["name"] in chosen]})
        return OK
    if options.formats:
        from . import matrix

        print(matrix.text(catalog, formats, bench_binary()))
        return OK
    names = ("case", "quick", "variants")
    rows = [(case.name, "quick" if case.quick else "", " ".join(case.subjects)) for case in cases]
    shown_columns = columns.kept(names, rows, columns.terminal_width(), ((2,), (1,)))
    print("\n".join(columns.line_up(names, rows, shown_columns, (0, 1, 2))[1:]))
    gone = columns.left_out(names, shown_columns)
    if gone:
        tell(f"note: {gone}")
    print(f"{len(cases)} cases, {sum(case.quick for case in cases)} of them quick; "
          f"kernel drivers: {', '.join(catalog.kernels) or 'none'}", file=sys.stderr)
    return OK


def memory(options):
    """Count the bytes of tables."""
    from . import memory as memory_module

    bench = Bench(bench_binary())
    rows = memory_module.measure(bench, bench.catalog(), options.format)
    if options.json:
        show({"rows": rows})
    else:
        print(memory_module.text(rows))
    return OK


def kernels(options):
    """Sources to compare with."""
    from . import kernel_packages

    return kernel_packages.kernels(options)


def races_against(drivers):
    """RACES with each kernel in turn in the place of "linux"."""
    each = [(a, driver) for driver in drivers for a, b in RACES if b == "linux"]
    return each + [race for race in RACES if race[1] != "linux"]


def races_of(run):
    """The comparisons that a run's tables and charts show, as far as it has the variants."""
    from . import compare
    from .samples import Samples

    samples = Samples(run.entries)
    known = compare.known_variants(run, samples)
    twice = run.context.get("itself")
    if twice in known:
        return [compare.compare_variants(run, twice, twice, samples=samples)]
    first, *_ = [{axis: each[axis] for axis in ("build", "tables")}
                 for each in run.context.get("setups", [])] or [{}]
    found = []
    for race in races_against(run.kernels):
        a, b = (label(name, Setup(**first)) for name in race)
        if a in known and b in known:
            try:
                found.append(compare.compare_variants(run, a, b, samples=samples))
            except Failure as failure:
                if failure.code != NOTHING:
                    raise
    return found


def setup_races(run):
    """The comparisons of a run's first setup with its others, one for each variant."""
    from . import sides
    from .samples import Samples

    setups, samples = run.context.get("setups", []), Samples(run.entries)
    found = []
    for other in setups[1:]:
        differing = [axis for axis in ("build", "tables") if other[axis] != setups[0][axis]]
        fixed = [{axis: each[axis] for axis in differing} for each in (setups[0], other)]
        try:
            found += [each for each in sides.compare_sides(run, *fixed, samples=samples)
                      if not each.a.startswith("limit ")]
        except Failure as failure:
            if failure.code != NOTHING:
                raise
    return found


def tell_replayed(run):
    """Say on stderr what of which trace a run replayed."""
    from .compare import stored_cases

    traces.tell_replayed(stored_cases(run), run.context.get("traces", {}))


def listed(comparisons, options):
    """Comparisons that show only the cells which --summary or --slower-only leave."""
    for each in comparisons:
        each.listed = () if options.summary else ("slower",) if options.slower_only else None
    return comparisons


def show_races(run, comparisons, as_json, path=None):
    """Print comparisons on stdout."""
    from . import tables

    if as_json:
        show({"run": str(path) if path else None, "machine": run.machine,
              "complete": run.context["complete"],
              "comparisons": [tables.document(each) for each in comparisons]})
        return
    width = columns.terminal_width()
    print("\n".join(tables.text(each, width) for each in comparisons), end="", flush=True)
    if not comparisons:
        print("one variant only: nothing to compare")


def run(options):
    """Measure, store, compare, draw."""
    from . import charts, runner
    from . import size as size_module

    machine, facts = identify(options.cpu)
    bench = Benches(setups_of(options))
    check_cpu(options.cpu)
    catalog = bench.catalog()
    if options.dry_run:
        runner.dry_run(options, bench, catalog)
        return OK
    store.ensure_folder(options.results)
    replayed = {case.size_text for case in catalog.cases if case.is_replay}
    outcome = runner.run(options, bench, catalog, machine, traces.recorded(replayed))
    store.write_if_changed(options.results / "machines" / f"{machine}.json",
                           written({**facts, **bench.identify()["topology"]}, indent=1) + "\n")
    measured = store.load_run(outcome.path)
    uncounted = counts.attach(measured)
    tell_replayed(measured)
    comparisons = races_of(measured)
    show_races(measured, listed(comparisons + setup_races(measured), options), options.json, outcome.path)
    if uncounted:
        tell(uncounted)
    tell(f"stored {shown(outcome.path)}")
    if comparisons and not setups_of(options)[0].tag:
        published = which_run.best(options.results, machine).path == outcome.path
        folder = (options.results / "charts" / machine) if published else BUILD / "charts" / machine
        if shutil.which("gnuplot"):
            drawn = charts.draw(measured, comparisons, folder)
            drawn += size_module.draw_beside(measured, bench, catalog, folder)
            tell(f"drew {len(drawn)} charts in {shown(folder)}")
        else:
            tell("no charts: gnuplot is missing")
    if outcome.exit_code:
        name, reason = next(iter(outcome.context["failed"].items()))
        raise Failure(f"{len(outcome.context['failed'])} cases failed, first {name}: {reason}",
                      outcome.exit_code)
    return code_of_itself(measured, comparisons)


def code_of_itself(run, comparisons):
    """The exit code of what a run says about itself; OK where it compared no variant with itself."""
    from . import itself

    return itself.exit_code(comparisons[0]) if run.context.get("itself") and comparisons else OK


def study(options):
    """Ask one question."""
    from . import study_command

    return study_command.study(options)


def size(options):
    """Bytes of code and of stack."""
    from . import size as size_module

    return size_module.size(options)


def find_run(results, machine, name):
    """A run by path, or by its file name among this machine's."""
    from pathlib import Path

    if Path(name).exists() or "/" in name:
        return store.load_run(name)
    path = results / "runs" / machine / (name if name.endswith(".json") else f"{name}.json")
    if not path.exists():
        raise Failure(f"no run file {name}, neither here nor in {shown(path.parent)}", USAGE)
    return store.load_run(path)


def compare(options):
    """Compare and give verdicts."""
    from . import itself, tables

    machine, _ = identify()
    if len(options.runs) > 2:
        raise Failure("compare takes at most two runs", USAGE)
    runs = [find_run(options.results, machine, name) for name in options.runs]
    reasons = []

    def ask(*asked):
        reasons[:] = filter(None, [counts.attach(each) for each in asked])
        return compare_two(asked, options) if len(asked) == 2 else compare_one(asked[0], options)

    if runs:
        comparison = ask(*runs)
        for each in runs:
            tell(f"{each.path.name}: {which_run.described(each)}")
    else:
        run_file, comparison = which_run.first_answer(options.results, machine, ask)
        which_run.say(run_file, options.results, machine)
    if reasons:
        tell(reasons[0])
    listed([comparison], options)
    if options.json:
        show(tables.document(comparison))
    elif options.csv:
        from . import export

        print(export.comparison_csv(comparison), end="")
    else:
        print(tables.markdown(comparison) if options.markdown
              else tables.text(comparison, columns.terminal_width()), end="")
    return itself.exit_code(comparison)


def compare_two(runs, options):
    """Two runs: one variant of both, or two."""
    from .compare import compare_runs

    if options.vs:
        raise Failure("--vs compares within one run: give one file, or --variant", USAGE)
    variants = options.variant or ["inline"]
    if len(variants) > 2:
        raise Failure("--variant takes one name or two", USAGE)
    return compare_runs(*runs, variants[0], variants[-1], options.filter or ())


def compare_one(run_file, options):
    """Two variants of one run; by default the engine against the kernel, if that is there."""
    from .compare import compare_variants

    variants = options.variant or ["inline"]
    for axis in ("build", "tables"):
        if getattr(options, axis):
            return compare_setups(run_file, axis, options)
    if len(variants) == 1:
        default = "linux" if run_file.kernel else "recursive"
        variants = [variants[0], options.vs or default]
    elif options.vs or len(variants) > 2:
        raise Failure("name two variants: --variant A,B, or --variant A --vs B", USAGE)
    return compare_variants(run_file, *variants, filters=options.filter or ())


def compare_setups(run_file, axis, options):
    """One variant in two builds, or over two kinds of pages, of one run."""
    from .sides import compare_sides

    values, variants = getattr(options, axis), options.variant or ["inline"]
    if len(values) != 2 or len(variants) != 1 or options.vs:
        raise Failure(f"compare one variant: --{axis} A,B --variant NAME", USAGE)
    sides = [{"variant": variants[0], axis: value} for value in values]
    return compare_sides(run_file, *sides, filters=options.filter or ())[0]


def count(options):
    """Count instructions and compare them with the golden file."""
    from . import counting

    return counting.count(options, Bench(bench_binary()))


def profile(options):
    """Sample one case."""
    from . import profile as profile_module

    return profile_module.profile(options, Bench(bench_binary()))


def report(options):
    """Draw the charts of all machines, write BENCHMARKS.md and the site."""
    from . import report as report_module

    own = options.results == RESULTS
    output = options.output or (RESULTS.parent if own else options.results) / "BENCHMARKS.md"
    site = options.site or (BUILD if own else options.results) / "site"
    return report_module.publish(options.results, output, site, options.ecdf)


def record(options):
    """Make a trace of what this machine does."""
    from . import record as record_module

    return record_module.record(options)


def replay(options):
    """Race the variants over traces that the user gives."""
    from . import replay as replay_module

    if not options.files and not options.pagemap:
        raise Failure("replay needs a trace file, or --pagemap PID", USAGE)
    measured, failed = replay_module.replay(options, Benches((USUAL,)), identify(options.cpu)[0])
    comparisons = races_of(measured)
    show_races(measured, comparisons, options.json)
    if failed:
        raise Failure(f"{next(iter(failed.values()))}", FAILED)
    return code_of_itself(measured, comparisons)
