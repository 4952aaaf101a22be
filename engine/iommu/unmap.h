/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unmap.h - remove every leaf that begins in a range.
 *
 * Whole leaves only: nothing is split. The items of a leaf table are cleared
 * without being read, but for the two at the ends, where a leaf of several
 * items may cross the range; a table that the range covers wholly is detached by
 * one write. Under the eager policy items are read, to be counted.
 */
#ifndef PT_IOMMU_UNMAP_H
#define PT_IOMMU_UNMAP_H

#include "iommu/gather.h"
#include "iommu/uses.h"

struct unmap_walk {
	struct pt_state *state;
	uint64_t iova; /* where the walk is; afterwards where it ended */
	uint64_t last;
	void **tables; /* takes detached tables */
	unsigned int top_level;
	bool detaches; /* take tables that the range covers */
};

typedef int (*unmap_fn)(struct unmap_walk *walk, void *table, unsigned int index,
			unsigned int level);

/* Results of a level: go on, or stop because a leaf begins before the range. */
enum { UNMAP_ON, UNMAP_INSIDE_LEAF };

/* log2 of the items of the entry that @word is in. */
PT_ALWAYS_INLINE unsigned int entry_items_lg2(fmt_word word, unsigned int level)
{
	if (!FMT_CONTIGUOUS || !fmt_is_leaf(word, level))
		return 0;
	return fmt_leaf_lg2(word, level) - fmt_item_lg2(level);
}

/* Clear items [from, end), all of them leaves or empty. */
PT_ALWAYS_INLINE void clear_items(struct unmap_walk *walk, fmt_word *table, unsigned int from,
				  unsigned int end, unsigned int level, bool eager)
{
	uint32_t used = 0;

	for (unsigned int i = from; eager && i < end; i++)
		used += !fmt_is_empty(item_load(&table[i]), level);
	if (FMT_CLEAR_KEEPS)
		for (unsigned int i = from; i < end; i++)
			item_store(&table[i], fmt_clear(&table[i], level));
	else
		items_fill(table, from, end, fmt_empty(level));
	items_flush(walk->state, &table[from], end - from);
	walk->iova += (uint64_t)(end - from) << fmt_item_lg2(level);
	if (eager)
		table_put(table, used);
}

/* Items [index, end) of a leaf table; the last entry whole, even beyond @end. */
PT_ALWAYS_INLINE int unmap_leaf_table(struct unmap_walk *walk, fmt_word *table, unsigned int index,
				      unsigned int end, bool eager)
{
	if (FMT_CONTIGUOUS) {
		unsigned int first_lg2 = entry_items_lg2(item_load(&table[index]), 0);
		unsigned int last_lg2 = entry_items_lg2(item_load(&table[end - 1]), 0);

		if (PT_UNLIKELY(index & lg2_mask(first_lg2)))
			return UNMAP_INSIDE_LEAF;
		end = ((end - 1) | (unsigned int)lg2_mask(last_lg2)) + 1;
	}
	clear_items(walk, table, index, end, 0, eager);
	return UNMAP_ON;
}

/*
 * Leaves of a table above level 0, from @index on as long as there are only
 * leaves, the last one whole. Returns the index after them, or @index if the
 * range begins inside the first.
 */
PT_ALWAYS_INLINE unsigned int unmap_large_leaves(struct unmap_walk *walk, fmt_word *table,
						 unsigned int index, unsigned int end,
						 unsigned int level, bool eager)
{
	unsigned int from = index;
	fmt_word word = item_load(&table[index]), last;

	if (PT_UNLIKELY(walk->iova & lg2_mask(fmt_leaf_lg2(word, level))))
		return index;
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
	if (eager)
		table_put(table, index - from);
	return index;
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

/* The item at @index is a table: detach it, or go there. */
PT_ALWAYS_INLINE int unmap_child(struct unmap_walk *walk, fmt_word *table, unsigned int index,
				 fmt_word word, unsigned int level, unmap_fn below, bool eager)
{
	fmt_word *child = fmt_table_address(word, level);
	int result;

	if (covers_item(walk, level) && walk->detaches) {
		item_store(&table[index], fmt_empty(level));
		items_flush(walk->state, &table[index], 1);
		collect_child(walk->tables, word, level);
		walk->iova += lg2_bytes(fmt_item_lg2(level));
		if (eager)
			table_put(table, 1);
		return UNMAP_ON;
	}
	if (eager && !table_hold(child)) {
		table_unlink(walk->state, table, &table[index], child, level);
		unmap_skip_item(walk, level);
		return UNMAP_ON;
	}
	result = below(walk, child, item_index(walk->iova, level - 1), level - 1);
	if (eager && table_put(child, 1)) {
		table_unlink(walk->state, table, &table[index], child, level);
		table_list_push(walk->tables, child, fmt_table_lg2(level - 1));
	}
	return result;
}

PT_ALWAYS_INLINE int unmap_table(struct unmap_walk *walk, fmt_word *table, unsigned int index,
				 unsigned int level, unmap_fn below, bool eager)
{
	unsigned int items = table_items(walk->state, level, level == walk->top_level);
	uint64_t touched =
		(walk->last >> fmt_item_lg2(level)) - (walk->iova >> fmt_item_lg2(level)) + 1;
	unsigned int end = touched < items - index ? index + (unsigned int)touched : items;

	if (!level || !below)
		return unmap_leaf_table(walk, table, index, end, eager);
	do {
		fmt_word word = item_load(&table[index]);

		if (fmt_is_table(word, level)) {
			int result = unmap_child(walk, table, index, word, level, below, eager);

			if (PT_UNLIKELY(result != UNMAP_ON))
				return result;
			index++;
		} else if (fmt_is_leaf(word, level)) {
			unsigned int next =
				unmap_large_leaves(walk, table, index, end, level, eager);

			if (PT_UNLIKELY(next == index))
				return UNMAP_INSIDE_LEAF;
			index = next;
		} else {
			unmap_skip_item(walk, level);
			index++;
		}
	} while (index < end);
	return UNMAP_ON;
}

PT_ALWAYS_INLINE int unmap_body(struct unmap_walk *walk, void *table, unsigned int index,
				unsigned int level, unmap_fn below)
{
	return unmap_table(walk, table, index, level, below, false);
}

/*
 * The range is a part of one item, which is a table; or it is one leaf that fills one item. @leaf is
 * set to that leaf's word.
 */
PT_ALWAYS_INLINE int unmap_straight(struct unmap_walk *walk, void **table, unsigned int *index,
				    unsigned int level, fmt_word *leaf)
{
	fmt_word *item = &((fmt_word *)*table)[*index], word;

	if ((walk->iova ^ walk->last) >> fmt_item_lg2(level))
		return PT_STEP_LEAVE;
	word = item_load(item);
	if (covers_item(walk, level)) {
		if (!fmt_is_leaf(word, level) || fmt_leaf_lg2(word, level) != fmt_item_lg2(level))
			return PT_STEP_LEAVE;
		*leaf = word;
		item_store(item, fmt_clear(item, level));
		items_flush(walk->state, item, 1);
		walk->iova += lg2_bytes(fmt_item_lg2(level));
		return UNMAP_ON;
	}
	if (PT_UNLIKELY(!fmt_is_table(word, level)))
		return PT_STEP_LEAVE;
	*table = fmt_table_address(word, level);
	*index = item_index(walk->iova, level - 1);
	return PT_STEP_DOWN;
}

PT_ALWAYS_INLINE int unmap_step(struct unmap_walk *walk, void **table, unsigned int *index,
				unsigned int level)
{
	fmt_word leaf;

	return unmap_straight(walk, table, index, level, &leaf);
}

PT_ALWAYS_INLINE void unmap_leave_path(struct unmap_walk *walk)
{
	(void)walk;
}

PT_LEVELS(unmap_walk, unmap)

/* Under the eager policy every table on the way is held, which costs more than calls do. */
PT_ALWAYS_INLINE int unmap_eager_body(struct unmap_walk *walk, void *table, unsigned int index,
				      unsigned int level, unmap_fn below)
{
	return unmap_table(walk, table, index, level, below, true);
}

PT_RECURSIVE(unmap_walk, unmap_eager)

/* Make @walk ready for a range that the caller has checked; false if nothing can be mapped there. */
PT_ALWAYS_INLINE bool unmap_begin(struct unmap_walk *walk, struct pt_state *state, uintptr_t top,
				  uint64_t iova, uint64_t last, void **tables)
{
	unsigned int level = pt_top_level(top);
	uint64_t root_last;

	walk->state = state;
	walk->iova = iova;
	walk->last = last;
	walk->tables = tables;
	walk->top_level = level;
	walk->detaches = true;
	if (!FMT_DYNAMIC_TOP)
		return true;
	root_last = ~(~lg2_mask(fmt_index_lg2(level)) << fmt_item_lg2(level));
	if (walk->last > root_last)
		walk->last = root_last;
	return iova <= root_last;
}

/* What unmap returns after @walk came back with @result. */
PT_ALWAYS_INLINE int64_t unmap_end(const struct unmap_walk *walk, int result,
				   struct pt_gather *gather, uint64_t iova, uint64_t length)
{
	uint64_t bytes;

	if (PT_UNLIKELY(result != UNMAP_ON))
		return 0;
	if (PT_LIKELY(walk->iova - iova <= length)) /* less where the root ends before the range */
		return (int64_t)length;
	gather->last = walk->iova - 1 > gather->last ? walk->iova - 1 : gather->last;
	bytes = walk->iova - iova;
	/* The last leaf may end where no signed length reaches; to say a page less is true too. */
	if (FMT_DYNAMIC_TOP && bytes >> 63)
		bytes = INT64_MAX & ~walk->state->granule_mask;
	return (int64_t)bytes;
}

static int64_t PT_SYMBOL(unmap)(struct pagetable *pagetable, uint64_t iova, uint64_t length,
				struct pt_gather *gather)
{
	struct pt_state *state = pt_state(pagetable);
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top);
	struct unmap_walk walk;
	int result = pt_check_unmap(state, iova, length, FMT_DYNAMIC_TOP);

	if (PT_UNLIKELY(result))
		return result;
	gather_add(state, gather, iova, iova + length - 1);
	if (PT_UNLIKELY(!unmap_begin(&walk, state, top, iova, iova + length - 1, &gather->tables)))
		return (int64_t)length;
	walk.detaches = state->config.freeing != PT_FREE_NEVER;
	result = unmap_enter(&walk, pt_top_table(top), root_index(state, iova, level), level);
	return unmap_end(&walk, result, gather, iova, length);
}

static int64_t PT_SYMBOL(unmap_eager)(struct pagetable *pagetable, uint64_t iova, uint64_t length,
				      struct pt_gather *gather)
{
	struct pt_state *state = pt_state(pagetable);
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top);
	struct unmap_walk walk;
	int result = pt_check_unmap(state, iova, length, FMT_DYNAMIC_TOP);

	if (result)
		return result;
	gather_add(state, gather, iova, iova + length - 1);
	if (!unmap_begin(&walk, state, top, iova, iova + length - 1, &gather->tables))
		return (int64_t)length;
	result = unmap_eager_enter_cold(&walk, pt_top_table(top), root_index(state, iova, level),
					level);
	return unmap_end(&walk, result, gather, iova, length);
}

#endif
