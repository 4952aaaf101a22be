# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Golden counts: results/counts/<compiler>.csv, instructions of one operation as callgrind counts them.

    # comments; among them, for every subject, the hash of the code that was counted:
    # code amdv1/inline 0123456789ab
    case,variant,instructions
    amdv1/map/4K/x1/coherent/warm,inline,142.05

A count belongs to a compiler and to code, to no machine and to no folder of results: wherever --results
leads, the golden files are those of the source tree. PTBENCH_COUNTS names another folder of them.
The rule by which the counts of this file are shown beside the times of a run: the run was built by the
same compiler, and the hash of the code of its format and variant is the one here (object_code.py says what
is hashed). Else there is no count.
"""

import csv
import io
import os
import re
from pathlib import Path

from ..base.documents import read_text
from ..base.errors import USAGE, Failure
from ..base.paths import COMMAND, RESULTS, shown
from .store import write_if_changed

HEADER = ("case", "variant", "instructions")
# Names as results/run.schema.json has them; numbers that are always finite.
ROW = re.compile(r"([A-Za-z0-9._+-]+(?:/[A-Za-z0-9._+-]+){5}),([A-Za-z0-9._+-]+),(-?\d{1,18}(?:\.\d{1,9})?)",
                 re.ASCII)
CODE_LINE = re.compile(r"# code (\S+/\S+) ([0-9a-f]+)")
PREAMBLE = f"# Instructions of one operation, by callgrind; {COMMAND} count --update writes this file.\n"


class Golden:
    """A golden file's content: rows {(case, variant): instructions}, code {"format/variant": hash}."""

    def __init__(self, rows=None, code=None, preamble=PREAMBLE):
        self.rows = rows or {}
        self.code = code or {}
        self.preamble = preamble

    def text(self):
        """The file's text, always the same for the same content."""
        out = io.StringIO()
        out.write(self.preamble)
        for subject, value in sorted(self.code.items()):
            out.write(f"# code {subject} {value}\n")
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(HEADER)
        for (case, variant), value in sorted(self.rows.items()):
            lines.writerow((case, variant, f"{value:.2f}"))
        return out.getvalue()


def rounded(value):
    """A count as the file holds it."""
    return float(f"{value:.2f}")


def compiler_label(compiler, architecture):
    """A compiler as a file name: gcc-12.2.0-x86-64."""
    return re.sub(r"[^a-z0-9.]+", "-", f"{compiler} {architecture}".lower()).strip("-")


def golden_path(compiler, architecture):
    """Where the golden counts of a compiler are."""
    folder = Path(os.environ.get("PTBENCH_COUNTS") or RESULTS / "counts")
    return folder / f"{compiler_label(compiler, architecture)}.csv"


def golden_lines(path):
    """The lines of a golden file; None where there is none; Failure USAGE where it cannot be read."""
    try:
        return read_text(path).splitlines()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Failure(f"{shown(path)}: {error}", USAGE) from error


def load(path):
    """The Golden in a file; None where there is no file; Failure USAGE where a line is wrong."""
    lines = golden_lines(path)
    if lines is None:
        return None
    golden, header_seen = Golden(), False
    for number, line in enumerate(lines, 1):
        code = CODE_LINE.fullmatch(line)
        if code:
            golden.code[code[1]] = code[2]
        elif not line.startswith("#"):
            if not header_seen and tuple(line.split(",")) == HEADER:
                header_seen = True
                continue
            match = ROW.fullmatch(line)
            if match:
                golden.rows[match[1], match[2]] = float(match[3])
            if not header_seen or not match:
                raise Failure(f"{shown(path)}:{number}: not a line of case,variant,instructions",
                              USAGE)
    return golden


def store(path, golden):
    """Write a golden file, whole or not at all."""
    write_if_changed(path, golden.text())


def is_counted(variant):
    """Whether a variant can have counts: no control's, nor those of another build or setup."""
    return variant != "limit" and "#" not in variant and "@" not in variant


def attach(run):
    """Give the entries of a run that have no instruction count that of the golden file.

    Only in memory: run files never change. Threads that race have none, as a count would differ each time,
    and cold code has that of the warm case. Returns why counts are missing, in one line, or None.
    """
    never = {case["name"] for case in run.context["cases"]
             if case.get("threads", 1) > 1 or case.get("state") == "cold-code"}
    lacking = [entry for entry in run.entries
               if not isinstance(entry.get("instructions"), (int, float))
               and entry["name"].rpartition("/")[0] not in never
               and is_counted(entry["name"].rpartition("/")[2])]
    if not lacking:
        return None
    compiler = run.context.get("compiler")
    code, architecture = run.context.get("subject_code"), run.context.get("architecture")
    if not code or not compiler or not architecture:
        return f"no instruction counts: {run.path.name} does not say which code it measured"
    path = golden_path(compiler, architecture)
    golden = load(path)
    if golden is None:
        return f"no instruction counts: no {shown(path)}; {COMMAND} count --update makes it"
    other_code, not_counted = set(), 0
    for entry in lacking:
        case, _, variant = entry["name"].rpartition("/")
        subject = f"{case.split('/')[0]}/{variant}"
        if (case, variant) not in golden.rows:
            not_counted += 1
        elif code.get(subject) is None or code[subject] != golden.code.get(subject):
            other_code.add(subject)
        else:
            entry["instructions"] = golden.rows[case, variant]
    return why_missing(path, other_code, not_counted)


def why_missing(path, other_code, not_counted):
    """One line for counts that attach() could not give, or None."""
    reasons = []
    if other_code:
        more = f" and {len(other_code) - 1} more subjects" if len(other_code) > 1 else ""
        verb = "were" if len(other_code) > 1 else "was"
        reasons.append(f"{min(other_code)}{more} {verb} counted from other code")
    if not_counted:
        reasons.append(f"{not_counted} cases were never counted")
    if not reasons:
        return None
    return f"instruction counts are missing: in {shown(path)} " + ", ".join(reasons)
