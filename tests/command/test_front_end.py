#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""scripts/ptbench: installs what is missing, builds what is needed, and nothing twice.

The script runs in a copy of the project's outline, on a PATH with nothing but stand-ins for the package
manager and the build tools and links to ordinary commands.
"""

import os
import shutil
import subprocess
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from support import ROOT, Done, main

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
        for each in (package, self.state, self.bin):
            each.mkdir(parents=True)
        # What understands --kernel is the real thing.
        for path in (ROOT / "scripts" / "ptbench_study").glob("*.py"):
            shutil.copy(path, package)
        (package / "__main__.py").write_text(PYTHON_STANDIN, encoding="utf-8")
        for name in ("ptbench", "packages"):
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


class SetUpTest(FrontEndTest):
    """What gets installed."""

    def test_installs_what_run_needs_then_builds_then_runs(self):
        done = self.call("run", "--quick")
        self.assertEqual(done.code, 0, done.err)
        first, second = self.logged("apt-get install")
        for package in ("gcc", "python3-scipy", "gnuplot-nox", "libbenchmark-dev"):
            self.assertIn(f" {package}", first)
        self.assertIn("-y --no-install-recommends", first)
        self.assertNotIn("shellcheck", first)
        self.assertTrue(second.endswith(" linux-source-6.12"))
        self.assertIn("installing what run needs: ", done.err)
        self.assertEqual(done.out, f"python run --quick\nbuild {self.root}/build/plain\n")
        self.assertEqual(self.logged("apt-get update"), [])
        self.assertEqual(len(self.logged("cmake --preset plain")), 1)

    def test_a_second_call_does_nothing_needless(self):
        self.call("run")
        self.call("run")
        done = self.call("run")
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertEqual([line.split()[0] for line in self.log], ["kernels", "ninja"])

    def test_package_lists_are_fetched_once_when_needed(self):
        self.say("stale", "")
        self.assertEqual(self.call("run").code, 0)
        self.assertEqual(len(self.logged("apt-get update")), 1)
        self.assertEqual(len(self.logged("apt-get install")), 3)

    def test_sudo_where_it_works(self):
        self.say("uid", "1000")
        done = self.call("compare")
        self.assertEqual(done.code, 77)
        self.assertEqual(self.logged("apt-get"), [])
        self.assertIn("sudo apt-get install --no-install-recommends python3 git", done.err)
        self.say("sudo", "")
        self.assertEqual(self.call("compare").code, 0)
        called = "sudo env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get"
        self.assertIn("python3-scipy", self.logged(called)[0])

    def test_may_not_install(self):
        self.have("cmake", "python3-numpy")
        done = self.call("run", PTBENCH_NO_INSTALL="1")
        self.assertEqual((done.code, done.out), (77, ""))
        self.assertEqual(self.log, [])
        self.assertRegex(done.err, r"(?m)^  python3-numpy +numpy for the system's Python$")
        self.assertEqual(done.lines[-1], "ptbench: install with: sudo apt-get install "
                                         "--no-install-recommends python3-numpy cmake")

    def test_an_install_that_fails_says_why(self):
        self.have("cmake")
        self.say("unknown", "cmake")
        done = self.call("list")
        self.assertEqual(done.code, 77)
        self.assertIn("E: Unable to locate package cmake", done.err)

    def test_waits_for_another_package_manager_and_says_so(self):
        for lock in ("/var/lib/dpkg/lock-frontend", "/var/lib/apt/lists/lock"):
            self.say("installed", "")
            self.say("stale", "")
            self.say("lock", lock)
            self.say("locked", "5")
            done = self.call("compare")
            self.assertEqual(done.code, 0, done.err)
            self.assertEqual(len(self.logged("sleep")), 5)
            self.assertEqual(len(self.logged("apt-get")), 5 + 3)
            self.assertIn(f"ptbench: another program uses the package manager; waiting for {lock}. It is "
                          "held by process 5 (unattended-upgr)\n", done.err)
            self.assertEqual(done.err.count("waiting"), 1)

    def test_waits_ten_minutes_and_no_longer(self):
        script = self.root / "scripts" / "ptbench"
        text = script.read_text(encoding="utf-8")
        self.assertIn("\nlock_tries=300\n", text)
        script.write_text(text.replace("lock_tries=300", "lock_tries=4"), encoding="utf-8")
        self.say("locked", "1000")
        done = self.call("compare")
        self.assertEqual(done.code, 77)
        self.assertEqual(self.logged("sleep"), 2 * 3 * ["sleep 2"])
        self.assertIn("apt-get failed: E: Could not get lock /var/lib/dpkg/lock-frontend", done.err)

    def test_other_kernels_are_optional(self):
        self.have("linux-source-6.1")
        self.say("unknown", "linux-source-6.1")
        done = self.call("test")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("this system has no linux-source-6.1: the test of these drivers is skipped", done.err)
        self.assertEqual(len(self.logged("apt-get install")), 2)
        self.call("test")
        self.assertEqual(self.logged("apt-get"), [])
        self.say("unknown", "")
        self.have("linux-source-6.1")
        (self.root / "build" / ".no-others").unlink()
        self.assertNotIn("skipped", self.call("test").err)
        self.assertEqual(len(self.logged("apt-get install")), 1)

    def test_a_package_of_a_similar_name_is_not_the_package(self):
        self.have("linux-source-6.1")
        self.say("similar", "linux-source-6.1")
        self.assertIn("this system has no linux-source-6.1", self.call("test").err)
        self.call("test")
        self.assertEqual(self.logged("apt-get"), [])

    def test_commands_install_only_what_they_need(self):
        self.call("compare")
        self.assertEqual(self.logged("apt-get install"), [
            "apt-get install -y --no-install-recommends python3 git python3-numpy python3-scipy "
            "python3-fastjsonschema"])

    def test_doctor_installs_nothing(self):
        self.have("gcc")
        self.assertEqual(self.call("doctor", "--json").out.splitlines()[0], "python doctor --json")
        self.assertEqual(self.log, [])

    def test_the_kernel_source_is_optional_but_missed_loudly(self):
        self.have("linux-source-6.12")
        self.say("unknown", "linux-source-6.12")
        done = self.call("run")
        self.assertEqual(done.code, 0)
        self.assertIn("WARNING: linux-source-6.12 is missing", done.err)
        self.assertIn("--kernel TREE", done.err)
        again = self.call("run")
        self.assertIn("WARNING", again.err)
        self.assertEqual(self.logged("apt-get"), [])

    def test_the_build_looks_again_when_the_kernel_source_has_come(self):
        self.have("linux-source-6.12")
        self.call("run", PTBENCH_NO_INSTALL="1")
        self.call("run")
        self.assertEqual(len(self.logged("cmake")), 1)

    def test_other_systems_get_a_list(self):
        for name in ("dpkg-query", "apt-get"):
            (self.bin / name).unlink()
        done = self.call("run")
        self.assertEqual(done.code, 77)
        self.assertRegex(done.err, r"(?m)^  libhwloc-dev +hwloc with headers$")
        self.assertIn("this system's package manager", done.lines[-1])

    def test_another_binary_needs_no_build(self):
        self.say("installed", "python3\ngit")
        done = self.call("list", PTBENCH_BENCH="/some/bench")
        self.assertEqual((done.code, self.log), (0, []))


class BuildTest(FrontEndTest):
    """What gets built, and how failures read."""

    def setUp(self):
        super().setUp()
        self.have()

    def test_kernel_tree_has_a_build_of_its_own(self):
        tree = self.make_tree("linux 6.1")
        builds = set()
        for arguments, environment in ((("--kernel", str(tree)), {}), ((f"--kernel={tree}",), {}),
                                       ((), {"PTBENCH_KERNEL": str(tree)})):
            done = self.call("run", *arguments, **environment)
            self.assertEqual(done.code, 0, done.err)
            builds.add(done.out.splitlines()[1])
        self.assertEqual(len(builds), 1)
        self.assertRegex(builds.pop(), rf"^build {self.root}/build/plain-linux-6\.1-\d+$")
        shutil.rmtree(self.root / "build")
        self.call("run", "--kernel", str(tree))
        self.assertIn(f"-DPTBENCH_KERNEL={tree}", self.logged("cmake")[0])

    def test_kernel_tree_that_is_not_there(self):
        done = self.call("run", "--kernel", "/nowhere/linux")
        self.assertEqual((done.code, done.err), (2, "ptbench: no Linux source tree at /nowhere/linux; "
                                                    "Linux 6.1 to 7.3 can be compared with\n"))
        self.assertEqual(self.call("run", "--kernel").code, 2)

    def test_several_kernels_are_one_list(self):
        one, other = self.make_tree("one"), self.make_tree("other", (7, 3))
        done = self.call("run", "--kernel", f"{one},mine={other}")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn(f"-DPTBENCH_KERNEL={one};mine={other}", self.logged("cmake")[0])

    def test_fetched_version_is_known_by_its_number(self):
        archive = self.root / "build" / "kernels" / "linux-source-9.7.tar.xz"
        archive.parent.mkdir(parents=True)
        archive.touch()
        done = self.call("run", "--kernel", "9.7")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn(f"-DPTBENCH_KERNEL={archive}", self.logged("cmake")[0])
        done = self.call("run", "--kernel", "9.8")
        self.assertEqual((done.code, done.err), (77, "ptbench: no source of Linux 9.8 here: "
                                                     "scripts/ptbench kernels get 9.8\n"))

    def test_trees_that_cannot_be_compared_with(self):
        old, none = self.make_tree("old", (5, 15)), self.folder / "empty"
        none.mkdir()
        works = "Linux 6.1 to 7.3 can be compared with"
        for given, line in ((old, f"{old} is Linux 5.15, which is too old: {works}"),
                            (none, f"no Linux source tree at {none}; {works}"),
                            (f"inline={old}", "'inline' cannot be the name of a kernel: letters, digits, "
                                              "'.', '_' and '-', and no name of another variant")):
            done = self.call("run", "--kernel", str(given))
            self.assertEqual((done.code, done.err), (2, f"ptbench: {line}\n"))

    def test_refusal_of_the_build_is_a_usage_error(self):
        self.say("cmake-says", "-- ok\nptbench: refused: two kernels are called linux-6.1\n"
                               "CMake Error at baselines/cmake/x.cmake:17 (message):\n  two kernels\n")
        done = self.call("run", "--kernel", str(self.make_tree("linux")))
        self.assertEqual((done.code, done.lines[-1]), (2, "ptbench: two kernels are called linux-6.1"))

    def test_only_run_asks_for_the_newest_kernel(self):
        self.call("run")
        self.assertEqual(self.logged("kernels"), ["kernels get-newest"])
        self.say("no-network", "")
        self.assertEqual(self.call("run").code, 0)
        for arguments, environment in ((("list",), {}), (("run",), {"PTBENCH_NO_INSTALL": "1"}),
                                       (("run", "--kernel", "none"), {})):
            self.call(*arguments, **environment)
            self.assertEqual(self.logged("kernels"), [])

    def make_tree(self, name, version=(6, 1)):
        """A folder that passes for a kernel tree."""
        tree = self.folder / name
        (tree / "drivers" / "iommu").mkdir(parents=True)
        (tree / "Makefile").write_text("VERSION = {}\nPATCHLEVEL = {}\n".format(*version), encoding="utf-8")
        return tree

    def test_a_tree_that_lacks_files_is_told_in_the_builds_words(self):
        self.say("cmake-says", "-- ok\nCMake Error at baselines/cmake/kernel_tree.cmake:60 (message):\n"
                               "  The kernel tree /some/tree lacks\n  drivers/iommu/io-pgtable.c\n"
                               "Call Stack (most recent call first):\n  baselines/CMakeLists.txt:7\n\n")
        done = self.call("run", "--kernel", str(self.make_tree("linux")))
        self.assertEqual(done.code, 3)
        self.assertIn("configuring the build failed: The kernel tree /some/tree lacks "
                      "drivers/iommu/io-pgtable.c (log: ", done.lines[-1])

    def test_a_driver_that_does_not_compile_is_told_in_the_builds_words(self):
        self.say("ninja-says", "[1/2] cc\nx.c:3:1: error: unknown type\n"
                               "ptbench: drivers/iommu/x.c of linux-9.1 does not compile: 'y'")
        done = self.call("run", "--kernel", str(self.make_tree("linux")))
        self.assertEqual(done.code, 3)
        self.assertIn("building failed: drivers/iommu/x.c of linux-9.1 does not compile: 'y' (log: ",
                      done.lines[-1])

    def test_code_that_does_not_compile(self):
        self.say("ninja-says", "[1/2] cc\nFAILED: a.o\na.c:3:1: error: unknown type")
        done = self.call("list")
        self.assertEqual(done.code, 3)
        self.assertIn("building failed: a.c:3:1: error: unknown type (log: ", done.lines[-1])

    def test_test_ends_with_the_summary_of_all_tests(self):
        done = self.call("test", "-R", "unit")
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(done.out.splitlines(), [
            f"ctest --test-dir {self.root}/build/{words} -R unit" for words in (
                "sanitize --output-on-failure -j 2 -L unit|compare|fuzz",
                "thread --output-on-failure -j 2 -L threads", "plain --output-on-failure -j 2")])
        self.assertEqual([line for line in self.log if line.startswith("cmake")], [
            f"cmake --preset {preset} -B {self.root}/build/{preset} "
            f"-DPTBENCH_KERNELS_FOLDER={self.root}/build/kernels"
            for preset in ("sanitize", "thread", "plain")])

    def test_tests_that_fail_fail(self):
        for preset, calls in (("sanitize", 1), ("thread", 2), ("plain", 3)):
            self.say("failing", preset)
            done = self.call("test")
            self.assertEqual((done.code, len(done.out.splitlines())), (1, calls))

    def test_builds_have_folders_and_clang_is_only_installed_for_its_own(self):
        self.have("clang")
        self.assertEqual(self.call("run").code, 0)
        self.assertEqual(self.logged("apt-get"), [])
        done = self.call("run", "--build", "plain,clang")
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(len(self.logged("apt-get install")), 1)
        self.assertTrue(self.logged("apt-get install")[0].endswith(" clang"))
        self.assertEqual(len(self.logged("cmake --preset clang")), 1)
        self.assertTrue(done.out.endswith(
            f"build plain={self.root}/build/plain,clang={self.root}/build/clang\n"), done.out)
        done = self.call("size", "--build=hardened")
        self.assertTrue(done.out.endswith(f"build hardened={self.root}/build/hardened\n"), done.out)
        self.fails(self.call("run", "--build", "icc"), "unknown build 'icc'")

    def fails(self, done, word):
        """Assert that a call ended with a usage error."""
        self.assertEqual(done.code, 2)
        self.assertIn(word, done.lines[-1])

    def test_a_study_says_itself_what_to_build(self):
        folder = self.root / "bench" / "studies"
        folder.mkdir(parents=True)
        (folder / "two.toml").write_text('title = "x"\nbuilds = ["plain", "hardened"]\n', encoding="utf-8")
        self.have()
        done = self.call("study", "two", "--quick")
        self.assertEqual(done.out, f"python study two --quick\nbuild plain={self.root}/build/plain,"
                                   f"hardened={self.root}/build/hardened\n")
        self.assertEqual(self.call("study").out, "python study\nbuild None\n")
        self.assertEqual(self.log, [])

    def test_usage(self):
        self.assertEqual(self.call("nix").code, 2)
        self.assertIn("unknown command 'nix'", self.call("nix").err)
        bare = self.call()
        self.assertEqual((bare.code, bare.out), (2, ""))
        self.assertIn("PTBENCH_NO_INSTALL=1", bare.err)

    def test_help_installs_and_builds_nothing(self):
        self.say("installed", "")
        for arguments in (("--help",), ("run", "--quick", "--help"), ("test", "-h")):
            self.assertEqual(self.call(*arguments).code, 0)
            self.assertEqual(self.log, [])


if __name__ == "__main__":
    main()
