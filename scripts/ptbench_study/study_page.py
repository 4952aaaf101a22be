# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The page of a study: question, short answer, table, chart, and how to repeat it."""

from . import stats, tables
from .progress import figure
from .quoting import code, link, markdown, row
from .samples import Samples
from .setups import USUAL, label
from .sides import rank

NEAR_BEST = 1.10


def overall(comparison):
    """What the geometric mean says of side a, in words."""
    mean = comparison.geomean
    if mean is None:
        return "cannot be compared with"
    if mean[2] < 1:
        return f"takes {100 * (1 - mean[0]):.2g} % less time than"
    if mean[1] > 2:
        return f"takes {mean[0]:.2g} times as long as"
    if mean[1] > 1:
        return f"takes {100 * (mean[0] - 1):.2g} % more time than"
    return "is neither faster nor slower on the whole than"


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
    return f"; most {verdict}: {code(cell.case.name)}, {tables.percent(cell.statistic.ratio)} %"


def answer(comparison):
    """One comparison in a sentence."""
    mean = comparison.geomean
    text = f"**{markdown(comparison.a)}** {overall(comparison)} **{markdown(comparison.b)}**"
    if mean:
        text += " (ratio {:.3f}, 95 % interval [{:.3f}, {:.3f}]".format(*mean)
        text += f", geometric mean of {len(comparison.judged)} cases)"
    return (f"{text}: {verdicts(comparison)}{extreme(comparison, 'faster', min)}"
            f"{extreme(comparison, 'slower', max)}. {smallest(comparison)}.")


def smallest(comparison):
    """What a comparison can resolve, as a sentence without its full stop."""
    if comparison.resolvable is None:
        return "What can be resolved here is not known"
    return f"Differences below {100 * comparison.resolvable:.1f} % cannot be resolved here"


def mean_table(comparisons):
    """Markdown: a geometric mean for each format and operation, a column for each comparison."""
    rows = {}
    for index, comparison in enumerate(comparisons):
        for key, cells in tables.grouped(comparison.judged):
            mean = stats.geometric_mean([cell.statistic for cell in cells])
            rows.setdefault(key, ["-"] * len(comparisons))[index] = \
                "{:.2f} [{:.2f}, {:.2f}]".format(*mean)
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
            found.setdefault(key, {}).setdefault(name, []).append(
                (case["count"], samples.median(case["name"], label(name, USUAL)) / case["count"]))
    return {key: dict(sorted(lines.items(), key=lambda item: rank(item[0])))
            for key, lines in found.items() if any(len(points) > 1 for points in lines.values())}


def enough(points):
    """The smallest count whose time a page is near that of the best."""
    best = min(time for _, time in points)
    return next(count for count, time in points if time <= best * NEAR_BEST)


def curve_answer(found):
    """One sentence for each operation and variant: from which count on a page costs its least."""
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
    return curve_answer(curves(run)) if study.kind == "curve" else list(map(answer, comparisons))


def page(study, run, comparisons, stored, chart):
    """The text of the page, Markdown; `stored` and `chart` are links from it."""
    lines = [f"# {markdown(study.title)}", "", markdown(study.question), "", "## Short answer", ""]
    lines += [f"* {sentence}" for sentence in short_answers(study, run, comparisons)]
    lines += ["", f"What decides: {markdown(study.decides)}", ""]
    if not run.context["complete"]:
        lines += ["This run was cut short or some of its cases failed: not all cases are in it.", ""]
    if chart:
        lines += [f"![{markdown(study.title)}]({link(chart)})", ""]
    lines += ["## Figures", "", f"Machine {code(run.machine)}, {run.context['processes']} processes of "
              f"{run.context['blocks']} pairs, {run.context['date'][:10]}, commit "
              f"{code(run.context['commit'])}{' with changes' if run.context['dirty'] else ''}.", ""]
    if study.kind == "curve":
        lines += curve_table(curves(run))
    else:
        lines += ["Geometric means of the time of the first side over that of the second; below 1 the "
                  "first is faster.", "", *mean_table(comparisons)]
    notes = dict.fromkeys(note for each in comparisons for note in each.notes)
    lines += [f"\nNote: {markdown(note)}." for note in notes]
    lines += ["", "## Again", "", "```", code(run.context["command"])[1:-1], "```", "",
              f"Every sample is in [{markdown(stored.rpartition('/')[2])}]({link(stored)}).", ""]
    return "\n".join(lines)
