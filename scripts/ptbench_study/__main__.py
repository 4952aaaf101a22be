# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Entry point of `python3 -m ptbench_study`; scripts/ptbench calls it after set-up and build."""

import sys

from .base import streams
from .cli import main

streams.take_over()
sys.exit(main(sys.argv[1:]))
