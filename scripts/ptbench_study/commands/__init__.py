# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The commands, a module each, by the names in scripts/commands.

A module has EXAMPLE and perhaps MORE, what --help says besides; add(parser), which adds its arguments; and
run(options), which does the work and returns an Answer (base/answer.py). cli.py imports the one that is
asked for, so that a command needs no library of another's, and prints what it answers.
"""
