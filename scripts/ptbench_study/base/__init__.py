# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What everything stands on: errors, paths, quoting, documents, text on the terminal, children, libraries."""
