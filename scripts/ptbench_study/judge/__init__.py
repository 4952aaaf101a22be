# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the samples say: statistics, comparisons, series, verdicts of the gate, studies."""
