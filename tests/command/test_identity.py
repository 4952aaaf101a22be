#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a run stores about the machine: topology, settings, which events were counted and why not."""

import json
from unittest import mock

from support import MACHINE, CommandTest, main
from ptbench_study.measure import cpus, doctor, machine, system

SETTINGS = {"kernel_release", "microcode", "mitigations", "huge_pages", "governors", "turbo", "smt",
            "aslr", "isolated_cpus", "cpu_limits", "perf_event_paranoid", "preemption"}
ONE_CASE = ("--filter", "amdv1/map/4K/x1/coherent/warm", "--processes", "1")


class IdentityTest(CommandTest):
    """Facts of the machine in the results folder."""

    def test_a_run_stores_facts_and_settings(self):
        self.assertEqual(self.run_study(*ONE_CASE).code, 0)
        facts = json.loads((self.results / "machines" / f"{MACHINE}.json").read_text("utf-8"))
        self.assertEqual((facts["id"], facts["cores"], facts["threads"]), (MACHINE, 2, 2))
        self.assertLessEqual({"vendor", "family", "model_number", "stepping", "microcode", "caches",
                              "numa_nodes", "hypervisor", "kernel"}, set(facts))
        context = self.only_run()["context"]
        self.assertEqual(set(context["settings"]), SETTINGS)
        self.assertEqual(context["settings"]["kernel_release"], facts["kernel"])

    def test_settings_read_what_is_there(self):
        files = {"/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never",
                 f"{system.CPU}/cpufreq/boost": "1", f"{system.CPU}/smt/active": "1",
                 "/proc/sys/kernel/randomize_va_space": "2",
                 "/proc/sys/kernel/perf_event_paranoid": "-1"}
        with mock.patch.object(system, "read", lambda path, default=None: files.get(
                str(path), default)):
            found = machine.settings()
        self.assertEqual((found["huge_pages"], found["turbo"], found["smt"], found["aslr"],
                          found["perf_event_paranoid"]), ("madvise", True, True, 2, -1))
        with mock.patch.object(system, "read", lambda path, default=None: default):
            found = machine.settings()
        self.assertEqual((found["huge_pages"], found["turbo"], found["smt"], found["governors"],
                          found["mitigations"]), (None, None, None, [], {}))


class EventsTest(CommandTest):
    """Hardware events in a run."""

    def test_counted_events_are_in_the_run_and_in_its_tables(self):
        done = self.run_study(*ONE_CASE, "--json", fake={"events": {"cycles": None,
                                                                     "instructions": None}})
        self.assertEqual(done.code, 0, done.err)
        run = self.only_run()
        self.assertEqual(run["context"]["events"], {"cycles": None, "instructions": None})
        for entry in run["benchmarks"]:
            self.assertEqual((entry["cycles"], entry["instructions"]), (60, 150))
        cell = done.json["comparisons"][0]["cells"][0]
        self.assertEqual((cell["a_instructions"], cell["b_instructions"]), (150, 150))

    def test_what_cannot_be_counted_has_its_reason_and_no_figure(self):
        reason = "ENOENT: this machine has no such counter"
        self.assertEqual(self.run_study(*ONE_CASE, fake={"events": {"cycles": reason}}).code, 0)
        run = self.only_run()
        self.assertEqual(run["context"]["events"], {"cycles": reason})
        for entry in run["benchmarks"]:
            self.assertNotIn("cycles", entry)


class BusyTest(CommandTest):
    """doctor looks at the CPU that is measured on."""

    def busy(self, *stats):
        """What doctor finds where /proc/stat reads so, before and after."""
        stats = list(stats)

        def read(path, default=None):
            if str(path) == "/proc/stat":
                return stats.pop(0)
            return "0-1" if str(path).endswith("thread_siblings_list") else default

        with mock.patch.object(system, "read", read), mock.patch.object(cpus, "default_cpu", lambda: 1):
            return doctor.measured_cpu()

    def test_the_other_thread_of_the_core_counts_too(self):
        idle, busy = "cpu{} 10 0 0 190 0 0 0 0", "cpu{} 60 0 0 150 0 0 0 0"
        before = "cpu 0 0 0 0 0 0 0 0\ncpu0 10 0 0 100 0 0 0 0\ncpu1 10 0 0 100 0 0 0 0"
        found = self.busy(before, f"{idle.format(0)}\n{idle.format(1)}")
        self.assertEqual((found.status, found.remedy), ("ok", None))
        found = self.busy(before, f"{busy.format(0)}\n{idle.format(1)}")
        self.assertEqual((found.status, found.seen), ("advice", "CPU 0 is 50 % busy"))
        self.assertIn("--cpu", found.remedy)


if __name__ == "__main__":
    main()
