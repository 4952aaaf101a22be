/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * path.h - the way from the root to what was mapped, for walkers that do not snoop.
 *
 * A table is put in place by compare-and-swap and its item written back afterwards. A
 * thread that maps below it in between may return first, and its device would still find the
 * item empty in memory. So a map that has passed an item which nobody has marked as written back
 * ends by looking at all table items above its leaves, and writes back those without the mark.
 */
#ifndef PT_IOMMU_PATH_H
#define PT_IOMMU_PATH_H

#include "iommu/items.h"

/* In @table, from @index on, and in all tables below it: the items that lead to [iova, last]. */
PT_NOINLINE void path_make_seen(const struct pt_state *state, fmt_word *table, unsigned int index,
				unsigned int level, uint64_t iova, uint64_t last)
{
	unsigned int unseen = index; /* items from here to @index are to be written back */

	for (;; index++) {
		fmt_word word = item_load(&table[index]);
		uint64_t item_last = iova | lg2_mask(fmt_item_lg2(level));
		uint64_t end = item_last < last ? item_last : last;

		if (level > 1 && fmt_is_table(word, level))
			path_make_seen(state, fmt_table_address(word, level),
				       item_index(iova, level - 1), level - 1, iova, end);
		if (!item_is_unseen(word, level)) {
			if (unseen != index)
				items_make_seen(state, table, unseen, index, level);
			unseen = index + 1;
		}
		if (end == last)
			break;
		iova = item_last + 1;
	}
	if (unseen <= index)
		items_make_seen(state, table, unseen, index + 1, level);
}

/* What was mapped at [iova, last], all of it, can be found by a walker that does not snoop. */
PT_COLD void path_written_back(const struct pt_state *state, uint64_t iova, uint64_t last)
{
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top);

	if (level)
		path_make_seen(state, pt_top_table(top), root_index(state, iova, level), level,
			       iova, last);
}

#endif
