# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Measuring: the machine, its CPUs, the binary, plans, sessions, traces, instruction counts."""
