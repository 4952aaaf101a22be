#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The site as files: what is on which page, links, escaping, replacing an older site."""

import importlib.util
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path

import site_support
from support import MACHINE, CommandTest, main

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Page(HTMLParser):
    """One page: its links, identifiers, text; errors where elements do not nest."""

    def __init__(self, path):
        super().__init__()
        self.path = path
        self.links, self.ids, self.scripts, self.errors = [], [], 0, []
        self.text, self.open, self.headers = "", [], []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_startendtag(self, tag, attrs):
        self.note(tag, dict(attrs))

    def handle_starttag(self, tag, attrs):
        self.note(tag, dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def note(self, tag, attributes):
        """Take down what matters of an element."""
        self.links += [attributes[name] for name in ("href", "src") if attributes.get(name)]
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.scripts += tag == "script"
        if tag == "th":
            self.headers.append(attributes.get("scope"))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        self.text += data


class SiteTest(CommandTest):
    """The site"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = site_support.build(cls.addClassCleanup)

    def setUp(self):
        super().setUp()
        shutil.copytree(self.made, self.results)
        self.site = self.results / "site"

    def page(self, name):
        """A page by its path."""
        return Page(self.site / name)

    def test_pages(self):
        found = {str(path.relative_to(self.site)) for path in self.site.rglob("*.html")}
        machines = {f"machines/{name}{part}.html" for name in (MACHINE, site_support.OTHER)
                    for part in ("", "-cases")}
        self.assertEqual(found, {"index.html", "formats/amdv1.html", "formats/armv8_4k_s1.html",
                                 "machines/side-by-side.html",
                                 f"studies/{MACHINE}/noise.html", f"studies/{MACHINE}/other.html",
                                 *machines})

    def test_every_link_leads_somewhere(self):
        pages = {path.resolve(): Page(path) for path in self.site.rglob("*.html")}
        followed = 0
        for path, page in pages.items():
            for link in page.links:
                self.assertNotRegex(link, "^(https?:)?//", path)
                if link.startswith("data:"):
                    continue
                target, _, anchor = link.partition("#")
                file = (path.parent / target).resolve() if target else path
                self.assertTrue(file.is_file(), f"{path.name}: {link}")
                self.assertTrue(file.is_relative_to(self.site.resolve()), link)
                if anchor:
                    self.assertIn(anchor, pages[file].ids, f"{path.name}: {link}")
                followed += 1
        self.assertGreater(followed, 100)

    def test_pages_are_well_formed(self):
        for path in self.site.rglob("*.html"):
            page = Page(path)
            self.assertEqual((page.errors, page.open), ([], []), path)
            self.assertEqual(len(page.ids), len(set(page.ids)), path)
            self.assertLessEqual(set(page.headers), {"col", "row"}, path)
            self.assertEqual(page.scripts, 1, path)

    def test_text_is_escaped(self):
        self.assertIn("Inline <every> level.", self.page("index.html").text)
        self.assertIn("detaches & flushes", self.page(f"machines/{MACHINE}.html").text)

    def test_overview_answers_first(self):
        text = self.page("index.html").text
        self.assertLess(text.index("inline against linux-6.12"), text.index("Decisions"))
        self.assertIn("scripts/ptbench compare --variant inline,linux --filter '*/map/*'", text)
        self.assertIn("Machines side by side", text)

    def test_every_case_is_there(self):
        text = self.page(f"machines/{MACHINE}-cases.html").text
        self.assertEqual(text.count("coherent/warm"), 16)
        self.assertIn("slower", text)
        self.assertIn("faster", text)

    def test_charts_of_others_are_shown(self):
        self.assertIn("from run to run", self.page(f"machines/{MACHINE}.html").text)
        self.assertIn("Bytes of code", self.page("formats/amdv1.html").text)
        self.assertNotIn("Bytes of code", self.page("formats/armv8_4k_s1.html").text)

    def test_study(self):
        page = self.page(f"studies/{MACHINE}/noise.html")
        self.assertIn("Noise of small operations", page.text)
        self.assertIn("other.html", page.links)
        self.assertIn("nothing", page.text)
        self.assertNotIn("../../gone.md", page.links)
        self.assertIn("<script>alert(1)</script>", page.text)
        self.assertIn("Ratio by process", page.text)
        self.assertIn("noise.svg", page.links)
        self.assertIn("run.json", page.links)
        self.assertNotIn("missing.json", page.links)

    def test_an_older_site_is_replaced(self):
        (self.site / "machines" / "gone.html").write_text("old", encoding="utf-8")
        self.assertEqual(self.ptbench("report", "--results", self.results).code, 0)
        self.assertFalse((self.site / "machines" / "gone.html").exists())
        self.assertEqual([path.name for path in self.results.glob(".site*")], [])

    def test_other_folders_are_left_alone(self):
        precious = self.folder / "precious"
        precious.mkdir()
        (precious / "thesis.txt").write_text("years of work", encoding="utf-8")
        self.fails(self.ptbench("report", "--results", self.results, "--site", precious), 2, "precious",
                   "--site")
        self.assertEqual([path.name for path in precious.iterdir()], ["thesis.txt"])

    def test_same_results_same_bytes(self):
        def content():
            return {path.relative_to(self.site): path.read_bytes()
                    for path in self.site.rglob("*") if path.is_file()}

        first = content()
        self.assertEqual(self.ptbench("report", "--results", self.results).code, 0)
        self.assertEqual(content(), first)

    def test_site_elsewhere(self):
        target = self.folder / "deep" / "er" / "site"
        done = self.ptbench("report", "--results", self.results, "--site", target)
        self.assertEqual(done.code, 0, done.err)
        self.assertTrue((target / "index.html").exists())
        self.assertIn(str(Path("deep") / "er" / "site" / "index.html"), done.err)


if __name__ == "__main__":
    missing = [name for name in ("gnuplot",) if not shutil.which(name)]
    missing += [name for name in ("markdown", "jinja2") if not importlib.util.find_spec(name)]
    if missing:
        print(f"skipped: {', '.join(missing)} missing")
        sys.exit(77)
    main()
