# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What people see: tables, charts, reports, the site, exports, profiles."""
