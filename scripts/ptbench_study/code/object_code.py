# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which code a figure belongs to: a hash of each subject's machine code, as it was compiled.

A linked program's bytes change with the length of the path it was built in and with every other
object. So what is hashed is object files: the bytes of their executable sections, and what these refer
to by name. The same source, compiler and flags give the same hash in every folder.
"""

import hashlib
import struct
from pathlib import Path

EXECUTABLE = 0x4  # SHF_EXECINSTR
RELOCATIONS = 4  # SHT_RELA
SYMBOLS = 2  # SHT_SYMTAB
SECTION = 3  # STT_SECTION
# What the figures of many subjects include besides their own code.
MEMORY = "memory/CMakeFiles/ptbench_memory.dir/table_pages.c.o"
ENGINE = (MEMORY, "engine/CMakeFiles/ptbench_engine.dir",
          "bench/CMakeFiles/ptbench_bench.dir/engine_subject.c.o")


class Section:
    """A section of a 64-bit little-endian ELF file."""

    def __init__(self, data, table, index):
        (name, self.kind, self.flags, _, offset, size, self.link, self.info, _, _) = \
            struct.unpack_from("<IIQQQQIIQQ", data, table + index * 64)
        self.name_at = name
        self.data = data[offset:offset + size] if self.kind != 8 else b""
        self.name = ""


def text_at(strings, offset):
    """The zero-ended string at an offset of a string table."""
    return strings[offset:strings.index(b"\0", offset)].decode("ascii", "replace")


def sections_of(data):
    """All sections of an object file; ValueError where it is something else."""
    if data[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    table, = struct.unpack_from("<Q", data, 0x28)
    number, names = struct.unpack_from("<HH", data, 0x3C)
    sections = [Section(data, table, index) for index in range(number)]
    for section in sections:
        section.name = text_at(sections[names].data, section.name_at)
    return sections


def references(sections, relocations):
    """What the entries of a relocation section refer to: (offset, type, name, addend) each."""
    symbols = sections[relocations.link]
    strings = sections[symbols.link].data
    for at in range(0, len(relocations.data), 24):
        offset, info, addend = struct.unpack_from("<QQq", relocations.data, at)
        name_at, kind, _, index = struct.unpack_from("<IBBH", symbols.data, (info >> 32) * 24)
        if kind & 15 == SECTION:
            name = sections[index].name
            # Where a message lies in its section depends on the length of file names in others.
            addend = 0 if name.startswith(".rodata.str") else addend
        else:
            name = text_at(strings, name_at)
        yield offset, info & 0xFFFFFFFF, name, addend


def feed(digest, path):
    """Add an object file's code to a hash."""
    sections = sections_of(Path(path).read_bytes())
    for section in sections:
        if section.kind == RELOCATIONS and sections[section.info].flags & EXECUTABLE:
            for reference in references(sections, section):
                digest.update(repr(reference).encode())
        elif section.flags & EXECUTABLE:
            digest.update(section.name.encode() + b"\0" + section.data)


def code_hash(objects):
    """12 hex digits for the code in object files, taken in order; None where there are none."""
    digest = hashlib.sha256()
    try:
        for path in objects:
            feed(digest, path)
    except (OSError, ValueError, struct.error, IndexError):
        return None
    return digest.hexdigest()[:12] if objects else None


def objects_in(build, *patterns):
    """The object files of a build that patterns name or that lie below them, ordered by name."""
    found = [path for pattern in patterns for place in build.glob(pattern)
             for path in ([place] if place.is_file() else place.rglob("*.o"))]
    return sorted(found, key=lambda path: path.name)


def driver_folders(build, kernel):
    """The folders of a kernel's objects below a build: drivers first, then adapters.

    Builds of a time when there was one kernel do not name it.
    """
    of = "_" + kernel if (build / f"baselines/CMakeFiles/ptbench_drivers_{kernel}.dir").is_dir() else ""
    return tuple(f"baselines/CMakeFiles/ptbench_{part}{of}.dir" for part in ("drivers", "adapters"))


def subject_code(catalog, binary):
    """{"amdv1/inline": hash} of every subject whose object files lie beside the binary.

    A driver's hash is that of all drivers and adapters of its kernel: they call each other.
    """
    build = Path(binary).resolve().parent.parent
    drivers = {kernel: code_hash(objects_in(build, MEMORY, *driver_folders(build, kernel)))
               for kernel in catalog.kernels}
    found = {}
    for entry in catalog.document["subjects"]:
        name, variant = entry["format"], entry["variant"]
        engine = catalog.document["format_details"][name].get("engine_format")
        # Some formats are two headers, the second one's folder named after the first.
        own = objects_in(build, f"engine/CMakeFiles/engine_{engine}*_{variant}.dir")
        value = drivers[variant] if variant in drivers else (
            own and code_hash(objects_in(build, *ENGINE) + own))
        if value:
            found[f"{name}/{variant}"] = value
    return dict(sorted(found.items()))
