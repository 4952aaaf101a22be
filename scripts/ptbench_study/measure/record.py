# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench record`: this machine's iommu:map and iommu:unmap events, as a file that `replay` takes.

Everything happens in an instance of tracefs of our own, which goes at the end with all its settings:
what else is traced on the machine is neither seen nor changed.
"""

import lzma
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

from ..base import children
from ..base.errors import FAILED, NOTHING, USAGE, Failure
from ..base.paths import COMMAND, shown
from ..base.progress import duration, tell

PLACES = ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")
PREFIX = "ptbench-"
EVENTS = ("map", "unmap")
SECONDS = 10.0
# KiB of buffers: of a CPU, and of all together.
CPU_BUFFER_KIB, ALL_BUFFERS_KIB = 8192, 256 << 10
EMPTY_SECONDS = 0.05
PIECE, PIECES_AT_ONCE = 1 << 16, 64
PLAIN, PACKED = ".txt", ".txt.xz"
LOST = re.compile(rb"\[LOST (\d+) EVENTS\]")

ELSEWHERE = """\
On any other machine, as root (where {place} is empty, first: mount -t tracefs tracefs {place}):

    i={place}/instances/ptbench; mkdir $i && for e in map unmap; do echo 1 >$i/events/iommu/$e/enable; done
    timeout 10 cat $i/trace_pipe | xz >my-trace.txt.xz
    rmdir $i

That records for 10 seconds. Then, here: {command} replay my-trace.txt.xz
"""


class Refused(Exception):
    """This machine does not let us trace: the message is the reason."""


def tracefs():
    """Where tracefs is; Refused where it is not, or has no events of the IOMMU."""
    places = [os.environ["PTBENCH_TRACEFS"]] if "PTBENCH_TRACEFS" in os.environ else PLACES
    try:
        mounted = [Path(place) for place in places if os.path.isdir(os.path.join(place, "instances"))]
        denied = [place for place in places if os.path.isdir(place) and not os.access(place, os.X_OK)]
        if denied and not mounted:
            raise Refused(f"{shown(denied[0])} is not for this user: run it as root")
        if not mounted:
            raise Refused(f"no tracefs with instances at {' or '.join(places)}")
        missing = [name for name in EVENTS if not (mounted[0] / "events" / "iommu" / name).is_dir()]
    except OSError as error:
        raise Refused(f"{error.filename}: {error.strerror}") from error
    if missing:
        raise Refused("this kernel has no tracepoint " + " and no ".join(f"iommu:{name}" for name in missing))
    return mounted[0]


def remove_leftovers(instances):
    """Remove what recorders left behind that were killed; what cannot be removed is not ours to remove."""
    for path in instances.glob(PREFIX + "*"):
        pid = path.name.removeprefix(PREFIX)
        if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            try:
                os.rmdir(path)
            except OSError:
                pass


class Instance:
    """An instance of tracefs of our own, for as long as the context lasts."""

    def __init__(self, place):
        self.path = place / "instances" / f"{PREFIX}{os.getpid()}"

    def write(self, name, text):
        """Write to one of its files."""
        (self.path / name).write_text(text, encoding="ascii")

    def enable(self, on):
        """Let events be recorded, or no more."""
        try:
            for name in EVENTS:
                self.write(f"events/iommu/{name}/enable", "1" if on else "0")
        except OSError as error:
            raise Refused(f"{error.filename}: {error.strerror}") from error

    def __enter__(self):
        remove_leftovers(self.path.parent)
        try:
            os.mkdir(self.path)
        except OSError as error:
            raise Refused(f"{error.filename}: {error.strerror}"
                          + (": run it as root" if os.geteuid() else "")) from error
        try:
            self.write("buffer_size_kb", str(min(CPU_BUFFER_KIB, ALL_BUFFERS_KIB // (os.cpu_count() or 1))))
            self.pipe = os.open(self.path / "trace_pipe", os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            os.rmdir(self.path)
            raise Refused(f"{error.filename}: {error.strerror}") from error
        return self

    def __exit__(self, *_):
        os.close(self.pipe)
        os.rmdir(self.path)

    def drain(self, out, most):
        """Write what was recorded since the last time, up to so many pieces; whether there may be more."""
        try:
            for _ in range(most):
                piece = os.read(self.pipe, PIECE)
                if not piece:
                    return False
                out.write(piece)
        except BlockingIOError:
            return False
        return True


def start(command):
    """Start the command whose time is recorded."""
    try:
        return children.start(command)
    except OSError as error:
        raise Failure(f"{command[0]}: {error.strerror}", USAGE) from error


def record_while(instance, out, seconds, command):
    """Record until the time is over, or the command, or somebody interrupts; then record no more."""
    child = None
    try:
        child = start(command) if command else None
        end = time.monotonic() + seconds
        while child.poll() is None if child else time.monotonic() < end:
            if not instance.drain(out, PIECES_AT_ONCE):
                time.sleep(EMPTY_SECONDS)
    except KeyboardInterrupt:
        tell("interrupted: what was recorded until now is kept")
    finally:
        if child and child.poll() is None:
            child.terminate()
            child.wait()
        instance.enable(False)
        while instance.drain(out, PIECES_AT_ONCE):
            pass
    if child and child.returncode:
        tell(f"{command[0]} ended with exit code {child.returncode}")


def counted(file):
    """({event: how many}, events that the recorder lost) of a recorded file."""
    found, lost = dict.fromkeys(EVENTS, 0), 0
    with open(file, "rb") as lines:
        for line in lines:
            for name in EVENTS:
                found[name] += f" {name}: IOMMU:".encode() in line
            lost += sum(map(int, LOST.findall(line)))
    return found, lost


def store(plain, output):
    """Give the recording its name, packed where that says so."""
    with tempfile.NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as file:
        try:
            packer = lzma.open if output.name.endswith(PACKED) else open
            with open(plain, "rb") as source, packer(file.name, "wb") as out:
                shutil.copyfileobj(source, out)
            os.chmod(file.name, 0o644)
            os.replace(file.name, output)
        except BaseException:
            os.unlink(file.name)
            raise


def check_output(output):
    """Failure where the recording could not be stored there."""
    if not output.name.endswith((PLAIN, PACKED)):
        raise Failure(f"{shown(output)}: a trace is called *{PACKED} or *{PLAIN}", USAGE)
    if output.exists():
        raise Failure(f"{shown(output)} is there already: name another file with --output", USAGE)
    if not output.parent.is_dir():
        raise Failure(f"{shown(output.parent)}: no such folder", USAGE)


def record_to(output, place, options):
    """Record into a file."""
    with tempfile.NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.") as plain:
        with Instance(place) as instance:
            instance.enable(True)
            what = f"while {options.words[0]} runs" if options.words else f"for {duration(options.time)}"
            tell(f"recording {what}; Ctrl-C ends it")
            record_while(instance, plain, options.time, options.words)
        plain.flush()
        found, lost = counted(plain.name)
        if not any(found.values()):
            raise Failure("nothing was mapped or unmapped: is there an IOMMU, is it not in passthrough, "
                          "and did a device work?", NOTHING)
        store(plain.name, output)
    tell(f"{found['map']} maps and {found['unmap']} unmaps in {shown(output)}")
    if lost:
        tell(f"{lost} more events were lost, as they came faster than they could be read")
    tell(f"replay them with: {COMMAND} replay {shown(output)}")


def elsewhere():
    """How any other machine is recorded."""
    return ELSEWHERE.format(place=PLACES[0], command=COMMAND)


def record(options):
    """Record; Refused where that cannot be done here."""
    if options.words and options.time:
        raise Failure("--time is for recording without a command", USAGE)
    options.time = options.time or SECONDS
    output = Path(options.output)
    check_output(output)
    try:
        record_to(output, tracefs(), options)
    except OSError as error:
        raise Failure(f"{shown(error.filename or output)}: {error.strerror}", FAILED) from error
