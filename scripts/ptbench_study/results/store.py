# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The results folder: files that appear whole or not at all, run files that never change.

    <results>/machines/<id>.json                         facts of a machine
    <results>/runs/<id>/<date>-<commit>-<n>.json         one run: Google Benchmark's JSON
    <results>/runs/<id>/.partial/                        an unfinished run (staging.py)
    <results>/charts/<id>/*.svg

<n> counts the runs of a date, so that names sort by time within a date.
"""

import os
import re
import tempfile
from pathlib import Path

from ..base.documents import load_json, parsed
from ..base.errors import FAILED, USAGE, Failure
from ..base.paths import cannot_write, shown
from . import errata, schema

SCHEMA = 1
MACHINE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
RUN_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})-([0-9a-z]+)-(\d+)\.json")


def ensure_folder(folder):
    """Create a folder; Failure where that is impossible or nothing can be written there."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise cannot_write(folder, error) from error


def write_temporary(path, text):
    """Write text to a new file beside `path` and have it on the disk; its name."""
    handle, temporary = tempfile.mkstemp(prefix="." + path.name, dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
    except BaseException:
        os.unlink(temporary)
        raise
    return temporary


def sync_folder(folder):
    """Have a folder's entries on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path, text):
    """Replace a file by `text`; readers see the old content or the new one, never a part."""
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(write_temporary(path, text), path)
        sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


def write_if_changed(path, text):
    """write_whole(), unless the file already says just that."""
    try:
        if Path(path).read_text(encoding="utf-8") == text:
            return
    except (OSError, UnicodeDecodeError):
        pass
    write_whole(path, text)


def add_run(results, machine, date, commit, text):
    """Store a new run file under the next free number, never replacing one; its path.

    Failure FAILED, and nothing is stored, where the text is not what the schema says.
    """
    wrong = schema.wrong(parsed(text))
    if wrong:
        raise Failure(f"a run of {machine} that is not stored, as it is none: {wrong}", FAILED)
    folder = Path(results) / "runs" / machine
    ensure_folder(folder)
    taken = [int(match[3]) for match in map(RUN_NAME.fullmatch, os.listdir(folder))
             if match and match[1] == date]
    number = max(taken, default=0) + 1
    try:
        temporary = write_temporary(folder / f"{date}-{commit}-{number}.json", text)
        while True:
            path = folder / f"{date}-{commit}-{number}.json"
            try:
                os.link(temporary, path)
                break
            except FileExistsError:
                number += 1
        os.unlink(temporary)
        sync_folder(folder)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return path


def wrong_field(record, required):
    """The name of the first field that is missing or of the wrong type, or None."""
    if not isinstance(record, dict):
        return "everything"
    for name, kind in required.items():
        value = record.get(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            return name
    return None


class Run:
    """A run file that was read: `context`, `entries`, and where it came from."""

    def __init__(self, path, document):
        self.path = Path(path)
        self.context = document["context"]
        self.entries = document["benchmarks"]

    @property
    def machine(self):
        """Id of the machine that was measured."""
        return self.context["machine"]

    @property
    def kernel(self):
        """The variant that is the kernel's drivers, of several the first, or None."""
        return self.context.get("kernel")

    @property
    def kernels(self):
        """All variants that are kernels' drivers, in the order they were named."""
        return self.context.get("kernels") or ([self.kernel] if self.kernel else [])


def load_run(path):
    """Read and check a run file, its entries marked with what is known to be wrong in them.

    Failure USAGE with its name and what is wrong with it.
    """
    document = load_json(path)
    context = document.get("context") if isinstance(document, dict) else None
    if not isinstance(context, dict) or "ptbench" not in context:
        raise Failure(f"{shown(path)}: not a run of ptbench: no \"ptbench\" in its context", USAGE)
    if context["ptbench"] != SCHEMA:
        raise Failure(f"{shown(path)}: written by another version of ptbench "
                      f"(schema {schema.shortened(context['ptbench'])}, not {SCHEMA})", USAGE)
    wrong = schema.wrong(document)
    if wrong:
        raise Failure(f"{shown(path)}: {wrong}", USAGE)
    errata.mark(document["benchmarks"], context)
    return Run(path, document)


def load_stored(path):
    """load_run() of a file in a results folder, which has to be of the machine whose folder it is in."""
    run = load_run(path)
    if run.machine != Path(path).parent.name:
        raise Failure(f"{shown(path)}: in the folder of another machine than its own, {run.machine}", USAGE)
    return run


def run_paths(results, machine):
    """Paths of a machine's run files, oldest first."""
    folder = Path(results) / "runs" / machine
    found = []
    for path in folder.glob("*.json") if folder.is_dir() else ():
        match = RUN_NAME.fullmatch(path.name)
        if match:
            found.append((match[1], int(match[3]), path))
    return [path for _, _, path in sorted(found)]


def machines(results):
    """Ids of all machines that have runs."""
    return sorted(folder.name for folder in (Path(results) / "runs").glob("*")
                  if MACHINE_ID.fullmatch(folder.name) and run_paths(results, folder.name))
