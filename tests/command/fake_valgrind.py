#!/usr/bin/python3 -sS
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A valgrind that simulates nothing: it tells the fake binary where dumps go and which events to write."""

import os
import sys

OUT = "--callgrind-out-file="
EVENTS = {False: "Ir", True: "Ir D1mr D1mw DLmr DLmw Bcm Bim Dr Dw"}


def main():
    """Run the command behind the options."""
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    first = next(at for at, word in enumerate(sys.argv) if at and not word.startswith("-"))
    dumps = next(word for word in options if word.startswith(OUT)).removeprefix(OUT)
    if os.environ.get("LD_BIND_NOW") != "1" or "--tool=callgrind" not in options:
        sys.exit("counts depend on when functions are bound: LD_BIND_NOW=1 is missing")
    os.environ["FAKE_DUMPS"] = dumps.removesuffix(".%p")
    os.environ["FAKE_EVENTS"] = EVENTS["--cache-sim=yes" in options and "--D1=32768,8,64" in options]
    os.execv(sys.argv[first], sys.argv[first:])


main()
