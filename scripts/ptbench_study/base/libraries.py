# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The libraries, each loaded when it is first used: --help works on a machine that has none of them."""

import importlib


class Library:
    """Stands for a module until it is asked for something."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, attribute):
        found = getattr(importlib.import_module(self._name), attribute)
        setattr(self, attribute, found)
        return found


fastjsonschema = Library("fastjsonschema")
jinja2 = Library("jinja2")
markupsafe = Library("markupsafe")
numpy = Library("numpy")
scipy_stats = Library("scipy.stats")
