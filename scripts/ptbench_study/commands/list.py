# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What there is."""

from ..base import columns
from ..base.answer import Answer
from ..base.errors import NOTHING, Failure
from ..base.paths import bench_binary
from ..code import matrix
from ..measure import plan
from ..measure.bench import Bench
from . import arguments

EXAMPLE = "list --filter amdv1/map"
COLUMNS = ("case", "quick", "variants")


def add(parser):
    """Its arguments."""
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")
    parser.add_argument("--formats", action="store_true",
                        help="a table of the formats: sizes, levels, baselines, bytes of code")
    arguments.kernel_list(parser)
    arguments.case_filter(parser)


def run(options):
    """What the binary knows."""
    catalog = Bench(bench_binary()).catalog()
    cases = [case for case in catalog.cases if plan.matches(case.name, options.filter)]
    if not cases:
        raise Failure(f"no case matches {' '.join(options.filter or ['*'])}", NOTHING)
    formats = [name for name in catalog.formats if any(case.format == name for case in cases)]
    chosen = {case.name for case in cases}
    document = {**catalog.document, "formats": formats, "cases": [
        entry for entry in catalog.document["cases"] if entry["name"] in chosen]}
    if options.formats:
        return Answer(lambda: matrix.text(catalog, formats, bench_binary()) + "\n", document)
    rows = [(case.name, "quick" if case.quick else "", " ".join(case.subjects)) for case in cases]
    kept = columns.kept(COLUMNS, rows, columns.terminal_width(), ((2,), (1,)))
    gone = columns.left_out(COLUMNS, kept)
    summary = (f"{len(cases)} cases, {sum(case.quick for case in cases)} of them quick; "
               f"kernel drivers: {', '.join(catalog.kernels) or 'none'}")
    return Answer(lambda: "\n".join(columns.line_up(COLUMNS, rows, kept, (0, 1, 2))[1:]) + "\n", document,
                  notes=[] if options.json else [*([f"note: {gone}"] if gone else []), summary])
