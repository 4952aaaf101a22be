# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Where things are, and what the environment says about it."""

import os
import re
from pathlib import Path

from .errors import FAILED, USAGE, Failure

ROOT = Path(__file__).resolve().parents[3]
RESULTS = ROOT / "results"
BUILD = Path(os.path.abspath(os.environ.get("PTBENCH_BUILD_DIR") or ROOT / "build"))
PACKAGES = ROOT / "scripts" / "packages"
COMMANDS = ROOT / "scripts" / "commands"
TEMPLATES = ROOT / "scripts" / "ptbench_study" / "publish" / "templates"
COMMAND = "scripts/ptbench"


def named_in(variable, build):
    """The path that an environment variable has for a build, or None: "PATH" or "BUILD=PATH,..."."""
    words = os.environ.get(variable, "")
    if not re.match(r"[a-z-]+=", words):
        return Path(words) if words else None
    paths = dict(word.partition("=")[::2] for word in words.split(","))
    return Path(paths[build]) if build in paths else None


def build_folder(build="plain"):
    """The folder of a build: as PTBENCH_BUILD has it (set by scripts/ptbench), else build/NAME."""
    return named_in("PTBENCH_BUILD", build) or BUILD / build


def bench_binary(build="plain"):
    """The measuring binary of a build: as PTBENCH_BENCH has it where set, else the one in its folder."""
    binary = named_in("PTBENCH_BENCH", build) or build_folder(build) / "bench" / "ptbench-bench"
    if not os.access(binary, os.X_OK):
        raise Failure(f"no measuring binary at {shown(binary)}: build it with {COMMAND} list"
                      + (f" --build {build}" if build != "plain" else ""), FAILED)
    return binary


def link_orders(binary):
    """A measuring binary in all its link orders, the usual one first."""
    binary = Path(binary)
    return [binary, *sorted(binary.parent.glob(f"{binary.name}-order[0-9]"))]


def cannot_write(path, error, doing="write to"):
    """The Failure of a path that cannot be written; in a checkout that cannot, with what to do about it."""
    text = f"cannot {doing} {shown(path)}: {error.strerror}"
    if Path(os.path.abspath(path)).is_relative_to(ROOT) and not os.access(ROOT, os.W_OK):
        return Failure(f"{text}: this checkout cannot be written; give --results DIR for results, and set "
                       "PTBENCH_BUILD_DIR to a folder for builds", USAGE)
    return Failure(text, FAILED)


def shown(path):
    """A path as people should read it: relative to where they are if it lies below, else absolute."""
    path = Path(os.path.abspath(path))
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
