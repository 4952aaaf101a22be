# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Booting a kernel with the module in QEMU, without hardware's help, and reading what it prints.

The machine has an archive of three files in its memory: an init of a few lines, the module and its
parameters. With -icount the time stamp counter counts instructions, and every boot counts the same.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..base import children
from ..base.errors import FAILED, SKIPPED, Failure
from ..base.paths import ROOT, shown
from ..base.quoting import terminal

QEMU = "qemu-system-x86_64"
BOOT_SECONDS = 600
# The machine for DMA: the IOMMU, and a device behind it that copies.
IOMMUS = {name: ["-M", "q35,kernel-irqchip=off", "-device", device, "-device", "edu"]
          for name, device in (("intel", "intel-iommu,aw-bits=48"), ("amd", "amd-iommu"))}
LINE = re.compile(r"inside: (.*)$")
COUNTED = re.compile(r"count ([A-Za-z0-9._+-]+(?:/[A-Za-z0-9._+-]+){5}) ([a-z+]+) (\d{1,15}) (\d{1,15})",
                     re.ASCII)  # case, subject, least and most hundredths of an instruction
# What a kernel says when something is wrong, whoever did it.
TROUBLE = re.compile(r"\b(?:BUG|WARNING|Oops|Kernel panic|general protection fault|scheduling while "
                     r"atomic)\b")
REGULAR, EXECUTABLE, CONSOLE = 0o100644, 0o100755, 0o020600
# One instruction is one tick, give or take those of the loop that counts.
TICKS = re.compile(r"calibrated 10000 instructions (\d+) ticks")
CALIBRATED = range(10000, 10021)
# How far the samples of one count may be apart.
SPREAD = 0.02


def entry(number, name, mode, data=b"", device=(0, 0)):
    """One file of a cpio archive in the new ASCII form (Documentation/driver-api/early-userspace)."""
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
    head = "070701" + "".join(f"{field:08X}" for field in fields)
    text = head.encode() + name.encode() + b"\0"
    return text + b"\0" * (-len(text) % 4) + data + b"\0" * (-len(data) % 4)


def archive(files):
    """A cpio archive of {name: (mode, content)}, with a console."""
    parts = [entry(1, "dev", 0o040755), entry(2, "dev/console", CONSOLE, device=(5, 1))]
    parts += [entry(number, name, mode, data)
              for number, (name, (mode, data)) in enumerate(files.items(), 3)]
    return b"".join(parts) + entry(0, "TRAILER!!!", 0)


def built_init(folder):
    """The init program, compiled."""
    program = folder / "init"
    source = ROOT / "inside" / "init.c"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        done = children.run(["gcc", "-O2", "-static", "-o", str(program), str(source)],
                            capture_output=True, text=True, errors="replace", timeout=120)
        if done.returncode:
            said = terminal(done.stderr.strip()[-200:])
            raise Failure(f"{shown(source)} cannot be compiled: {said}", FAILED)
    return program.read_bytes()


def boot(kernel, parameters, counting=False, iommu=None):
    """Boot, load the module with parameters; the lines of the console. iommu: a key of IOMMUS, for DMA."""
    if not shutil.which(QEMU):
        raise Failure(f"a kernel is run in QEMU: sudo apt-get install qemu-system-x86 ({QEMU})", SKIPPED)
    files = {"init": (EXECUTABLE, built_init(kernel.folder)),
             "ptbench.ko": (REGULAR, (kernel.module / "ptbench.ko").read_bytes()),
             "parameters": (REGULAR, parameters.encode())}
    with tempfile.TemporaryDirectory(dir=kernel.folder, prefix="boot-") as place:
        memory = Path(place) / "initrd"
        memory.write_bytes(archive(files))
        # Without chance: a clock that begins where it always does, no random numbers, no shuffled addresses.
        command = [QEMU, "-accel", "tcg", "-cpu", "max,-rdrand,-rdseed", "-m", "1024", "-nodefaults",
                   "-nographic", "-no-reboot", "-serial", "stdio", "-rtc", "base=2020-01-01,clock=vm",
                   "-kernel", str(kernel.image), "-initrd", str(memory),
                   "-append", "console=ttyS0 panic=-1 quiet nokaslr intel_iommu=off amd_iommu=off "
                   "intremap=off"]
        command += ["-icount", "shift=0,sleep=off"] if counting else []
        command += IOMMUS[iommu] if iommu else []
        try:
            done = children.run(command, capture_output=True, stdin=subprocess.DEVNULL,
                                timeout=BOOT_SECONDS)
        except subprocess.TimeoutExpired:
            raise Failure(f"the kernel runs for longer than {BOOT_SECONDS} s", FAILED) from None
    if done.returncode:
        said = (done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
        raise Failure(f"{QEMU} ended with exit code {done.returncode}: {terminal(said)}", FAILED)
    return [line.rstrip() for line in done.stdout.decode(errors="replace").split("\n")]


def said(lines):
    """(what the module printed, without the prefix; lines in which the kernel tells of trouble)"""
    own = [match[1] for line in lines if (match := LINE.search(line))]
    return own, [line for line in lines if TROUBLE.search(line) and not LINE.search(line)]


def check(own, trouble):
    """Failure unless the module says that all is fine, and the kernel has nothing to say."""
    if trouble:
        raise Failure(f"the kernel says: {terminal(trouble[0])}", FAILED)
    if own[-1:] == ["fine"]:
        return
    if own[-1:] != ["FAILED"]:
        last = terminal(own[-1]) if own else "it said nothing"
        raise Failure(f"the module did not come to its end: {last}", FAILED)
    faults = [line for line in own[:-1] if not line.startswith(("verify ", "count ", "calibrated "))]
    first = terminal(faults[0]) if faults else "one without a word"
    raise Failure(f"{len(faults)} faults, first {first}", FAILED)


def counts_of(own, driver):
    """{(case, variant): instructions of a call}, the kernel's own page tables as `driver`.

    Failure where a count did not repeat, or where the counter does not count instructions.
    """
    ticks = next((int(match[1]) for line in own if (match := TICKS.fullmatch(line))), None)
    if ticks not in CALIBRATED:
        raise Failure(f"10000 instructions are {ticks} ticks of this machine's counter: it counts something "
                      "else", FAILED)
    found = {}
    for line in own:
        match = COUNTED.fullmatch(line)
        if match:
            case, subject, least, most = match.groups()
            # The page allocator's lists fill and drain; nothing else differs from sample to sample.
            if int(most) - int(least) > SPREAD * int(least) + 100:
                raise Failure(f"{case} {subject}: between {int(least) / 100:.2f} and {int(most) / 100:.2f} "
                              "instructions in one boot", FAILED)
            found[case, subject.replace("linux", driver)] = int(least) / 100
    return found
