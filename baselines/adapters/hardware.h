/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hardware.h - the IOMMU's own part: marking a leaf dirty when a device writes to its page. */
#ifndef PTBENCH_ADAPTER_HARDWARE_H
#define PTBENCH_ADAPTER_HARDWARE_H

#include <linux/types.h>

/* How hardware reads tables of 64-bit items, and what it does to a leaf that it writes through. */
struct hardware_format {
	unsigned int granule_lg2, index_bits;
	u64 present; /* an item with none of these bits leads nowhere */
	u64 table_address;
	bool (*is_table)(u64 item); /* of a present item above level 0 */
	u64 writable; /* all these bits are set in a leaf that is marked */
	u64 mark_set, mark_clear; /* what marking sets and what it clears */
};

/*
 * Mark the leaf that translates @iova dirty, in the one item that a walk from
 * @root, a table of @level, ends in. -ENOENT where nothing is mapped that may be
 * written and marked.
 */
int hardware_set_dirty(const struct hardware_format *format, const void *root, unsigned int level,
		       unsigned long long iova);

#endif
