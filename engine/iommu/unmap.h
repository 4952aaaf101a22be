/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unmap.h - remove every leaf that begins in a range.
 *
 * Whole leaves only: nothing is split. The items of a leaf table are cleared
 * without being read, but for the two at the ends, where a leaf of several
 * items may cross the range; a table that the range covers wholly is detached by one write.
 */
#ifndef PT_IOMMU_UNMAP_H
#define PT_IOMMU_UNMAP_H

#include "iommu/gather.h"
#include "iommu/items.h"

PT_LEVEL_TYPES(unmap);

struct unmap_walk {
	struct pt_state *state;
	uint64_t iova;  /* where the walk is; afterwards where it ended */
	uint64_t last;
	void **tables;  /* takes detached tables */
	unsigned int top_level;
	bool detaches;  /* take tables that the range covers */
};

/* Results of a level: go on, or stop because a leaf begins before the range. */
enum { UNMAP_ON, UNMAP_INSIDE_LEAF };

PT_ALWAYS_INLINE void clear_items(const struct unmap_walk *walk, fmt_word *table, unsigned int from,
				  unsigned int end, unsigned int level)
{
	for (unsigned int i = from; i < end; i++)
		item_store(&table[i], fmt_clear(&table[i], level));
	items_flush(walk->state, &table[from], end - from);
}

/* log2 of the items that the entry at @index has. */
PT_ALWAYS_INLINE unsigned int entry_items_lg2(const fmt_word *table, unsigned int index,
					      unsigned int level)
{
	fmt_word word = item_load(&table[index]);

	if (!FMT_CONTIGUOUS || !fmt_is_leaf(word, level))
		return 0;
	return fmt_leaf_lg2(word, level) - fmt_item_lg2(level);
}

/* Clear items [index, end) of a leaf table; the last entry whole, even beyond @end. */
PT_ALWAYS_INLINE int unmap_leaf_table(struct unmap_walk *walk, fmt_word *table, unsigned int index,
				      unsigned int end)
{
	if (FMT_CONTIGUOUS) {
		if (PT_UNLIKELY(index & lg2_mask(entry_items_lg2(table, index, 0))))
			return UNMAP_INSIDE_LEAF;
		end = ((end - 1) | (unsigned int)lg2_mask(entry_items_lg2(table, end - 1, 0))) + 1;
	}
	clear_items(walk, table, index, end, 0);
	walk->iova += (uint64_t)(end - index) << fmt_item_lg2(0);
	return UNMAP_ON;
}

/* Is all that an item at @level spans from walk->iova on inside the range? */
PT_ALWAYS_INLINE bool covers_item(const struct unmap_walk *walk, unsigned int level)
{
	uint64_t mask = lg2_mask(fmt_item_lg2(level));

	return !(walk->iova & mask) && walk->last - walk->iova >= mask;
}

/* The range is a part of one item, which is a table: go there. */
PT_ALWAYS_INLINE bool unmap_step(struct unmap_walk *walk, void **table, unsigned int *index,
				 unsigned int level)
{
	fmt_word word;

	if ((walk->iova ^ walk->last) >> fmt_item_lg2(level) || covers_item(walk, level))
		return false;
	word = item_load(&((fmt_word *)*table)[*index]);
	if (!fmt_is_table(word, level))
		return false;
	*table = fmt_table_address(word, level);
	*index = item_index(walk->iova, level - 1);
	return true;
}

/* One item of a table above level 0 that is a leaf: clear all of its entry. */
PT_ALWAYS_INLINE int unmap_large_leaf(struct unmap_walk *walk, fmt_word *table, unsigned int index,
				      fmt_word word, unsigned int level)
{
	unsigned int lg2 = fmt_leaf_lg2(word, level);

	if (PT_UNLIKELY(walk->iova & lg2_mask(lg2)))
		return UNMAP_INSIDE_LEAF;
	clear_items(walk, table, index, index + (1u << (lg2 - fmt_item_lg2(level))), level);
	walk->iova += lg2_bytes(lg2);
	return UNMAP_ON;
}

PT_ALWAYS_INLINE int unmap_body(struct unmap_walk *walk, void *memory, unsigned int index,
				unsigned int level, unmap_fn below)
{
	fmt_word *table = memory;
	unsigned int items = table_items(walk->state, level, level == walk->top_level);
	uint64_t touched =
		(walk->last >> fmt_item_lg2(level)) - (walk->iova >> fmt_item_lg2(level)) + 1;
	unsigned int end = touched < items - index ? index + (unsigned int)touched : items;
	int result;

	if (!level || !below)
		return unmap_leaf_table(walk, table, index, end);
	do {
		uint64_t item_last = walk->iova | lg2_mask(fmt_item_lg2(level));
		fmt_word word = item_load(&table[index]);

		if (fmt_is_table(word, level)) {
			if (covers_item(walk, level) && walk->detaches) {
				item_store(&table[index], fmt_empty(level));
				items_flush(walk->state, &table[index], 1);
				collect_child(walk->tables, word, level);
				walk->iova = item_last + 1;
			} else {
				result = below(walk, fmt_table_address(word, level),
					       item_index(walk->iova, level - 1), level - 1);
				if (PT_UNLIKELY(result != UNMAP_ON))
					return result;
			}
			index++;
		} else if (fmt_is_leaf(word, level)) {
			result = unmap_large_leaf(walk, table, index, word, level);
			if (PT_UNLIKELY(result != UNMAP_ON))
				return result;
			index = FMT_CONTIGUOUS ?
					index + (1u << (fmt_leaf_lg2(word, level) - fmt_item_lg2(level))) :
					index + 1;
		} else {
			walk->iova = (item_last < walk->last ? item_last : walk->last) + 1;
			index++;
		}
	} while (index < end);
	return UNMAP_ON;
}

PT_LEVELS(unmap)

/* Unmap a range that the caller has checked; returns where it ended, exclusive. */
PT_ALWAYS_INLINE uint64_t unmap_range(struct pt_state *state, uint64_t iova, uint64_t last,
				      void **tables, bool detaches)
{
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top);
	struct unmap_walk walk = {
		.state = state, .iova = iova, .last = last, .tables = tables, .top_level = level,
		.detaches = detaches,
	};

	if (FMT_DYNAMIC_TOP) {
		uint64_t root_last = lg2_mask(fmt_item_lg2(level)) |
				     lg2_mask(fmt_index_lg2(level)) << fmt_item_lg2(level);

		/* Beyond the root nothing is mapped. */
		if (PT_UNLIKELY(iova > root_last))
			return last + 1;
		if (PT_UNLIKELY(last > root_last)) {
			walk.last = root_last;
			return unmap_enter(&walk, pt_top_table(top), root_index(state, iova, level),
					   level) == UNMAP_ON ?
				       last + 1 :
				       walk.iova;
		}
	}
	unmap_enter(&walk, pt_top_table(top), root_index(state, iova, level), level);
	return walk.iova;
}

static int64_t PT_SYMBOL(unmap)(struct pagetable *pagetable, uint64_t iova, uint64_t length,
				struct pt_gather *gather)
{
	struct pt_state *state = pt_state(pagetable);
	uint64_t last = iova + length - 1, end;
	int error = pt_check_range(state, iova, length);

	if (PT_UNLIKELY(error))
		return error;
	gather_add(state, gather, iova, last);
	end = unmap_range(state, iova, last, &gather->tables,
			  state->config.freeing != PT_FREE_NEVER);
	/* The last leaf may have reached further. */
	if (end - 1 > gather->last)
		gather->last = end - 1;
	return (int64_t)(end - iova);
}

#endif
