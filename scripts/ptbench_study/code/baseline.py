# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Builds the measuring binary of another commit, in a copy of its sources under build/baseline/.

    build/baseline/<commit>[-<kernel>]/source   as git archive gives it
    build/baseline/<commit>[-<kernel>]/plain    the build, with the plain preset of that commit

What was built stays there: a commit does not change. The working tree and git's state are left alone.
"""

import fcntl
import os
import shutil
import subprocess
import zlib
from pathlib import Path

from ..base import children
from ..base.errors import FAILED, USAGE, Failure
from ..base.paths import BUILD, ROOT, cannot_write, shown
from ..base.progress import tell
from . import build_info, kernels

BINARY = Path("bench") / "ptbench-bench"
TARGET = "ptbench-bench"
# The build's folder has its name as well: a binary says which build it is by that.
PRESET = "plain"


def commit_of(reference):
    """The full commit that a name stands for; Failure USAGE where git knows none."""
    commit = build_info.git("rev-parse", "--verify", "--quiet", "--end-of-options",
                            f"{reference}^{{commit}}")
    if not commit:
        raise Failure(f"--baseline: git knows no commit '{reference}' here", USAGE)
    return commit


def check_out(commit, folder, root=ROOT):
    """The sources of a commit in `folder`, which appears whole or not at all."""
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    with children.start(["git", "-c", f"safe.directory={root}", "-C", str(root), "archive",
                         "--format=tar", commit], stdout=subprocess.PIPE,
                        stderr=subprocess.DEVNULL) as git:
        done = children.run(["tar", "-x", "-C", str(part)], stdin=git.stdout, capture_output=True)
        git.stdout.close()
    if git.returncode or done.returncode:
        raise Failure(f"cannot get the sources of {commit[:9]}: git archive failed", FAILED)
    part.rename(folder)


def first_error(log):
    """The line of a build's log that says what went wrong."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    for mark in ("ptbench: ", "error: ", "CMake Error", "FAILED"):
        for line in lines:
            if mark in line:
                return line.strip()
    return lines[-1].strip() if lines else "no reason given"


def understood(source, trees):
    """Of a list of kernel trees what a commit's build takes: in the past one, which had no label."""
    text = (source / "baselines" / "cmake" / "kernel_tree.cmake").read_text(encoding="utf-8")
    return trees if "PTBENCH_KERNEL_NAMES" in text else trees.split(";")[0].rpartition("=")[2]


def compile_in(source, build, kernel):
    """Configure and build; Failure FAILED with the first error."""
    log = build.with_name("build.log")
    configure = ["cmake", "--preset", PRESET, "-B", str(build)]
    configure += [f"-DPTBENCH_KERNEL={understood(source, kernel)}"] if kernel else []
    for command in (configure, ["ninja", "-C", str(build), TARGET]):
        with open(log, "a", encoding="utf-8") as output:
            try:
                code = children.run(command, cwd=source, stdin=subprocess.DEVNULL, stdout=output,
                                    stderr=subprocess.STDOUT).returncode
            except OSError as error:
                raise Failure(f"cannot build the baseline: {command[0]}: {error.strerror}",
                              FAILED) from error
        if code:
            raise Failure(f"building the baseline failed: {first_error(log)} (log: {shown(log)})",
                          FAILED)


def binary_of(reference, kernel=None, root=ROOT, folder=BUILD / "baseline"):
    """(path of the binary, full commit) of a commit, built if that was not done before.

    kernel: as --kernel takes it: None for Debian's package, "none", or a list.
    PTBENCH_BASELINE_BENCH names a binary to take instead of building one.
    """
    named = os.environ.get("PTBENCH_BASELINE_BENCH")
    if named:
        if not os.access(named, os.X_OK):
            raise Failure(f"no measuring binary at {shown(named)} (PTBENCH_BASELINE_BENCH)", FAILED)
        return Path(named), reference
    commit = commit_of(reference)
    tree = kernels.resolve(kernel)
    label = f"-{zlib.crc32(tree.encode()):08x}" if tree else ""
    place = folder / f"{commit[:12]}{label}"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(place, error) from error
    with open(place / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        binary = place / PRESET / BINARY
        if not (place / "source").exists():
            check_out(commit, place / "source", root)
        if not binary.exists():
            tell(f"building {commit[:9]} in {shown(place)}")
            compile_in(place / "source", place / PRESET, tree)
        if not os.access(binary, os.X_OK):
            raise Failure(f"{commit[:9]} builds no {TARGET}: it is too old to compare with", FAILED)
    return binary, commit
