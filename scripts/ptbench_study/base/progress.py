# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Progress on stderr: what is measured now, how far, how long still.

On a terminal one line that rewrites itself, elsewhere (a log, a pipe) a line now and then.
"""

import shutil
import sys
import time

from .quoting import terminal

LINE_EVERY_SECONDS = 5.0
MOST_DECIMALS = 6


def tell(text):
    """A line for people, on stderr: stdout is for results."""
    print(f"ptbench: {terminal(text)}", file=sys.stderr, flush=True)


def duration(seconds):
    """A length of time as people say it: 8s, 3m10s, 1h02m."""
    seconds = int(seconds + 0.5)
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m{seconds % 60:02d}s"
    return f"{seconds // 3600}h{seconds % 3600 // 60:02d}m"


class Progress:
    """Shows `total` steps. `left()` of the caller estimates the seconds that remain."""

    def __init__(self, total, stream=None):
        self.total = total
        self.stream = stream or sys.stderr
        self.rewrite = self.stream.isatty()
        self.sign = "±" if "utf" in (self.stream.encoding or "").lower() else "+-"
        self.printed_at = None
        self.open_line = False

    def step(self, done, seconds_left, name, result=None):
        """Show that `done` steps are done; result is (ns, relative spread) of the last one."""
        text = f"[{done:>{len(str(self.total))}}/{self.total}] ETA {duration(seconds_left)}  {name}"
        if result and None not in result:
            text += f"  {figure(result[0])} ns {self.sign}{100 * result[1]:.1f}%"
        text = terminal(text)
        now = time.monotonic()
        if self.rewrite:
            width = shutil.get_terminal_size().columns - 1
            self.stream.write(f"\r\x1b[K{text[:width]}")
            self.stream.flush()
            self.open_line = True
        elif self.printed_at is None or now - self.printed_at >= LINE_EVERY_SECONDS \
                or done == self.total:
            print(text, file=self.stream, flush=True)
            self.printed_at = now

    def say(self, text):
        """Print a line of its own."""
        self.finish()
        tell(text)

    def finish(self):
        """End the line that is being rewritten."""
        if self.open_line:
            self.stream.write("\n")
            self.stream.flush()
            self.open_line = False


def figure(value):
    """A time in ns with the digits that mean something: 2.18, 53.1, 386, 12345."""
    if value is None:
        return "-"
    if abs(value) < 10:
        return f"{value:.2f}"
    return f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}"


def ratio_figure(value):
    """A ratio with the digits that mean something: 49, 1.04, 0.27, 0.036."""
    if value < 0.1:
        return f"{value:.2g}"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def ratio_interval(ratio, low, high):
    """A ratio with its interval, whose ends are never written alike unless they are."""
    texts = [ratio_figure(value) for value in (ratio, low, high)]
    decimals = 3
    while texts[1] == texts[2] and low < high and decimals <= MOST_DECIMALS:
        texts = [f"{value:.{decimals}f}" for value in (ratio, low, high)]
        decimals += 1
    return f"{texts[0]} [{texts[1]}, {texts[2]}]"


def mean_text(mean):
    """A geometric mean with its interval; a question mark where it does not tell faster from slower."""
    if mean is None:
        return "-"
    if mean.low is None:
        return f"{ratio_figure(mean.ratio)} [not known]"
    return ratio_interval(*mean) + "?" * (mean.verdict == "unresolved")
