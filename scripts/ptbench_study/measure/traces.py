# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Recorded traces: those of bench/traces and the user's, as plain text, and what of them is replayed.

A packed file tells by its first bytes what it is packed by, and is unpacked by that program, piece by
piece: whatever it claims to hold, no more than MOST_BYTES are written and little is in memory.
"""

import contextlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from ..base import children
from ..base.errors import SKIPPED, USAGE, Failure
from ..base.paths import BUILD, ROOT, cannot_write, shown
from ..base.progress import tell
from ..base.quoting import file_name

RECORDED = ROOT / "bench" / "traces"
# As much as a part of a case's name may have.
LONGEST_NAME = 63
UNPACKED = BUILD / "traces"
# Two million events: what the measuring binary then needs of memory is below a gigabyte.
MOST_BYTES = 256 << 20
PIECE = 1 << 20
OWN = "given-"
# First bytes: how to unpack stdin to stdout, with a limit of memory where the format lets a file ask for any.
PACKED = {b"\xfd7zXZ\0": ("xz", "-dc", "--memlimit-decompress=256MiB"),
          b"\x1f\x8b": ("gzip", "-dc"),
          b"BZh": ("bzip2", "-dc"),
          b"\x28\xb5\x2f\xfd": ("zstd", "-dc", "--memory=256MiB")}
# A name that the measuring binary takes.
LONGEST_NAME = 63

# Why an event is left out: of one event, of several.
REASONS = {"not_mapped": ("unmaps what is not known to be mapped", "unmap what is not known to be mapped"),
           "empty": ("changed nothing", "changed nothing"),
           "unaligned": ("is no multiple of the format's page", "are no multiples of the format's page"),
           "out_of_reach": ("lies beyond the format's addresses", "lie beyond the format's addresses"),
           "cut_off": ("is truncated", "are truncated")}
NOT_STORED = "how many of its events were left out is not stored in this run"


def name_of(file):
    """A trace's name, as the third part of its cases' names: the file's name without endings."""
    stem = re.sub(r"(\.txt)?(\.(xz|gz|bz2|zst))?$", "", Path(file).name)
    return file_name(stem)[:LONGEST_NAME]


def packer_of(head):
    """The command that unpacks a file of these first bytes, or None where it is not packed."""
    return next((command for magic, command in PACKED.items() if head.startswith(magic)), None)


def copy_limited(source, out, file):
    """Copy a stream; Failure where it is longer than a trace may be."""
    copied = 0
    while piece := source.read(PIECE):
        copied += len(piece)
        if copied > MOST_BYTES:
            raise Failure(f"{shown(file)}: longer than {MOST_BYTES >> 20} MiB when unpacked: "
                          "record for a shorter time, or unpack it yourself if that is meant", USAGE)
        out.write(piece)


def unpack_to(source, command, out, file):
    """Unpack an open file into another by a command."""
    if not shutil.which(command[0]):
        raise Failure(f"{shown(file)}: packed by {command[0]}, which is not installed here "
                      f"(Debian: {'xz-utils' if command[0] == 'xz' else command[0]})", SKIPPED)
    with tempfile.TemporaryFile() as said, \
            children.start(command, stdin=source, stdout=subprocess.PIPE, stderr=said) as child:
        try:
            copy_limited(child.stdout, out, file)
        except BaseException:
            child.kill()
            raise
        if child.wait() != 0:
            said.seek(0)
            words = said.read(1000).decode(errors="replace").split("\n")[0]
            raise Failure(f"{shown(file)}: not packed by {command[0]}, or truncated: "
                          f"{words.rpartition(': ')[2] or 'no reason given'}", USAGE)


def unpack_file(file, plain):
    """Make the plain text of `file` the file `plain`, whole or not at all."""
    plain.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=plain.parent, prefix=f".{plain.name}.", delete=False) as out:
        try:
            with open(file, "rb", buffering=0) as source:
                if stat.S_ISREG(os.fstat(source.fileno()).st_mode):
                    command = packer_of(source.read(8))
                    source.seek(0)
                    unpack_to(source, command, out, file) if command else \
                        copy_limited(source, out, file)
                else:
                    copy_limited(source, out, file)
            out.flush()
            os.replace(out.name, plain)
        except BaseException:
            os.unlink(out.name)
            raise


def guarded(file, work):
    """The result of work(); whatever the system says about `file` is a Failure of one line."""
    try:
        return work()
    except OSError as error:
        if str(error.filename) != str(file):
            raise cannot_write(error.filename or file, error) from error
        raise Failure(f"{shown(file)}: {error.strerror}", USAGE) from error


def unpacked(file, folder=UNPACKED):
    """The plain text of a trace of the project: a copy that is made once, and anew when it changed."""
    plain = Path(folder) / f"{name_of(file)}.txt"

    def work():
        # The copy has its source's time, which tells whether it is still its copy.
        known = os.stat(file)
        if not plain.exists() or plain.stat().st_mtime_ns != known.st_mtime_ns:
            unpack_file(file, plain)
            os.utime(plain, ns=(known.st_atime_ns, known.st_mtime_ns))
        return plain

    return guarded(file, work)


def recorded(names):
    """{name: file} of the traces of bench/traces among `names`."""
    return {name_of(file): unpacked(file) for file in sorted(RECORDED.glob("*.txt.xz"))
            if name_of(file) in names}


def plain_file(file, folder):
    """A file with the plain text of a user's trace: itself, or a copy in `folder`."""
    def work():
        if stat.S_ISREG(os.stat(file).st_mode):
            with open(file, "rb") as source:
                if packer_of(source.read(8)) is None:
                    return Path(file)
        plain = Path(folder) / f"{name_of(file)}.txt"
        unpack_file(file, plain)
        return plain

    return guarded(file, work)


@contextlib.contextmanager
def own_folder():
    """A folder for what is unpacked for this process alone; those of processes that were killed go."""
    UNPACKED.mkdir(parents=True, exist_ok=True)
    for path in UNPACKED.glob(f"{OWN}*"):
        pid = path.name.removeprefix(OWN).partition("-")[0]
        if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            shutil.rmtree(path, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{OWN}{os.getpid()}-", dir=UNPACKED) as folder:
        yield Path(folder)


def given(files, folder):
    """({name: plain file}, {plain file: the user's file}) of the traces on a command line.

    What has to be unpacked goes to `folder`.
    """
    plain_files, origins = {}, {}
    for file in files:
        name = name_of(file)
        if name in plain_files:
            raise Failure(f"two traces are called {name}: rename one", USAGE)
        plain_files[name] = plain_file(file, folder)
        origins[str(plain_files[name])] = shown(file)
    return plain_files, origins


def left_out(trace):
    """How many events were left out, and why, as text; "" where none was."""
    found = {reason: count for reason, count in trace.get("left_out", {}).items() if count}
    total = sum(found.values())
    if not total:
        return ""
    phrases = {reason: REASONS.get(reason, (reason, reason))[count > 1] for reason, count in found.items()}
    if len(found) == 1:
        because = f"{'they' if total > 1 else 'it'} {phrases.popitem()[1]}"
    else:
        because = ", ".join(f"{count} {phrases[reason]}" for reason, count in found.items())
    return f"; {total} left out because {because}"


def in_words(trace):
    """What of a trace was replayed: "213 of 498 events; 285 left out because they ..."."""
    text = f"{trace['replayed']} of {trace['recorded']} events{left_out(trace)}"
    for key, words in (("in_part", "unmapped only in part, as the rest is not known to be mapped"),
                       ("put_in", "preceded by an unmap that the recording lacks")):
        if trace.get(key):
            text += f"; {trace[key]} {words}"
    if trace.get("lost") or trace.get("lost_more"):
        more = "more than " if trace.get("lost_more") else ""
        text += f"; the recorder lost {more}{trace.get('lost', 0)} events"
    return text


def is_whole(trace):
    """Whether there is nothing to say about a replay but how long it was."""
    return trace["replayed"] == trace["recorded"] and not any(
        trace.get(key) for key in ("in_part", "put_in", "lost", "lost_more"))


def by_words(cases, known):
    """{(trace's name, words): [format]} of the replays among cases; `known` maps cases' names to traces."""
    found = {}
    for case in cases:
        if case.is_replay:
            trace = known.get(case.name)
            formats = found.setdefault((case.size_text, in_words(trace) if trace else NOT_STORED), [])
            if case.format not in formats:
                formats.append(case.format)
    return found


def tell_replayed(cases, known):
    """Say on stderr what of which trace is replayed, format by format where they differ."""
    words = by_words(cases, known)
    for (name, text), formats in words.items():
        differ = sum(other == name for other, _ in words) > 1
        tell(f"{name}{' in ' + ', '.join(formats) if differ else ''}: {text}")


def tell_recorded(bench, cases, files):
    """The same of the project's traces {name: file} before any of them is replayed."""
    if files:
        tell_replayed(cases, {case.name: case.trace for case in bench.catalog(files).cases if case.trace})


def lines_of(cases, known):
    """The same of one format as lines for a table's head: those that are whole share one."""
    whole, lines = [], []
    for name, text in by_words(cases, known):
        trace = next((known.get(case.name) for case in cases if case.size_text == name), None)
        if trace and is_whole(trace):
            whole.append(f"{name} {trace['replayed']} of {trace['recorded']}")
        else:
            lines.append(f"{name}: {text}")
    return ([f"events: {', '.join(whole)}"] if whole else []) + lines
