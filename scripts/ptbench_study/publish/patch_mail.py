# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a patch changed, as text that fits a mail: no line has more than 72 columns, but for long names."""

import textwrap

from ..base.progress import figure
from .tables import difference, percent

WIDTH = 72
# So many cells of one kind are shown; the rest is counted.
MOST_SHOWN = 20


def paragraph(text):
    """Lines of a sentence."""
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False,
                         break_long_words=False)


def row(name, text):
    """A name and its figures: on one line where they fit, else on two."""
    line = f"  {name}{text:>{WIDTH - 2 - len(name)}}"
    return [line] if len(name) + len(text) + 4 <= WIDTH else [f"  {name}", f"{text:>{WIDTH}}"]


def shortened(rows):
    """The first rows, and how many there are besides."""
    lines = [line for each in rows[:MOST_SHOWN] for line in each]
    return lines + ([f"  and {len(rows) - MOST_SHOWN} more"] if len(rows) > MOST_SHOWN else [])


def tables_lines(change):
    """Do both write the same?"""
    if not change.differing:
        return paragraph(f"Tables: the same words in all {change.verified} cases.")
    lines = paragraph(f"TABLES DIFFER in {len(change.differing)} cases, and are the same in "
                      f"{change.verified}.")
    return lines + shortened([[f"  {case}", *textwrap.wrap(why, WIDTH, initial_indent="    ",
                                                          subsequent_indent="    ")]
                              for case, why in change.differing.items()])


def counts_lines(change):
    """Instructions, the largest changes first."""
    changed = sorted((case for case, (before, after) in change.counts.items() if before != after),
                     key=lambda case: -abs(change.counts[case][1] / max(change.counts[case][0], 1) - 1))
    fewer = sum(change.counts[case][1] < change.counts[case][0] for case in changed)
    lines = paragraph(f"Instructions of a call in {len(change.counts)} cases: {fewer} take fewer, "
                      f"{len(changed) - fewer} more, {len(change.counts) - len(changed)} as many.")
    return lines + shortened([row(case, "{:.0f} -> {:.0f}  {}%".format(
        *change.counts[case], percent(change.counts[case][1] / max(change.counts[case][0], 1))))
        for case in changed])


def sizes_lines(change):
    """Bytes of code and stack that changed."""
    changed = {key: both for key, both in change.sizes.items() if both[0] != both[1]}
    lines = paragraph(f"Bytes of code and of stack, in {len(change.sizes)} operations: {len(changed)} "
                      "changed.")
    return lines + shortened([row(" ".join(key), "code {} -> {}, stack {} -> {}".format(
        before[0], after[0], before[1], after[1])) for key, (before, after) in changed.items()])


def times_lines(comparison):
    """Cells with a verdict, then how many have none."""
    cells = comparison.cells
    counted = {verdict: sum(cell.verdict == verdict for cell in cells)
               for verdict in ("faster", "slower", "same", "conflict")}
    untold = len(cells) - sum(counted.values())
    resolvable = "an unknown size" if comparison.resolvable is None \
        else f"{100 * comparison.resolvable:.1f} %"
    lines = paragraph(f"Time in {len(cells)} cases, {comparison.pairs} pairs in {comparison.processes} "
                      f"processes, differences of {resolvable} and more can be told: "
                      f"{counted['faster']} faster, {counted['slower']} slower, {counted['same']} the same, "
                      f"{counted['conflict']} where time and instructions disagree, {untold} cannot be told.")
    told = [cell for cell in cells if cell.verdict in ("faster", "slower", "conflict")]
    return lines + shortened([row(cell.case.name, "{} -> {} ns  {} {}  {}".format(
        figure(cell.b_ns), figure(cell.a_ns), *difference(cell.statistic), cell.verdict)) for cell in told])


def text(title, against, touched, change, comparison):
    """All of it. comparison is after against before, or None where nothing was timed."""
    blocks = [[line for each in title for line in paragraph(each)],
              paragraph(f"before and after, {against}; it changes {', '.join(touched)}")]
    blocks += [paragraph(f"{name} CANNOT BE BUILT any more: {why}") for name, why in change.gone.items()]
    if change.new:
        blocks.append(paragraph(f"Built only after it: {', '.join(change.new)}."))
    if not change.formats:
        blocks.append(paragraph("The machine code of every driver's page tables is what it was."))
    else:
        blocks.append(paragraph(f"Other code in: {', '.join(change.formats)}."))
        blocks.append(tables_lines(change))
        blocks += [counts_lines(change)] if change.counts else []
        blocks += [sizes_lines(change)] if change.sizes else []
        blocks += [times_lines(comparison)] if comparison else []
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"
