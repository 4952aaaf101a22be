# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which machine this is: facts for results/machines/<id>.json, its settings, and the id itself.

Facts change when the machine does, settings with every boot or by its owner's hand: a run's context
holds those that it was measured under. The topology is hwloc's, through the measuring binary, which
has it at hand; everything else is read here, and only here.

The id names what decides about speed and stays put over reboots: CPU vendor, brand, family, model
and stepping, number of CPUs, hypervisor; on a hybrid machine also the kind of the CPU that is measured,
so that its performance and its efficiency cores count as two machines. Two machines of one id may be
compared, two ids never: the same bytes were seen 13 % apart on two models of one brand. Nothing that
identifies an owner (host name, addresses, serial numbers) is read.
"""

import os
import re
import subprocess

from ..base.documents import parsed
from . import system
from .cpu_kinds import cpu_kinds, kind_name
from .cpus import cpu_list, default_cpu, limits

VENDORS = {"GenuineIntel": "intel", "AuthenticAMD": "amd", "HygonGenuine": "hygon", "ARM": "arm"}
NOISE_WORDS = {"cpu", "processor", "core", "r", "tm", "intel", "amd", "arm", "with", "radeon",
               "graphics", "the", "gen"}


def processor(cpuinfo, cpu=None):
    """The fields of a processor in /proc/cpuinfo, by lower-case name: of the first, or of a CPU's."""
    first = None
    for block in cpuinfo.split("\n\n"):
        fields = {}
        for line in block.splitlines():
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
        first = fields if first is None else first
        if cpu is None or fields.get("processor") == str(cpu):
            return fields
    return first


def lscpu():
    """What lscpu says, as a flat dict of field name to text; empty where there is no lscpu."""
    try:
        done = subprocess.run(["lscpu", "-J"], capture_output=True, text=True, timeout=20,
                              env={**os.environ, "LC_ALL": "C"}, check=True)
        entries = parsed(done.stdout)["lscpu"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return {}
    flat = {}
    while entries:
        entry = entries.pop(0)
        flat.setdefault(entry.get("field", "").rstrip(":"), entry.get("data"))
        entries = list(entry.get("children", [])) + entries
    return flat


def brand_words(model_name):
    """The words of a CPU's brand string that tell models apart, lower case, at most three."""
    text = re.sub(r"\(.*?\)|@.*$|\d+-core", " ", model_name.lower())
    words = [word for word in re.split(r"[^a-z0-9]+", text) if word and word not in NOISE_WORDS]
    return [word for word in words if not re.fullmatch(r"v?\d", word) or word.startswith("v")][:3]


def machine_id(cpu, cpus, hypervisor, kind=None):
    """The id of a machine: a short slug out of its CPU's fields, CPU count and hypervisor, and the kind of
    the CPU where there are several."""
    if "cpu part" in cpu:
        vendor = "arm"
        model = ["i" + cpu.get("cpu implementer", "0")[2:], "p" + cpu["cpu part"][2:],
                 "r" + cpu.get("cpu variant", "0x0")[2:] + "p" + cpu.get("cpu revision", "0")]
        words = brand_words(cpu.get("model name", ""))
    else:
        vendor = VENDORS.get(cpu.get("vendor_id", ""), cpu.get("vendor_id", "").lower() or "cpu")
        words = brand_words(cpu.get("model name", ""))
        model = ["f{}m{}s{}".format(cpu.get("cpu family", "0"), cpu.get("model", "0"),
                                    cpu.get("stepping", "0"))]
    parts = [vendor] + words + model + [f"{cpus}cpu"]
    if hypervisor:
        parts.append(hypervisor.lower())
    if kind:
        parts.append(kind)
    return re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")


def identify(measured=None):
    """(id, facts) of this machine, where the given CPU or the default one is measured.

    The facts change only when the machine does.
    """
    kinds = cpu_kinds()
    if kinds and measured is None:
        measured = default_cpu()
    cpu = processor(system.read("/proc/cpuinfo", ""), measured if kinds else None)
    described = lscpu()
    cpu.setdefault("model name", described.get("Model name") or "")
    hypervisor = described.get("Hypervisor vendor") or (
        "vm" if "hypervisor" in cpu.get("flags", "").split() else "")
    cpus = os.cpu_count() or 1
    facts = {
        "id": machine_id(cpu, cpus, hypervisor, kind_name(measured, kinds)),
        "vendor": cpu.get("vendor_id") or cpu.get("cpu implementer"),
        "model": cpu["model name"],
        "architecture": os.uname().machine,
        "family": cpu.get("cpu family") or cpu.get("cpu architecture"),
        "model_number": cpu.get("model") or cpu.get("cpu part"),
        "stepping": cpu.get("stepping") or cpu.get("cpu revision"),
        "microcode": cpu.get("microcode"),
        "cpus": cpus,
        "hypervisor": hypervisor or None,
        "memory_gib": memory_gib(),
        "kernel": os.uname().release,
    }
    if kinds:
        facts["cpu_kind"] = kind_name(measured, kinds)
        facts["cpu_kinds"] = {kind_name(min(kind), kinds): cpu_list(kind) for kind in kinds}
    return facts["id"], facts


def memory_gib():
    """Main memory in GiB, rounded."""
    match = re.search(r"MemTotal:\s+(\d+)", system.read("/proc/meminfo", ""))
    return round(int(match.group(1)) / 2**20) if match else None


def huge_page_policy():
    """Which memory gets transparent huge pages: always, madvise or never; None without support."""
    match = re.search(r"\[(\w+)\]", system.read("/sys/kernel/mm/transparent_hugepage/enabled", "") or "")
    return match and match[1]


def governors():
    """The frequency governors in use, sorted; empty where the frequency is not ours to set."""
    files = system.CPU.glob("cpu[0-9]*/cpufreq/scaling_governor")
    return sorted({system.read(path) for path in files} - {None})


def turbo():
    """Whether the CPU raises its clock when it is cool; None where there is no switch."""
    no_turbo = system.read(system.CPU / "intel_pstate/no_turbo")
    boost = system.read(system.CPU / "cpufreq/boost")
    if no_turbo is not None:
        return no_turbo != "1"
    return None if boost is None else boost == "1"


def mitigations():
    """{vulnerability: what the kernel does about it}, without those that the CPU does not have."""
    files = sorted((system.CPU / "vulnerabilities").glob("*"))
    found = {path.name: system.read(path) for path in files}
    return {name: text for name, text in found.items() if text and text != "Not affected"}


def settings():
    """What the owner, the kernel or a boot may change, and what a run's times depend on."""
    return {
        "kernel_release": os.uname().release,
        "microcode": processor(system.read("/proc/cpuinfo", "")).get("microcode"),
        "mitigations": mitigations(),
        "huge_pages": huge_page_policy(),
        "governors": governors(),
        "turbo": turbo(),
        "smt": {"1": True, "0": False}.get(system.read(system.CPU / "smt/active")),
        "aslr": system.number_in("/proc/sys/kernel/randomize_va_space"),
        "isolated_cpus": system.read(system.CPU / "isolated", ""),
        "cpu_limits": limits(),
        "perf_event_paranoid": system.number_in("/proc/sys/kernel/perf_event_paranoid"),
        "preemption": preemption(),
    }


def preemption():
    """How the kernel preempts, as its version string names it: PREEMPT_DYNAMIC, PREEMPT_RT."""
    return next((word for word in os.uname().version.split() if word.startswith("PREEMPT")), None)
