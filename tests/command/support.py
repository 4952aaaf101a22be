# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the tests of scripts/ share: calling the command with the fake binary, made-up run files."""

import importlib
import json
import os
import random
import runpy
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import unittest
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FAKE = HERE / "fake_bench.py"
SEED = 7
SIZES = {"4K": 4 << 10, "2M": 2 << 20}

sys.path.insert(0, str(ROOT / "scripts"))

from ptbench_study.measure.machine import identify  # noqa: E402  the path above comes first
from ptbench_study.results.merge import condense, merge  # noqa: E402

importlib.import_module("scipy.stats")  # once, for all forks
MACHINE = identify()[0]
# Of one file of tests: others beside it measure, too, and what is unpacked once need not be again.
BUILD = tempfile.TemporaryDirectory(prefix="ptbench-build-")


class Done:
    """How a call ended."""

    def __init__(self, code, out, err):
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self):
        """stdout as JSON."""
        return json.loads(self.out)

    @property
    def lines(self):
        """The lines of stderr."""
        return self.err.strip().splitlines()


def become(arguments, folder, environment, files):
    """Be `python3 -m ptbench_study` in this process: as if just started, but that scipy is loaded."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "ptbench_study"]:
        del sys.modules[name]
    for number, file in enumerate(files):
        os.dup2(file.fileno(), number)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # as Python opens them
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    os.chdir(folder)
    os.environ.clear()
    os.environ.update({name: os.fspath(value) for name, value in environment.items()})
    sys.path.insert(0, environment["PYTHONPATH"])
    sys.argv = ["ptbench", *arguments]
    try:
        runpy.run_module("ptbench_study", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        return ended.code or 0
    return 0


def forked(arguments, folder, environment):
    """A call, to its end, by a fork of the test: starting Python with scipy takes longer than most calls."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, open(os.devnull, "rb") as nothing:
        child = os.fork()
        if not child:
            code = 1
            try:
                code = become(arguments, folder, environment, (nothing, out, err))
            except BaseException:  # pylint: disable=broad-except
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
        return Done(code, *texts)


class CommandTest(unittest.TestCase):
    """Calls `python3 -m ptbench_study` with an own results folder and the fake binary."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ptbench-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.results = self.folder / "results"

    @property
    def counts(self):
        """Where golden counts of the test are."""
        return self.folder / "counts"

    def environment(self, fake=None, **more):
        """The environment of a call; `fake` is how the binary misbehaves."""
        own = {name: value for name, value in os.environ.items()
               if not name.startswith("PTBENCH_")}
        return {**own, "PYTHONPATH": str(ROOT / "scripts"), "PTBENCH_BENCH": str(FAKE),
                "FAKE_BENCH": json.dumps(fake or {}), "COLUMNS": "120", "PTBENCH_COUNTS": str(self.counts),
                "PTBENCH_BUILD_DIR": BUILD.name,
                **more}

    def start(self, *arguments, fake=None, **more):
        """Start a call that goes on while the test does something."""
        child = subprocess.Popen(
            ["/usr/bin/python3", "-s", "-m", "ptbench_study", *map(str, arguments)], text=True,
            cwd=self.folder, env=self.environment(fake, **more), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.addCleanup(lambda: child.poll() is None and child.kill())
        return child

    def ptbench(self, *arguments, fake=None, **more):
        """A call, to its end."""
        if not any(name.startswith(("PYTHON", "LANG", "LC_")) for name in more):
            return forked(map(str, arguments), self.folder, self.environment(fake, **more))
        child = self.start(*arguments, fake=fake, **more)
        out, err = child.communicate(timeout=600)
        return Done(child.returncode, out, err)

    def run_study(self, *arguments, fake=None, **more):
        """`ptbench run` into the test's results folder."""
        return self.ptbench("run", "--results", self.results, "--seed", SEED, *arguments,
                            fake=fake, **more)

    def fails(self, done, code, *words):
        """Assert an exit code, and one line on stderr that has the words."""
        self.assertEqual(done.code, code, done.err)
        self.assertEqual(len(done.lines), 1, done.err)
        self.assertTrue(done.lines[0].startswith("ptbench: "), done.err)
        for word in words:
            self.assertIn(word, done.lines[0])

    @property
    def run_folder(self):
        """Where the runs of this machine are."""
        return self.results / "runs" / MACHINE

    def run_files(self):
        """The run files that were stored, by name."""
        return sorted(self.run_folder.glob("*.json"))

    def only_run(self):
        """The document of the one run file there is."""
        files = self.run_files()
        self.assertEqual(len(files), 1, files)
        return json.loads(files[0].read_text(encoding="utf-8"))

    def unit_files(self):
        """Files of finished units of an unfinished run."""
        return list((self.run_folder / ".partial").glob("*-p*.json"))

    def interrupt(self, child, units, number=signal.SIGINT):
        """Interrupt a run once it has finished so many units; how it ended."""
        limit = time.monotonic() + 60
        while len(self.unit_files()) < units and time.monotonic() < limit:
            time.sleep(0.02)
        child.send_signal(number)
        out, err = child.communicate(timeout=60)
        return Done(child.returncode, out, err)

    def store_made_up(self, name, truth, *, folder=None, seed=SEED, **keys):
        """Store a made-up run; its path."""
        path = (folder or self.run_folder) / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made_up_run(truth, seed=seed, **keys), encoding="utf-8")
        return path


def made_up_run(truth, *, cases=("map", "unmap"), processes=6, blocks=4, noise=0.005,
                placement=0.003, seed=SEED, control=True, sizes=("4K",), formats=("amdv1",),
                counts=(1,), **keys):
    """Text of a run file; `truth` maps variants to ns, or to {operation: ns}."""
    rng = random.Random(seed)
    names = [f"{format_name}/{operation}/{size}/x{count}/coherent/warm" for format_name in formats
             for operation in cases for size in sizes for count in counts]
    documents = [condense({"benchmarks": unit(rng, name, process, truth, blocks, noise, placement,
                                              control)})
                 for process in range(processes) for name in names]
    context = {"machine": MACHINE, "date": "2024-05-06T07:08:09Z", "complete": True, "full": True,
               "quick": False, "kernel": "linux-6.12" if "linux-6.12" in truth else None,
               "commit": "0123abcde", "dirty": False, "command": "scripts/ptbench run",
               "processes": processes, "blocks": blocks, "cpu": 1, "seed": seed,
               "compiler": "cc 1", "method": "2", "failed": {}, "skipped": {},
               "cases": [{"name": name, "format": name.split("/")[0], "op": name.split("/")[1],
                          "page_size": SIZES.get(name.split("/")[2]),
                          "count": int(name.split("/")[3][1:]), "mode": "coherent", "state": "warm",
                          "threads": 1} for name in names]}
    return merge(documents, {**context, **keys})


def unit(rng, name, process, truth, blocks, noise, placement, control):
    """The samples of one case in one process."""
    variants = list(truth) + ([f"{next(iter(truth))}#2"] if control else [])
    entries = []
    places = {variant: rng.gauss(1, placement) for variant in variants}
    for block in range(blocks):
        for slot, variant in enumerate(variants + variants[::-1]):
            time_ns = truth[variant.removesuffix("#2")]
            if isinstance(time_ns, dict):
                time_ns = time_ns[name.split("/")[1]]
            entries.append({"name": f"{name}/{variant}", "iterations": 100, "process": process,
                            "block": block, "slot": slot,
                            "real_time": time_ns * places[variant] * rng.gauss(1, noise)})
    return entries


def main():
    """Run the tests of a file; says the seed, for whoever has to repeat a failure."""
    print(f"seed {SEED}", file=sys.stderr)
    unittest.main(module="__main__")
