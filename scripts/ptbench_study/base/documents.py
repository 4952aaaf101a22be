# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Reads JSON and TOML that somebody else wrote: a results file, a note, what a program printed.

All such reading is done here, so that it is strict everywhere: numbers are finite and fit into 64 bits, text
is text in UTF-8, nesting and size end somewhere. What is wrong becomes one line with the file and the place.
"""

import json
import math
import re
import tomllib

from .errors import USAGE, Failure
from .paths import shown
from .quoting import terminal

# The largest file that ptbench writes is a hundredth of it.
LARGEST_BYTES = 256 << 20
LARGEST_INTEGER = 1 << 64
# A number that may be too large for a float or for 64 bits, or none: all else needs no second look.
DOUBTFUL = re.compile(r"NaN|Infinity|[eE]\+?\d{3}|\d{19}|\\u[dD][89a-fA-F]")
SURROGATE = re.compile("[\ud800-\udfff]")


class Wrong(ValueError):
    """What is wrong with a document, in words without its name."""


def place_of(path):
    """A path of keys and indices as people write it: benchmarks[3].samples.2[0]."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


def values_of(document):
    """Every (path, value) of a document, keys among the values; without recursion."""
    waiting = [((), document)]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        if isinstance(value, dict):
            waiting += [((*path, key), each) for key, each in value.items()]
            waiting += [((*path, key), key) for key in value]
        elif isinstance(value, list):
            waiting += [((*path, index), each) for index, each in enumerate(value)]


def objection(value):
    """Why a value may not stand in a document, or None."""
    if isinstance(value, float) and not math.isfinite(value):
        return "not a finite number"
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        return "a number of more than 64 bits"
    if isinstance(value, str) and SURROGATE.search(value):
        return "not text"
    return None


def check(document):
    """The document; Wrong with the place where it has what it may not have."""
    for path, value in values_of(document):
        reason = objection(value)
        if reason:
            raise Wrong(f"{place_of(path) or 'the document'}: {reason}")
    return document


def parsed(text):
    """The document of a JSON text; Wrong where it is none, or one with numbers that are none."""
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise Wrong("not JSON that ptbench writes: nested too deep") from error
    except ValueError as error:
        # Integers of too many digits are refused by Python, with advice that is none for a user.
        reason = "a number of too many digits" if "integer string conversion" in str(error) else error
        raise Wrong(f"not JSON, or truncated: {reason}") from error
    return check(document) if DOUBTFUL.search(text) else document


def read_text(path):
    """The text of a file; OSError, or Wrong where it is none."""
    with open(path, "rb") as file:
        data = file.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise Wrong(f"larger than {LARGEST_BYTES >> 20} MiB, which ptbench never writes")
    return data.decode("utf-8")


def read(path, parse):
    """What parse() makes of a file's text; Failure USAGE with the file's name and what is wrong."""
    try:
        return parse(read_text(path))
    except OSError as error:
        raise Failure(f"{shown(path)}: {error.strerror}", USAGE) from error
    except UnicodeDecodeError as error:
        raise Failure(f"{shown(path)}: not JSON, TOML or other text: {error.reason} at byte {error.start}",
                      USAGE) from error
    except Wrong as error:
        raise Failure(f"{shown(path)}: {terminal(error)}", USAGE) from error


def load_json(path):
    """The document in a JSON file; Failure USAGE with the file's name and what is wrong."""
    return read(path, parsed)


def parsed_toml(text):
    """The document of a TOML text; Wrong where it is none."""
    try:
        return check(tomllib.loads(text))
    except RecursionError as error:
        raise Wrong("not TOML that people write: nested too deep") from error
    except ValueError as error:
        raise error if isinstance(error, Wrong) else Wrong(f"not TOML: {error}") from error


def load_toml(path):
    """The document in a TOML file; Failure USAGE with the file's name and what is wrong."""
    return read(path, parsed_toml)


def written(document, **options):
    """A document as JSON; ValueError where a number in it is none, so that nobody ever reads one."""
    return json.dumps(document, allow_nan=False, **options)
