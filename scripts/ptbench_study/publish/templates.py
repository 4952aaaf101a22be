# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The jinja2 templates in the folder templates/: charts, BENCHMARKS.md, the pages of the site.

What a template prints is quoted for its target (quoting.py). Pages and flame graphs (*.html.j2, *.svg.j2)
and Markdown (*.md.j2) quote every text by themselves; those of gnuplot have to say where a text is a string
(`|quoted`) or a field of data (`|datum`), and a text that is neither is an error unless it is harmless.
"""

import functools
import re

from ..base.libraries import jinja2
from ..base import quoting
from ..base.paths import TEMPLATES
from ..base.progress import mean_text, ratio_figure

# What a gnuplot script may get unquoted: numbers, colours, words of its own. No string can be made of it.
HARMLESS = re.compile(r"[A-Za-z0-9 .,:()%#_+-]*")


def for_page(value):
    """What a page prints for a value."""
    return quoting.html(value) if type(value) is str else value


def for_markdown(value):
    """What a Markdown file prints for a value."""
    return quoting.markdown(value) if type(value) is str else value


def for_gnuplot(value):
    """What a gnuplot script prints for a value; ValueError for a text that nobody quoted."""
    if type(value) is str and not HARMLESS.fullmatch(value):
        raise ValueError(f"a text in a gnuplot script that is not quoted: {value!r}")
    return value


TARGETS = {".html.j2": for_page, ".svg.j2": for_page, ".md.j2": for_markdown,
           ".gnuplot.j2": for_gnuplot}


def target_of(template):
    """The function that prints values in a template."""
    return next(function for ending, function in TARGETS.items() if template.endswith(ending))


@functools.cache
def environment_for(target):
    """The environment of the templates for a target, which keeps those that it has compiled."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, undefined=jinja2.StrictUndefined, finalize=target,
        autoescape=target is for_page)
    environment.filters |= {"quoted": quoting.gnuplot, "datum": quoting.datum, "code": quoting.code,
                            "ratio": ratio_figure, "mean_text": mean_text}
    return environment


def render(template, **values):
    """The text of a template; a value that it needs and does not get is an error."""
    return environment_for(target_of(template)).get_template(template).render(**values)
