/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hardware_vtd.h - how VT-d reads second-stage tables and marks leaves, for every driver of them. */
#ifndef PTBENCH_ADAPTER_HARDWARE_VTD_H
#define PTBENCH_ADAPTER_HARDWARE_VTD_H

#include "adapters/hardware.h"

/*
 * Define vtdss_hardware. Page Size marks a leaf above level 0.
 * Intel Virtualization Technology for Directed I/O, 9.8 (second stage): R 0, W 1, D 9.
 */
#define DEFINE_VTDSS_HARDWARE                                  \
	static bool vtdss_is_table(u64 item)                   \
	{                                                      \
		return !(item & BIT_ULL(7));                   \
	}                                                      \
	static const struct hardware_format vtdss_hardware = { \
		.granule_lg2 = 12,                             \
		.index_bits = 9,                               \
		.present = BIT_ULL(0) | BIT_ULL(1),            \
		.table_address = GENMASK_ULL(51, 12),          \
		.is_table = vtdss_is_table,                    \
		.writable = BIT_ULL(1),                        \
		.mark_set = BIT_ULL(9),                        \
	};

#endif
