# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The page and the chart of a study of kind counts: instructions of kernels, one version after the other."""

from ..base.paths import COMMAND
from ..base.progress import ratio_figure
from ..base.quoting import code, link, markdown, row
from .charts_heat import chart

# Counts have no noise; what moves by less is called the same all the same.
SAME = 0.005
MOST_SHOWN = 10
WHAT = "instructions of a call in the second kernel / in the first, geometric means over the cases"


def verdict(ratio):
    """A ratio in a word."""
    return "same" if abs(ratio - 1) <= SAME else "faster" if ratio < 1 else "slower"


def name_of(step):
    """A step as a label: "6.12 to 7.3"."""
    return f"{step.before.removeprefix('linux-')} to {step.after.removeprefix('linux-')}"


def draw(study, steps, path):
    """Draw the heat map: a row for each format and operation, a column for each step; its path."""
    cells = {(" ".join(key), name_of(step)): (ratio, f"{ratio_figure(ratio)} over {cases} cases",
                                              verdict(ratio))
             for step in steps for key, (ratio, cases) in step.means().items()}
    rows = list(dict.fromkeys(row for row, _ in sorted(cells)))
    return chart(path, f"{study.title}, from version to version", rows,
                 [name_of(step) for step in steps], cells, WHAT)


def sentence(step):
    """A step in a sentence."""
    ratios = step.ratios()
    if not ratios:
        return f"{name_of(step)}: no case that both have."
    fewer = sum(verdict(ratio) == "faster" for ratio in ratios.values())
    more = sum(verdict(ratio) == "slower" for ratio in ratios.values())
    least, most = min(ratios, key=ratios.get), max(ratios, key=ratios.get)
    return (f"{name_of(step)}: of {len(ratios)} cases {fewer} take fewer instructions, {more} more, "
            f"{len(ratios) - fewer - more} as many"
            + (f"; at best {ratio_figure(ratios[least])} times as many, in {code(least)}" if fewer else "")
            + (f"; at worst {ratio_figure(ratios[most])} times as many, in {code(most)}" if more else "")
            + ".")


def extremes(step):
    """The cases that moved most, as rows of a table; the losses first."""
    ratios = {case: ratio for case, ratio in step.ratios().items() if verdict(ratio) != "same"}
    ordered = sorted(ratios, key=ratios.get, reverse=True)
    chosen = [case for case in ordered if ratios[case] > 1][:MOST_SHOWN] \
        + [case for case in ordered if ratios[case] < 1][-MOST_SHOWN:]
    return [row([code(case), f"{step.counts[case][0]:.0f}", f"{step.counts[case][1]:.0f}",
                 ratio_figure(ratios[case])]) for case in chosen]


def page(study, steps, missing, compiler, counts, picture):
    """The text of the page, Markdown; counts and picture are links from it."""
    lines = [f"# {markdown(study.title)}", "", markdown(study.question), "", "## Short answer", ""]
    lines += [f"* {sentence(step)}" for step in steps]
    lines += ["", f"What decides: {markdown(study.decides)}", ""]
    if missing:
        lines += [f"Not here, and so not counted: {', '.join(map(markdown, missing))}.", ""]
    if picture:
        lines += [f"![{markdown(study.title)}]({link(picture)})", ""]
    lines += ["## Means", "", f"Instructions of a call as callgrind counts them, built by "
              f"{markdown(compiler)}: geometric means of the ratio of the second kernel to the first, and in "
              "brackets the number of cases.", ""]
    keys = sorted({key for step in steps for key in step.means()})
    lines += [row(["format", "operation", *map(name_of, steps)]), "|---|---|" + "--:|" * len(steps)]
    for key in keys:
        means = [step.means().get(key) for step in steps]
        lines.append(row([*key, *("-" if mean is None else f"{ratio_figure(mean[0])} ({mean[1]})"
                                  for mean in means)]))
    for step in steps:
        moved = extremes(step)
        if moved:
            lines += ["", f"## {markdown(name_of(step))}: what moved most", "",
                      row(["case", step.before, step.after, "ratio"]), "|---|--:|--:|--:|", *moved]
    lines += ["", "## Again", "", "```", f"{COMMAND} study {study.name}", "```", "",
              f"Every count is in [{markdown(counts)}]({link(counts)}).", ""]
    return "\n".join(lines)
