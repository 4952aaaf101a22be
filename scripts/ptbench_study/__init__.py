# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The study behind scripts/ptbench: what to measure and when, statistics, storage, tables, charts.

The measuring itself is done by the C binary ptbench-bench, one call a case and process. This package
only ever needs the system's Python with numpy, scipy and jinja2, and loads those where they are used,
so that `doctor` and `list` work without them.
"""
