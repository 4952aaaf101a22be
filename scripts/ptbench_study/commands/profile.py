# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Where time goes."""

from pathlib import Path

from ..base.answer import Answer
from ..base.paths import bench_binary
from ..measure.bench import Bench
from ..publish import profile
from . import arguments

EXAMPLE = "profile amdv1/unmap/4K/x256/coherent/warm --variant linux"
MORE = """Writes a flame graph, annotated code and perf's own data. Without a PMU the
CPU's clock is sampled, which is coarser."""


def add(parser):
    """Its arguments."""
    parser.add_argument("case", metavar="CASE", help="a case, or a glob that only one matches")
    parser.add_argument("--variant", type=arguments.names, metavar="V",
                        help="the variant to look at (default: inline)")
    parser.add_argument("--seconds", type=arguments.positive, default=5, metavar="N",
                        help="how long to sample (default: 5)")
    parser.add_argument("--cpu", type=arguments.whole, metavar="C", help="run on this CPU")
    arguments.kernel_list(parser)
    parser.add_argument("--output", type=Path, metavar="DIR",
                        help="write here (default: build/profile/CASE-VARIANT)")


def run(options):
    """Sample one case."""
    text = profile.profile(options, Bench(bench_binary()))
    return Answer(lambda: text)
