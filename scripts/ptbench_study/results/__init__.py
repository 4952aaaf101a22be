# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What is stored: runs, their samples and schemas, golden counts and sizes, which run is shown."""
