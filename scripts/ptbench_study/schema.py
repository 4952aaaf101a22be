# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Run files against results/run.schema.json: the one place that says what a run file is.

The schema is compiled by fastjsonschema, which is fast enough to check every run of a history on every
read. What it finds becomes one line with the place and what was wrong there.
"""

import functools
import json

from .errors import FAILED, SKIPPED, Failure
from .paths import ROOT

SCHEMA_FILE = ROOT / "results" / "run.schema.json"
LONGEST_VALUE = 40


@functools.cache
def validator():
    """The compiled schema; Failure where it cannot be had."""
    try:
        import fastjsonschema
    except ImportError as error:
        raise Failure("run files are checked with python3-fastjsonschema, which is missing",
                      SKIPPED) from error
    try:
        return fastjsonschema.compile(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    except (OSError, ValueError, fastjsonschema.JsonSchemaDefinitionException) as error:
        raise Failure(f"{SCHEMA_FILE}: no usable schema: {error}", FAILED) from error


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


def wrong(document):
    """What is wrong with the document of a run, with the place, in one line; None where it is one."""
    validate = validator()
    import fastjsonschema

    try:
        validate(document)
    except fastjsonschema.JsonSchemaValueException as error:
        where = place_of(document, error.path[1:])
        if error.rule == "required":
            missing = [name for name in error.rule_definition if name not in error.value]
            return f"{where + ': ' if where else ''}lacks \"{missing[0]}\""
        said = error.message.removeprefix(error.name).strip()
        return f"{where or 'the document'}: {said}, not {shortened(error.value)}"
    return None
