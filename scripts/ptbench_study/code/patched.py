# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Two trees of one kernel, before and after a change, and one measuring binary with the drivers of both.

    build/patch/before, after   copies of the files that drivers are built from
    build/patch/plain           the build

The trees are made anew each time; what did not change in them keeps its time, and is not compiled again.
"""

import fcntl
import filecmp
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..base import children
from ..base.errors import FAILED, USAGE, Failure
from ..base.paths import BUILD, ROOT, cannot_write, shown
from ..base.progress import tell
from ..base.quoting import terminal
from . import kernels
from .baseline import first_error

FOLDER = BUILD / "patch"
BEFORE, AFTER = "before", "after"
# What drivers, their headers and the adapters' conditions come from.
PARTS = ("Makefile", "drivers/iommu", "include/linux", "include/uapi/linux", "include/vdso",
         "arch/s390/include/asm/pci_dma.h")
INCLUDED = ("drivers/iommu/*", "include/linux/*", "include/uapi/linux/*", "include/vdso/*",
            "arch/s390/include/asm/pci_dma.h")
SECONDS = 600
LARGEST_PATCH = 16 << 20
# A line of git apply's: where in which file, or where in the patch.
PLACE = re.compile(r"error: (?:patch failed: )?(.*)")
SUBJECT = re.compile(r"^Subject: (?:\[[^]]*\] *)?(.*(?:\n[ \t].*)*)", re.M)


def run(command, **options):
    """Run a program; its CompletedProcess. Failure where it cannot be started or takes too long."""
    try:
        return children.run(list(map(str, command)), capture_output=True, timeout=SECONDS, **options)
    except subprocess.TimeoutExpired:
        raise Failure(f"{command[0]} takes longer than {SECONDS} s", FAILED) from None
    except OSError as error:
        raise Failure(f"{command[0]}: {error.strerror}", FAILED) from error


def last_words(done):
    """What a program said last on stderr."""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return terminal(lines[-1]) if lines else f"exit code {done.returncode}"


def unpack(archive, folder):
    """The parts of an archive, in a folder."""
    names = [f"*/{part}" for part in PARTS if part != "Makefile"]
    done = run(["tar", "-xf", archive, "-C", folder, "--strip-components=1", "--wildcards",
                "--no-wildcards-match-slash", *[name.replace("*/", "linux-source-*/") for name in names],
                "linux-source-*/Makefile"])
    if not (folder / "drivers" / "iommu").is_dir():
        raise Failure(f"{shown(archive)} cannot be unpacked: {last_words(done)}", FAILED)


def copy(tree, folder):
    """The parts of a tree, in a folder."""
    for part in PARTS:
        source, target = tree / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.o", "*.ko", ".*"))
        elif source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def take_tree(named, folder):
    """The tree or archive that --kernel names, in a folder."""
    entries = kernels.resolve(named)
    if not entries or ";" in entries or entries == kernels.NONE:
        raise Failure("--kernel names the one kernel that the patch is for", USAGE)
    path = Path(entries.rpartition("=")[2])
    if path.is_dir():
        copy(path, folder)
    else:
        unpack(path, folder)


def git(repository, *words, **options):
    """Run git in somebody's repository."""
    return run(["git", "-c", f"safe.directory={Path(repository).absolute()}", "-C", repository, *words],
               **options)


def take_commit(repository, commit, folder):
    """The tree of a commit, in a folder."""
    there = [part for part in PARTS
             if git(repository, "cat-file", "-e", f"{commit}:{part}").returncode == 0]
    if "drivers/iommu" not in there:
        raise Failure(f"{shown(repository)}: {commit[:12]} is no Linux tree", USAGE)
    done = git(repository, "archive", "--format=tar", commit, *there)
    if done.returncode:
        raise Failure(f"{shown(repository)}: {last_words(done)}", FAILED)
    done = run(["tar", "-x", "-C", folder], input=done.stdout)
    if done.returncode:
        raise Failure(f"{shown(repository)}: {last_words(done)}", FAILED)


def ends_of(repository, given):
    """(first, last) commit of a range such as v7.2..topic, or of one commit: it and its parent."""
    first, dots, last = given.partition("..")
    names = (first, last.lstrip(".") or "HEAD") if dots else (f"{given}^", given)
    found = []
    for name in names:
        done = git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if done.returncode:
            raise Failure(f"--git: no commit '{terminal(name)}' in {shown(repository)}", USAGE)
        found.append(done.stdout.decode().strip())
    return tuple(found)


def check_patch(file):
    """The bytes of a patch; Failure USAGE where it cannot be one."""
    try:
        if file.stat().st_size > LARGEST_PATCH:
            raise Failure(f"{shown(file)}: larger than {LARGEST_PATCH >> 20} MiB", USAGE)
        data = file.read_bytes()
    except OSError as error:
        raise Failure(f"{shown(file)}: {error.strerror}", USAGE) from error
    if b"GIT binary patch" in data:
        raise Failure(f"{shown(file)}: has a binary patch in it", USAGE)
    return data


def applied(file, tree):
    """Apply one file of patches to a tree; the paths that it changes there. Whole or not at all."""
    check_patch(file)
    # Outside of any repository: in one, git looks for the files relative to that.
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent), "LC_ALL": "C"}
    common = ["git", "apply", *(f"--include={pattern}" for pattern in INCLUDED)]
    done = run([*common, "--numstat", "-z", file.absolute()], cwd=tree, env=environment)
    touched = [entry.split("\t", 2)[2] for entry in done.stdout.decode(errors="replace").split("\0")
               if entry.count("\t") == 2]
    if done.returncode == 0 and not touched:
        raise Failure(f"{shown(file)}: changes nothing that is compared: {', '.join(INCLUDED[:2])}", USAGE)
    if done.returncode == 0:
        done = run([*common, file.absolute()], cwd=tree, env=environment)
    if done.returncode:
        said = done.stderr.decode(errors="replace").splitlines()
        place = next((match[1] for line in said if (match := PLACE.match(line))), last_words(done))
        raise Failure(f"{shown(file)} does not apply: {terminal(place)}", USAGE)
    return touched


def subjects_of(files):
    """The subject lines of patches that are mails."""
    found = []
    for file in files:
        text = check_patch(file).decode(errors="replace")
        found += [" ".join(match[1].split()) for match in SUBJECT.finditer(text)]
    return [terminal(subject) for subject in found]


def settle_into(made, place):
    """Have `place` be like `made`, leaving alone the files that are the same."""
    for path in sorted(place.rglob("*"), reverse=True):
        other = made / path.relative_to(place)
        if path.is_dir() and not path.is_symlink():
            if not other.is_dir():
                shutil.rmtree(path)
        elif not other.is_file():
            path.unlink()
    for path in made.rglob("*"):
        target = place / path.relative_to(made)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif not target.is_file() or not filecmp.cmp(path, target, shallow=False):
            shutil.copyfile(path, target)


def make_trees(take_before, make_after):
    """Make both trees: take_before(folder), then make_after(folder) in a copy of it; what that returns."""
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="trees-") as name:
        before, after = Path(name) / BEFORE, Path(name) / AFTER
        before.mkdir()
        take_before(before)
        shutil.copytree(before, after, symlinks=True)
        result = make_after(after)
        for made in (before, after):
            (FOLDER / made.name).mkdir(exist_ok=True)
            settle_into(made, FOLDER / made.name)
    return result


def build():
    """Build the measuring binary with the drivers of both; its path. Failure names file and line."""
    folder, log = FOLDER / "plain", FOLDER / "build.log"
    trees = ";".join(f"{name}={FOLDER / name}" for name in (BEFORE, AFTER))
    tell("building the drivers before and after")
    log.write_bytes(b"")
    for command in (["cmake", "--preset", "plain", "-B", folder, f"-DPTBENCH_KERNEL={trees}"],
                    ["ninja", "-C", folder, "ptbench-bench"]):
        with open(log, "ab") as out:
            code = children.run(list(map(str, command)), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out,
                                stderr=subprocess.STDOUT).returncode
        if code:
            reason = first_error(log).replace(f"{FOLDER / AFTER}/", "").replace(f"{FOLDER}/", "")
            raise Failure(f"the drivers cannot be built: {terminal(reason)} (log: {shown(log)})", FAILED)
    return folder / "bench" / "ptbench-bench"


def prepare(files, kernel, repository, commits):
    """(binary, paths that changed, lines that name the change) of patches to a kernel, or of commits."""
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(FOLDER, error) from error
    with open(FOLDER / ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if repository:
            first, last = ends_of(repository, commits)

            def after(tree):
                for part in PARTS:
                    shutil.rmtree(tree / part, ignore_errors=True)
                take_commit(repository, last, tree)

            make_trees(lambda tree: take_commit(repository, first, tree), after)
            names = git(repository, "diff", "--name-only", "-z", first, last, "--", *PARTS).stdout
            touched = [terminal(name) for name in names.decode(errors="replace").split("\0") if name]
            title = [f"{first[:12]}..{last[:12]}"]
        else:
            touched = make_trees(lambda tree: take_tree(kernel, tree),
                                 lambda tree: [name for file in files for name in applied(file, tree)])
            title = subjects_of(files) or [terminal(file.name) for file in files]
        return build(), list(dict.fromkeys(map(terminal, touched))), title
