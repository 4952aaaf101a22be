# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What was measured with: commit, binary, its code size.

Size and hash of .text are kept because they tell a change of code from a change of weather: where
both runs have the same hash, any difference between them is noise.
"""

import hashlib
import os
import re
import struct
import subprocess
from pathlib import Path

from ..base.paths import ROOT

SUBJECT_SYMBOL = re.compile(r"([a-z0-9]+(?:_[a-z0-9]+)*?)_(inline|recursive)_[a-z]")


def git(*arguments):
    """Output of git in the project, or None where there is no git or no repository."""
    try:
        # A checkout that belongs to another user is still the code that was built.
        done = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), *arguments],
                              capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def commit():
    """(short commit, dirty): "nogit" without a repository; results do not make it dirty."""
    name = git("rev-parse", "--short=9", "HEAD")
    if not name:
        return "nogit", False
    changed = git("status", "--porcelain", "--", ".", ":!results", ":!BENCHMARKS.md")
    return name, bool(changed)


def version():
    """The version in words: the number in the file VERSION, and the commit as far as anything tells it.

    git archive writes the commit into that file; elsewhere it is asked, unless the project only lies inside
    somebody else's repository.
    """
    number, stamp = (ROOT / "VERSION").read_text(encoding="utf-8").split("\n")[:2]
    top = git("rev-parse", "--show-toplevel")
    name, dirty = commit() if top and Path(top) == ROOT else (stamp, False)
    known = bool(name) and not name.startswith("$")
    return number + (f" (commit {name}{' with changes' if dirty else ''})" if known else "")


def sha256(data):
    """The first 16 hex digits of a SHA-256."""
    return hashlib.sha256(data).hexdigest()[:16]


def text_section(data):
    """The bytes of .text in a 64-bit little-endian ELF image, or None for any other file."""
    if data[:6] != b"\x7fELF\x02\x01":
        return None
    table, = struct.unpack_from("<Q", data, 0x28)
    entry_size, number, names_index = struct.unpack_from("<HHH", data, 0x3A)

    def section(index):
        name, _, _, _, offset, size = struct.unpack_from("<IIQQQQ", data, table + index * entry_size)
        return name, data[offset:offset + size]

    names = section(names_index)[1]
    for index in range(number):
        name, content = section(index)
        if names[name:names.index(b"\0", name)] == b".text":
            return content
    return None


def subject_text_bytes(binary):
    """Bytes of code of each engine subject, {"amdv1/inline": bytes}, by the names of its symbols."""
    try:
        done = subprocess.run(["nm", "--print-size", "--defined-only", str(binary)],
                              capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return {}
    sizes = {}
    for line in done.stdout.splitlines():
        fields = line.split()
        match = SUBJECT_SYMBOL.match(fields[3]) if len(fields) == 4 else None
        if match and fields[2] in "tT":
            key = f"{match[1]}/{match[2]}"
            sizes[key] = sizes.get(key, 0) + int(fields[1], 16)
    return dict(sorted(sizes.items()))


def architecture(data):
    """What an ELF image runs on, as distributions call it; None for any other file."""
    if data[:4] != b"\x7fELF":
        return None
    number, = struct.unpack_from("<H", data, 0x12)
    return {0x3E: "x86-64", 0xB7: "aarch64"}.get(number, f"elf{number}")


def built_by(binary, catalog):
    """What counts depend on besides the code: compiler and architecture."""
    return {"compiler": catalog.document.get("compiler") or "unknown compiler",
            "architecture": architecture(Path(binary).read_bytes()) or os.uname().machine}


def describe(binary):
    """Context keys about a binary."""
    data = Path(binary).read_bytes()
    text = text_section(data)
    return {"architecture": architecture(data),
            "binary_sha256": sha256(data),
            "text_bytes": len(text) if text is not None else None,
            "text_sha256": sha256(text) if text is not None else None,
            "subject_text_bytes": subject_text_bytes(binary)}
