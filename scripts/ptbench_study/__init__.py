# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The study behind scripts/ptbench: what to measure and when, statistics, storage, tables, charts.

The measuring itself is done by the C binary ptbench-bench, one call a case and process. Its packages stand
on one another in this order, and import only what stands before them: base, results, code, measure, judge,
publish, commands. Only cli.py prints results, and only what it is asked for is imported, so that --help,
doctor and list work with the system's bare Python (base/libraries.py).
"""
