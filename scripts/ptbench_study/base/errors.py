# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Exit codes, and the one exception that ends a command with a line on stderr."""

OK = 0
REGRESSION = 1
USAGE = 2
FAILED = 3
INCOMPARABLE = 4
NOTHING = 5
SKIPPED = 77
INTERRUPTED = 130


class Failure(Exception):
    """Ends the command: its message is the one line printed, its code the exit code."""

    def __init__(self, message, code=FAILED):
        super().__init__(message)
        self.code = code
