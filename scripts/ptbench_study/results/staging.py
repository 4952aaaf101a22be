# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An unfinished run: one file a finished unit, so that nothing measured is lost, and its resumption.

A machine has at most one, in <results>/runs/<id>/.partial/. manifest.json there says what the run is
(commit, binary, arguments, seed); only a run that is the same in all of them may go on with it.
"""

import fcntl
import os
import shutil
from pathlib import Path

from ..base import documents
from ..base.documents import written
from ..base.errors import FAILED, USAGE, Failure
from ..base.paths import shown
from . import store

SAMPLE = {"name": str, "real_time": (int, float), "process": (int, float),
          "block": (int, float), "slot": (int, float)}
MANIFEST = {"identity": dict, "seed": int}
WORDS = {"commit": "another commit", "binary": "another build of the binary",
         "arguments": "other arguments"}


class Staging:
    """The staging folder of a machine. Holds a lock while it is open: one run at a time."""

    def __init__(self, results, machine):
        self.folder = Path(results) / "runs" / machine / ".partial"
        self.manifest = None
        self.lock = None

    def open(self):
        """Create the folder and take the lock; Failure where another run holds it."""
        store.ensure_folder(self.folder)
        self.lock = open(self.folder / "lock", "a+", encoding="utf-8")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.lock.seek(0)
            raise Failure("another run is measuring on this machine, process "
                          f"{self.lock.read().strip() or 'unknown'}", FAILED) from error
        self.lock.truncate(0)
        self.lock.write(f"{os.getpid()}\n")
        self.lock.flush()
        # Nothing in here belongs into a commit.
        (self.folder / ".gitignore").write_text("*\n", encoding="utf-8")

    def unfinished(self):
        """The manifest of an unfinished run, or None."""
        path = self.folder / "manifest.json"
        if not path.exists():
            return None
        manifest = documents.load_json(path)
        wrong = store.wrong_field(manifest, MANIFEST)
        if wrong:
            raise Failure(f"{shown(path)}: not of an unfinished run: no valid \"{wrong}\"", USAGE)
        return manifest

    def finished_count(self):
        """How many units of the unfinished run are there."""
        return len(list(self.folder.glob("*-p*.json")))

    def begin(self, manifest):
        """Start anew with `manifest`; what was there is dropped."""
        for path in self.folder.glob("*.json"):
            path.unlink()
        store.write_whole(self.folder / "manifest.json", written(manifest, indent=1) + "\n")
        self.manifest = manifest

    def resume(self, identity):
        """Go on with the unfinished run, which must have this identity; its manifest."""
        manifest = self.unfinished()
        if manifest is None:
            raise Failure(f"nothing to resume: no unfinished run in {shown(self.folder.parent)}",
                          USAGE)
        differing = [WORDS[name] for name in WORDS
                     if manifest.get("identity", {}).get(name) != identity[name]]
        if differing:
            raise Failure(f"cannot resume: the unfinished run has {' and '.join(differing)} "
                          f"(it was: {manifest.get('command')}, commit "
                          f"{manifest.get('identity', {}).get('commit')})", USAGE)
        self.manifest = manifest
        return manifest

    def path(self, unit):
        """Where the samples of a unit go."""
        return self.folder / unit.file_name

    def load(self, unit):
        """The document that the binary wrote for a unit, or None where it has not been measured.

        ValueError with the reason where it is no valid one.
        """
        path = self.path(unit)
        if not path.exists():
            return None
        document = documents.parsed(documents.read_text(path))
        entries = document.get("benchmarks") if isinstance(document, dict) else None
        if not isinstance(entries, list):
            raise ValueError("no list of samples in it")
        for entry in entries:
            wrong = store.wrong_field(entry, SAMPLE)
            if wrong:
                raise ValueError(f"a sample without \"{wrong}\"")
            if not entry["name"].startswith(unit.case + "/"):
                raise ValueError(f"a sample of another case, {entry['name']}")
        return document

    def discard(self, unit):
        """Forget what was measured for a unit."""
        self.path(unit).unlink(missing_ok=True)

    def close(self, drop):
        """Release the lock; `drop` removes the folder with everything in it."""
        if drop:
            shutil.rmtree(self.folder, ignore_errors=True)
        if self.lock:
            self.lock.close()
            self.lock = None
