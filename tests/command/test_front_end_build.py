#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""scripts/ptbench builds what is needed, with the kernels that are asked for, and says what is wrong."""

import shutil

from front_end_support import FrontEndTest
from support import main


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
