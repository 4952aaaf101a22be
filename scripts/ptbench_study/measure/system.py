# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Small files of /proc and /sys.

Tests put files of their own into their place: with PTBENCH_TEST_SYSTEM_ROOT=DIR, DIR/proc/cpuinfo is read
instead of /proc/cpuinfo where it exists. hwloc has HWLOC_XMLFILE for the same.
"""

import os
import re
from pathlib import Path

CPU = Path("/sys/devices/system/cpu")


def read(path, default=None):
    """The stripped content of a small file of /proc or /sys, or the default where it is absent."""
    stand_in = os.environ.get("PTBENCH_TEST_SYSTEM_ROOT", "") + str(path)
    try:
        with open(stand_in if os.path.exists(stand_in) else path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return default


def number_in(path):
    """The number in a file of /proc or /sys, or None."""
    text = read(path, "")
    return int(text) if re.fullmatch(r"-?\d+", text) else None
