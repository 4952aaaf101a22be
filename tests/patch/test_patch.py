#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`patch` on a real driver: patches are made here, by edits of the kernel's source, and none of it is kept.

One patch changes nothing but code, one changes words, one does not compile.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ARCHIVE = Path("/usr/src/linux-source-6.12.tar.xz")
FILE = "drivers/iommu/amd/io_pgtable.c"
STORE = "pte[i] = __pte;"
READ = "__pte |= IOMMU_PTE_IR;"
CASES = ("--filter", "amdv1/map/4K/x1/coherent/warm", "--filter", "amdv1/map/4K/x256/coherent/warm")


def made(folder, text, old, new):
    """The file of a patch that has `new` where the driver has `old`."""
    assert text.count(old) == 1, f"{FILE} has {old} {text.count(old)} times"
    for side, content in (("a", text), ("b", text.replace(old, new))):
        path = folder / side / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    done = subprocess.run(["git", "diff", "--no-index", "--no-prefix", "a", "b"], cwd=folder,
                          capture_output=True, text=True, check=False)
    patch = folder / f"{abs(hash(new))}.patch"
    patch.write_text(done.stdout, encoding="utf-8")
    return patch


def ptbench(*words, code):
    """The command; what it printed."""
    done = subprocess.run(["/usr/bin/python3", "-s", "-m", "ptbench_study", "patch", *map(str, words),
                           "--kernel", str(ARCHIVE)], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")})
    assert done.returncode == code, f"exit code {done.returncode}, not {code}: {done.stdout}{done.stderr}"
    return done


def main():
    """The tests, in one build."""
    if not ARCHIVE.exists():
        print(f"skipped: there is no {ARCHIVE}")
        return 77
    with tempfile.TemporaryDirectory(prefix="ptbench-test-") as name:
        folder = Path(name)
        with tarfile.open(ARCHIVE) as archive:
            text = archive.extractfile(f"linux-source-6.12/{FILE}").read().decode()
        code = made(folder, text, STORE, "if (count == 1)\nWRITE_ONCE(*pte, __pte);\nelse\n" + STORE)
        done = json.loads(ptbench(code, *CASES, "--counts-only", "--json", code=0).stdout)
        assert done["formats"] == ["amdv1"] and done["files"] == [FILE], done
        assert done["tables"] == {"same": 2, "different": {}}, done["tables"]
        counts = {row["case"]: row for row in done["counts"]}
        assert len(counts) == 2 and all(row["before"] != row["after"] for row in counts.values()), counts
        assert any(row["before"] != row["after"] for row in done["sizes"]), done["sizes"]
        for line in ptbench(code, *CASES, "--pairs", 6, "--processes", 2, code=0).stdout.splitlines():
            assert len(line) <= 72, line
        words = made(folder, text, READ, "__pte |= IOMMU_PTE_IR | 1ULL << 59;")
        done = ptbench(words, *CASES, "--counts-only", "--gate", code=1)
        assert "TABLES DIFFER in 2 cases" in done.stdout and "have other tables" in done.stderr, done
        broken = made(folder, text, STORE, "frobnicate(pte);")
        line = 1 + text[:text.index(STORE)].count("\n")
        assert f"{FILE}:{line} " in ptbench(broken, code=3).stderr
    return 0


if __name__ == "__main__":
    sys.exit(main())
