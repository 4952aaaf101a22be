# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Flame graphs: folded stacks as one SVG that needs nothing else.

A frame is as wide as the part of the samples that it was in; what it calls stands on it. The order
within a row is that of the alphabet and means nothing. Hovering a frame names it.
"""

import zlib

from .templates import render

WIDTH = 1200
MARGIN = 12
ROW = 18
HEAD = 64
FOOT = 34
CHARACTER = 6.7
# Narrower frames are left out: nothing could be seen of them.
NARROWEST = 0.3
# Light enough for dark text; colour-blind-safe, one for each name.
COLOURS = ("#fdd49e", "#fdbb84", "#fee391", "#fec44f", "#fcbba1", "#fde0a9", "#f7c6a3", "#f6e2b3")


class Frame:
    """A function in one place of the tree, with the samples in it and below."""

    def __init__(self, name, depth):
        self.name = name
        self.depth = depth
        self.samples = 0
        self.own = 0
        self.below = {}


def tree(folded):
    """The root of all stacks, {"outer;inner": samples}."""
    root = Frame("all", 0)
    for stack, samples in folded.items():
        frame = root
        frame.samples += samples
        for name in stack.split(";"):
            frame = frame.below.setdefault(name, Frame(name, frame.depth + 1))
            frame.samples += samples
        frame.own += samples
    return root


def colour(name):
    """The same for a name in every graph."""
    return COLOURS[zlib.crc32(name.encode()) % len(COLOURS)]


def label(name, width):
    """As much of a name as fits, or nothing."""
    room = int((width - 6) / CHARACTER)
    if room >= len(name):
        return name
    return name[:room - 1] + "…" if room > 3 else ""


def boxes(root):
    """What the template draws: all frames that can be seen, with their place above the base line."""
    scale = (WIDTH - 2 * MARGIN) / root.samples
    found = []

    def place(frame, x):
        width = frame.samples * scale
        if width < NARROWEST:
            return
        share = 100 * frame.samples / root.samples
        own = f", {100 * frame.own / root.samples:.1f} % in itself" if frame.below else ""
        found.append({"x": round(x, 2), "depth": frame.depth, "width": round(width, 2),
                      "fill": colour(frame.name), "label": label(frame.name, width),
                      "title": f"{frame.name}: {frame.samples} samples, {share:.1f} %{own}"})
        for name in sorted(frame.below):
            place(frame.below[name], x)
            x += frame.below[name].samples * scale

    place(root, MARGIN)
    return found


def svg(folded, title, subtitle):
    """The text of a flame graph."""
    drawn = boxes(tree(folded))
    deepest = max(box["depth"] for box in drawn)
    height = HEAD + (deepest + 1) * ROW + FOOT
    for box in drawn:
        box["y"] = HEAD + (deepest - box["depth"]) * ROW
    return render("flame.svg.j2", boxes=drawn, title=title, subtitle=subtitle, width=WIDTH,
                  height=height, row=ROW, margin=MARGIN)
