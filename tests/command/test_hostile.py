#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Files of a stranger through every command: nothing in them is carried out, nothing is written elsewhere.

A copy of the project lies deep in a folder of its own. Every text of its results, traces, notes, studies
and machines is hostile: it would make a file called canary if any program took it for more than text. All
commands that there are get all of it; a new command is covered because the list is the parser's.

Each goes twice: as it is, where the schema refuses such names at the door; and with the schema switched off,
where the quoting of the target has to hold alone.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import unittest
from unittest import mock

import markdown

from support import FAKE, MACHINE, ROOT, CommandTest, main, made_up_run
from ptbench_study import cli
from ptbench_study.base import quoting
from ptbench_study.results import schema
from ptbench_study.publish import drawings, flame, gnuplot, site_parts, templates

TRUTH = {"inline": {"map": 50.0, "unmap": 130.0}, "recursive": 60.0, "linux-6.12": 100.0, "limit": 20.0}
CANARY = "canary"
# Where commands may write.
WRITTEN = ("results", "build", "here", "BENCHMARKS.md")
# For a shell, gnuplot (three ways), Python, HTML, Markdown, SVG, a path, a terminal, a table.
HOSTILE = ("`touch {0}`$(touch {0})'.system(\"touch {0}\").'\"; system \"touch {0}\"\n!touch {0}\nEOD\n"
           "<script>alert(1)</script>](javascript:alert(1)) | a | b\x1b]0;title\x07\x1b[2J\u202e\u2066")
TRAVERSAL = "../../../../" + CANARY
# What no terminal should get: escape sequences and marks of direction.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Of a command that writes nothing about itself; all others are told to by --results.
SHORT = {"run": ["--filter", "amdv1/map/4K/x1/*", "--processes", "1", "--pairs", "2"],
         "gate": ["--times-only", "--filter", "amdv1/map/4K/x1/*", "--processes", "3"],
         "study": ["--quick", "--processes", "1", "--pairs", "2"],
         "replay": ["--processes", "1", "--pairs", "2", "--format", "amdv1"],
         "test": []}
# Runs main() without the schema.
OPEN_DOOR = """
import sys
from ptbench_study import cli
from ptbench_study.base import streams
from ptbench_study.results import schema, store
schema.wrong = lambda *arguments: None
store.MACHINE_ID = __import__("re").compile(".*", 16)
streams.take_over()
sys.exit(cli.main(sys.argv[1:]))
"""
STUDY = """title = {0}
question = {0}
decides = {0}
kind = "sides"
cases = ["amdv1/map/4K/x1/*"]
variants = ["inline", "recursive"]
[[compare]]
a = {{ variant = "inline" }}
b = {{ variant = "recursive" }}
"""
NOTES = """[[decision]]
decision = {0}
reason = {0}
a = "inline"
b = "linux"
cases = "*"
[[losing]]
cases = "*"
reason = {0}
"""
EVIL_SVG = ('<svg width="400" height="200" viewBox="0 0 400 200" xmlns="http://www.w3.org/2000/svg">'
            "<script>alert('svg')</script></svg>")


def commands():
    """{name: parser} of all commands."""
    parser = cli.build_parser()
    action = next(each for each in parser._actions  # noqa: SLF001  argparse has no other way to ask
                  if isinstance(each, argparse._SubParsersAction))  # noqa: SLF001
    return action.choices


def poisoned(document, text, kept=("ptbench", "run_type", "time_unit", "date")):
    """A document with every text and name in it made hostile, where that leaves it a document."""
    if isinstance(document, dict):
        return {key: value if key in kept else poisoned(value, text) for key, value in document.items()}
    if isinstance(document, list):
        return [poisoned(value, text) for value in document]
    return document + text if isinstance(document, str) else document


class HostileTest(CommandTest):
    """Everything that people hand on, through everything that reads it."""

    def setUp(self):
        super().setUp()
        self.top = self.folder
        self.project = self.top / "a" / "b" / "c" / "d" / "project"
        for name in ("scripts", "bench", "docs"):
            shutil.copytree(ROOT / name, self.project / name, ignore=shutil.ignore_patterns("__pycache__"))
        (self.project / "results").mkdir()
        for name in ("run.schema.json", "machine.schema.json"):
            shutil.copy(ROOT / "results" / name, self.project / "results")
        self.results = self.project / "results"
        self.folder = self.project / "here"
        self.folder.mkdir()
        self.text = HOSTILE.format(self.top / CANARY)

    def environment(self, fake=None, **more):
        """That of the copy of the project."""
        return {**super().environment(fake), "PYTHONPATH": str(self.project / "scripts"),
                "PTBENCH_BUILD_DIR": str(self.project / "build"), "PTBENCH_BASELINE_BENCH": str(FAKE),
                "PYTHONDONTWRITEBYTECODE": "1", **more}

    def words(self, name, parser):
        """A call of a command that reads all that it can."""
        words = [name, *SHORT.get(name, [])]
        if any("--results" in action.option_strings for action in parser._actions):  # noqa: SLF001
            words += ["--results", str(self.results)]
        given = {"runs": self.run_path, "run": self.run_path, "files": self.trace, "name": "hostile",
                 "case": "amdv1/map/4K/x1/coherent/warm"}
        for action in parser._actions:  # noqa: SLF001
            if not action.option_strings:
                words.append(str(given.get(action.dest, self.run_path)))
        return words

    def call(self, words, bootstrap=()):
        """Run the command; how it ended, after what has to hold for every call."""
        before = set(self.top.rglob("*"))
        done = subprocess.run(["/usr/bin/python3", "-s", *(bootstrap or ("-m", "ptbench_study")), *words],
                              cwd=self.folder, env=self.environment(), text=True, errors="replace",
                              capture_output=True, check=False, timeout=300, stdin=subprocess.DEVNULL)
        said = f"{words}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        self.assertNotIn("Traceback", done.stderr, said)
        self.assertIn(done.returncode, (0, 1, 2, 3, 4, 5, 77), said)
        for stream in (done.stdout, done.stderr):
            self.assertIsNone(UNSEEN.search(stream), said)
        made = set(self.top.rglob("*")) - before
        for path in made:
            self.assertNotEqual(path.name, CANARY, said)
            self.assertTrue(any(path.is_relative_to(self.project / part) for part in WRITTEN),
                            f"{path} was made by {said}")
        return done

    def pages(self):
        """All text that was made to be read by people or browsers."""
        return {path: path.read_text(encoding="utf-8") for path in self.project.rglob("*")
                if path.suffix in (".html", ".svg", ".md") and path not in self.given and path.is_file()}

    def lay_out(self, change):
        """A results folder whose run and machine are as change(document, kind) makes them."""
        document = json.loads(made_up_run(TRUTH, formats=("amdv1", "armv8_4k_s1"), counts=(1, 256),
                                          processes=3, blocks=2, failed={"amdv1/map/4K/x9/a/b": "reason"},
                                          settings={"governors": ["performance"]}))
        folder = self.results / "runs" / MACHINE
        folder.mkdir(parents=True)
        self.run_path = folder / "2024-05-06-0123abcde-1.json"
        self.run_path.write_text(json.dumps(change(document, "run")), encoding="utf-8")
        (self.results / "machines").mkdir()
        (self.results / "machines" / f"{MACHINE}.json").write_text(json.dumps(change(
            {"id": MACHINE, "model": "CPU", "hypervisor": "KVM", "cpus": 2}, "machine")), encoding="utf-8")
        toml = json.dumps(self.text)
        (self.results / "notes.toml").write_text(NOTES.format(toml), encoding="utf-8")
        (self.project / "bench" / "studies" / "hostile.toml").write_text(STUDY.format(toml), encoding="utf-8")
        pages = self.results / "studies" / MACHINE
        pages.mkdir(parents=True)
        (pages / "evil.md").write_text(
            f"# {self.text}\n\n{self.text}\n\n[x](javascript:alert(1)) ![y](evil.svg) "
            "[z](javascript:alert(1)//../evil.md) <javascript:alert(1)>\n", encoding="utf-8")
        (pages / "javascript:alert(1)").mkdir()
        (pages / "evil.svg").write_text(EVIL_SVG, encoding="utf-8")
        drawn = self.results / "charts" / MACHINE
        drawn.mkdir(parents=True)
        (drawn / "history-evil.svg").write_text(EVIL_SVG, encoding="utf-8")
        self.trace = self.project / "here" / f"`touch {CANARY}`\x1b[2J.txt"
        self.trace.write_text(f"{self.text}\n map: IOMMU: iova=0x0 - 0x1000 paddr=0x5000 size=4096\n",
                              encoding="utf-8")
        self.given = set(self.top.rglob("*"))

    def assert_pages_are_text(self):
        """Nothing in what was made does more than show."""
        for path, text in self.pages().items():
            if path.suffix == ".md":
                text = markdown.markdown(text, extensions=["tables", "fenced_code"])
            text = re.sub(r"<script src=\"[./]*assets/site\.js\" defer></script>", "", text)
            for word in ("<script", "href=\"javascript:", "\x1b", "\u202e"):
                self.assertNotIn(word, text, path)
            self.assertNotIn("alert('svg')", text, path)

    def test_the_schema_refuses_hostile_names(self):
        self.lay_out(lambda document, _: poisoned(document, self.text))
        for name, parser in commands().items():
            with self.subTest(name):
                done = self.call(self.words(name, parser))
                if name in ("compare", "export", "history", "report"):
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_quoting_holds_where_the_schema_does_not(self):
        def change(document, kind):
            document = poisoned(document, "")
            if kind == "machine":
                return {**document, "model": self.text, "hypervisor": self.text}
            context = document["context"]
            for entry in document["benchmarks"]:
                entry["name"] = entry["name"].replace("linux-6.12", f"linux-6.12`touch {CANARY}`'\"")
            for number, case in enumerate(context["cases"]):
                case["op"] = case["op"] + (TRAVERSAL if number % 2 else f"{number}`touch {CANARY}`")
                case["format"] = case["format"] + f"`touch {CANARY}`<script>"
                case["mode"] = case["mode"] + self.text.replace("/", "")
            context |= {"kernel": f"linux-6.12`touch {CANARY}`'\"", "command": self.text, "commit": self.text,
                        "compiler": self.text, "failed": {self.text: self.text}}
            return document

        self.lay_out(change)
        # The report first: a run writes this machine's facts anew.
        for name, parser in sorted(commands().items(), key=lambda item: item[0] != "report"):
            with self.subTest(name):
                done = self.call(self.words(name, parser), ("-c", OPEN_DOOR))
                if name in ("compare", "export", "report"):
                    self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assert_pages_are_text()
        shown = (self.project / "BENCHMARKS.md").read_text(encoding="utf-8")
        self.assertIn(self.run_path.name, shown)

    def test_a_good_run_among_hostile_neighbours(self):
        self.lay_out(lambda document, _: document)
        for name, parser in commands().items():
            with self.subTest(name):
                done = self.call(self.words(name, parser))
                if name in ("compare", "export", "report", "history", "run", "study"):
                    self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assert_pages_are_text()
        page = self.project / "build" / "site" / "studies" / MACHINE / "evil.html"
        self.assertIn("&lt;script&gt;", page.read_text(encoding="utf-8"))

    def test_a_study_takes_no_files_from_elsewhere(self):
        self.lay_out(lambda document, _: document)
        (self.top / "secret.json").write_text('"secret"', encoding="utf-8")
        pages = self.results / "studies" / MACHINE
        up = os.path.relpath(self.top / "secret.json", pages)
        (pages / "evil.md").write_text(f"# x\n\n[x]({up}) [y](link.json)\n", encoding="utf-8")
        (pages / "link.json").symlink_to(self.top / "secret.json")
        (pages / "link.md").symlink_to(self.top / "secret.json")
        self.assertEqual(self.call(["report", "--results", str(self.results)]).returncode, 0)
        self.assertEqual([path for path in (self.project / "build" / "site").rglob("*")
                          if path.is_file() and '"secret"' in path.read_text(encoding="utf-8")], [])


class TargetTest(unittest.TestCase):
    """quoting.py, target by target."""

    def test_every_gnuplot_template_quotes_every_text(self):
        # A text that reaches a script unquoted is an error there, whatever the template forgets.
        self.assertRaises(ValueError, templates.for_gnuplot, "`id`")
        self.assertRaises(ValueError, templates.for_gnuplot, '"')
        self.assertEqual(templates.for_gnuplot(quoting.gnuplot("`id`")), "'`id`'")
        for path in templates.TEMPLATES.glob("**/*.j2"):
            self.assertTrue(templates.target_of(path.name))
            self.assertNotRegex(path.read_text(encoding="utf-8"), r"\| *e\b")

    def test_gnuplot_carries_out_nothing(self):
        if not shutil.which("gnuplot"):
            self.skipTest("gnuplot is missing")
        text = HOSTILE.format("/nonexistent/canary") + "@system {/Bold x} \\n \\U+0041 %s"
        with mock.patch.object(gnuplot.store, "write_if_changed") as write:
            gnuplot.gnuplot("heat.gnuplot.j2", mock.Mock(), text, width=900, height=400, left=0.1, right=0.9,
                           top=0.9, bottom=0.1, title_at=0.95, note_at=0.05, second_note_at=0.01,
                           rows=[text], columns=[text], leaning=True, note=text,
                           points=[{"x": 0, "y": 0, "colour": 1, "text": text, "text_colour": 2,
                                    "said": text}])
        svg = write.call_args[0][1]
        self.assertIsNone(drawings.objection(svg))
        self.assertIn("{/Bold x}", svg)
        self.assertIn("@system", svg)

    def test_markdown(self):
        for text, shown in (("256*2^12", r"256\*2^12"), ("map_batch", "map_batch"), ("_x_", r"\_x\_"),
                            ("0.81 [0.80, 0.82]", "0.81 [0.80, 0.82]"), ("[a](b)", r"[a\](b)"),
                            ("<b>", "&lt;b>"), ("a|b", r"a\|b"), ("# x", r"\# x"), ("1. x", r"1\. x"),
                            ("`a` b", "`a` b"), ("``<b>`", r"\`\`&lt;b>\`"), ("a\n\n# b", "a # b"),
                            ("\x1b[2J", r"\\u001b[2J")):
            self.assertEqual(quoting.markdown(text), shown)
        self.assertEqual(quoting.code("a`b\n```"), "`a'b '''`")

    def test_file_names(self):
        for text, name in (("../../x", "x"), ("/etc/passwd", "etc-passwd"), ("a b", "a-b"), ("", "unnamed"),
                           ("..", "unnamed"), (".git", "git"), ("x" * 500, "x" * 120), ("-rf", "rf")):
            self.assertEqual(quoting.file_name(text), name)

    def test_flame_graphs_and_charts_escape_symbols(self):
        svg = flame.svg({"a<script>;b\x1b": 3}, "<t>", "&")
        self.assertNotIn("<script", svg)
        self.assertNotIn("\x1b", svg)

    def test_drawings_that_do_more_than_draw(self):
        good = '<svg width="9" height="9" xmlns="http://www.w3.org/2000/svg">{}</svg>'
        self.assertIsNone(drawings.objection(good.format("<g><title>a</title></g>")))
        for inside in ("<script/>", "<foreignObject/>", '<g onclick="x"/>', '<image href="http://a/b"/>',
                       '<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="http://a/b#c"/>',
                       '<g style="x"/>', '<rect fill="url(http://a/b)"/>', "<!-- -->", "<style>a</style>",
                       '<x:script xmlns:x="http://www.w3.org/1999/xhtml"/>', "<g>", "<a/>", "<![CDATA[x]]>",
                       '<animate attributeName="href"/>'):
            self.assertTrue(drawings.objection(good.format(inside)), inside)

    def test_links_of_studies_are_addresses_of_files(self):
        self.assertEqual(quoting.link("javascript:alert(1).json"), "javascript%3Aalert%281%29.json")
        self.assertTrue(site_parts.is_publishable(ROOT / "results" / "SCHEMA.md", ROOT / "results"))

    def test_every_name_of_a_run_has_an_alphabet(self):
        definitions = json.loads(schema.RUN.read_text(encoding="utf-8"))["definitions"]

        def open_texts(node, place):
            if isinstance(node, dict):
                kinds = node.get("type")
                if "string" in (kinds if isinstance(kinds, list) else [kinds]) and "pattern" not in node:
                    yield place
                for key, value in node.items():
                    yield from open_texts(value, f"{place}.{key}")
            elif isinstance(node, list):
                for value in node:
                    yield from open_texts(value, place)

        self.assertEqual(list(open_texts(definitions, "")), [])


if __name__ == "__main__":
    if not shutil.which("gnuplot"):
        print("skipped: gnuplot is missing", file=sys.stderr)
        sys.exit(77)
    main()
