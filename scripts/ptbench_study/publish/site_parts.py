# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Parts of the site's pages: charts inside a page, captions, studies written in Markdown."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markupsafe import Markup

from ..base import quoting
from ..base.documents import read
from .drawings import is_sound

CAPTIONS = {
    "heat": "Ratio as a grid: blue cells are faster, orange ones slower; the figure stands in the cell.",
    "ratio": "Ratio against the kernel's drivers, case by case, with 95 % intervals.",
    "run-length": "Time of one operation over the number of pages it covers; the dashed limit writes the "
                  "same bytes without a walk.",
    "ecdf": "How the samples of one case are spread: the share that took at most so long.",
    "history": "Cases from run to run over the band of noise; dashed lines show where the level changed.",
    "size": "Bytes of code against time: what inlining costs and buys.",
}
# Below this share of its own width a chart's letters are too small; then it scrolls instead.
LEAST_SCALE = 0.8
IDENTIFIER = re.compile(r"""(\bid=["']|xlink:href=["']#|url\(#)""")
ROOT = re.compile(r"<svg\b[^>]*>", re.S)
SIZE = re.compile(r'\bwidth="(\d+)" height="(\d+)"')


def caption(path):
    """What a chart shows, by its name."""
    for prefix, text in CAPTIONS.items():
        if path.stem == prefix or path.stem.startswith(prefix + "-"):
            return text
    return path.stem.replace("-", " ").replace("_", " ")


def is_publishable(path, results):
    """Whether a file of a results folder may go into a site: it has a plain name, and is no way out of it."""
    return quoting.file_name(path.name) == path.name and path.resolve().is_relative_to(
        Path(results).resolve())


class Charts:
    """The charts of one page: puts them into it, with identifiers that are unique there."""

    def __init__(self):
        self.number = 0

    def figure(self, path, link, text=None):
        """A chart as an HTML figure; link leads to the chart alone."""
        self.number += 1
        prefix = f"c{self.number}-"
        svg = path.read_text(encoding="utf-8")
        head = ROOT.search(svg)
        width, height = SIZE.search(head[0]).groups()
        body = IDENTIFIER.sub(rf"\g<1>{prefix}", svg[head.end():])
        body = body.replace("<title>", f'<title id="{prefix}title">', 1)
        opening = (f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
                   f'style="min-width:{round(int(width) * LEAST_SCALE)}px" '
                   f'aria-labelledby="{prefix}title" xmlns:xlink="http://www.w3.org/1999/xlink">')
        return Markup(
            '<figure class="chart"><div class="scroll" tabindex="0" role="region" aria-label="chart">'
            '{}</div><figcaption>{} <a href="{}">Chart alone</a></figcaption></figure>').format(
                Markup(opening + body), text or caption(path), link)


class Study:
    """One study: Markdown with charts beside it."""

    def __init__(self, path, results):
        self.path = path
        self.results = results
        self.machine = path.parent.name
        self.page = f"studies/{self.machine}/{path.stem}.html"
        self.source = read(path, quoting.lines)
        self.files = set()
        heading = re.search(r"^#\s+(.+)$", self.source, re.M)
        self.title = heading[1].strip().replace("`", "") if heading else path.stem

    def pictures(self):
        """The charts beside the study that its text shows or links."""
        return [path for path in sorted(self.path.parent.glob("*.svg"))
                if path.name in self.source and is_publishable(path, self.results) and is_sound(path)]

    def html(self):
        """The text as HTML: no raw HTML passes, links lead inside the site or nowhere.

        Afterwards files has the stored runs that the text links: they belong beside its page.
        """
        converter = markdown.Markdown(extensions=["tables", "fenced_code", "toc", StudyExtension(self)],
                                      output_format="html")
        converter.preprocessors.deregister("html_block")
        converter.inlinePatterns.deregister("html")
        return Markup(converter.convert(self.source))


class StudyExtension(Extension):
    """Fits a study's elements into the site."""

    def __init__(self, study):
        super().__init__()
        self.study = study

    def extendMarkdown(self, md):  # noqa: N802  the library's name
        """Called by the library."""
        # After inline patterns (20), which make the links and pictures.
        md.treeprocessors.register(StudyProcessor(md, self.study), "study", 5)


class StudyProcessor(Treeprocessor):
    """Puts charts into the page, scopes on headers, tables into boxes that scroll."""

    def __init__(self, md, study):
        super().__init__(md)
        self.study = study
        self.charts = Charts()

    def run(self, root):
        """Called by the library with the tree of the text."""
        for parent in list(root.iter()):
            for place, child in enumerate(list(parent)):
                if child.tag == "table":
                    box = ElementTree.Element("div", {
                        "class": "scroll", "tabindex": "0", "role": "region", "aria-label": "table"})
                    box.tail, child.tail = child.tail, None
                    box.append(child)
                    parent[place] = box
                elif child.tag == "th":
                    child.set("scope", "col")
                elif child.tag == "a":
                    self.lead(child)
                elif child.tag == "img":
                    self.draw(parent, place, child)

    def lead(self, link):
        """Let a link lead to the page of what it names, or nowhere."""
        target = link.get("href", "")
        if re.match(r"https?://|#", target):
            return
        file = self.study.path.parent / target.partition("#")[0]
        if file.suffix == ".md" and file.parent.resolve() == self.study.path.parent.resolve() \
                and file.exists():
            place = quoting.link(target.partition("#")[2])
            link.set("href", quoting.link(f"{file.stem}.html") + (f"#{place}" if place else ""))
        elif file.suffix in (".json", ".csv") and file.is_file() and is_publishable(file, self.study.results):
            self.study.files.add(file)
            link.set("href", quoting.link(file.name))
        elif file not in self.study.pictures():
            link.tag = "span"
            del link.attrib["href"]

    def draw(self, parent, place, image):
        """Put a chart in place of a picture of it."""
        path = self.study.path.parent / image.get("src", "")
        if path in self.study.pictures():
            markup = self.charts.figure(path, quoting.link(path.name), image.get("alt"))
            box = ElementTree.Element("div")
            box.text = self.md.htmlStash.store(str(markup))
            box.tail = image.tail
            parent[place] = box
            if parent.tag == "p":
                parent.tag = "div"  # a paragraph cannot hold a figure
        else:
            image.tag = "span"
            image.text = image.get("alt", "")
            for name in ("src", "alt"):
                image.attrib.pop(name, None)


def studies(results):
    """All studies in a results folder, by machine and name."""
    return [Study(path, results) for path in sorted((Path(results) / "studies").glob("*/*.md"))
            if is_publishable(path, results)]
