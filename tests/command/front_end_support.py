# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the tests of scripts/ptbench share: a place to run it in.

The script runs in a copy of the project's outline, on a PATH with nothing but stand-ins for the package
manager and the build tools and links to ordinary commands.
"""

import os
import shutil
import subprocess
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from support import ROOT, Done

ORDINARY = ("awk", "bash", "cat", "chmod", "cksum", "cut", "env", "find", "flock", "grep", "head",
            "ln", "mkdir", "mv", "readlink", "paste", "rm", "sed", "sort", "tail", "touch", "tr")
STANDINS = {
    "dpkg-query": """for p; do grep -qx -- "$p" $STATE/installed && echo "installed $p"; done; exit 1""",
    "apt-get": """locked=$(sed -n 1p $STATE/locked)
        if [ "$locked" -gt 0 ]; then echo $((locked - 1)) >$STATE/locked
            echo "E: Could not get lock $(cat $STATE/lock). It is held by process $locked (unattended-upgr)"
            echo "E: Unable to acquire it"; exit 100; fi
        case $1 in
        update) rm -f $STATE/stale ;;
        install) [ ! -e $STATE/stale ] || { echo "E: Unable to locate package"; exit 100; }
            shift; for p; do case $p in -*) continue ;; esac
            ! grep -qx -- "$p" $STATE/unknown || { echo "E: Unable to locate package $p"; exit 100; }
            ! grep -qx -- "$p" $STATE/similar || continue
            echo "$p" >>$STATE/installed; done ;;
        esac""",
    "sudo": """case $1 in -n | -v) [ -e $STATE/sudo ] ;; *) exec "$@" ;; esac""",
    "id": "cat $STATE/uid",
    "nproc": "echo 2",
    "sleep": "",
    "cmake": """while [ $# -gt 0 ]; do case $1 in -B) folder=$2 ;; esac; shift; done
        [ ! -e $STATE/cmake-says ] || { cat $STATE/cmake-says; exit 1; }
        touch $folder/build.ninja; rm -f $folder/built""",
    "ninja": """case $* in *" -n "*) [ ! -e $2/built ] || echo "ninja: no work to do."; exit ;; esac
        [ ! -e $STATE/ninja-says ] || { cat $STATE/ninja-says; exit 1; }
        touch $2/built""",
    "ctest": """echo "ctest $*"; ! grep -q "build/$(cat $STATE/failing) " <<<"$* " """,
}
PYTHON_STANDIN = """import os, sys
if sys.argv[1:] == ["kernels", "get-newest"]:
    with open(os.environ["STATE"] + "/log", "a") as log:
        print("kernels get-newest", file=log)
    sys.exit(os.path.exists(os.environ["STATE"] + "/no-network"))
print("python", *sys.argv[1:])
print("build", os.environ.get("PTBENCH_BUILD"))
"""


class FrontEndTest(unittest.TestCase):
    """scripts/ptbench"""

    def setUp(self):
        folder = TemporaryDirectory(prefix="ptbench-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.root = self.folder / "project"
        self.state = self.folder / "state"
        self.bin = self.folder / "bin"
        package = self.root / "scripts" / "ptbench_study"
        for each in (self.state, self.bin):
            each.mkdir(parents=True)
        # What understands --kernel is the real thing.
        shutil.copytree(ROOT / "scripts" / "ptbench_study", package)
        (package / "__main__.py").write_text(PYTHON_STANDIN, encoding="utf-8")
        for name in ("ptbench", "packages", "commands"):
            shutil.copy(ROOT / "scripts" / name, self.root / "scripts" / name)
        (self.root / "CMakePresets.json").write_text("{}", encoding="utf-8")
        os.utime(self.root / "CMakePresets.json", (1, 1))
        for name in ORDINARY:
            (self.bin / name).symlink_to(shutil.which(name))
        for name, body in STANDINS.items():
            path = self.bin / name
            path.write_text(f'#!/bin/bash\n[ "${1:-}" = -W ] || echo "{name} $*" >>$STATE/log\n{body}\n',
                            encoding="utf-8")
            path.chmod(0o755)
        for name, text in {"uid": "0", "failing": "none", "installed": "", "unknown": "", "similar": "",
                           "locked": "0", "lock": "/var/lib/dpkg/lock-frontend"}.items():
            self.say(name, text)
        self.everything = [line.split()[0] for line in (ROOT / "scripts" / "packages").read_text(
            encoding="utf-8").splitlines() if line and line[0] != "#"]

    def say(self, name, text):
        """Set a file that the stand-ins read."""
        (self.state / name).write_text(text + "\n", encoding="utf-8")

    def have(self, *but):
        """All packages are installed, but these."""
        self.say("installed", "\n".join(name for name in self.everything if name not in but))

    def call(self, *arguments, **environment):
        """Run the script; how it ended. What the stand-ins were asked is in self.log."""
        (self.state / "log").write_text("", encoding="utf-8")
        done = subprocess.run(
            [str(self.root / "scripts" / "ptbench"), *arguments], capture_output=True, text=True,
            check=False, stdin=subprocess.DEVNULL, timeout=60, cwd=self.folder,
            env={"PATH": str(self.bin), "STATE": str(self.state), **environment})
        self.log = [line for line in (self.state / "log").read_text(encoding="utf-8").splitlines()
                    if not line.startswith("id ")]
        return Done(done.returncode, done.stdout, done.stderr)

    def logged(self, word):
        """The calls of the stand-ins that start so."""
        return [line for line in self.log if line.startswith(word)]
