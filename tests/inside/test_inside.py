#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""test_inside.py verify|planted|count|dma: the command that boots a kernel, for real.

verify   finds nothing wrong, with a seed of its own
planted  finds each fault that is put in, and says which
count    counts the same in two boots
dma      copies through QEMU's IOMMUs, and notices where nothing is flushed
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEED = int(os.environ.get("PTBENCH_SEED", random.SystemRandom().randint(1, 2 ** 31)))
FAULTS = {"word": "leaf words, unlike", "flush": "is unmapped, and not flushed",
          "leak": "tables are not given back", "sleep": "sleeps in atomic context"}


def inside(*words, code=0):
    """Run the command. Ends this test where it cannot be run here."""
    done = subprocess.run(["/usr/bin/python3", "-s", "-m", "ptbench_study", "inside", *map(str, words)],
                          capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")})
    if done.returncode == 77:
        print(done.stderr, end="")
        sys.exit(77)
    assert done.returncode == code, f"exit code {done.returncode}: {done.stdout}{done.stderr}"
    return done


def verify():
    """Nothing is wrong."""
    print(f"seed {SEED}")
    text = inside("verify", "--steps", 500, "--seed", SEED).stdout
    assert text.count(": equal") == 4, text


def planted():
    """Every fault is found by its name."""
    for name, complaint in FAULTS.items():
        text = inside("verify", "--format", "amdv1", "--steps", 300, "--plant", name, code=3).stderr
        assert complaint in text, f"{name}: {text}"
        print(f"{name}: {text.splitlines()[-1]}")


def count():
    """Two boots count the same, and what they count is no constant."""
    first, second = ({(row["case"], row["variant"]): row["instructions"] for row in json.loads(
        inside("count", "--format", "amdv1", "--json").stdout)["rows"]} for _ in range(2))
    assert first == second, {key: (first[key], second.get(key)) for key in first
                             if first[key] != second.get(key)}
    assert len(first) > 50, first
    one = first["amdv1/map/4K/x1/coherent/warm", "inline"]
    assert 50 < one < first["amdv1/map/4K/x256/coherent/warm", "inline"], first


def dma():
    """Both IOMMUs walk the tables, while they change; without flushes they do not let go."""
    text = inside("dma").stdout
    assert text.count(": fine") == 2, text
    assert "not refused" in inside("dma", "--plant", "flush", code=3).stderr


if __name__ == "__main__":
    {"verify": verify, "planted": planted, "count": count, "dma": dma}[sys.argv[1]]()
