# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a command answers: data, and how it reads. Only cli.py prints it."""

from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from .errors import OK, Failure


@dataclass
class Answer:
    """text() is what stdout gets, its newline at the end included; document what it gets with --json.

    Without a document --json prints the text. notes are lines for stderr after that, code is the exit code,
    and a failure, where there is one, is told last and has its own.
    """

    text: Callable[[], str] = str
    document: Any = None
    notes: list = field(default_factory=list)
    code: int = OK
    failure: Optional[Failure] = None
