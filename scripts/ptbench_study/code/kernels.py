# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which variants are kernels', and which trees --kernel names.

--kernel takes a list with commas: a version ("6.12"), whose source is where Debian's package puts it or
where `ptbench kernels get` did, or the path of a tree or an archive; each may have a label in front
("mine=PATH"), which is then the variant's name instead of linux-6.12.
"""

import os
import re
import sys
from pathlib import Path

from ..base.errors import SKIPPED, USAGE, Failure
from ..base.paths import BUILD, COMMAND
from ..base.quoting import terminal

RANGE = "Linux 6.1 to 7.3 can be compared with"
OLDEST = (6, 1)
FOLDER = BUILD / "kernels"
PACKAGED = Path("/usr/src")
VERSION = re.compile(r"(?:linux-)?(\d+)\.(\d+)")
LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,61}")
ARCHIVE = re.compile(r"linux-source-(\d+)\.(\d+)\.tar\.(?:xz|bz2|gz|zst)")
NONE = "none"
# The first words of variants that are no kernel's.
OTHERS = ("inline", "recursive", "limit")


def is_kernel(variant):
    """Whether a variant, or a label that is made of one, is the drivers of a kernel."""
    return re.split(r"[-@#:]", variant, maxsplit=1)[0] not in OTHERS


def sources():
    """{(6, 12): path} of the kernel sources that this machine has, packaged or fetched."""
    found = {}
    for folder in (FOLDER, PACKAGED):
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            match = ARCHIVE.fullmatch(name) or re.fullmatch(r"linux-source-(\d+)\.(\d+)", name)
            if match:
                found[int(match[1]), int(match[2])] = folder / name
    return found


def text_of(version):
    """(6, 12) as "6.12"."""
    return ".".join(map(str, version))


def check_age(version, given):
    """Failure USAGE for a version that is too old."""
    if version < OLDEST:
        raise Failure(f"{terminal(given)} is Linux {text_of(version)}, which is too old: {RANGE}", USAGE)


def check_tree(path, given):
    """Failure USAGE unless a folder is a kernel tree that can be compared with."""
    no_tree = Failure(f"no Linux source tree at {terminal(given)}; {RANGE}", USAGE)
    try:
        with open(path / "Makefile", encoding="utf-8", errors="replace") as file:
            head = file.read(4096)
    except OSError:
        raise no_tree from None
    numbers = [re.search(rf"^{name} *= *(\d+)\s*$", head, re.M) for name in ("VERSION", "PATCHLEVEL")]
    if None in numbers or not (path / "drivers" / "iommu").is_dir():
        raise no_tree
    check_age(tuple(int(number[1]) for number in numbers), given)


def resolve_one(entry):
    """An entry of --kernel as CMake takes it: [LABEL=]absolute path."""
    label, equals, what = entry.partition("=")
    if not equals or "/" in label:
        label, what = "", entry
    elif not LABEL.fullmatch(label) or not is_kernel(label) or label in ("linux", NONE):
        raise Failure(f"'{terminal(label)}' cannot be the name of a kernel: letters, digits, '.', '_' and "
                      "'-', and no name of another variant", USAGE)
    version = VERSION.fullmatch(what)
    if version and not Path(what).exists():
        version = int(version[1]), int(version[2])
        check_age(version, what)
        path = sources().get(version)
        if path is None:
            raise Failure(f"no source of Linux {text_of(version)} here: {COMMAND} kernels get "
                          f"{text_of(version)}", SKIPPED)
    else:
        path = Path(os.path.abspath(what))
        if not what or not path.exists():
            raise Failure(f"no Linux source tree at {terminal(what)}; {RANGE}", USAGE)
        if path.is_dir():
            check_tree(path, what)
    if ";" in str(path):
        raise Failure(f"{terminal(str(path))}: a path with a semicolon cannot be handed to CMake", USAGE)
    return (label and label + "=") + str(path)


def resolve(asked):
    """What --kernel says as a list for CMake; "none" as it is."""
    if asked == NONE or not asked:
        return asked
    entries = [asked] if Path(asked).exists() else [word.strip() for word in asked.split(",")]
    return ";".join(map(resolve_one, entries))


def shown_command(asked):
    """What --kernel says for people elsewhere: paths without their folders."""
    if not asked:
        return asked
    entries = [asked] if Path(asked).exists() else asked.split(",")
    parts = [word.rpartition("=") for word in entries]
    return ",".join(label + equals + Path(path).name for label, equals, path in parts)


def there(asked):
    """Of a list of versions those whose source is here, as a list for CMake; says which are not."""
    found = []
    for version in asked.split(","):
        try:
            found.append(resolve_one(version))
        except Failure as failure:
            print(f"ptbench: {failure}", file=sys.stderr)
    return ";".join(found)


if __name__ == "__main__":
    try:
        print(there(sys.argv[2]) if sys.argv[1] == "--there" else resolve(sys.argv[1]))
    except Failure as failure:
        print(f"ptbench: {failure}", file=sys.stderr)
        sys.exit(failure.code)
