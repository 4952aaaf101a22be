# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The page of a study: question, short answer, table, chart, and how to repeat it."""

from ..base.progress import figure, mean_text
from ..base.quoting import code, link, markdown, row
from ..results.samples import Samples
from ..measure.setups import USUAL, label
from ..judge import sides
from ..judge.sides import rank
from . import tables

NEAR_BEST = 1.10


def overall(comparison):
    """What the geometric mean says of the sides, in Markdown; a sentence without its end."""
    a, b = (f"**{markdown(side)}**" for side in (comparison.a, comparison.b))
    mean = comparison.geomean
    if mean is None:
        return f"{a} cannot be compared with {b}"
    if mean.verdict == "unresolved":
        return f"Cannot tell whether {a} or {b} takes less time on the whole"
    if mean.verdict == "same":
        return f"{a} takes as long as {b}"
    if mean.low > 2:
        return f"{a} takes {mean.ratio:.2g} times as long as {b}"
    return f"{a} takes {percent_words(mean)} time than {b}"


def percent_words(mean):
    """The difference of a mean from 1 as "59 % less" or "12 % more"."""
    return f"{100 * abs(mean.ratio - 1):.2g} % {'less' if mean.ratio < 1 else 'more'}"


def verdicts(comparison):
    """How many cases have which verdict."""
    return ", ".join(f"{comparison.count(verdict)} {verdict}" for verdict in tables.VERDICTS
                     if comparison.count(verdict))


def extreme(comparison, verdict, choose):
    """The clearest cell of a verdict, as a sentence's end; empty where there is none."""
    cells = [cell for cell in comparison.cells if cell.verdict == verdict]
    if not cells:
        return ""
    cell = choose(cells, key=lambda each: each.statistic.ratio)
    difference = tables.difference(cell.statistic)[0].rstrip("%")
    return f"; most {verdict}: {code(cell.case.name)}, {difference} %"


def answer(comparison):
    """One comparison in a sentence."""
    mean = comparison.geomean
    text = overall(comparison)
    if mean:
        cases = len(comparison.judged)
        text += (f" (ratio {mean_text(mean).rstrip('?')}, geometric mean of {cases} "
                 f"case{'s' if cases > 1 else ''} with its 95 % interval)")
    return (f"{text}: {verdicts(comparison)}{extreme(comparison, 'faster', min)}"
            f"{extreme(comparison, 'slower', max)}. {smallest(comparison.resolvable)}.")


def smallest(resolvable):
    """What can be resolved, as a sentence without its full stop."""
    if resolvable is None:
        return "What can be resolved here is not known"
    return f"Differences below {100 * resolvable:.1f} % cannot be resolved here"


def mean_table(comparisons):
    """Markdown: a geometric mean for each format and operation, a column for each comparison."""
    rows = {}
    for index, comparison in enumerate(comparisons):
        for key, cells in tables.grouped(comparison.judged):
            rows.setdefault(key, ["-"] * len(comparisons))[index] = \
                mean_text(comparison.mean_of(list(cells)))
    names = [f"{each.a} / {each.b}" for each in comparisons]
    lines = [row(["format", "operation", *names]),
             "|---|---|" + "--:|" * len(names)]
    for (format_name, op), means in tables.together(rows.items(), key=lambda item: item[0][0]):
        lines.append(row([format_name, op, *means]))
    return lines


def curves(run):
    """{(format, operation, page size): {variant: [(pages, ns a page)]}} of a run's usual setup."""
    samples, found = Samples(run.entries), {}
    for case in sorted(run.context["cases"], key=lambda each: each["count"]):
        key = (case["format"], case["op"], case["name"].split("/")[2])
        for name in samples.variants(case["name"]):
            time = samples.median(case["name"], label(name, USUAL))
            if time:
                found.setdefault(key, {}).setdefault(name, []).append(
                    (case["count"], time / case["count"]))
    return {key: dict(sorted(lines.items(), key=lambda item: rank(item[0])))
            for key, lines in found.items() if any(len(points) > 1 for points in lines.values())}


def enough(points):
    """The smallest count whose time a page is near that of the best."""
    best = min(time for _, time in points)
    return next(count for count, time in points if time <= best * NEAR_BEST)


def curve_answer(found, resolvable):
    """One sentence for each operation and variant: from which count on a page costs its least.

    resolvable: what the run can resolve between processes, which is where two counts are measured.
    """
    if resolvable is None or resolvable > NEAR_BEST - 1:
        return [f"Cannot tell from how many pages on a page is within {100 * (NEAR_BEST - 1):.0f} % of its "
                f"best time. {smallest(resolvable)}."]
    counts = {}
    for (_, op, _), lines in found.items():
        for name, points in lines.items():
            counts.setdefault((op, name), []).append(enough(points))
    sentences = []
    for (op, name), values in sorted(counts.items(), key=lambda item: item[0][0]):
        low, high = min(values), max(values)
        where = "" if low == high else f", in some formats from {high} on"
        sentences.append(f"**{markdown(op)}, {markdown(name)}**: within {100 * (NEAR_BEST - 1):.0f} % of its "
                         f"best time a page from {low} page{'s' if low > 1 else ''} in one call on{where}.")
    return sentences


def curve_table(found):
    """Markdown: time a page by count."""
    counts = sorted({count for lines in found.values() for points in lines.values()
                     for count, _ in points})
    lines = ["Median ns a page, by pages in one call:", "",
             "| format | operation | page | variant | " + " | ".join(map(str, counts)) + " |",
             "|---|---|---|---|" + "--:|" * len(counts)]
    for (format_name, op, size), variants in found.items():
        for name, points in variants.items():
            times = dict(points)
            lines.append(row([format_name, op, size, name,
                              *(figure(times.get(count)) for count in counts)]))
    return lines


def short_answers(study, run, comparisons):
    """The sentences that answer a study."""
    if study.kind == "curve":
        return curve_answer(curves(run), sides.resolution(Samples(run.entries), across=True))
    return list(map(answer, comparisons))


def page(study, run, comparisons, stored, chart):
    """The text of the page, Markdown; `stored` and `chart` are links from it."""
    lines = [f"# {markdown(study.title)}", "", markdown(study.question), "", "## Short answer", ""]
    lines += [f"* {sentence}" for sentence in short_answers(study, run, comparisons)]
    lines += ["", f"What decides: {markdown(study.decides)}", ""]
    if not run.context["complete"]:
        lines += ["This run stopped early or some of its cases failed: not all cases are in it.", ""]
    if chart:
        lines += [f"![{markdown(study.title)}]({link(chart)})", ""]
    lines += ["## Figures", "", f"Machine {code(run.machine)}, {run.context['processes']} processes of "
              f"{run.context['blocks']} pairs, {run.context['date'][:10]}, commit "
              f"{code(run.context['commit'])}{' with changes' if run.context['dirty'] else ''}.", ""]
    if study.kind == "curve":
        lines += curve_table(curves(run))
    else:
        lines += ["Geometric means of the time of the first side over that of the second, with 95 % "
                  "intervals; below 1 the first is faster, ? where that cannot be told.", "",
                  *mean_table(comparisons)]
    notes = dict.fromkeys(note for each in comparisons for note in each.notes)
    lines += [f"\nNote: {markdown(note)}." for note in notes]
    lines += ["", "## Again", "", "```", code(run.context["command"])[1:-1], "```", "",
              f"Every sample is in [{markdown(stored.rpartition('/')[2])}]({link(stored)}).", ""]
    return "\n".join(lines)
