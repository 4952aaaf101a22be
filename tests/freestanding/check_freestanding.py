#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Does the engine compile where a kernel's names come first and there is no C library?

usage: check_freestanding.py ENGINE COMPILER FORMAT...

Every format in both variants, and what is common to all, with warnings as errors; platform.h and table_pages.h are
those of this folder. Then the same with one forbidden word, which must fail.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMMON = ("iommu/common.c", "iommu/dump.c")


def compiler_headers(compiler):
    """Where the freestanding headers of the compiler are."""
    done = subprocess.run([compiler, "-print-file-name=include"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def compile_one(engine, compiler, source, definitions, text=None):
    """Messages of the compiler; empty where it has nothing to say."""
    command = [compiler, "-std=gnu11", "-fsyntax-only", "-ffreestanding", "-nostdinc", "-Wall", "-Wextra",
               "-Wno-unused-parameter", "-Werror", "-isystem", compiler_headers(compiler),
               "-include", HERE / "kernel_names.h", "-I", HERE, "-I", engine, "-I", engine / "include",
               *(f"-D{definition}" for definition in definitions), *(["-x", "c"] if text else []), source]
    done = subprocess.run(command, capture_output=True, text=True, check=False, input=text)
    return done.stderr if done.returncode else ""


def instances(formats):
    """(source, definitions) of all that is compiled."""
    for name in formats:
        wanted = [f"PT_FORMAT={name}", f'PT_FORMAT_HEADER="formats/{name}.h"']
        yield "iommu/instance.c", wanted
        yield "iommu/instance.c", [*wanted, "PT_INLINE"]
    for source in COMMON:
        yield source, []


def main():
    """The check; exit code 1 where something does not compile, or the check finds nothing."""
    engine, compiler, formats = Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3:]
    with ThreadPoolExecutor(2) as pool:
        work = list(instances(formats))
        said = pool.map(lambda one: compile_one(engine, compiler, engine / one[0], one[1]), work)
        failed = [message for message in said if message]
    for message in failed:
        print(message, file=sys.stderr)
    for text in ("#include <stdio.h>\n", "static __attribute__((noinline)) int f(void) { return 0; }\n"):
        if not compile_one(engine, compiler, "-", [], text):
            print(f"compiles, and should not: {text}", file=sys.stderr)
            failed.append(text)
    print(f"{len(work)} translation units, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
