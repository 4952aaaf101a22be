# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A small results folder with something of everything, and the site made of it."""

import tempfile
from pathlib import Path

from support import MACHINE, CommandTest, made_up_run

OTHER = "intel-xeon-f6m85s4-8cpu"
TRUTH = {"inline": {"map": 50.0, "unmap": 130.0}, "recursive": 60.0, "linux-6.12": 100.0, "limit": 20.0}
NOTES = """[[decision]]
decision = "Inline <every> level."
reason = "Calls cost."
a = "inline"
b = "linux"
cases = "*/map/*"

[[losing]]
cases = "*/unmap/*"
reason = "Clears what the driver detaches & flushes."
"""
STUDY = """# Noise of `small` operations

How much a figure moves: see [the other study](other.md), [nothing](../../gone.md) and [below](#figures).

![Ratio by process](noise.svg)

| operation | spread |
|---|--:|
| map | 1.2 % |

All of it: [run](run.json), [missing](missing.json).

## figures

<script>alert(1)</script>

```sh
scripts/ptbench list
```
"""


def store(results):
    """Fill a results folder: two machines, notes, studies, a history chart."""
    for machine, sizes in ((MACHINE, ("4K", "2M")), (OTHER, ("4K",))):
        folder = results / "runs" / machine
        folder.mkdir(parents=True)
        text = made_up_run(TRUTH, machine=machine, sizes=sizes, formats=("amdv1", "armv8_4k_s1"),
                           counts=(1, 256), processes=3, blocks=2)
        (folder / "2024-05-06-0123abcde-1.json").write_text(text, encoding="utf-8")
    (results / "notes.toml").write_text(NOTES, encoding="utf-8")
    studies = results / "studies" / MACHINE
    studies.mkdir(parents=True)
    (studies / "noise.md").write_text(STUDY, encoding="utf-8")
    (studies / "run.json").write_text("{}", encoding="utf-8")
    (studies / "other.md").write_text("# Another study\n\n[Back](noise.md#figures)\n", encoding="utf-8")
    svg = ('<?xml version="1.0"?>\n<svg\n width="400" height="200"\n viewBox="0 0 400 200"\n '
           'xmlns="http://www.w3.org/2000/svg">\n<title>A chart</title>\n'
           '<rect width="400" height="200" fill="#ffffff"/><text x="9" y="50">text</text></svg>\n')
    (studies / "noise.svg").write_text(svg, encoding="utf-8")
    charts = results / "charts" / MACHINE
    charts.mkdir(parents=True)
    for name in ("history.svg", "size-amdv1.svg"):
        (charts / name).write_text(svg, encoding="utf-8")


def build(cleanup):
    """A results folder with its site in it, made once for all tests of a class; `cleanup` removes it."""
    folder = tempfile.TemporaryDirectory(prefix="ptbench-test-")
    cleanup(folder.cleanup)
    maker = CommandTest()
    maker.folder = Path(folder.name)
    maker.results = maker.folder / "results"
    store(maker.results)
    done = maker.ptbench("report", "--results", maker.results)
    maker.doCleanups()
    if done.code:
        raise AssertionError(done.err)
    return maker.results
