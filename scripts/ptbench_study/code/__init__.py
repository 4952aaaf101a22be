# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The code that is measured: builds, kernels and their sources, objects, sizes, an old commit's binary."""
