#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Where it is measured: isolated CPUs, hybrid CPUs, taskset, cpusets and quotas, on machines made of files.

hybrid.xml is a machine for hwloc whose CPUs 0 and 1 are performance cores, 2 and 3 efficiency cores.
"""

import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

from support import MACHINE, ROOT, CommandTest, main
from ptbench_study.measure import cpu_kinds, cpus, doctor, machine, system
from ptbench_study.measure.bench import Case
from ptbench_study.base.errors import SKIPPED, USAGE, Failure

SYSTEM = "/sys/devices/system/cpu"
HYBRID = str(ROOT / "tests" / "support" / "machines" / "hybrid.xml")
KINDS = [frozenset({2, 3}), frozenset({0, 1})]
ONE_CASE = ("--filter", "amdv1/map/4K/x1/coherent/warm", "--processes", "1")


def files(affinity="0-3", isolated="", group="", **more):
    """A machine of four CPUs as {path: content}; `more` by short names."""
    names = {"v2": "/sys/fs/cgroup/a/b/cpuset.cpus.effective", "v1": "/sys/fs/cgroup/cpuset/a/cpuset.cpus",
             "quota": "/sys/fs/cgroup/a/cpu.max", "inner": "/sys/fs/cgroup/a/b/cpu.max",
             "cfs": "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us",
             "period": "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us"}
    return {"/proc/self/status": f"Name:\tpython3\nCpus_allowed:\tf\nCpus_allowed_list:\t{affinity}\n",
            "/proc/self/cgroup": group or "0::/a/b", f"{SYSTEM}/online": "0-3",
            f"{SYSTEM}/isolated": isolated, **{names[name]: text for name, text in more.items()}}


V1_GROUP = "5:cpuset:/a\n3:cpu,cpuacct:/host/path\n0::/"


class CpusTest(CommandTest):
    """cpus, cpu_kinds and what is made of them"""

    def on(self, content, kinds=()):
        """Stand in for the files of /proc and /sys, and for hwloc's kinds, until the test is over."""
        content = {name: text for name, text in content.items() if text}

        def read(path, default=None):
            return content.get(str(path), default)

        for each in (mock.patch.object(system, "read", read),
                     *(mock.patch.object(module, "cpu_kinds", lambda: list(kinds))
                       for module in (cpus, doctor, machine))):
            each.start()
            self.addCleanup(each.stop)

    def test_the_default_and_what_may_be_used(self):
        for what, content, kinds, usable, default in (
                ("nothing special", files(), (), [0, 1, 2, 3], 3),
                ("isolcpus=1", files("0,2-3", "1"), (), [0, 1, 2, 3], 1),
                ("isolcpus=1-2", files("0,3", "1-2"), (), [0, 1, 2, 3], 2),
                ("isolcpus=1, taskset 0", files("0", "1"), (), [0], 0),
                ("isolcpus=1, taskset 0-1", files("0-1", "1"), (), [0, 1], 1),
                ("isolcpus=3, cpuset 0-1", files("0-1", "3", v2="0-1"), (), [0, 1], 1),
                ("isolcpus=1,3, cpuset 0-1", files("0", "1,3", v2="0-1"), (), [0, 1], 1),
                ("cpuset of version 1", files("0", "1,3", V1_GROUP, v1="0-1"), (), [0, 1], 1),
                ("hybrid", files(), KINDS, [0, 1, 2, 3], 1),
                ("hybrid, taskset 0,2-3", files("0,2-3"), KINDS, [0, 2, 3], 0),
                ("hybrid, taskset 2-3", files("2-3"), KINDS, [2, 3], 3),
                ("hybrid, isolcpus=0,3", files("1-2", "0,3"), KINDS, [0, 1, 2, 3], 0),
                ("hybrid, isolcpus=2", files("0-1,3", "2"), KINDS, [0, 1, 2, 3], 2)):
            with self.subTest(what):
                self.on(content, kinds)
                self.assertEqual((cpus.usable_cpus(), cpus.default_cpu()), (usable, default))
                for cpu in usable:
                    cpus.check_cpu(cpu)

    def test_a_cpu_that_may_not_be_used_is_refused_with_the_reason(self):
        for content, cpu, reason in (
                (files(), 4, "no CPU 4 to measure on; there are: 0-3"),
                (files("0-1"), 2, "CPU 2 is outside the affinity of this process, as taskset sets it; "
                                  "it may use: 0-1"),
                (files("0", "1"), 1, "CPU 1 is outside the affinity of this process"),
                (files("0-1", v2="0-1"), 3, "CPU 3 is outside the cpuset of this process; it may use: 0-1")):
            with self.subTest(reason):
                self.on(content)
                with self.assertRaises(Failure) as raised:
                    cpus.check_cpu(cpu)
                self.assertEqual(raised.exception.code, USAGE)
                self.assertIn(reason, str(raised.exception))

    def test_quotas(self):
        for what, content, expected in (
                ("none", files(), None),
                ("unlimited", files(quota="max 100000"), None),
                ("version 2", files(quota="150000 100000"), 1.5),
                ("the tightest up to the root", files(quota="150000 100000", inner="50000 100000"), 0.5),
                ("version 1", files(group=V1_GROUP, cfs="200000", period="100000"), 2.0),
                ("version 1, unlimited", files(group=V1_GROUP, cfs="-1", period="100000"), None)):
            with self.subTest(what):
                self.on(content)
                found = cpus.quota()
                self.assertEqual(found and found[0], expected)

    def test_cases_of_more_threads_than_the_quota_are_left_out(self):
        selected = [(Case(f"a/map_unmap/4K/x1/coherent/warm+t{threads}", "a", "map_unmap", threads=threads),
                     ("inline",)) for threads in (1, 2, 4)]
        for quota, left in (("max 100000", [1, 2, 4]), ("200000 100000", [1, 2]), ("50000 100000", [1])):
            self.on(files(quota=quota))
            self.assertEqual([case.threads for case, _ in cpus.within_quota(selected)], left)
        with self.assertRaises(Failure) as raised:
            cpus.within_quota(selected[1:])
        self.assertEqual(raised.exception.code, SKIPPED)
        self.assertIn("0.5 CPUs (/sys/fs/cgroup/a/cpu.max)", str(raised.exception))

    def test_limits_in_words(self):
        for content, said in (
                (files(), []), (files("0,2-3", "1"), []),
                (files("0"), ["the affinity of this process is CPUs 0 of 0-3"]),
                (files("0-1", v2="0-1"), ["the cpuset of this process has CPUs 0-1 of 0-3"]),
                (files("1", v2="0-1", quota="20000 10000"),
                 ["the cpuset of this process has CPUs 0-1 of 0-3",
                  "the affinity of this process is CPUs 1 of 0-1",
                  "the CPU quota is 2 CPUs (/sys/fs/cgroup/a/cpu.max)"])):
            with self.subTest(said):
                self.on(content)
                self.assertEqual(cpus.limits(), said)
                self.assertEqual(doctor.cpu_limits().status, "advice" if said else "ok")
                self.assertIn("; ".join(said) or "none", doctor.cpu_limits().seen)

    def test_doctors_advice_on_isolated_cpus_is_true(self):
        for content, status, words in (
                (files(), "advice", "isolcpus=N"),
                (files("0,2-3", "1"), "ok", "1: CPU 1 is measured on"),
                (files("0", "1"), "advice", "1, none of which this process may use")):
            with self.subTest(words):
                self.on(content)
                found = doctor.isolated()
                self.assertEqual(found.status, status)
                self.assertIn(words, f"{found.seen} {found.remedy}")

    def test_doctor_tells_kinds(self):
        self.on(files())
        self.assertEqual(doctor.kinds().status, "ok")
        self.on(files(), KINDS)
        self.assertEqual((doctor.kinds().status, doctor.kinds().seen),
                         ("ok", "0-1 performance, 2-3 efficiency: CPU 1 is measured on, a core of kind "
                                "performance"))
        self.on(files("2-3"), KINDS)
        self.assertEqual(doctor.kinds().status, "advice")

    def test_names_of_kinds(self):
        for kinds, expected in (([], None), ([{0}, {1}], "efficiency"), ([{1}, {0}], "performance"),
                                ([{1}, {0}, {2}], "middle"), ([{1}, {2}, {0}, {3}], "middle2")):
            self.assertEqual(cpu_kinds.kind_name(0, kinds), expected)

    def test_lists(self):
        self.assertEqual(cpus.cpu_list([8, 0, 2, 1, 10]), "0-2,8,10")
        self.assertEqual(cpus.cpu_list(cpus.parse_cpu_list("0-3,8")), "0-3,8")


class WholeTest(CommandTest):
    """The command on such a machine."""

    def machine(self, **content):
        """The environment of a call on a machine of files."""
        for path, text in files(**content).items():
            file = self.folder / "system" / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{text}\n", encoding="utf-8")
        return {"PTBENCH_TEST_SYSTEM_ROOT": str(self.folder / "system")}

    def test_a_hybrid_machine_is_two_machines(self):
        self.assertEqual(cpu_kinds_of(HYBRID), "[[2, 3], [0, 1]]")
        environment = {**self.machine(), "HWLOC_XMLFILE": HYBRID}
        names = {}
        for kind, arguments in (("performance", ()), ("efficiency", ("--cpu", "3"))):
            done = self.run_study(*ONE_CASE, *arguments, **environment)
            self.assertEqual(done.code, 0, done.err)
            names[kind] = f"{MACHINE}-{kind}"
            self.assertTrue((self.results / "machines" / f"{names[kind]}.json").exists())
            self.assertEqual(len(list((self.results / "runs" / names[kind]).glob("*.json"))), 1)
        facts = (self.results / "machines" / f"{names['efficiency']}.json").read_text(encoding="utf-8")
        self.assertIn('"cpu_kinds": {\n  "efficiency": "2-3",\n  "performance": "0-1"\n }', facts)
        named = self.ptbench("doctor", "--json", **environment).json["machine"]
        self.assertEqual(named, names["performance"])

    def test_limits_are_told_by_run(self):
        environment = self.machine(affinity="0", quota="50000 100000")
        done = self.run_study(*ONE_CASE, **environment)
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("ptbench: note: the affinity of this process is CPUs 0 of 0-3\n", done.err)
        self.assertIn("ptbench: note: the CPU quota is 0.5 CPUs (/sys/fs/cgroup/a/cpu.max)\n", done.err)
        self.assertIn(", on CPU 0, ", done.err)
        for command in (("run", *ONE_CASE), ("gate", *ONE_CASE), ("profile", ONE_CASE[1]),
                        ("replay", __file__), ("study", "inline-vs-recursive")):
            self.fails(self.ptbench(*command, "--cpu", "1", **environment), 2,
                       "CPU 1 is outside the affinity")

    def test_a_case_that_is_not_there_for_want_of_cpus_has_its_reason(self):
        done = self.run_study("--filter", "*+t4", "--dry-run", **self.machine(affinity="0"))
        self.assertEqual(done.code, 5)
        self.assertEqual(done.lines[0], "ptbench: note: the affinity of this process is CPUs 0 of 0-3")
        self.assertIn("no case matches *+t4", done.lines[1])

    def test_an_isolated_cpu_is_the_default(self):
        done = self.run_study(*ONE_CASE, **self.machine(affinity="0,2-3", isolated="1"))
        self.assertEqual(done.code, 0, done.err)
        self.assertIn(", on CPU 1, ", done.err)
        self.assertNotIn("note:", done.err)


def cpu_kinds_of(file):
    """The kinds that the library finds in a topology of hwloc's."""
    done = subprocess.run(
        ["/usr/bin/python3", "-s", "-c", "from ptbench_study.measure.cpu_kinds import cpu_kinds\n"
         "print([sorted(kind) for kind in cpu_kinds()])"], capture_output=True, text=True, check=True,
        env={**os.environ, "HWLOC_XMLFILE": file, "PYTHONPATH": str(ROOT / "scripts")})
    return done.stdout.strip()


if __name__ == "__main__":
    if not cpu_kinds.load() or not Path(HYBRID).exists():
        print("skipped: no hwloc library")
        sys.exit(77)
    main()
