# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which machine this is: facts for results/machines/<id>.json, its settings, and the id itself.

Facts change when the machine does, settings with every boot or by its owner's hand: a run's context
holds those that it was measured under. The topology is hwloc's, through the measuring binary, which
has it at hand; everything else is read here, and only here.

The id names what decides about speed and stays put over reboots: CPU vendor, brand, family, model
and stepping, number of CPUs, hypervisor. Two machines of one id may be compared, two ids never: the
same bytes were seen 13 % apart on two models of one brand. Nothing that identifies an owner (host
name, addresses, serial numbers) is read.
"""

import os
import re
import subprocess
from pathlib import Path

from .documents import parsed

CPU = Path("/sys/devices/system/cpu")
VENDORS = {"GenuineIntel": "intel", "AuthenticAMD": "amd", "HygonGenuine": "hygon", "ARM": "arm"}
NOISE_WORDS = {"cpu", "processor", "core", "r", "tm", "intel", "amd", "arm", "with", "radeon",
               "graphics", "the", "gen"}


def read(path, default=None):
    """The stripped content of a small file of /proc or /sys, or the default where it is absent."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return default


def first_processor(cpuinfo):
    """The fields of the first processor in /proc/cpuinfo, by lower-case name."""
    fields = {}
    for line in cpuinfo.split("\n\n")[0].splitlines():
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    return fields


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


def machine_id(cpu, cpus, hypervisor):
    """The id of a machine: a short slug out of its CPU's fields, CPU count and hypervisor."""
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
    return re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")


def online_cpus():
    """Numbers of the CPUs that this process may run on."""
    return sorted(os.sched_getaffinity(0))


def parse_cpu_list(text):
    """The numbers in a kernel CPU list such as "0-3,8"."""
    cpus = []
    for part in (text or "").split(","):
        if part.strip():
            low, _, high = part.strip().partition("-")
            cpus += range(int(low), int(high or low) + 1)
    return cpus


def default_cpu():
    """Where to measure: an isolated CPU, else the last one, as CPU 0 takes most interrupts."""
    allowed = online_cpus()
    isolated = [cpu for cpu in parse_cpu_list(read(CPU / "isolated"))
                if cpu in allowed]
    return (isolated or allowed)[-1]


def identify():
    """(id, facts) of this machine. The facts change only when the machine does."""
    cpu = first_processor(read("/proc/cpuinfo", ""))
    described = lscpu()
    cpu.setdefault("model name", described.get("Model name") or "")
    hypervisor = described.get("Hypervisor vendor") or (
        "vm" if "hypervisor" in cpu.get("flags", "").split() else "")
    cpus = os.cpu_count() or 1
    facts = {
        "id": machine_id(cpu, cpus, hypervisor),
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
    return facts["id"], facts


def memory_gib():
    """Main memory in GiB, rounded."""
    match = re.search(r"MemTotal:\s+(\d+)", read("/proc/meminfo", ""))
    return round(int(match.group(1)) / 2**20) if match else None


def huge_page_policy():
    """Which memory gets transparent huge pages: always, madvise or never; None without support."""
    match = re.search(r"\[(\w+)\]", read("/sys/kernel/mm/transparent_hugepage/enabled", "") or "")
    return match and match[1]


def governors():
    """The frequency governors in use, sorted; empty where the frequency is not ours to set."""
    return sorted({read(path) for path in CPU.glob("cpu[0-9]*/cpufreq/scaling_governor")} - {None})


def turbo():
    """Whether the CPU raises its clock when it is cool; None where there is no switch."""
    no_turbo, boost = read(CPU / "intel_pstate/no_turbo"), read(CPU / "cpufreq/boost")
    if no_turbo is not None:
        return no_turbo != "1"
    return None if boost is None else boost == "1"


def mitigations():
    """{vulnerability: what the kernel does about it}, without those that the CPU does not have."""
    found = {path.name: read(path) for path in sorted((CPU / "vulnerabilities").glob("*"))}
    return {name: text for name, text in found.items() if text and text != "Not affected"}


def number_in(path):
    """The number in a file of /proc or /sys, or None."""
    text = read(path, "")
    return int(text) if re.fullmatch(r"-?\d+", text) else None


def settings():
    """What the owner, the kernel or a boot may change, and what a run's times depend on."""
    return {
        "kernel_release": os.uname().release,
        "microcode": first_processor(read("/proc/cpuinfo", "")).get("microcode"),
        "mitigations": mitigations(),
        "huge_pages": huge_page_policy(),
        "governors": governors(),
        "turbo": turbo(),
        "smt": {"1": True, "0": False}.get(read(CPU / "smt/active")),
        "aslr": number_in("/proc/sys/kernel/randomize_va_space"),
        "isolated_cpus": read(CPU / "isolated", ""),
        "perf_event_paranoid": number_in("/proc/sys/kernel/perf_event_paranoid"),
        "preemption": preemption(),
    }


def preemption():
    """How the kernel preempts, as its version string names it: PREEMPT_DYNAMIC, PREEMPT_RT."""
    return next((word for word in os.uname().version.split() if word.startswith("PREEMPT")), None)
