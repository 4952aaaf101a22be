# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Code and stack."""

from ..base.answer import Answer
from ..base.errors import NOTHING, REGRESSION, SKIPPED, USAGE, Failure
from ..base.paths import COMMAND, shown
from ..results import golden_sizes
from ..code import build_info, size
from ..measure.setups import USUAL, Benches, Setup
from . import arguments

EXAMPLE = "size --format amdv1"
MORE = """Counts all functions that an operation reaches, and compares with results/sizes/: exit code 1 if a
row grew by more than 1 %."""


def add(parser):
    """Its arguments."""
    parser.add_argument("--format", type=arguments.names, metavar="LIST", help="only these formats")
    parser.add_argument("--update", action="store_true", help="write the golden file")
    parser.add_argument("--build", type=arguments.names, metavar="NAME",
                        help="of this build: plain (default), clang, hardened, clang-hardened")
    arguments.kernel_list(parser)
    arguments.as_json(parser)


def check(options):
    """Failure for options that contradict each other."""
    if len(options.build or [""]) > 1:
        raise Failure("--build names one build here", USAGE)
    if options.update and (options.format or options.build):
        raise Failure("--update writes all sizes of the usual build: leave out --format and --build", USAGE)


def change_lines(changed, golden, path):
    """What a terminal gets about a golden file."""
    if golden is None:
        return [f"there are no golden sizes {shown(path)}: --update writes them"]
    lines = [f"{'/'.join(key)}: code {old[0]} -> {new[0]}, stack {old[1]} -> {new[1]} "
             f"({100 * golden_sizes.growth(old, new):+.1f} %)" for key, old, new in changed]
    return lines + [f"against {shown(path)}: {len(changed)} rows changed"]


def run(options):
    """The sizes of one build, and what changed since the golden file."""
    check(options)
    setup = Setup(*(options.build or [USUAL.build])[:1])
    bench = Benches((setup,))
    catalog = bench.catalog()
    unknown = [name for name in options.format or () if name not in catalog.formats]
    if unknown:
        raise Failure(f"unknown format '{unknown[0]}'; there are: {', '.join(catalog.formats)}", USAGE)
    formats = [name for name in catalog.formats if not options.format or name in options.format]
    build = size.objects_of(bench)
    if build is None:
        raise Failure(f"{bench.path} has no object files beside it", SKIPPED)
    sizes = size.sizes_of(catalog, formats, build)
    if not sizes:
        raise Failure(f"no object files of the engine in {build}", NOTHING)
    built = build_info.built_by(bench.path, catalog)
    path = golden_sizes.path_of(built["compiler"], built["architecture"])
    golden = golden_sizes.load(path)
    compared = setup == USUAL
    changed = golden_sizes.changes(golden, sizes) if compared and golden else []
    lines = [size.text(sizes)] + (change_lines(changed, golden, path)
                                  if compared and not options.update else [])
    answer = Answer(
        lambda: "\n".join(lines) + "\n",
        {"build": setup.build, "kernel": catalog.kernel, "sizes": sizes,
         "changed": [{"format": key[0], "variant": key[1], "op": key[2], "golden": list(old),
                      "now": list(new)} for key, old, new in changed]})
    if options.update:
        answer.notes.append(f"wrote {golden_sizes.update(path, sizes)} rows to {shown(path)}")
    worse = [row for row in changed if golden_sizes.growth(row[1], row[2]) > golden_sizes.WORSE]
    if worse and not options.update:
        answer.notes.append(f"{len(worse)} sizes grew by more than {100 * golden_sizes.WORSE:g} %; if that "
                            f"is meant: {COMMAND} size --update")
        answer.code = REGRESSION
    return answer
