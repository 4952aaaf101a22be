# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Only here for its help: scripts/ptbench builds and runs ctest itself."""

from ..base.errors import USAGE, Failure
from ..base.paths import COMMAND

EXAMPLE = "test -R unit"


def add(_parser):
    """All arguments are ctest's."""


def run(_options):
    """Never done here."""
    raise Failure(f"tests are run by {COMMAND} test", USAGE)
