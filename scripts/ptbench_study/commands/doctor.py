# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Is this machine fit to measure on?"""

from ..base.answer import Answer
from ..base.errors import FAILED, Failure
from ..measure import doctor
from ..measure.machine import identify
from . import arguments

EXAMPLE = "doctor"
MORE = "Says the remedy."


def add(parser):
    """Its arguments."""
    arguments.as_json(parser)
    arguments.results(parser)


def run(options):
    """Check the machine."""
    name, _ = identify()
    findings = doctor.examine(options.results)
    answer = Answer(lambda: f"machine {name}\n" + doctor.text(findings),
                    {"machine": name, "checks": [each.document() for each in findings]})
    impossible = [each for each in findings if each.status == "impossible"]
    if impossible:
        answer.failure = Failure(f"measuring is impossible here: {impossible[0].seen}", FAILED)
    return answer
