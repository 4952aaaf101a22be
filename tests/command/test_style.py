#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Scripts: shellcheck, pyflakes, length of lines and files, documentation of what is public."""

import ast
import importlib.util
import shutil
import subprocess
import sys
import unittest

from support import HERE, ROOT, main

PACKAGE = ROOT / "scripts" / "ptbench_study"
PYTHON = sorted([*PACKAGE.rglob("*.py"), *HERE.glob("*.py")])
SHELL = [ROOT / "scripts" / "ptbench"]


class StyleTest(unittest.TestCase):
    """The scripts as text."""

    def test_shellcheck(self):
        done = subprocess.run(["shellcheck", *SHELL], capture_output=True, text=True, check=False)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_pyflakes(self):
        done = subprocess.run(["/usr/bin/python3", "-m", "pyflakes", *PYTHON], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_size(self):
        for path in PYTHON + SHELL:
            lines = path.read_text(encoding="utf-8").splitlines()
            self.assertLess(len(lines), 400, path)
            for number, line in enumerate(lines, 1):
                self.assertLessEqual(len(line.expandtabs(8)), 110, f"{path}:{number}")
                self.assertEqual(line, line.rstrip(), f"{path}:{number}")

    def test_licence(self):
        for path in PYTHON + SHELL:
            head = path.read_text(encoding="utf-8").splitlines()[:2]
            self.assertTrue(any("SPDX-License-Identifier: " in line for line in head), path)

    def test_every_command_is_a_row_and_a_module(self):
        rows = [line.split() for line in (ROOT / "scripts" / "commands").read_text(
            encoding="utf-8").splitlines() if not line.startswith("#")]
        helpers = {"__init__", "arguments", "measuring"}
        modules = {path.stem for path in (PACKAGE / "commands").glob("*.py")} - helpers
        self.assertEqual({row[0] for row in rows}, modules)
        groups = {line.split()[1] for line in (ROOT / "scripts" / "packages").read_text(
            encoding="utf-8").splitlines() if line and not line.startswith("#")}
        for name, needed, *summary in rows:
            self.assertTrue(summary and set(needed.split(",")) <= groups, name)

    def test_what_is_public_is_documented(self):
        for path in PACKAGE.rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            self.assertTrue(ast.get_docstring(tree), path)
            for node in tree.body:
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name[0] != "_":
                    self.assertTrue(ast.get_docstring(node), f"{path}: {node.name}")


if __name__ == "__main__":
    missing = [name for name in ("shellcheck",) if not shutil.which(name)]
    if not importlib.util.find_spec("pyflakes"):
        missing.append("pyflakes")
    if missing:
        print(f"skipped: {', '.join(missing)} missing")
        sys.exit(77)
    main()
