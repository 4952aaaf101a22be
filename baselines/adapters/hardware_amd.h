/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hardware_amd.h - how AMD's IOMMU reads host tables and marks leaves, for every driver of them. */
#ifndef PTBENCH_ADAPTER_HARDWARE_AMD_H
#define PTBENCH_ADAPTER_HARDWARE_AMD_H

#include "adapters/hardware.h"

/*
 * Define amd_v1_hardware. Next Level: 0 and 7 are leaves, 7 of a size that the address field tells.
 * AMD I/O Virtualization Technology (IOMMU) Specification, 2.2.3: PR 0, D 6, IW 62.
 */
#define DEFINE_AMD_V1_HARDWARE                                  \
	static bool amd_v1_is_table(u64 item)                   \
	{                                                       \
		unsigned int next_level = item >> 9 & 7;        \
                                                                \
		return next_level != 0 && next_level != 7;      \
	}                                                       \
	static const struct hardware_format amd_v1_hardware = { \
		.granule_lg2 = 12,                              \
		.index_bits = 9,                                \
		.present = BIT_ULL(0),                          \
		.table_address = GENMASK_ULL(51, 12),           \
		.is_table = amd_v1_is_table,                    \
		.writable = BIT_ULL(62),                        \
		.mark_set = BIT_ULL(6),                         \
	};

#endif
