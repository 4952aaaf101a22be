# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Where things are, and what the environment says about it."""

import os
from pathlib import Path

from .errors import FAILED, Failure

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "results"
BUILD = ROOT / "build"
PACKAGES = ROOT / "scripts" / "packages"
TEMPLATES = Path(__file__).resolve().parent / "templates"
COMMAND = "scripts/ptbench"


def build_folder():
    """The folder of the build in use: PTBENCH_BUILD (set by scripts/ptbench), else build/plain."""
    return Path(os.environ.get("PTBENCH_BUILD") or BUILD / "plain")


def bench_binary():
    """The measuring binary: PTBENCH_BENCH where set, else that of the build in use."""
    named = os.environ.get("PTBENCH_BENCH")
    binary = Path(named) if named else build_folder() / "bench" / "ptbench-bench"
    if not os.access(binary, os.X_OK):
        raise Failure(f"no measuring binary at {shown(binary)}: build it with {COMMAND} list", FAILED)
    return binary


def shown(path):
    """A path as people should read it: relative to where they are if it lies below, else absolute."""
    path = Path(os.path.abspath(path))
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
