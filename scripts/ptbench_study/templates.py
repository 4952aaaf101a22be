# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The jinja2 templates in the folder templates/, for charts and BENCHMARKS.md."""

import jinja2

from .paths import TEMPLATES


def render(template, **values):
    """The text of a template; a value that it needs and does not get is an error."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True,
                                     lstrip_blocks=True, keep_trailing_newline=True,
                                     undefined=jinja2.StrictUndefined)
    return environment.get_template(template).render(**values)
