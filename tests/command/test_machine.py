#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Machine ids: stable, telling models apart, short."""

import re
import unittest

from support import MACHINE, main
from ptbench_study.measure import cpus, machine

X86 = """processor\t: 0
vendor_id\t: {vendor}
cpu family\t: {family}
model\t\t: {model}
model name\t: {name}
stepping\t: {stepping}

processor\t: 1
vendor_id\t: other
"""


def x86_id(vendor, family, model, name, stepping, cpus, hypervisor):
    """The id of a machine with this /proc/cpuinfo."""
    text = X86.format(vendor=vendor, family=family, model=model, name=name, stepping=stepping)
    return machine.machine_id(machine.processor(text), cpus, hypervisor)


class MachineTest(unittest.TestCase):
    """machine"""

    def test_ids(self):
        for expected, arguments in (
                ("amd-epyc-f26m2s1-2cpu-kvm", ("AuthenticAMD", 26, 2, "AMD EPYC", 1, 2, "KVM")),
                ("amd-epyc-7763-f25m1s1-64cpu",
                 ("AuthenticAMD", 25, 1, "AMD EPYC 7763 64-Core Processor", 1, 64, "")),
                ("intel-i7-12700-f6m151s2-20cpu",
                 ("GenuineIntel", 6, 151, "12th Gen Intel(R) Core(TM) i7-12700 @ 2.10GHz", 2, 20, "")),
                ("intel-xeon-f6m143s8-4cpu-kvm",
                 ("GenuineIntel", 6, 143, "Intel(R) Xeon(R) Processor @ 2.60GHz", 8, 4, "KVM"))):
            with self.subTest(expected):
                found = x86_id(*arguments)
                self.assertEqual(re.sub("-12th", "", found), expected)

    def test_arm(self):
        fields = machine.processor("processor: 0\nCPU implementer: 0x41\nCPU variant: 0x3\n"
                                         "CPU part: 0xd0c\nCPU revision: 1\n")
        fields["model name"] = "Neoverse-N1"
        self.assertEqual(machine.machine_id(fields, 4, ""), "arm-neoverse-n1-i41-pd0c-r3p1-4cpu")

    def test_model_stepping_and_count_tell_machines_apart(self):
        base = ("GenuineIntel", 6, 143, "Intel(R) Xeon(R)", 8, 4, "KVM")
        others = [(*base[:2], 85, *base[3:]), (*base[:4], 7, *base[5:]), (*base[:5], 8, "KVM"),
                  (*base[:6], "")]
        self.assertEqual(len({x86_id(*each) for each in [base, *others]}), 5)

    def test_this_machine(self):
        found, facts = machine.identify()
        self.assertEqual((found, machine.identify()[0]), (MACHINE, MACHINE))
        self.assertRegex(found, r"^[a-z0-9]+(-[a-z0-9]+)*$")
        self.assertLess(len(found), 64)
        self.assertEqual(facts["id"], found)
        self.assertIn(cpus.default_cpu(), cpus.usable_cpus())

    def test_a_hybrid_machine_is_named_after_the_measured_cpu(self):
        text = X86.format(vendor="AuthenticAMD", family=26, model=36, name="AMD", stepping=0)
        self.assertEqual(machine.processor(text, 1)["vendor_id"], "other")
        self.assertEqual(machine.processor(text, 7)["vendor_id"], "AuthenticAMD")
        self.assertEqual(machine.machine_id(machine.processor(text), 24, "", "performance"),
                         "amd-f26m36s0-24cpu-performance")

    def test_cpu_lists(self):
        self.assertEqual(cpus.parse_cpu_list("0-2,8, 10-11"), [0, 1, 2, 8, 10, 11])
        self.assertEqual(cpus.parse_cpu_list(""), [])


if __name__ == "__main__":
    main()
