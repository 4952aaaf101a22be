# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""SVG files that lie among results: those that only draw go into pages, others stay where they are.

An SVG can carry scripts and pages of its own, and inside an HTML page they are that page's. What gnuplot
draws needs few elements, so that a list of these is enough to tell.
"""

import functools
import re
import xml.etree.ElementTree as ElementTree

from ..base.documents import Wrong, read_text
from ..base.paths import shown
from ..base.progress import tell

ELEMENTS = {"svg", "title", "desc", "g", "defs", "rect", "circle", "path", "use", "filter", "feFlood",
            "feComposite", "text", "tspan", "polygon", "polyline", "line"}
NAMESPACE = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
# Of names in no namespace; links are allowed to what is in the same file.
ATTRIBUTE = re.compile(r"(?!on|style|href|src)[A-Za-z0-9:-]+")
SIZE = re.compile(r"<svg\s[^>]*\bwidth=\"\d+\" height=\"\d+\"")
DECLARATION = re.compile(r"\s*<\?xml [^?<>]*\?>")


def objection(text):
    """Why a text is no mere drawing, or None."""
    text = DECLARATION.sub("", text, count=1)
    if "<!" in text or "<?" in text:
        return "it has declarations or comments"
    if not SIZE.search(text):
        return "it has no size"
    try:
        elements = list(ElementTree.fromstring(text).iter())
    except ElementTree.ParseError as error:
        return f"no XML: {error}"
    for element in elements:
        name = element.tag.removeprefix(NAMESPACE)
        if name not in ELEMENTS:
            return f"it has an element {name}"
        for attribute, value in element.attrib.items():
            local = attribute.removeprefix("{http://www.w3.org/XML/1998/namespace}")
            if attribute == LINK:
                if not value.startswith("#"):
                    return "it links elsewhere"
            elif not ATTRIBUTE.fullmatch(local) or re.search(r"url\((?!#)", value):
                return f"it has an attribute {local}"
    return None


@functools.cache
def is_sound(path):
    """Whether a file is a mere drawing; says so once where it is not."""
    try:
        reason = objection(read_text(path))
    except (OSError, UnicodeDecodeError, Wrong) as error:
        reason = str(error)
    if reason:
        tell(f"{shown(path)} is left out: no chart of ptbench: {reason}")
    return not reason
