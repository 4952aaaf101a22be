#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Every command in README.md, BENCHMARKS.md and docs/ works; every example of --help can be parsed.

Commands of scripts/ptbench are run in a scratch copy of scripts/ with made-up results, by a fake binary.
Those that cannot be are in NOT_RUN, with the reason; they are parsed all the same. ctest's only have to name
tests.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import unittest

from support import FAKE, MACHINE, ROOT, CommandTest, main
from ptbench_study import cli
from ptbench_study.base.errors import Failure

DOCUMENTS = [ROOT / "README.md", ROOT / "BENCHMARKS.md", *sorted((ROOT / "docs").rglob("*.md")),
             *sorted((ROOT / "bench").rglob("*.md")), *sorted((ROOT / "results").glob("*.md"))]
NOT_RUN = {
    "test": "runs this test",
    "count": "callgrind needs the real binary",
    "run --variant inline,inline-eager": "the fake binary has no options of the engine",
    "gate --counts-only": "callgrind needs the real binary",
    "profile": "perf and the real binary",
    "record": "traces the machine where that is allowed; test_record.py has a fake",
    "size": "reads the object files of a real build",
    "memory": "the real binary counts bytes of tables",
    "dump": "the real binary writes them",
    "inside": "it boots a kernel",
    "patch": "it builds the drivers of two trees",
    "study kernels": "the fake binary has one kernel",
}
# A gate of a fake binary leaves out what callgrind would count; few processes are as good as many here.
ADDED = {"gate": " --times-only", "run": " --processes 2 --pairs 4"}
PLACEHOLDERS = {"FILE": "trace.txt", "NAME": "amdv1/map", "CASE": "amdv1/map/4K/x1/coherent/warm",
                "PID": str(os.getpid()), "RUN": "2024-05-06-0123abcde-1"}
# These exit codes are an answer, too.
VERDICTS = {"compare": (0, 1), "gate": (0, 1)}
TRUTH = {"inline": 20.0, "recursive": 25.0, "linux-6.12": 40.0, "limit": 10.0}
# A line of a code block, or of a fenced one; an inline one. What two spaces or a # follow is prose.
BLOCK = re.compile(r"^(?: {4}|\t)(?:\$ )?((?:scripts/ptbench|ctest|cmake)\b.*)$")
FENCED = re.compile(r"^(?:\$ )?((?:scripts/ptbench|ctest|cmake)\b.*)$")
INLINE = re.compile(r"`((?:scripts/ptbench|ctest|cmake) [^`]+)`")
PROSE = re.compile(r"\s+#.*$|\s{2,}.*$")


def commands_in(text):
    """The commands of a Markdown text, in order."""
    found, fenced = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
            continue
        match = FENCED.match(line) if fenced else BLOCK.match(line)
        if match:
            found.append(PROSE.sub("", match[1]).strip())
    return found + INLINE.findall(re.sub(r"\n(?!\n)", " ", text))


def all_commands():
    """{command: the documents that have it}."""
    found = {}
    for path in DOCUMENTS:
        for command in commands_in(path.read_text(encoding="utf-8")):
            names = found.setdefault(command, [])
            names.append(str(path.relative_to(ROOT)))
    return found


def filled_in(command):
    """A command with something real for each placeholder."""
    command = command.replace("study NAME", "study inline-vs-recursive")
    return re.sub(r"\b[A-Z]{2,}\b", lambda match: PLACEHOLDERS.get(match[0], match[0]), command)


def accepted(subcommand, documents):
    """Exit codes that are an answer. What only report wrote may ask for cases that the fake has not."""
    return (*VERDICTS.get(subcommand, (0,)), *((5,) if documents == ["BENCHMARKS.md"] else ()))


def words_of(command):
    """The arguments of scripts/ptbench in a command, without what the shell does with the output."""
    words = shlex.split(command)[1:]
    return words[:next((place for place, word in enumerate(words) if word in (">", "|", "&&")), None)]


def parsed(words):
    """Why the words are no command line of ptbench, or None."""
    if words[:1] == ["test"]:
        words = ["test"]  # the rest is ctest's
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            cli.parse(words)
    except Failure as failure:
        return str(failure)
    except SystemExit as ended:
        return f"ended with {ended.code}" if ended.code else None
    return None


class ExtractionTest(unittest.TestCase):
    """What counts as a command."""

    def test_blocks_fences_and_prose(self):
        text = ("Run `scripts/ptbench\nlist` first.\n\n    scripts/ptbench run --quick   # short\n"
                "    scripts/ptbench doctor    what disturbs\n    amdv1 map\n\n```sh\n"
                "$ scripts/ptbench compare > a.md\nls\n```\nscripts/ptbench is a script.\n")
        self.assertEqual(commands_in(text), [
            "scripts/ptbench run --quick", "scripts/ptbench doctor", "scripts/ptbench compare > a.md",
            "scripts/ptbench list"])

    def test_all_documents_have_some(self):
        commands = all_commands()
        self.assertGreater(len(commands), 15)
        for name in ("README.md", "BENCHMARKS.md", "docs/regressions.md"):
            self.assertTrue(any(name in names for names in commands.values()), name)
        for name in NOT_RUN:
            self.assertTrue(any(command.startswith(f"scripts/ptbench {name}") for command in commands),
                            f"no document has '{name}' any more")

    def test_help_examples_can_be_parsed(self):
        for name in subcommands():
            words = [word for word in help_of(name).partition("Example:\n")[2].splitlines() if word.strip()]
            self.assertTrue(words, name)
            for line in words:
                with self.subTest(line):
                    self.assertTrue(line.strip().startswith(f"scripts/ptbench {name}"), line)
                    self.assertIsNone(parsed(words_of(line)))


def subcommands():
    """The names of all commands, as the help lists them."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        cli.parse(["--help"])
    names = re.findall(r"(?m)^    ([a-z]+) ", out.getvalue())
    assert len(names) > 5, out.getvalue()
    return names


def help_of(name):
    """What --help says of a command."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        cli.parse([name, "--help"])
    return out.getvalue()


class RunTest(CommandTest):
    """The commands, run."""

    def scratch(self):
        """A project without engine, with made-up results of this machine, under git; its folder."""
        root = self.folder / "project"
        for name in ("scripts", "bench", "docs", "results"):
            shutil.copytree(ROOT / name, root / name,
                            ignore=shutil.ignore_patterns("__pycache__", "runs", "charts", "machines"))
        (root / "trace.txt").write_text("map: IOMMU: iova=0x0 - 0x1000 paddr=0x5000 size=4096\n" * 4,
                                        encoding="utf-8")
        self.store_run(root)
        git = ["git", "-C", root, "-c", "user.name=someone", "-c", "user.email=someone@example.org"]
        subprocess.run([*git, "init", "-q"], check=True)
        for _ in range(2):
            subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "one more"], check=True)
        return root

    def store_run(self, root):
        """Have one made-up run stored, and no other."""
        shutil.rmtree(root / "results" / "runs", ignore_errors=True)
        self.store_made_up("2024-05-06-0123abcde-1", TRUTH, folder=root / "results" / "runs" / MACHINE,
                           counts=(1, 256))

    def test_every_command_of_the_documents(self):
        root = self.scratch()
        environment = {**self.environment(), "PTBENCH_NO_INSTALL": "1",
                       "PTBENCH_BASELINE_BENCH": str(FAKE)}
        del environment["PYTHONPATH"]
        for command, names in all_commands().items():
            if not command.startswith("scripts/ptbench"):
                continue
            with self.subTest(command, documents=names):
                filled = filled_in(command)
                words = words_of(filled)
                self.assertIsNone(parsed(words), command)
                if any(" ".join(words).startswith(name) for name in NOT_RUN):
                    continue
                # What compares builds is written below the run that measures them.
                if "--build" not in words:
                    self.store_run(root)
                filled += ADDED.get(words[0], "") if ">" not in filled else ""
                done = subprocess.run(["bash", "-c", filled], cwd=root, env=environment, text=True,
                                      capture_output=True, check=False, timeout=250)
                self.assertIn(done.returncode, accepted(words[0], names),
                              f"{filled}\n{done.stdout[-500:]}{done.stderr[-1500:]}")

    def test_ctest_commands_name_tests(self):
        build = os.environ.get("PTBENCH_TEST_BUILD")
        if not build or not shutil.which("ctest"):
            self.skipTest("no build to ask for its tests")
        for command, names in all_commands().items():
            if command.startswith("ctest"):
                with self.subTest(command, documents=names):
                    words = [word for word in shlex.split(command)[1:] if word not in ("--preset", "plain")]
                    done = subprocess.run(["ctest", "--test-dir", build, "-N", *words], text=True,
                                          capture_output=True, check=False)
                    self.assertRegex(done.stdout, r"Total Tests: [1-9]", done.stderr)


if __name__ == "__main__":
    print(f"{len(all_commands())} commands", file=sys.stderr)
    main()
