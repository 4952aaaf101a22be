# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench kernels`: the kernel sources that this machine has, those that Debian offers, and getting one.

Newer kernels than a release's own are in the backports of the newest release. apt fetches them with
package lists and a sources file of our own (build/kernels/apt), so that the system's own stay as they are:
from the mirror that the system itself uses, signed by the key ring of the system.
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from ..base import children, columns
from ..base.errors import FAILED, NOTHING, SKIPPED, USAGE, Failure
from ..base.paths import shown
from ..base.progress import tell
from ..base.quoting import terminal
from .kernels import FOLDER, PACKAGED, VERSION, check_age, sources, text_of

SUITE = "trixie-backports"
KEYRINGS = tuple(f"/usr/share/keyrings/debian-archive-keyring.{kind}" for kind in ("gpg", "pgp"))
PACKAGE = re.compile(r"linux-source-(\d+)\.(\d+)")
LISTS_SECONDS, DOWNLOAD_SECONDS = 120, 1800
# What cannot be had is not asked for again on the same day.
RETRY_SECONDS = 12 * 3600
ARCHIVE_SUFFIX = ".tar.xz"


def apt(program, *arguments, options=(), folder=None, seconds=LISTS_SECONDS):
    """Run a program of apt; its output. Failure SKIPPED with its error where it fails."""
    try:
        done = children.run([program, *options, *arguments], cwd=folder, text=True, errors="replace",
                            capture_output=True, stdin=subprocess.DEVNULL, timeout=seconds,
                            env={**os.environ, "LC_ALL": "C"})
    except subprocess.TimeoutExpired:
        raise Failure(f"{program} takes longer than {seconds} s: is there a network?", SKIPPED) from None
    except OSError as error:
        raise Failure(f"{program}: {error.strerror}; kernels are fetched by Debian's apt", SKIPPED) from error
    errors = [line[3:] for line in done.stderr.splitlines() if line.startswith("E: ")]
    # Lists that cannot be fetched are only a warning.
    errors += [line[3:] for line in done.stderr.splitlines() if line.startswith("W: Failed to fetch")]
    if done.returncode or errors:
        said = terminal(errors[0] if errors else f"ended with exit code {done.returncode}")
        raise Failure(f"{program} {arguments[0]}: {re.sub('[a-z]+://[^ ]*', 'the mirror', said)}", SKIPPED)
    return done.stdout


def mirror():
    """The address of the Debian mirror that the system's own package lists come from."""
    out = apt("apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages")
    for line in out.splitlines():
        origin, label, address = line.split("|", 2)
        if origin == label == "Debian" and re.fullmatch(r"[A-Za-z+]+:[^\s]+", address):
            return address
    raise Failure("this system has no package lists of Debian's archive: sudo apt-get update", SKIPPED)


def own_options():
    """Options that have apt use nothing of the system's but its keys."""
    place = FOLDER / "apt"
    options = {"Dir::State": place, "Dir::State::lists": place / "lists", "Dir::Cache": place / "cache",
               "Dir::Etc::sourcelist": place / "debian.sources", "Dir::Etc::sourceparts": "-",
               "Dir::State::status": place / "status"}
    if os.geteuid() == 0:
        # Its own user cannot read a folder of root's.
        options["APT::Sandbox::User"] = "root"
    return [word for name, value in options.items() for word in ("-o", f"{name}={value}")]


def update():
    """Write the sources file and fetch its lists; apt's options for using them."""
    keyring = next((path for path in KEYRINGS if Path(path).exists()), None)
    if keyring is None:
        raise Failure("this system has no key ring of Debian's archive: package debian-archive-keyring",
                      SKIPPED)
    place = FOLDER / "apt"
    for part in ("lists/partial", "cache/archives/partial"):
        (place / part).mkdir(parents=True, exist_ok=True)
    # Of packages: what is installed is no offer.
    (place / "status").touch()
    (place / "debian.sources").write_text(f"Types: deb\nURIs: {mirror()}\nSuites: {SUITE}\nComponents: main\n"
                                          f"Signed-By: {keyring}\n", encoding="utf-8")
    options = own_options()
    apt("apt-get", "update", options=options)
    return options


def offered(options=()):
    """{(7, 3): package} of apt's lists, our own with own_options()."""
    out = apt("apt-cache", "search", "--names-only", "^linux-source-[0-9.]+$", options=options)
    found = {}
    for line in out.splitlines():
        match = PACKAGE.fullmatch(line.split(" ", 1)[0])
        if match:
            found[int(match[1]), int(match[2])] = match[0]
    return found


def unpack(package, target):
    """Take the archive out of a .deb into the file `target`, which appears whole or not at all."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as place:
        apt("dpkg-deb", "-x", str(package), place, seconds=DOWNLOAD_SECONDS)
        archive = Path(place) / str(PACKAGED).lstrip("/") / target.name
        if not archive.is_file() or archive.is_symlink():
            raise Failure(f"{package.name} holds no {target.name}", FAILED)
        os.replace(archive, target)


def fetch(version, options):
    """Fetch one version's archive with apt's `options`; its path."""
    name = f"linux-source-{text_of(version)}"
    target = FOLDER / (name + ARCHIVE_SUFFIX)
    with open(FOLDER / ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            return target
        place = Path(tempfile.mkdtemp(dir=FOLDER))
        try:
            tell(f"fetching {name} (160 MB)")
            apt("apt-get", "download", name, options=options, folder=place, seconds=DOWNLOAD_SECONDS)
            packages = sorted(place.glob(name + "_*.deb"))
            if len(packages) != 1:
                raise Failure(f"apt-get download has left no {name}", FAILED)
            unpack(packages[0], target)
        finally:
            shutil.rmtree(place, ignore_errors=True)
    return target


def get(asked):
    """Fetch the source of a version, unless it is here."""
    match = VERSION.fullmatch(asked)
    if not match:
        raise Failure(f"'{terminal(asked)}' is no version such as 7.3", USAGE)
    version = int(match[1]), int(match[2])
    check_age(version, asked)
    there = sources().get(version)
    if there:
        tell(f"Linux {text_of(version)} is here: {shown(there)}")
        return
    make_folder()
    options, ours = update(), {}
    ours = offered(options)
    if version in ours:
        path = fetch(version, options)
    elif version in offered():
        path = fetch(version, ())
    else:
        raise Failure(f"Debian offers no source of Linux {text_of(version)}; it has "
                      + ", ".join(map(text_of, sorted({**ours, **offered()}))), NOTHING)
    tell(f"Linux {text_of(version)}: {shown(path)}")


def make_folder():
    """The folder of fetched sources."""
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"cannot write to {shown(FOLDER)}: {error.strerror}; set PTBENCH_BUILD_DIR",
                      USAGE) from error


def get_newest():
    """For `run` on a fresh machine: the newest source that can be had, or one line why not."""
    tried = FOLDER / ".tried"
    if any(path.parent == FOLDER for path in sources().values()):
        return
    try:
        make_folder()
        if tried.exists() and time.time() - tried.stat().st_mtime < RETRY_SECONDS:
            return
        tried.touch()
        options = update()
        newest = max(offered(options), default=None)
        if newest is None:
            raise Failure(f"{SUITE} has no kernel source", NOTHING)
        fetch(newest, options)
    except Failure as failure:
        tell(f"WARNING: only Linux 6.12 is compared with; the newest kernel cannot be had: {failure}")


def known():
    """([{"version", "path", "offered"}] of what is here and what Debian offers, why that is not known)."""
    here, offers, note = sources(), {}, None
    try:
        make_folder()
        offers = {**dict.fromkeys(offered(), "this system's package lists"),
                  **dict.fromkeys(offered(update()), SUITE)}
    except Failure as failure:
        note = str(failure)
    return [{"version": text_of(version), "path": str(here[version]) if version in here else None,
             "offered": offers.get(version)} for version in sorted({*here, *offers})], note


def text(rows):
    """The table of known()."""
    cells = [(row["version"], shown(Path(row["path"])) if row["path"] else "-", row["offered"] or "-")
             for row in rows]
    return "\n".join(columns.table(("version", "here", "offered by"), cells, (0, 1, 2), ())) + "\n"
