#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""scripts/ptbench installs what is missing, and nothing twice."""

from front_end_support import FrontEndTest
from support import main


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


if __name__ == "__main__":
    main()
