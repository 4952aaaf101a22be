# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The jinja2 templates in the folder templates/: charts, BENCHMARKS.md, the pages of the site.

Templates of pages (*.html.j2) escape every value for HTML; those of charts say `|quoted`.
"""

import functools

import jinja2

from .paths import TEMPLATES
from .progress import mean_text, ratio_figure


def quoted(value):
    """A text as a gnuplot string in single quotes, in which nothing is expanded; one line."""
    return "'" + " ".join(str(value).split()).replace("'", "''") + "'"


def datum(value):
    """A text as one field of a gnuplot data block."""
    return '"' + " ".join(str(value).split()).replace('"', "'").replace("\\", "/") + '"'


@functools.cache
def environment_of_all():
    """The environment of all templates, which keeps those that it has compiled."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",), default=False))
    environment.filters |= {"quoted": quoted, "datum": datum, "ratio": ratio_figure, "mean_text": mean_text}
    return environment


def render(template, **values):
    """The text of a template; a value that it needs and does not get is an error."""
    return environment_of_all().get_template(template).render(**values)
