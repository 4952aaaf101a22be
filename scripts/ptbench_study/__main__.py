# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Entry point of `python3 -m ptbench_study`; scripts/ptbench calls it after set-up and build."""

import sys

from .cli import main

sys.exit(main(sys.argv[1:]))
