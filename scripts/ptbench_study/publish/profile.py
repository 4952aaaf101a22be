# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench profile`: where one case on one variant spends its time, by perf's samples.

The binary repeats the case's rounds. A round has parts that are not measured (what is to be unmapped has
to be mapped first, results are checked); they are sampled too, but shown is only what lies below
round_timed(), the function around the measured part. Inlined functions are frames like any other.
"""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

from ..base import children
from ..base.errors import FAILED, NOTHING, SKIPPED, USAGE, Failure
from ..base.paths import BUILD, shown
from ..base.progress import tell
from ..results.store import ensure_folder, write_whole
from ..measure import plan, traces
from ..measure.bench import last_line, trace_arguments
from ..measure.cpus import check_cpu
from . import flame

MEASURED = "round_timed"
# No divisor of the kernel's ticks, so that samples do not fall in step with them.
FREQUENCY = 997
# Of the stack, copied with each sample: enough for the callers up to main().
STACK_BYTES = 2048
ANNOTATED = 3
LISTED = 12
FRAME = re.compile(r"\s+[0-9a-f]+ (.+?)(?:\+0x[0-9a-f]+)? \((.*)\)$")
REFUSED = re.compile(r"perf_event_paranoid|[Pp]ermission|not permitted|Access to performance")


def no_perf(reason):
    """The Failure of a machine on which perf cannot sample."""
    return Failure(f"profile needs perf: {reason}", SKIPPED)


class Perf:
    """Calls perf on one data file."""

    def __init__(self, data):
        self.data = data
        self.path = shutil.which("perf")
        if not self.path:
            raise no_perf("sudo apt-get install linux-perf")

    def call(self, *words):
        """(exit code, stdout, stderr)."""
        try:
            done = children.run([self.path, *map(str, words)], capture_output=True, text=True,
                                errors="replace", stdin=subprocess.DEVNULL)
        except OSError as error:
            raise no_perf(f"cannot run {self.path}: {error.strerror}") from error
        return done.returncode, done.stdout, done.stderr

    def record(self, command):
        """Sample a command: its CPU cycles, or where there is no PMU the CPU's clock."""
        said = ""
        for event in ("cycles:u", "cpu-clock:u"):
            code, _, said = self.call("record", "-q", "-o", self.data, "-e", event, "-F", FREQUENCY,
                                      "--call-graph", f"dwarf,{STACK_BYTES}", "--",
                                      *children.under(command))
            if code == 0:
                return
            if "ptbench-bench: " in said:
                raise Failure(last_line(said), code if code in (USAGE, NOTHING, SKIPPED) else FAILED)
        if REFUSED.search(said):
            raise no_perf("not permitted here: sudo sysctl kernel.perf_event_paranoid=1")
        raise no_perf(f"perf record failed: {last_line(said) or f'exit code {code}'}")

    def event(self):
        """The event that was sampled, as perf names it."""
        return self.call("evlist", "-i", self.data)[1].split("\n")[0].strip() or "unknown event"

    def stacks(self):
        """The samples as lists of functions, outermost first."""
        code, out, said = self.call("script", "-i", self.data, "-F", "ip,sym,dso")
        if code:
            raise Failure(f"perf script: {last_line(said)}", FAILED)
        return parse_stacks(out)

    def annotate(self, function):
        """Source and instructions of a function with their shares, as text."""
        return self.call("annotate", "--stdio", "-i", self.data, "-s", function)[1]


class Stack:
    """A sample: its functions, outermost first, and the symbol that its instruction belongs to.

    Inlined functions are in `frames` like any other; the symbol is whose code they became.
    """

    def __init__(self, frames, symbol):
        self.frames = frames
        self.symbol = symbol

    def below(self, function):
        """The Stack of what lies below a function, or None where it is not in it or innermost."""
        if function not in self.frames[:-1]:
            return None
        return Stack(self.frames[self.frames.index(function) + 1:], self.symbol)


def parse_stacks(text):
    """The Stacks that `perf script -F ip,sym,dso` prints, innermost function first."""
    stacks, frames = [], []
    for line in text.split("\n") + [""]:
        match = FRAME.match(line)
        if match:
            frames.append(match)
        elif frames:
            symbol = next((frame[1] for frame in frames if frame[2] != "inlined"), frames[0][1])
            stacks.append(Stack([frame[1] for frame in reversed(frames)], symbol))
            frames = []
    return stacks


def measured_part(stacks):
    """What lies below round_timed() of those stacks that have it."""
    return [part for part in (stack.below(MEASURED) for stack in stacks) if part]


def fold(stacks):
    """{"outer;inner": samples}, as flame graph tools read it."""
    folded = {}
    for stack in stacks:
        line = ";".join(stack.frames)
        folded[line] = folded.get(line, 0) + 1
    return dict(sorted(folded.items()))


def ranked(names):
    """[(name, how often)], the most frequent first."""
    found = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def annotate_hottest(perf, stacks):
    """[(symbol, its annotation)] of those that most of the measured part's samples fall into."""
    return [(name, perf.annotate(name))
            for name, _ in ranked(stack.symbol for stack in stacks)[:ANNOTATED]]


def choose(catalog, options):
    """(case, variant) that the options name; Failure where they name none or several."""
    variants = options.variant or ["inline"]
    if len(variants) != 1:
        raise Failure("profile looks at one variant", USAGE)
    selected = plan.select_cases(catalog, filters=[options.case], variants=variants)
    if len(selected) != 1:
        raise Failure(f"{options.case} names {len(selected)} cases, such as "
                      f"{selected[0][0].name}: name one", USAGE)
    case, names = selected[0]
    return case, names[0]


def write_all(folder, title, subtitle, stacks, annotations):
    """The files: folded stacks, flame graph, annotations."""
    folded = fold(stacks)
    write_whole(folder / "folded.txt", "".join(f"{stack} {count}\n"
                                               for stack, count in folded.items()))
    write_whole(folder / "flame.svg", flame.svg(folded, title, subtitle))
    note = "Shares are those of all samples in a function, measured part or not.\n\n"
    write_whole(folder / "annotate.txt", note + "\n".join(text for _, text in annotations))


def text(stacks, share, event, folder, annotations):
    """What stdout gets: the hottest functions and where the rest is."""
    lines = [f"{len(stacks)} samples of {event} in the measured part, {100 * share:.0f} % of all",
             "   share  function, inlined ones by themselves"]
    lines += [f"  {100 * count / len(stacks):5.1f}%  {name}"
              for name, count in ranked(stack.frames[-1] for stack in stacks)[:LISTED]]
    names = ", ".join(name for name, _ in annotations)
    lines += [f"flame graph  {shown(folder / 'flame.svg')}",
              f"annotated    {shown(folder / 'annotate.txt')}: {names}",
              f"more         perf report -i {shlex.quote(shown(folder / 'perf.data'))}"]
    return "\n".join(lines) + "\n"


def profile(options, bench):
    """Sample the case that the options name, and write the files; what stdout gets."""
    check_cpu(options.cpu)
    catalog = bench.catalog()
    case, variant = choose(catalog, options)
    folder = Path(options.output or BUILD / "profile" / f"{case.name.replace('/', '-')}-{variant}")
    ensure_folder(folder)
    perf = Perf(folder / "perf.data")
    files = traces.recorded({case.size_text}) if case.is_replay else {}
    traces.tell_recorded(bench, [case], files)
    tell(f"sampling {case.name} on {variant} for {options.seconds} s")
    perf.record([bench.path, "repeat", "--case", case.name, "--variants", variant, "--seconds",
                 options.seconds, "--cpu", options.cpu, *trace_arguments(files)])
    everything = perf.stacks()
    stacks = measured_part(everything)
    if not stacks:
        raise Failure(f"none of {len(everything)} samples lies in the measured part: give --seconds "
                      "more", FAILED)
    event = perf.event()
    annotations = annotate_hottest(perf, stacks)
    write_all(folder, f"{case.name} on {variant}", f"{len(stacks)} samples of {event}", stacks,
              annotations)
    return text(stacks, len(stacks) / len(everything), event, folder, annotations)
