# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Texts that come from files, made harmless for where they go: one function for each target.

    terminal   a line on stdout or stderr: escape sequences, and what turns the writing direction, become
               visible; lines does the same for a text of several
    gnuplot    a string of a gnuplot script
    datum      a field of a gnuplot data block
    markdown   inline text of a Markdown file; row is a row of a table, code a code span
    html       text and attributes of HTML and SVG; templates/*.html.j2 and *.svg.j2 call it by themselves
    file_name  one part of a path
    link       an address inside our own pages, relative to them

Results are passed on and merged between people, so their author need not be who runs `report`. The schema
(results/run.schema.json) refuses names of other letters when a file is read; here is what holds for all
texts, also those that may say anything. What was quoted is a Quoted, so that templates can tell it from what
was not.
"""

import re
import urllib.parse

from .libraries import markupsafe

LONGEST_FILE_NAME = 120
# Control characters, invisible ones, those that turn the writing direction, halves of surrogate pairs.
HIDDEN = ("\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
          "\ud800-\udfff\U000e0000-\U000e007f")
HIDDEN_CHARACTER = re.compile(f"[{HIDDEN}]")
HIDDEN_IN_LINES = re.compile(f"(?![\n\t])[{HIDDEN}]")
LINE_END = re.compile(r"[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]+")
CODE_SPAN = re.compile(r"((?<!`)`[^`]+`(?!`))")
# A bracket only makes a link together with what follows it; an underscore inside a word is a letter.
MARKED = re.compile(r"[\\`*~|]|\](?=[(\[:])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)|<")
LEADING_SIGN = re.compile(r"^\s*(?=[#+-]{1,6}\s+\S|[=-]{2,}|>)")
LEADING_NUMBER = re.compile(r"^\s*\d+(?=[.)]\s)")
ENTITIES = {"<": "&lt;", "&": "&amp;"}


class Quoted(str):
    """A text that is fit for its target."""


def visible(match):
    """A hidden character as its escape, which is that of JSON too."""
    code = ord(match[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def lines(text):
    """A text of lines with nothing hidden in it."""
    return HIDDEN_IN_LINES.sub(visible, text)


def terminal(text):
    """A text as one line with nothing hidden in it, which is the least that every target needs."""
    return HIDDEN_CHARACTER.sub(visible, LINE_END.sub(" ", str(text)))


def gnuplot(text):
    """A gnuplot string in single quotes, in which nothing is expanded, neither backquotes nor macros."""
    return Quoted("'" + terminal(text).replace("'", "''") + "'")


def datum(text):
    """One field of a gnuplot data block: those know no escape for a quotation mark."""
    return Quoted('"' + terminal(text).replace('"', "'").replace("\\", "/") + '"')


def html(text):
    """Text of HTML or SVG, also between quotation marks."""
    return markupsafe.escape(lines(str(text)))


def marked(match):
    """A character that means something in Markdown, as itself."""
    return ENTITIES.get(match[0], "\\" + match[0])


def markdown(text):
    """Inline Markdown that shows the text; code spans in it stay code."""
    parts = CODE_SPAN.split(terminal(text))
    parts[::2] = (MARKED.sub(marked, part) for part in parts[::2])
    parts[1::2] = (part.replace("|", "\\|") for part in parts[1::2])
    parts[0] = LEADING_SIGN.sub(r"\g<0>\\", LEADING_NUMBER.sub(r"\g<0>\\", parts[0]))
    return Quoted("".join(parts))


def row(fields):
    """A row of a Markdown table."""
    return Quoted("| " + " | ".join(map(markdown, fields)) + " |")


def code(text):
    """A Markdown code span of the text, in which nothing has a meaning but a backquote."""
    return Quoted("`" + terminal(text).replace("`", "'") + "`")


def file_name(text):
    """A text as the name of a file: one part of a path, and no hidden one."""
    name = re.sub(r"[^A-Za-z0-9._+-]", "-", str(text)).lstrip("._+-")[:LONGEST_FILE_NAME]
    return Quoted(name or "unnamed")


def link(path):
    """A relative path as an address: what stands before a colon in it is no scheme."""
    return Quoted(urllib.parse.quote(str(path), safe="/.-_~+#"))
