# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Functions of an object file: bytes of code, who calls whom, and how much stack they take.

Bytes and calls come from binutils (objdump), so they are those of the code as it was compiled; stack from
the compiler's -fstack-usage (*.su beside the object). A call is any branch to another function's code,
or a reference to its address; what lies in other objects (allocator, memset, flush) is not followed.
"""

import platform
import re
import subprocess
from pathlib import Path

from ..base.errors import FAILED, Failure
from ..base.paths import shown

SYMBOL = re.compile(r"^([0-9a-f]+) .{5,8}F (\.text\S*)\s+([0-9a-f]+) (?:\.hidden )?(\S+)$", re.M)
SECTION = re.compile(r"^Disassembly of section (\S+):$")
LABEL = re.compile(r"^([0-9a-f]+) <")
INSTRUCTION = re.compile(r"^\s+([0-9a-f]+):\s")
TARGET = re.compile(r"<([^>+]+)(?:\+0x[0-9a-f]+)?>")
RELOCATION = re.compile(r"(R_(X86_64|AARCH64)_\S+)\s+([^\s+-]+)(?:([+-])0x([0-9a-f]+))?")
# gcc names a column and counts the return address in; clang does neither.
FRAME = re.compile(r"^.*?:\d+(:\d+)?:([^:\t]+)\t(\d+)\t")
# What a call leaves on the stack where it does not lie in a register first.
RETURN_ADDRESS = 8 if platform.machine() == "x86_64" else 0


class Functions:
    """The functions of one object: sizes, calls and frames by name; a .cold part belongs to its function."""

    def __init__(self, path):
        self.path = Path(path)
        self.places = []
        self.sizes = {}
        self.calls = {}
        for address, section, size, name in SYMBOL.findall(run_objdump("-t", path)):
            self.places.append((section, int(address, 16), int(size, 16), whole(name)))
            self.sizes[whole(name)] = self.sizes.get(whole(name), 0) + int(size, 16)
            self.calls.setdefault(whole(name), set())
        self.read_calls(run_objdump("-dr", path))
        self.frames = stack_frames(self.path.with_suffix(".su"))

    def at(self, section, address):
        """The function whose code is at an address of a section, or None."""
        return next((name for where, start, size, name in self.places
                     if where == section and start <= address < start + size), None)

    def read_calls(self, text):
        """Fill in calls from a disassembly with relocations."""
        section = caller = None
        for line in text.splitlines():
            found = SECTION.match(line)
            if found:
                section = found[1]
                continue
            found = LABEL.match(line) or INSTRUCTION.match(line)
            if not found or section is None:
                continue
            caller = self.at(section, int(found[1], 16)) or caller
            if caller is None or LABEL.match(line):
                continue
            relocation = RELOCATION.search(line)
            called = self.relocated(relocation) if relocation else self.branched(line)
            # A branch inside a function, but not a call of itself, which recursion does.
            if called and (called != caller or is_call(line, called, relocation)):
                self.calls[caller].add(called)

    def branched(self, line):
        """The function that a branch without relocation goes to, or None."""
        target = TARGET.search(line)
        return whole(target[1]) if target and whole(target[1]) in self.calls else None

    def relocated(self, relocation):
        """The function that a relocation names, or None."""
        _, machine, name, sign, addend = relocation.groups()
        if whole(name) in self.calls:
            return whole(name)
        offset = int(addend or "0", 16) * (-1 if sign == "-" else 1)
        # x86 counts from behind the four bytes that are relocated.
        return self.at(name, offset + (4 if machine == "X86_64" else 0))

    def closure(self, root):
        """The names of all functions that a call of `root` may reach, itself among them."""
        reached, todo = set(), [root]
        while todo:
            name = todo.pop()
            if name not in reached:
                reached.add(name)
                todo.extend(self.calls[name])
        return reached

    def text_bytes(self, roots):
        """Bytes of code of what the roots reach."""
        return sum(self.sizes[name] for name in set().union(*map(self.closure, roots)))

    def frame(self, name):
        """Bytes of stack of one call, the largest of a function's clones."""
        return self.frames.get(name.split(".")[0], 0)

    def stack_bytes(self, root, levels):
        """Bytes of stack that a call takes at most, where what calls itself does so `levels` deep."""
        parts = components(self.closure(root), self.calls)
        of = {name: index for index, part in enumerate(parts) for name in part}
        depth = {}
        # components() puts what is called before its callers.
        for index, part in enumerate(parts):
            own = sum(map(self.frame, part))
            if len(part) > 1 or any(name in self.calls[name] for name in part):
                own *= levels
            below = {of[called] for name in part for called in self.calls[name]} - {index}
            depth[index] = own + max((depth[each] for each in below), default=0)
        return depth[of[root]]


def is_call(line, name, relocation):
    """Whether an instruction calls a function from its first instruction on."""
    return re.search(r"\b(call|bl)\b", line) is not None and \
        (relocation is not None or f"<{name}>" in line)


def whole(name):
    """The function that a symbol is a part of."""
    return re.sub(r"\.cold(\.\d+)?$", "", name)


def run_objdump(options, path):
    """Output of objdump on an object file."""
    try:
        return subprocess.run(["objdump", options, "-w", "--no-show-raw-insn", str(path)], check=True,
                              capture_output=True, text=True, timeout=120).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise Failure(f"{shown(path)}: objdump failed: {error}", FAILED) from error


def stack_frames(path):
    """{function: bytes} of a .su file; empty where there is none."""
    frames = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            column, name, size = FRAME.match(line).groups()
            frames[name.split(".")[0]] = max(frames.get(name.split(".")[0], 0),
                                             int(size) + (0 if column else RETURN_ADDRESS))
    return frames


def components(names, calls):
    """Strongly connected components of a call graph, what is called before its callers (Tarjan 1972)."""
    index, low, stack, found = {}, {}, [], []

    def visit(name):
        index[name] = low[name] = len(index)
        stack.append(name)
        for called in sorted(calls[name] & names):
            if called not in index:
                visit(called)
                low[name] = min(low[name], low[called])
            elif called in stack:
                low[name] = min(low[name], index[called])
        if low[name] == index[name]:
            part = stack[stack.index(name):]
            del stack[stack.index(name):]
            found.append(part)

    for name in sorted(names):
        if name not in index:
            visit(name)
    return found
