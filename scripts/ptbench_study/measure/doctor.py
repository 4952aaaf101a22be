# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ptbench doctor`: what of this machine disturbs measuring, and what to do about it.

Only reads, and works with the bare Python: it must run where nothing is installed yet. Most findings
are advice; only a machine on which measuring is impossible makes it fail.
"""

import os
import re
import subprocess
import time
from pathlib import Path

from ..base.errors import Failure
from ..base.paths import BUILD, COMMAND, PACKAGES, shown
from ..code import kernels
from . import cpus, machine, system
from .cpu_kinds import cpu_kinds, kind_name
from .cpus import cpu_list, parse_cpu_list
from .machine import identify

# A CPU that spends more than this part of its time on other work disturbs.
BUSY = 0.1
SUPPORTED = ("x86_64", "aarch64")


class Finding:
    """One check: status ok, advice or impossible; what was seen; the remedy where there is one."""

    def __init__(self, name, status, seen, remedy=None):
        self.name = name
        self.status = status
        self.seen = seen
        self.remedy = remedy

    def document(self):
        """The finding as --json prints it."""
        return {"check": self.name, "status": self.status, "seen": self.seen,
                "remedy": self.remedy}


def finding(name, good, seen, remedy):
    """A Finding that is ok or advice."""
    return Finding(name, "ok" if good else "advice", seen, None if good else remedy)


def governor():
    """The frequency governor of the CPUs."""
    seen = machine.governors()
    if not seen:
        return Finding("governor", "ok", "none: the frequency is not ours to set")
    return finding("governor", seen == ["performance"], ", ".join(seen),
                   "sudo cpupower frequency-set -g performance (until the next boot)")


def turbo():
    """Whether the CPU raises its clock when it is cool."""
    on = machine.turbo()
    if on is None:
        return Finding("turbo", "ok", "no switch for it: blocks are palindromes, slow drifts cancel")
    if system.read(system.CPU / "intel_pstate/no_turbo") is not None:
        remedy = f"echo 1 | sudo tee {system.CPU}/intel_pstate/no_turbo (until the next boot)"
    else:
        remedy = f"echo 0 | sudo tee {system.CPU}/cpufreq/boost (until the next boot)"
    return finding("turbo", not on, "on" if on else "off", remedy)


def smt():
    """Whether two threads share a core."""
    active = system.read(system.CPU / "smt/active", "0")
    return finding("SMT", active != "1", "on" if active == "1" else "off",
                   "keep the measured core's other thread idle: "
                   f"echo off | sudo tee {system.CPU}/smt/control (until the next boot)")


def busy_shares(seconds=0.25):
    """{CPU: the part of the next so many seconds that it spends on anything}."""
    before = cpu_times()
    time.sleep(seconds)
    shares = {}
    for cpu, (idle, total) in cpu_times().items():
        idle_before, total_before = before.get(cpu, (idle, total))
        if total > total_before:
            shares[cpu] = 1 - (idle - idle_before) / (total - total_before)
    return shares


def cpu_times():
    """{CPU: (ticks idle, ticks in all)} since the boot, by /proc/stat."""
    found = {}
    for line in (system.read("/proc/stat", "") or "").splitlines():
        fields = line.split()
        if fields and re.fullmatch(r"cpu\d+", fields[0]):
            ticks = [int(field) for field in fields[1:9]]
            found[int(fields[0][3:])] = (ticks[3] + ticks[4], sum(ticks))
    return found


def measured_cpu():
    """Whether the CPU to measure on, and the others of its core, are idle now."""
    cpu = cpus.default_cpu()
    core = parse_cpu_list(system.read(system.CPU / f"cpu{cpu}/topology/thread_siblings_list", "")) or [cpu]
    shares = busy_shares()
    busy = {each: shares[each] for each in core if shares.get(each, 0) > BUSY}
    seen = ", ".join(f"CPU {each} is {100 * share:.0f} % busy" for each, share in busy.items())
    others = "" if len(core) == 1 else f", as are the others of its core ({len(core)} threads)"
    return finding("measured CPU", not busy, seen or f"CPU {cpu} is idle{others}",
                   "stop what runs there (ps -eo psr,pcpu,comm --sort=-pcpu), or give --cpu another one")


def isolated():
    """Whether a CPU is kept free of other work."""
    there = cpus.isolated()
    if not there:
        return finding("isolated CPUs", False, "none",
                       "boot with isolcpus=N nohz_full=N where noise matters: CPU N is then the default")
    usable = there & set(cpus.usable_cpus())
    return finding("isolated CPUs", bool(usable),
                   f"{cpu_list(there)}: CPU {cpus.default_cpu()} is measured on" if usable else
                   f"{cpu_list(there)}, none of which this process may use",
                   "start it without taskset, in a cpuset that has them")


def kinds():
    """Whether CPUs differ, and which kind is measured."""
    ranked, cpu = cpu_kinds(), cpus.default_cpu()
    if not ranked:
        return Finding("CPU kinds", "ok", "one, as far as hwloc knows")
    names = ", ".join(f"{cpu_list(kind)} {kind_name(min(kind), ranked)}" for kind in reversed(ranked))
    return finding("CPU kinds", cpu in ranked[-1],
                   f"{names}: CPU {cpu} is measured on, a core of kind {kind_name(cpu, ranked)}",
                   f"give --cpu one of {cpu_list(ranked[-1])}, or let this process use them")


def cpu_limits():
    """Whether taskset, a cpuset or a quota keeps this process from a part of the machine."""
    found = cpus.limits()
    return finding("CPU limits", not found, "; ".join(found) or "none",
                   "measure outside of the container or of taskset: a quota stops threads in the middle, "
                   "and cases of more threads than CPUs are left out")


def huge_pages():
    """Transparent huge pages: the arena of table memory asks for them."""
    chosen = machine.huge_page_policy() or "absent"
    return finding("huge pages", chosen in ("always", "madvise"), chosen,
                   "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled: tables "
                   "lie in huge pages, as in a kernel's direct map")


def load():
    """Whether other work runs."""
    average = os.getloadavg()[0]
    return finding("load", average < 0.5, f"{average:.2f} over the last minute",
                   "stop other work, or wait")


def swap():
    """Whether memory has been swapped out."""
    lines = (system.read("/proc/swaps", "") or "").splitlines()[1:]
    used = sum(int(line.split()[3]) for line in lines if len(line.split()) > 3)
    return finding("swap", used == 0, "in use" if used else "not in use",
                   "free memory, then sudo swapoff -a && sudo swapon -a")


def power():
    """Whether a battery feeds the machine, and with it slows it."""
    supplies = Path("/sys/class/power_supply")
    batteries = [path.name for path in supplies.glob("*") if system.read(path / "type") == "Battery"]
    if not batteries:
        return Finding("power", "ok", "no battery")
    discharging = [name for name in batteries if system.read(supplies / name / "status") == "Discharging"]
    return finding("power", not discharging, "on battery" if discharging else "on mains",
                   "plug in the power supply")


def placement():
    """Address randomisation: processes are only replicas of placement if it differs."""
    value = system.read("/proc/sys/kernel/randomize_va_space", "2")
    return finding("ASLR", value != "0", "on" if value != "0" else "off",
                   "sudo sysctl kernel.randomize_va_space=2: every process is to be a sample of "
                   "its own")


def virtualised():
    """Whether a hypervisor has the last word, and how much time it takes away."""
    _, facts = identify()
    if not facts["hypervisor"]:
        return Finding("virtualised", "ok", "no")
    fields = system.read("/proc/stat", "cpu").split("\n")[0].split()
    times = [int(field) for field in fields[1:9]]
    stolen = 100 * times[7] / max(sum(times), 1) if len(times) > 7 else 0
    return finding("virtualised", False, f"{facts['hypervisor']}, {stolen:.1f} % of time stolen",
                   "neighbours disturb: give --processes 20 or more, or measure on bare metal")


def counters():
    """Whether the CPU's event counters can be used."""
    devices = Path("/sys/bus/event_source/devices")
    present = [path.name for path in devices.glob("*")
               if path.name == "cpu" or path.name.startswith(("cpu_", "armv", "cpum"))]
    if not present:
        return finding("PMU", False, "absent: no instruction or cycle counts here",
                       "give the guest a vPMU, or measure on bare metal; times need none")
    paranoid = system.number_in("/proc/sys/kernel/perf_event_paranoid")
    paranoid = 2 if paranoid is None else paranoid
    return finding("PMU", paranoid <= 2 or os.geteuid() == 0,
                   f"{', '.join(present)}, perf_event_paranoid {paranoid}",
                   "sudo sysctl kernel.perf_event_paranoid=1")


def kernel_source():
    """Whether there are drivers to compare with."""
    found = kernels.sources().values()
    named = os.environ.get("PTBENCH_KERNEL")
    if named:
        try:
            kernels.resolve(named)
        except Failure as failure:
            return finding("kernel source", False, named, f"PTBENCH_KERNEL: {failure}")
        return finding("kernel source", True, named, "")
    return finding("kernel source", bool(found), ", ".join(path.name for path in found) or "none",
                   "sudo apt-get install linux-source-6.12, or run --kernel TREE; without it only "
                   "the engine's own variants are measured")


def wanted_packages():
    """The packages that the table in scripts/packages names for `run`."""
    for line in PACKAGES.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        optional = ("clang", "count", "others", "profile", "site", "test")
        if fields and not line.startswith("#") and fields[1] not in optional:
            yield fields[0]


def packages():
    """Whether set-up has anything left to install."""
    names = list(wanted_packages())
    try:
        done = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *names],
                              capture_output=True, text=True, check=False)
    except OSError:
        return Finding("packages", "ok", "not a Debian system: scripts/ptbench lists what is missing")
    there = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("installed ")}
    lacking = [name for name in names if name not in there]
    return finding("packages", not lacking, "missing: " + " ".join(lacking) if lacking else "all there",
                   f"{COMMAND} run installs them, or: sudo apt-get install --no-install-recommends "
                   + " ".join(lacking))


def architecture():
    """Whether the engine runs on this machine at all."""
    machine = os.uname().machine
    if os.uname().sysname == "Linux" and machine in SUPPORTED:
        return Finding("architecture", "ok", machine)
    return Finding("architecture", "impossible", f"{os.uname().sysname} {machine}",
                   f"measure on Linux on {' or '.join(SUPPORTED)}")


def writable(name, path, otherwise):
    """Whether a folder can be written. Looks at the nearest one that exists; makes none."""
    folder = Path(path).absolute()
    while not folder.exists():
        folder = folder.parent
    if folder.is_dir() and os.access(folder, os.W_OK):
        return Finding(name, "ok", f"{shown(path)} can be written")
    return Finding(name, "impossible", f"{folder} cannot be written",
                   f"sudo chown -R $USER {folder}, or {otherwise}")


def examine(results):
    """All findings."""
    checks = (architecture, governor, turbo, smt, measured_cpu, isolated, kinds, cpu_limits,
              huge_pages, load, swap, power,
              placement, virtualised, counters, kernel_source, packages)
    return [check() for check in checks] + [
        writable("results", results, "give --results DIR"),
        writable("builds", BUILD, "set PTBENCH_BUILD_DIR to a folder for builds")]


def text(findings):
    """Findings for a terminal."""
    lines, width = [], max(len(each.name) for each in findings)
    for each in findings:
        lines.append(f"{each.status:<10}  {each.name:<{width}}  {each.seen}")
        if each.remedy:
            lines.append(f"{'':<10}  {'':<{width}}    -> {each.remedy}")
    return "\n".join(lines) + "\n"
