# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Tables of a terminal: columns that line up, and which of them give way where it is narrow."""

import shutil
import sys
import textwrap

GAP = "  "


def terminal_width():
    """Columns of the terminal that stdout is, or None where it is none: then nothing has to fit."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def widths_of(names, rows):
    """How wide each column has to be."""
    return [max(len(line[index]) for line in [names, *rows]) for index in range(len(names))]


def kept(names, rows, width, expendable, indent=0):
    """Indices of the columns to show; `expendable` are lists of indices that go together, least needed first.

    None of them goes where there is room, or `width` is None; what is not expendable stays in any case.
    """
    widths = widths_of(names, rows)
    shown = list(range(len(names)))
    for group in expendable:
        if width is None or indent + sum(widths[index] for index in shown) \
                + len(GAP) * (len(shown) - 1) <= width:
            break
        shown = [index for index in shown if index not in group]
    return shown


def left_out(names, shown):
    """The names of the columns that gave way, as a note; empty where none did."""
    gone = dict.fromkeys(name for index, name in enumerate(names) if index not in shown)
    return f"left out in this narrow terminal: {', '.join(gone)}" if gone else ""


def line_up(names, rows, shown, to_left, indent=0):
    """The lines of a table, names first; `to_left` are the columns that are aligned to the left."""
    widths = widths_of(names, rows)
    return [(" " * indent + GAP.join(
        line[index].ljust(widths[index]) if index in to_left else line[index].rjust(widths[index])
        for index in shown)).rstrip() for line in [names, *rows]]


def wrapped(text, width):
    """A sentence on lines that fit, those after the first one indented."""
    return text if width is None else textwrap.fill(
        text, width, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def table(names, rows, to_left, expendable=(), foot=None):
    """The lines of a table and its foot as they fit the terminal that stdout is, if it is one."""
    width = terminal_width()
    shown = kept(names, rows, width, expendable)
    gone = left_out(names, shown)
    notes = ([foot] if foot else []) + ([f"note: {gone}"] if gone else [])
    return line_up(names, rows, shown, to_left) + [wrapped(note, width) for note in notes]
