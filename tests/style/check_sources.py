#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Checks of the sources as text: include borders, licence lines, file length, words.

Usage: check_sources.py ROOT (borders | licence | length | words | self-test)
"""

import pathlib
import re
import sys
import tempfile

SOURCES = (".c", ".h", ".cc", ".in", ".py", ".sh", ".cmake")
LONGEST = 450

# Folder -> what its files may include of this project, by the path as written and where it lies.
# "own" is any file of the same folder; system headers are not looked at.
ALLOWED = {
    "memory": {"memory"},
    "engine/include": {"engine/include"},
    "engine/generic": {"engine/generic", "memory"},
    "engine/formats": {"engine/formats", "engine/generic", "engine/include"},
    "engine/iommu": {"engine/iommu", "engine/formats", "engine/generic", "engine/include", "memory"},
    "baselines": {"baselines", "memory"},
    "inside": {"inside", "engine/include", "engine/generic", "baselines"},
    "bench": {"bench", "engine/include", "baselines/include", "memory"},
    "tests": {"tests", "bench", "engine/include", "baselines/include", "memory"},
    "tests/freestanding": {"tests/freestanding", "engine/generic"},
    # What is below the operations has tests of its own.
    "tests/formats": {"tests", "engine", "memory"},
    "tests/unit": {"tests", "engine/include", "engine/generic", "memory"},
    "tests/operations": {"tests", "engine/include", "memory"},
    "tests/baselines": {"tests", "baselines", "memory"},
}
# What means something only where a file was written: somebody's folders, numbers of an issue, plans.
WORDS = re.compile(r"(?<![\w.])/(?:home|root|work|mnt)/(?!someone)|\.\./shared|"
                   r"\b(?:TO" r"DO|FIX" r"ME)\b|\b[Ii]ssue #?\d")
# The packages of the study, each of which may import only from those before it; only cli.py prints answers.
PACKAGES = ["base", "results", "code", "measure", "judge", "publish", "commands"]
PRINTERS = {"cli.py", "base/progress.py", "code/kernels.py"}
IMPORT = re.compile(r"^\s*from \.\.(\w*)", re.M)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def folder_of(path: pathlib.PurePath) -> str | None:
    """The longest name in ALLOWED that @path lies in."""
    names = [name for name in ALLOWED if path.is_relative_to(name)]
    return max(names, key=len, default=None)


def find(root: pathlib.Path, by: pathlib.Path, name: str) -> pathlib.PurePath | None:
    """The project's file that @by includes as @name, relative to @root; None for one from elsewhere."""
    places = [by.parent, *(root / place for place in (
        "memory", "engine", "engine/include", "baselines", "baselines/include", "baselines/shim",
        "bench", "inside", "tests/support", "tests/compare", "tests/operations", "tests/formats", "tests/bench",
        "tests/baselines"))]
    for place in places:
        if (place / name).is_file():
            return (place / name).resolve().relative_to(root)
    return None


def sources(root: pathlib.Path):
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and parts[0] not in ("build", ".git", "results"):
            yield path


def packages(root: pathlib.Path) -> list[str]:
    """Imports of the study against the order of its packages, and prints outside of what may."""
    wrong, study = [], root / "scripts" / "ptbench_study"
    for path in sorted(study.rglob("*.py")):
        package = path.relative_to(study).parts[0]
        lower = PACKAGES[:PACKAGES.index(package)] if package in PACKAGES else PACKAGES
        text = path.read_text()
        if "/" in str(path.relative_to(study)) and any(name not in lower for name in IMPORT.findall(text)):
            wrong.append(f"{path.relative_to(root)}: may import only from {', '.join(lower)}")
        if str(path.relative_to(study)) not in PRINTERS and re.search(r"^\s*print\(", text, re.M):
            wrong.append(f"{path.relative_to(root)}: prints; return an Answer, or tell()")
    return wrong


def borders(root: pathlib.Path) -> list[str]:
    wrong = packages(root)
    for path in sources(root):
        relative = path.relative_to(root)
        folder = folder_of(relative)
        if path.suffix not in (".c", ".h", ".cc") or folder is None:
            continue
        for name in INCLUDE.findall(path.read_text()):
            target = find(root, path, name)
            target_folder = target and folder_of(target)
            if target_folder and not any(
                    pathlib.PurePath(target_folder).is_relative_to(allowed)
                    or target.is_relative_to(allowed) for allowed in ALLOWED[folder]):
                wrong.append(f"{relative}: may not include {target}")
    return wrong


def licence(root: pathlib.Path) -> list[str]:
    wrong = []
    for path in sources(root):
        script = path.suffix == "" and path.read_bytes()[:2] == b"#!"
        if (path.suffix in SOURCES or script or path.name == "CMakeLists.txt") and \
                "SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause" not in \
                path.read_text()[:400]:
            wrong.append(f"{path.relative_to(root)}: no SPDX line")
    return wrong


def length(root: pathlib.Path) -> list[str]:
    wrong = []
    for path in sources(root):
        if path.suffix in (".c", ".h", ".cc", ".py"):
            lines = path.read_text().count("\n")
            if lines > LONGEST:
                wrong.append(f"{path.relative_to(root)}: {lines} lines, more than {LONGEST}")
    return wrong


def words(root: pathlib.Path) -> list[str]:
    wrong = []
    for path in sources(root):
        if path.suffix in SOURCES + (".md", ".json", ".j2") or path.suffix == "":
            for number, line in enumerate(path.read_text().split("\n"), 1):
                if found := WORDS.search(line):
                    wrong.append(f"{path.relative_to(root)}:{number}: {found.group()}")
    return wrong


def self_test() -> list[str]:
    """Each check finds what is wrong, and only that."""
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name).resolve()
        good = "// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause\n"
        for path, text in {
            "engine/generic/a.h": good, "engine/formats/b.h": good + '#include "generic/a.h"\n',
            "engine/generic/c.h": good + '#include "formats/b.h"\n',
            "baselines/d.c": good + '#include "generic/a.h"\n',
            "bench/e.c": "int e;\n", "bench/f.c": good + "\n" * (LONGEST + 1),
            "docs/g.md": "As said in issue" + " 7.\n", "docs/h.md": "Item 7 of /home/someone/a.\n",
            "bench/i.c": good + "/* see /home" + "/me/notes */\n",
            "scripts/ptbench_study/code/j.py": "# " + good + "from ..base import errors\n",
            "scripts/ptbench_study/code/k.py": "# " + good + "from ..judge import stats\n",
            "scripts/ptbench_study/judge/l.py": "# " + good + "print(1)\n",
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        expected = {
            "borders": ["scripts/ptbench_study/code/k.py", "scripts/ptbench_study/judge/l.py",
                        "baselines/d.c", "engine/generic/c.h"], "licence": ["bench/e.c"],
            "length": ["bench/f.c"], "words": ["bench/i.c", "docs/g.md"],
        }
        return [f"{check}: {found}, expected {expected[check]}" for check in expected
                if (found := [line.split(":")[0] for line in CHECKS[check](root)])
                != expected[check]]


CHECKS = {"borders": borders, "licence": licence, "length": length, "words": words}


def main() -> int:
    root, check = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    wrong = self_test() if check == "self-test" else CHECKS[check](root)
    print("\n".join(wrong) or f"{check}: fine")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
