#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Leave of a kernel C file only what some functions of it need.

usage: extract.py FILE --root NAME[,NAME...] [--cut NAME[,NAME...]] --output OUT

Everything at the top level of FILE that the roots do not reach becomes empty
lines; the rest keeps its line numbers, so that compiler messages and debuggers
point into the kernel's own file. Conditionals stay, includes go: the file that
includes OUT brings what it needs. A root whose name ends in "?" may be missing;
a name that is cut is not followed.

This relies on kernel style: a top-level item begins in the first column, ends
with ";" or with the "}" of its body, and is not begun in one branch of a
conditional and ended in another.
"""
import argparse
import os
import re
import sys
from dataclasses import dataclass

IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
CONDITIONAL = re.compile(r"\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b")
DEFINE = re.compile(r"\s*#\s*define\s+(\w+)")
# Macros that make a variable of their first argument.
DECLARING_MACRO = re.compile(r"(?:static\s+)?(?:LIST_HEAD|DEFINE_\w+|DECLARE_\w+)\s*\(\s*(\w+)")
# Statements at the top level that only speak about other items.
REMARK = re.compile(
    r"(EXPORT_SYMBOL\w*|MODULE_\w+|DECLARE_PCI_\w+|__setup|early_param|\w+_initcall)\b"
)
TYPE = re.compile(r"(?:static\s+|const\s+|typedef\s+)*(struct|union|enum)\s+(\w+)\s*$")
# Names before a "(" that are not the function's.
ATTRIBUTES = {"__attribute__", "__printf", "__aligned", "__section"}


@dataclass
class Item:
    """One top-level item: lines first to last, and what it defines."""

    names: set
    first: int
    last: int
    text: str
    is_function: bool = False


class ExtractError(Exception):
    """The file is not what this tool can read, or lacks a root."""


def blank_comments_and_literals(source):
    """The source with comments and literals as spaces, of the same length and lines."""
    pattern = r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group()), source, flags=re.S)


def end_of_directive(lines, first):
    """The last line of the preprocessor directive that begins at first."""
    last = first
    while lines[last].rstrip().endswith("\\") and last + 1 < len(lines):
        last += 1
    return last


def end_of_item(lines, first):
    """The last line of the declaration or definition that begins at first."""
    depth, parentheses, has_body = 0, 0, False
    for number in range(first, len(lines)):
        line = lines[number]
        if line.lstrip().startswith("#"):
            continue
        depth += line.count("{") - line.count("}")
        parentheses += line.count("(") - line.count(")")
        has_body = has_body or "{" in line
        ending = line.rstrip()
        complete = ending.endswith(";") or (has_body and ending.endswith("}"))
        if complete and depth == 0 and parentheses == 0:
            return number
    raise ExtractError(f"line {first + 1}: an item that does not end")


def describe(text, first, last):
    """The item in these lines, or None where it defines nothing."""
    head, brace, body = text.partition("{")
    head = head.strip()
    if REMARK.match(head):
        return None
    declared = DECLARING_MACRO.match(head)
    if declared:
        return Item({declared[1]}, first, last, text)
    named_type = TYPE.match(head)
    if brace and named_type:
        names = {named_type[2]}
        if named_type[1] == "enum":
            names |= set(IDENTIFIER.findall(body))
        return Item(names, first, last, text)
    callees = [name for name in re.findall(r"(\w+)\s*\(", head) if name not in ATTRIBUTES]
    if callees and "=" not in head:
        return Item({callees[0]}, first, last, text, is_function=bool(brace))
    variable = re.search(r"(\w+)\s*(\[[^\]]*\]\s*)*(=.*)?;?\s*$", head, flags=re.S)
    return Item({variable[1]}, first, last, text) if variable else None


def parse(source):
    """The items of the source and the numbers of lines that stay whatever happens."""
    lines = blank_comments_and_literals(source).split("\n")
    items, always = [], set()
    number = 0
    while number < len(lines):
        line = lines[number]
        if not line.strip():
            number += 1
            continue
        if line.lstrip().startswith("#"):
            last = end_of_directive(lines, number)
            define = DEFINE.match(line)
            if define:
                items.append(Item({define[1]}, number, last, "\n".join(lines[number : last + 1])))
        else:
            last = end_of_item(lines, number)
            item = describe("\n".join(lines[number : last + 1]), number, last)
            if item:
                items.append(item)
        number = last + 1
    for number, line in enumerate(lines):
        if CONDITIONAL.match(line):
            always.update(range(number, end_of_directive(lines, number) + 1))
    return items, always


def closure(items, roots, cut):
    """The items that the roots reach, themselves included."""
    by_name = {}
    for item in items:
        for name in item.names:
            by_name.setdefault(name, []).append(item)
    pending = []
    for root in roots:
        name = root.rstrip("?")
        if any(item.is_function for item in by_name.get(name, [])):
            pending.append(name)
        elif not root.endswith("?"):
            raise ExtractError(f"no function {name}")
    reached, seen = [], set(cut)
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        for item in by_name.get(name, []):
            reached.append(item)
            pending += IDENTIFIER.findall(item.text)
    return reached


def extract(path, roots, cut):
    """The text of the file at path, reduced to what the roots reach."""
    with open(path, encoding="utf-8") as file:
        source = file.read()
    items, keep = parse(source)
    for item in closure(items, roots, cut):
        keep.update(range(item.first, item.last + 1))
    lines = [line if number in keep else "" for number, line in enumerate(source.split("\n"))]
    return f'#line 1 "{path}"\n' + "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("file")
    parser.add_argument("--root", required=True)
    parser.add_argument("--cut", default="")
    parser.add_argument("--output", required=True)
    arguments = parser.parse_args()
    try:
        text = extract(arguments.file, arguments.root.split(","), arguments.cut.split(","))
    except (OSError, ExtractError) as error:
        sys.exit(f"ptbench: cannot extract from {arguments.file}: {error}")
    os.makedirs(os.path.dirname(os.path.abspath(arguments.output)), exist_ok=True)
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
