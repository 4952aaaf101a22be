// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* hardware.c - see hardware.h. The manuals' walk, no driver's code. */
#include "adapters/hardware.h"

static int mark(const struct hardware_format *format, u64 *item)
{
	u64 word = READ_ONCE(*item);

	do {
		if ((word & format->writable) != format->writable)
			return -ENOENT;
	} while (!try_cmpxchg64(item, &word, (word | format->mark_set) & ~format->mark_clear));
	return 0;
}

int hardware_set_dirty(const struct hardware_format *format, const void *root, unsigned int level,
		       unsigned long long iova)
{
	const u64 *table = root;
	unsigned int shift = format->granule_lg2 + level * format->index_bits;
	unsigned long index = iova >> shift;

	if (index >> format->index_bits)
		return -ENOENT;
	for (;;) {
		u64 word = READ_ONCE(table[index]);

		if (!(word & format->present))
			return -ENOENT;
		if (!level || !format->is_table(word))
			return mark(format, (u64 *)&table[index]);
		table = phys_to_virt(word & format->table_address);
		level--;
		shift -= format->index_bits;
		index = iova >> shift & ((1UL << format->index_bits) - 1);
	}
}
