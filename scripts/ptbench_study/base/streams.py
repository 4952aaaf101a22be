# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""stdout and stderr as the command uses them, whatever they lead to.

    stdout   shows nothing that a terminal would obey; output that cannot be written ends the command with a
             line and FAILED
    stderr   is for people: where it cannot be written, the command goes on without

Letters that an encoding does not have (LANG=C) become escapes. A reader that has seen enough (`| head`) ends
neither the work nor its verdict: what is written after that goes nowhere, and the exit code stays.
"""

import errno
import io
import os
import sys

from . import quoting
from .errors import FAILED, Failure


class Stream(io.TextIOWrapper):
    """A stream over the bytes of one that Python opened."""

    def __init__(self, stream):
        self.unread = False
        super().__init__(stream.detach(), encoding=stream.encoding, errors="backslashreplace",
                         line_buffering=stream.line_buffering)

    def failed(self, error):
        """What to do where the stream cannot be written."""
        raise NotImplementedError

    def attempt(self, function, *arguments):
        """function(*arguments), which writes."""
        if self.unread:
            return
        try:
            function(*arguments)
        except OSError as error:
            # What is left in the buffer would fail again at the very end.
            self.unread = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if error.errno != errno.EPIPE:
                self.failed(error)

    def write(self, text):
        """Called by print()."""
        self.attempt(super().write, text)
        return len(text)

    def flush(self):
        """Called by print(), and at the end."""
        if not self.closed:
            self.attempt(super().flush)


class Out(Stream):
    """stdout."""

    def write(self, text):
        """Called by print()."""
        return super().write(quoting.lines(text))

    def failed(self, error):
        """Results that nobody gets are no results."""
        raise Failure(f"cannot write the output: {error.strerror}", FAILED) from error


class Err(Stream):
    """stderr."""

    def failed(self, error):
        """There is nobody to tell."""


def take_over():
    """Have sys.stdout and sys.stderr behave as above; where one is closed, it leads nowhere."""
    for name, kind in (("stdout", Out), ("stderr", Err)):
        stream = getattr(sys, name)
        if stream is None:
            stream = open(os.devnull, "w", encoding="utf-8")
        setattr(sys, name, kind(stream))
