/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unmap_walk.h - where an unmapping operation is, and clearing leaves there.
 */
#ifndef PT_IOMMU_UNMAP_WALK_H
#define PT_IOMMU_UNMAP_WALK_H

#include "iommu/gather.h"
#include "iommu/uses.h"

struct unmap_back;

struct unmap_walk {
	struct pt_state *state;
	uint64_t iova; /* where the walk is; afterwards where it ended */
	uint64_t first, last;
	void **tables; /* takes detached tables */
	struct unmap_back *back; /* takes the memory that was mapped; NULL: nobody asks for it */
	unsigned int top_level;
	bool detaches; /* take tables that the range covers */
	bool eager; /* the policy: count who is in a table, and what it holds */
};

/* log2 of the items of the entry that @word is in. */
PT_ALWAYS_INLINE unsigned int entry_items_lg2(fmt_word word, unsigned int level)
{
	if (!FMT_CONTIGUOUS || !fmt_is_leaf(word, level))
		return 0;
	return fmt_leaf_lg2(word, level) - fmt_item_lg2(level);
}

/* Clear items [from, end) of a leaf table. @used: NULL, or is set to how many there were, which takes reading them. */
PT_ALWAYS_INLINE void clear_items(const struct pt_state *state, fmt_word *table, unsigned int from,
				  unsigned int end, uint32_t *used)
{
	if (PT_UNLIKELY(used)) {
		*used = 0;
		for (unsigned int i = from; i < end; i++)
			*used += !fmt_is_empty(item_load(&table[i]), 0);
	}
	if (FMT_CLEAR_KEEPS)
		for (unsigned int i = from; i < end; i++)
			item_store(&table[i], fmt_clear(&table[i], 0));
	else
		items_fill(table, from, end, fmt_empty(0));
	items_flush(state, &table[from], end - from);
}

/*
 * Clear items [index, end) of a leaf table; the last entry whole, even beyond @end. Returns where that ends,
 * or 0, with nothing done, where the range begins inside of a leaf. @used: as above.
 */
PT_NOINLINE unsigned int leaves_clear(const struct pt_state *state, fmt_word *table,
				      unsigned int index, unsigned int end, uint32_t *used)
{
	if (FMT_CONTIGUOUS) {
		unsigned int first_lg2 = entry_items_lg2(item_load(&table[index]), 0);
		unsigned int last_lg2 = entry_items_lg2(item_load(&table[end - 1]), 0);

		if (PT_UNLIKELY(index & lg2_mask(first_lg2)))
			return 0;
		end = ((end - 1) | (unsigned int)lg2_mask(last_lg2)) + 1;
	}
	clear_items(state, table, index, end, used);
	return end;
}

/* The same for a walk. @eager: a constant on the straight path. */
PT_ALWAYS_INLINE int unmap_leaf_table(struct unmap_walk *walk, fmt_word *table, unsigned int index,
				      unsigned int end, bool eager)
{
	uint32_t used;

	end = leaves_clear(walk->state, table, index, end, eager ? &used : NULL);
	if (PT_UNLIKELY(!end))
		return WALK_INSIDE_LEAF;
	walk->iova += (uint64_t)(end - index) << fmt_item_lg2(0);
	if (eager)
		table_put(table, used);
	return WALK_DONE;
}

/*
 * Leaves of a table above level 0, from @index on as long as there are only
 * leaves, the last one whole.
 */
PT_ALWAYS_INLINE void unmap_large_leaves(struct unmap_walk *walk, fmt_word *table,
					 unsigned int index, unsigned int end, unsigned int level)
{
	unsigned int from = index;
	fmt_word word = item_load(&table[index]), last;

	do {
		last = word;
		item_store(&table[index], fmt_clear(&table[index], level));
	} while (++index < end && fmt_is_leaf(word = item_load(&table[index]), level));
	if (FMT_CONTIGUOUS)
		for (unsigned int mask = (1u << entry_items_lg2(last, level)) - 1; index & mask;
		     index++)
			item_store(&table[index], fmt_clear(&table[index], level));
	items_flush(walk->state, &table[from], index - from);
	walk->iova += (uint64_t)(index - from) << fmt_item_lg2(level);
	if (walk->eager)
		table_put(table, index - from);
}

/* Is all that an item at @level spans from walk->iova on inside the range? */
PT_ALWAYS_INLINE bool covers_item(const struct unmap_walk *walk, unsigned int level)
{
	uint64_t mask = lg2_mask(fmt_item_lg2(level));

	return !(walk->iova & mask) && walk->last - walk->iova >= mask;
}

/* To the end of the item or of the range, whichever is nearer: nothing is there. */
PT_ALWAYS_INLINE void unmap_skip_item(struct unmap_walk *walk, unsigned int level)
{
	uint64_t item_last = walk->iova | lg2_mask(fmt_item_lg2(level));

	walk->iova = (item_last < walk->last ? item_last : walk->last) + 1;
}

#endif
