# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which CPUs this process may measure on, what limits it, and which of them is the default.

Two things keep a process off a CPU. The kernel leaves isolated CPUs (isolcpus=) out of the affinity that
every process starts with, but runs there whoever asks for it. taskset, a cpuset or a container's limits
are somebody's decision, which is respected. They are told apart so: an affinity that has all CPUs of
the process's cpuset but isolated ones is the kernel's own, and the isolated ones of the cpuset may be
used too; a narrower one was chosen, and holds as it is. bench/cpus.c follows the same rule.

A CPU quota (cpu.max, cpu.cfs_quota_us) stops all threads for the rest of a period once they have used it
up: of more threads than it has CPUs, times say nothing.
"""

import os
from pathlib import Path

from ..base.errors import SKIPPED, USAGE, Failure
from ..base.progress import tell
from . import system
from .cpu_kinds import cpu_kinds, kind_of

CGROUPS = Path("/sys/fs/cgroup")


def parse_cpu_list(text):
    """The numbers in a kernel CPU list such as "0-3,8"."""
    found = []
    for part in (text or "").split(","):
        if part.strip():
            low, _, high = part.strip().partition("-")
            found += range(int(low), int(high or low) + 1)
    return found


def cpu_list(numbers):
    """The kernel's list of CPU numbers, as in "0-3,8"."""
    runs = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)


def cgroup_folders(controller):
    """Folders of this process's control group for a controller, from its own up to the root's.

    Version 1 has a tree for each controller, version 2 one for all. In a container the path may be that
    of the host, which is not mounted there: then there is the root's folder only.
    """
    for line in (system.read("/proc/self/cgroup") or "").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        tops = [CGROUPS / controllers, CGROUPS / controller] if controllers else \
            [CGROUPS, CGROUPS / "unified"]
        inner = Path(path.lstrip("/"))
        for top in tops:
            yield from (top / each for each in (inner, *inner.parents) if ".." not in each.parts)


def affinity():
    """The CPUs that the scheduler may run this process on."""
    text = system.read("/proc/self/status") or ""
    lists = [line.split()[1] for line in text.splitlines() if line.startswith("Cpus_allowed_list:")]
    return set(parse_cpu_list(lists[0])) if lists else os.sched_getaffinity(0)


def online():
    """The CPUs that there are."""
    return set(parse_cpu_list(system.read(system.CPU / "online"))) or affinity()


def cpuset():
    """The CPUs that this process's control group may use; all where there is no limit."""
    for folder in cgroup_folders("cpuset"):
        for name in ("cpuset.cpus.effective", "cpuset.effective_cpus", "cpuset.cpus"):
            found = set(parse_cpu_list(system.read(folder / name)))
            if found:
                return found & online()
    return online()


def isolated():
    """The CPUs that the kernel keeps free of other work."""
    return set(parse_cpu_list(system.read(system.CPU / "isolated")))


def usable_cpus():
    """Sorted numbers of the CPUs that may be measured on; the rule is this module's first comment."""
    mine, allowed, kept_free = affinity(), cpuset(), isolated()
    return sorted(mine | (kept_free & allowed) if mine >= allowed - kept_free else mine)


def default_cpu():
    """Where to measure: an isolated CPU, else a fast one, else the last, as CPU 0 takes most interrupts."""
    usable, kinds = usable_cpus(), cpu_kinds()
    candidates = [cpu for cpu in usable if cpu in isolated()] or usable
    return max(candidates, key=lambda cpu: (kind_of(cpu, kinds) or 0, cpu))


def check_cpu(cpu):
    """Failure unless this process may measure on the CPU."""
    usable = usable_cpus()
    if cpu in usable:
        return
    there = f"it may use: {cpu_list(usable)}"
    if cpu not in online():
        raise Failure(f"no CPU {cpu} to measure on; there are: {cpu_list(online())}", USAGE)
    if cpu not in cpuset():
        raise Failure(f"CPU {cpu} is outside the cpuset of this process; {there}", USAGE)
    raise Failure(f"CPU {cpu} is outside the affinity of this process, as taskset sets it; {there}", USAGE)


def quota():
    """(CPUs' worth of time, the file that says so) of the tightest CPU quota; None without one."""
    found = []
    for folder in cgroup_folders("cpu"):
        fields = (system.read(folder / "cpu.max") or "").split()
        if not fields:
            fields = [str(system.number_in(folder / f"cpu.cfs_{name}_us")) for name in ("quota", "period")]
        if len(fields) == 2 and all(field.isdigit() for field in fields) and int(fields[1]):
            file = "cpu.max" if system.read(folder / "cpu.max") else "cpu.cfs_quota_us"
            found.append((int(fields[0]) / int(fields[1]), str(folder / file)))
    return min(found, default=None)


def limits():
    """What keeps this process from a part of the machine, in words; empty where nothing does."""
    found = []
    if not cpuset() >= online():
        found.append(f"the cpuset of this process has CPUs {cpu_list(cpuset())} of {cpu_list(online())}")
    if not affinity() >= cpuset() - isolated():
        found.append(f"the affinity of this process is CPUs {cpu_list(affinity())} of {cpu_list(cpuset())}")
    limit = quota()
    if limit:
        found.append(f"the CPU quota is {limit[0]:.3g} CPUs ({limit[1]})")
    return found


def within_quota(selected):
    """[(case, variants)] without the cases of more threads than the quota grants CPUs, which is said."""
    limit = quota()
    beyond = {case.name for case, _ in selected if limit and case.threads > max(limit[0], 1)}
    if not beyond:
        return selected
    reason = f"of more threads than the CPU quota grants, {limit[0]:.3g} CPUs ({limit[1]})"
    if len(beyond) == len(selected):
        raise Failure(f"all {len(beyond)} cases are {reason}", SKIPPED)
    tell(f"{len(beyond)} cases are left out: they are {reason}")
    return [pair for pair in selected if pair[0].name not in beyond]


def tell_limits():
    """Say what keeps this process from a part of the machine."""
    for limit in limits():
        tell(f"note: {limit}")
