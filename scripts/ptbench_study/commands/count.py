# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Instruction counts."""

from ..base import columns
from ..base.answer import Answer
from ..base.errors import FAILED, REGRESSION, USAGE, Failure
from ..base.paths import COMMAND, bench_binary, shown
from ..measure import callgrind, counting
from ..measure.bench import Bench
from . import arguments

EXAMPLE = "count --filter amdv1/map"
MORE = """Compares with results/counts/<compiler>.csv and prints the rows that changed.
The counts belong to the source, so they are there whatever folder results are in;
PTBENCH_COUNTS names another folder of counts.
Exit code: 0 nothing got worse, 1 some row did by more than 0.5 %."""


def add(parser):
    """Its arguments."""
    parser.add_argument("--quick", action="store_true", help="only the cases of run --quick")
    arguments.case_filter(parser)
    parser.add_argument("--variant", type=arguments.names, metavar="LIST",
                        help="only these variants, such as inline,linux (default: all but limit)")
    parser.add_argument("--update", action="store_true", help="write the golden file")
    parser.add_argument("--cache", action="store_true",
                        help="simulate caches and branches too: D1 and last-level misses, branch misses "
                             "of an operation; prints every row")
    parser.add_argument("--all", action="store_true", help="print every row, changed or not")
    arguments.kernel_list(parser)
    arguments.as_json(parser)


def percent(change):
    """A change as text with its sign."""
    return "new" if change is None else f"{100 * change:+.2f}%"


def table(counted, keys, with_cache):
    """Rows as lines: case, variant, golden, now, change, and with --cache what was simulated."""
    names = ["case", "variant", "golden", "Ir", "change"]
    simulated = list(callgrind.CACHE_COLUMNS) if with_cache else []
    names += [name.replace("_", " ") for name in simulated]
    rows = []
    for key in keys:
        old, values = counted.before(key), counted.counted[key]
        rows.append([*key, "-" if old is None else f"{old:.2f}", f"{values['instructions']:.2f}",
                     percent(counted.change(key)), *(f"{values[name]:.2f}" for name in simulated)])
    return columns.table(names, rows, (0, 1), ((2,), tuple(range(5, len(names)))))


def not_counted(counted):
    """A line for each reason why there are no counts."""
    reasons = {}
    for (case, variant), count in sorted(counted.missed.items()):
        reasons.setdefault(count.reason.removeprefix(f"{case}: "), []).append(f"{case} {variant}")
    return [f"not counted: {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")
            + f": {reason}" for reason, names in reasons.items()]


def text(counted, options, updated):
    """What a terminal gets."""
    everything = options.all or options.cache or (counted.golden is None and not updated)
    keys = [] if counted.golden is None else counted.changed + counted.new
    keys = sorted(counted.counted) if everything else keys
    lines = table(counted, keys, options.cache) if keys else []
    lines += [f"vanished: {case} {variant}, {counted.before((case, variant)):.2f} in the golden file"
              for case, variant in counted.vanished]
    lines += not_counted(counted)
    path = shown(counted.path)
    if counted.golden is None and updated:
        lines.append(f"{len(counted.counted)} rows in the new golden file {path}")
    elif counted.golden is None:
        lines.append(f"{len(counted.counted)} rows; there is no golden file {path}: --update writes it")
    else:
        lines.append(f"{len(counted.counted)} rows against {path}: "
                     f"{len(counted.changed)} changed, {len(counted.worse)} of them worse by more "
                     f"than {100 * counting.WORSE} %, {len(counted.new)} new, "
                     f"{len(counted.vanished)} vanished, {len(counted.missed)} not counted")
    return "\n".join(lines) + "\n"


def run(options):
    """Count instructions and compare them with the golden file."""
    if options.update and (options.filter or options.variant or options.quick):
        raise Failure("--update writes all counts, so that they are of one and the same code: leave "
                      "out --filter, --variant and --quick", USAGE)
    counted = counting.count(Bench(bench_binary()), counting.Asked(
        options.quick, tuple(options.filter or ()), options.variant, options.cache))
    failed = counted.failed
    updated = options.update and not failed
    if updated:
        counted.update()
    answer = Answer(lambda: text(counted, options, updated), counted.document(updated))
    if failed:
        answer.failure = Failure(f"{len(failed)} counts failed, first {failed[0].case} "
                                 f"{failed[0].variant}: {failed[0].reason}", FAILED)
    elif counted.worse and not updated:
        answer.notes.append(f"{len(counted.worse)} counts are worse by more than {100 * counting.WORSE} %; "
                            f"if that is meant: {COMMAND} count --update")
        answer.code = REGRESSION
    return answer
