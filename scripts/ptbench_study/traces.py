# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Recorded traces: those of bench/traces and the user's, decompressed once into build/traces."""

import lzma
import os
import re
import shutil
from pathlib import Path

from .errors import USAGE, Failure
from .paths import BUILD, ROOT, cannot_write, shown
from .quoting import file_name

RECORDED = ROOT / "bench" / "traces"
# As much as a part of a case's name may have.
LONGEST_NAME = 63
UNPACKED = BUILD / "traces"


def name_of(file):
    """A trace's name, as the third part of its cases' names: the file's name without endings."""
    stem = re.sub(r"(\.txt)?(\.xz)?$", "", Path(file).name)
    return file_name(stem)[:LONGEST_NAME]


def unpack(file, folder=UNPACKED):
    """A file with the plain text of a trace: itself, or a copy of it that is made when needed."""
    file = Path(file)
    try:
        if file.suffix != ".xz":
            with open(file, "rb"):
                return file
        plain = Path(folder) / f"{name_of(file)}.txt"
        if plain.exists() and plain.stat().st_mtime_ns == file.stat().st_mtime_ns:
            return plain
        plain.parent.mkdir(parents=True, exist_ok=True)
        temporary = plain.with_name(f".{plain.name}.{os.getpid()}")
        try:
            with lzma.open(file) as packed, open(temporary, "wb") as out:
                shutil.copyfileobj(packed, out)
            # The copy has its source's time, which tells whether it is still its copy.
            os.utime(temporary, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
            os.replace(temporary, plain)
        finally:
            temporary.unlink(missing_ok=True)
        return plain
    except (lzma.LZMAError, EOFError) as error:
        raise Failure(f"{shown(file)}: not an xz file, or cut off: {error}", USAGE) from error
    except OSError as error:
        if error.filename != str(file):
            raise cannot_write(error.filename or plain, error) from error
        raise Failure(f"{shown(file)}: {error.strerror}", USAGE) from error


def recorded(names):
    """{name: file} of the traces of bench/traces among `names`."""
    return {name_of(file): unpack(file) for file in sorted(RECORDED.glob("*.txt.xz"))
            if name_of(file) in names}


def given(files):
    """({name: plain file}, {plain file: the user's file}) of the traces on a command line."""
    plain_files, origins = {}, {}
    for file in files:
        name = name_of(file)
        if name in plain_files:
            raise Failure(f"two traces are called {name}: rename one", USAGE)
        plain_files[name] = unpack(file, UNPACKED / "given")
        origins[str(plain_files[name])] = str(file)
    return plain_files, origins
