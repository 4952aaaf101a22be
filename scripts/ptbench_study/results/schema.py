# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Files of results against results/*.schema.json: the one place that says what such a file is.

A schema is compiled by fastjsonschema, which is fast enough to check every run of a history on every
read. What it finds becomes one line with the place and what was wrong there.
"""

import functools
import json

from ..base.errors import FAILED, SKIPPED, Failure
from ..base.libraries import fastjsonschema
from ..base.paths import ROOT

RUN = ROOT / "results" / "run.schema.json"
MACHINE = ROOT / "results" / "machine.schema.json"
LONGEST_VALUE = 40
LONGEST_PATTERN = 60


@functools.cache
def validator(file):
    """The compiled schema in a file; Failure where it cannot be had."""
    try:
        compiler = fastjsonschema.compile
    except ImportError as error:
        raise Failure("files of results are checked with python3-fastjsonschema, which is missing",
                      SKIPPED) from error
    try:
        return compiler(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, fastjsonschema.JsonSchemaDefinitionException) as error:
        raise Failure(f"{file}: no usable schema: {error}", FAILED) from error


def place_of(document, path):
    """A path of keys and indices as people write it: benchmarks[3].samples.2[0]."""
    words = ""
    for key in path:
        if isinstance(document, list):
            words, document = f"{words}[{key}]", document[int(key)]
        else:
            words, document = f"{words}.{key}", document.get(key)
    return words.lstrip(".")


def shortened(value):
    """A value as JSON, cut to what fits into a line."""
    text = json.dumps(value)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "..."


def rule_in_words(error):
    """What a value has to be, as fastjsonschema says it; long patterns are left to the schema."""
    if error.rule in ("pattern", "propertyNames") and len(str(error.rule_definition)) > LONGEST_PATTERN:
        return "has letters, or a length, that such a name cannot have"
    return error.message.removeprefix(error.name).strip()


def wrong(document, file=RUN):
    """What is wrong with a document, with the place, in one line; None where it is what a schema says."""
    validate = validator(file)
    try:
        validate(document)
    except fastjsonschema.JsonSchemaValueException as error:
        where = place_of(document, error.path[1:])
        if error.rule == "required":
            missing = [name for name in error.rule_definition if name not in error.value]
            return f"{where + ': ' if where else ''}lacks \"{missing[0]}\""
        return f"{where or 'the document'}: {rule_in_words(error)}, not {shortened(error.value)}"
    return contradiction(document) if file == RUN else None


def contradiction(run):
    """Where names in a run that the schema knows contradict each other, in one line, or None."""
    cases, seen = set(), set()
    for index, case in enumerate(run["context"]["cases"]):
        if not case["name"].startswith(f"{case['format']}/{case['op']}/"):
            return f"context.cases[{index}].name: not of this format and op, {shortened(case['name'])}"
        cases.add(case["name"])
    for index, entry in enumerate(run["benchmarks"]):
        name = entry["name"]
        if name.rpartition("/")[0] not in cases or name in seen:
            reason = "is there twice" if name in seen else "of no case in context.cases"
            return f"benchmarks[{index}].name: {reason}, {shortened(name)}"
        seen.add(name)
    return None
