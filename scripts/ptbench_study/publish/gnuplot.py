# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Charts as SVG, drawn by gnuplot from the templates beside this file: what all charts share.

A variant has the same colour everywhere (Okabe and Ito's hues, safe for the colour-blind, darkened until
text in them reads on white), labels stand beside the data, linear axes begin at 0. What a point says on
hover is its SVG <title>, so no script is needed. gnuplot writes the same bytes for the same data.
"""

import re
import subprocess

from ..base import children, quoting
from ..base.errors import FAILED, Failure
from ..results import store
from ..code.kernels import is_kernel
from . import templates

COLOURS = {"inline": "#0072B2", "recursive": "#C25200", "linux": "#333333", "limit": "#007F5C"}
POINTS = {"inline": 7, "recursive": 5, "linux": 9, "limit": 1}
# About how wide a letter of a label is.
LETTER_PIXELS = 7.2
# gnuplot's svg terminal writes hypertext as a call of its mouse script, which is not shipped with it.
HYPERTEXT = re.compile(r"""<g onmousemove="gnuplot_svg\.showHypertext\(evt,'(.*?)'\)" """
                       r"""onmouseout="gnuplot_svg\.hideHypertext\(\)"><title> </title>""")


def kind(variant):
    """A variant without a kernel's version: its key in COLOURS, and its name in notes."""
    return "linux" if is_kernel(variant) else variant


def gnuplot(template, path, title, **values):
    """Draw a template into an SVG file, which appears whole or not at all; its path.

    title is the chart's, for the template and for screen readers.
    """
    text = templates.render(template, colours=COLOURS, title=title, **values)
    try:
        # -d: without what the user's own .gnuplot says.
        done = children.run(["gnuplot", "-d"], input=text, capture_output=True, text=True,
                            encoding="utf-8", errors="replace", timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"cannot draw {path.name}: {error}", FAILED) from error
    if done.returncode or not done.stdout.rstrip().endswith("</svg>"):
        said = (done.stderr.strip().splitlines() or ["no output"])[-1].strip()
        raise Failure(f"gnuplot could not draw {path.name}: {said}", FAILED)
    store.write_if_changed(path, finished(done.stdout, title))
    return path


def finished(svg, title):
    """gnuplot's SVG with its title, and with hypertext as <title> elements."""
    svg = svg.replace("<title>Gnuplot</title>", f"<title>{quoting.html(title)}</title>", 1)
    return HYPERTEXT.sub(r'<g class="point"><title>\1</title>', svg)


def chart_file(folder, *words):
    """The file of a chart by the words of its name, which are those of results."""
    return folder / f"{quoting.file_name('-'.join(words))}.svg"


def ticks(values, label):
    """Ticks at values, as gnuplot takes them in parentheses."""
    return quoting.Quoted("(" + ", ".join(f"{quoting.gnuplot(label(value))} {value}"
                                          for value in values) + ")")


def octaves(first, last):
    """Ticks at powers of two, 1/4, 1, 4: so many around 1 that their labels stay apart."""
    span = last - first
    step = next(step for step in (1, 2, 4, 8, 16, 32) if span <= 8 * step or step == 32)
    exponents = [exponent for exponent in range(first, last + 1) if exponent % step == 0]
    return ticks([2.0 ** exponent for exponent in exponents],
                 lambda value: f"1/{1 / value:.0f}" if value < 1 else f"{value:.0f}")


def decade(value):
    """A power of ten in few letters: 0.1, 10, 1k, 1M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def spread(wanted, gap, top):
    """Places for labels at `wanted` heights of a log axis, at least a factor `gap` apart."""
    placed, ceiling = {}, top * gap ** 0.5
    for name, height in sorted(wanted.items(), key=lambda item: -item[1]):
        placed[name] = min(height, ceiling / gap) if placed else min(height, top)
        ceiling = placed[name]
    return placed
