# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The same engine inside a kernel."""

from ..base import columns
from ..base.answer import Answer
from ..base.errors import REGRESSION, USAGE, Failure
from ..base.paths import COMMAND, shown
from ..code import inside_module
from ..measure import inside
from ..results import counts, inside_counts
from . import arguments

EXAMPLE = "inside verify"
MORE = """
verify  random operations on the engine and on that kernel's page tables, each called directly and behind
        iommu_map(): equal translations and words, everything flushed, nothing leaked, nothing that sleeps
count   instructions of calls, beside those in user space and the golden ones of results/counts
dma     tables under QEMU's intel-iommu and amd-iommu, through which its edu device copies, while leaves are
        cut and joined; holes and read-only pages are refused
module  only build the module, and say how to load it
The kernel is Debian's own, fetched by apt and unpacked under build/inside; it runs in QEMU, in the
memory of a machine without disks. Exit code 77 where QEMU or the packages cannot be had."""
PLANTS = ("word", "flush", "leak", "sleep")
PLANTED = {("verify", plant) for plant in PLANTS} | {("dma", "flush")}


def add(parser):
    """Its arguments."""
    parser.add_argument("action", choices=("verify", "count", "dma", "module"), help="what to do, see above")
    parser.add_argument("--kernel", default=inside_module.KERNELS[0], metavar="V",
                        help=f"Debian's kernel of this version: {', '.join(inside_module.KERNELS)}")
    parser.add_argument("--format", type=arguments.names, metavar="LIST",
                        help=f"only these formats of {', '.join(inside_module.FORMATS)}")
    parser.add_argument("--steps", type=arguments.positive, metavar="N",
                        help="random steps of verify for each format (default: 2000)")
    parser.add_argument("--seed", type=arguments.positive, default=1, metavar="S",
                        help="of verify (default: 1)")
    parser.add_argument("--plant", choices=PLANTS,
                        help="put this fault in, to see verify find it: exit code 3")
    parser.add_argument("--update", action="store_true", help="of count: write the golden file")
    arguments.as_json(parser)


def verify(options, kernel):
    """Check."""
    parameters = f"verify={options.steps or 2000} seed={options.seed}"
    parameters += f" plant={options.plant}" if options.plant else ""
    own, trouble = inside.said(inside.boot(kernel, parameters))
    inside.check(own, trouble)
    lines = [line for line in own if line.startswith("verify ")]
    return Answer(lambda: "".join(f"{line}\n" for line in [f"Linux {kernel.full}", *lines]),
                  {"kernel": kernel.full, "seed": options.seed, "formats": lines})


def dma(options, kernel):
    """Check with hardware that QEMU plays."""
    lines = []
    for name in inside.IOMMUS:
        parameters = f"verify=0 dma={name}" + (f" plant={options.plant}" if options.plant else "")
        own, trouble = inside.said(inside.boot(kernel, parameters, iommu=name))
        inside.check(own, trouble)
        lines += [line for line in own if line.startswith("dma ")]
    return Answer(lambda: "".join(f"{line}\n" for line in [f"Linux {kernel.full}", *lines]),
                  {"kernel": kernel.full, "iommus": lines})


def table(rows):
    """Counts as lines."""
    figures = ("user_space", "golden", "instructions", "ratio")
    shown_rows = [(row["case"], row["variant"], *(
        "-" if row[name] is None else f"{row[name]:.2f}" for name in figures)) for row in rows]
    names = ("case", "variant", "user space", "golden", "kernel", "kernel/user")
    return "\n".join(columns.table(names, shown_rows, (0, 1), ((3,),))) + "\n"


def count(options, kernel):
    """Count, beside user space and the golden file."""
    own, trouble = inside.said(inside.boot(kernel, "verify=0 count=1", counting=True))
    inside.check(own, trouble)
    driver = f"linux-{kernel.version}"
    found = inside.counts_of(own, driver)
    path = inside_counts.path_of(kernel.version, kernel.compiler)
    golden = counts.load(path)
    rows = inside_counts.rows(found, golden, inside_counts.user_space(kernel.compiler))
    answer = Answer(lambda: f"Linux {kernel.full}, {kernel.compiler}\n" + table(rows),
                    {"kernel": kernel.full, "compiler": kernel.compiler, "rows": rows})
    worse = [row for row in rows if row["change"] is not None and row["change"] > inside_counts.WORSE]
    if options.update:
        counts.store(path, inside_counts.golden_of(found))
        answer.notes.append(f"wrote {len(found)} rows to {shown(path)}")
    elif golden is None:
        answer.notes.append(f"there are no golden counts {shown(path)}: --update writes them")
    elif worse:
        answer.notes.append(f"{len(worse)} counts are worse by more than {100 * inside_counts.WORSE:g} %, "
                            f"first {worse[0]['case']} {worse[0]['variant']}; if that is meant: {COMMAND} "
                            "inside count --update")
        answer.code = REGRESSION
    return answer


def run(options):
    """Build, and do what is asked."""
    if options.update and (options.action != "count" or options.format):
        raise Failure("--update goes with count of all formats", USAGE)
    if options.steps and options.action != "verify":
        raise Failure("--steps goes with verify", USAGE)
    if options.plant and (options.action, options.plant) not in PLANTED:
        raise Failure(f"--plant {options.plant} does not go with {options.action}", USAGE)
    if options.format and options.action == "dma":
        raise Failure("dma takes the formats of its IOMMUs: leave out --format", USAGE)
    kernel = inside_module.build(options.kernel, tuple(options.format or inside_module.FORMATS))
    if options.action == "module":
        module = kernel.module / "ptbench.ko"
        text = (f"{shown(module)}\nfor Linux {kernel.full}-amd64; what it finds is in the kernel's log, "
                f"whose last line is fine or FAILED:\n  sudo insmod {shown(module)} verify=2000\n"
                "  sudo rmmod ptbench\n  sudo dmesg | grep inside:\n")
        return Answer(lambda: text, {"kernel": kernel.full, "module": str(module)})
    return {"verify": verify, "count": count, "dma": dma}[options.action](options, kernel)
