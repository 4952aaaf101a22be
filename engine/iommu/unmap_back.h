/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unmap_back.h - removing leaves and handing back the physical memory they mapped.
 */
#ifndef PT_IOMMU_UNMAP_BACK_H
#define PT_IOMMU_UNMAP_BACK_H

#include "iommu/follow.h"
#include "iommu/unmap_walk.h"

struct unmap_back {
	struct pt_run *runs;
	size_t room, count;
	uint64_t next_oa; /* where the last run ends; PT_NOT_MAPPED without one */
	bool keep; /* leave the items of the leaf table alone: it will be detached */
};

/* Hand back @bytes from @oa; false where there is no room. */
PT_ALWAYS_INLINE bool hand_back(struct unmap_back *back, uint64_t oa, uint64_t bytes)
{
	if (oa == back->next_oa) {
		back->runs[back->count - 1].length += bytes;
	} else {
		if (PT_UNLIKELY(back->count == back->room))
			return false;
		back->runs[back->count++] = (struct pt_run){ oa, bytes };
	}
	back->next_oa = oa + bytes;
	return true;
}

/* From item @index on: leaves, and in a leaf table empty items too. Ends at @end or at any other. */
PT_ALWAYS_INLINE int unmap_back_leaves(struct unmap_walk *walk, fmt_word *table, unsigned int index,
				       unsigned int end, unsigned int level)
{
	unsigned int from = index;
	uint32_t used = 0;
	int result = WALK_DONE;
	bool dirty = false; /* marks are not asked for */

	while (index < end) {
		fmt_word word = item_load(&table[index]);
		unsigned int items = 1;

		if (PT_UNLIKELY(level && !fmt_is_leaf(word, level)))
			break;
		if (PT_LIKELY(!fmt_is_empty(word, level))) {
			items = 1u << entry_items_lg2(word, level);
			if (FMT_CONTIGUOUS && PT_UNLIKELY(index & (items - 1))) {
				result = WALK_INSIDE_LEAF;
				break;
			}
			if (items == 1)
				items = leaves_follow(walk->state, table, index + 1, end, word,
						      level, &dirty) -
					index;
			if (PT_UNLIKELY(!hand_back(walk->back, fmt_leaf_oa(word, level),
						   (uint64_t)items << fmt_item_lg2(level)))) {
				result = WALK_FULL;
				break;
			}
			used += items;
		}
		if (walk->back->keep) {
			index += items;
			continue;
		}
		do
			item_store(&table[index], fmt_clear(&table[index], level));
		while (++index, --items);
	}
	items_flush(walk->state, &table[from], index - from);
	walk->iova += (uint64_t)(index - from) << fmt_item_lg2(level);
	if (walk->eager)
		table_put(table, used);
	return result;
}

/* The same in one function for all levels, but for where a level is known. */
PT_NOINLINE int unmap_back_any(struct unmap_walk *walk, fmt_word *table, unsigned int index,
			       unsigned int end, unsigned int level)
{
	return unmap_back_leaves(walk, table, index, end, level);
}

#endif
