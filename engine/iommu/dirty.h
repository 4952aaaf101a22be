/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dirty.h - which pages has a device written to?
 *
 * Hardware sets the mark of an item whenever it likes, so marks are cleared by an atomic
 * operation. A leaf of several items is dirty if any of them is marked.
 */
#ifndef PT_IOMMU_DIRTY_H
#define PT_IOMMU_DIRTY_H

#include "iommu/gather.h"
#include "iommu/items.h"

struct dirty_walk {
	struct pt_state *state;
	uint64_t iova, last;
	const struct pt_dirty *dirty;
	uint64_t cleared_first,
		cleared_last; /* what was cleared lies between; first > last: nothing */
	unsigned int top_level;
};

/* Set the bits of [first, last], which lie in the bitmap's range. */
PT_COLD void dirty_record(const struct pt_dirty *dirty, uint64_t first, uint64_t last)
{
	uint64_t bit = (first - dirty->iova) >> dirty->page_lg2;
	uint64_t end = ((last - dirty->iova) >> dirty->page_lg2) + 1;

	for (; bit < end && (bit & 63); bit++)
		dirty->bits[bit / 64] |= 1ULL << (bit & 63);
	for (; bit + 64 <= end; bit += 64)
		dirty->bits[bit / 64] = ~0ULL;
	for (; bit < end; bit++)
		dirty->bits[bit / 64] |= 1ULL << (bit & 63);
}

PT_ALWAYS_INLINE void item_make_clean(fmt_word *item, unsigned int level)
{
	fmt_word old = item_load(item);

	while (!__atomic_compare_exchange_n(item, &old, fmt_make_clean(old, level), false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/*
 * A leaf whose item at @index is marked: record what lies in the range. The mark says nothing of where in the
 * leaf the write was, so that it is cleared only where all of the leaf is recorded.
 */
PT_COLD void dirty_leaf(struct dirty_walk *walk, fmt_word *table, unsigned int index,
			unsigned int level, uint64_t iova, unsigned int lg2)
{
	uint64_t first = iova & ~lg2_mask(lg2), last = iova | lg2_mask(lg2);
	unsigned int items = 1u << (lg2 - fmt_item_lg2(level));

	if (first < walk->dirty->iova || last > walk->last) {
		first = first < walk->dirty->iova ? walk->dirty->iova : first;
		last = last < walk->last ? last : walk->last;
	} else if (walk->dirty->clear) {
		index &= ~(items - 1);
		for (unsigned int i = 0; i < items; i++)
			if (fmt_is_dirty(item_load(&table[index + i]), level))
				item_make_clean(&table[index + i], level);
		items_flush(walk->state, &table[index], items);
		if (first < walk->cleared_first)
			walk->cleared_first = first;
		walk->cleared_last = last;
	}
	dirty_record(walk->dirty, first, last);
}

/* log2 of the items of the leaf that @word is in; 0 for other items. */
PT_ALWAYS_INLINE unsigned int dirty_items_lg2(fmt_word word, unsigned int level)
{
	if (!FMT_CONTIGUOUS || !fmt_is_leaf(word, level))
		return 0;
	return fmt_leaf_lg2(word, level) - fmt_item_lg2(level);
}

PT_ALWAYS_INLINE int dirty_body(struct dirty_walk *walk, fmt_word *table, unsigned int *at,
				unsigned int level, void **child)
{
	unsigned int index = *at, items = table_items(walk->state, level, level == walk->top_level);
	uint64_t iova = walk->iova, base;
	uint64_t touched = (walk->last >> fmt_item_lg2(level)) - (iova >> fmt_item_lg2(level)) + 1;
	unsigned int end = touched < items - index ? index + (unsigned int)touched : items;

	if (index == items)
		return WALK_DONE;
	if (FMT_CONTIGUOUS) {
		/* A leaf that crosses an end of the range may be marked outside. */
		unsigned int first_lg2 = dirty_items_lg2(item_load(&table[index]), level);
		unsigned int last_lg2 = dirty_items_lg2(item_load(&table[end - 1]), level);
		unsigned int before = index & (unsigned int)lg2_mask(first_lg2);

		index -= before;
		iova -= (uint64_t)before << fmt_item_lg2(level);
		end = ((end - 1) | (unsigned int)lg2_mask(last_lg2)) + 1;
	}
	/* Where the table's first item begins; most items are clean and need no address. */
	base = (iova & ~lg2_mask(fmt_item_lg2(level))) - ((uint64_t)index << fmt_item_lg2(level));
	for (; index < end; index++) {
		fmt_word word = item_load(&table[index]);
		uint64_t here = base + ((uint64_t)index << fmt_item_lg2(level));

		if (level && fmt_is_table(word, level)) {
			walk->iova = here < iova ? iova : here;
			*at = index;
			*child = fmt_table_address(word, level);
			return WALK_DOWN;
		}
		if (PT_UNLIKELY(fmt_is_dirty(word, level)) && fmt_is_leaf(word, level)) {
			dirty_leaf(walk, table, index, level, here, fmt_leaf_lg2(word, level));
			index |= (unsigned int)lg2_mask(dirty_items_lg2(word, level));
		}
	}
	walk->iova = base + ((uint64_t)end << fmt_item_lg2(level));
	return WALK_DONE;
}

/* The child has gone on from where it began to where the range or its table ends. */
PT_ALWAYS_INLINE int dirty_left(struct dirty_walk *walk, fmt_word *table, unsigned int index,
				fmt_word *child, unsigned int level, int result)
{
	return result;
}

PT_ALWAYS_INLINE bool dirty_more(const struct dirty_walk *walk)
{
	return walk->iova - 1 < walk->last;
}

PT_ALWAYS_INLINE uint64_t dirty_iova(const struct dirty_walk *walk)
{
	return walk->iova;
}

PT_LEVELS_ALL(dirty_walk, dirty)

static int PT_SYMBOL(read_dirty)(struct pagetable *pagetable, const struct pt_dirty *dirty,
				 uint64_t length, struct pt_gather *gather)
{
	struct pt_state *state = pt_state(pagetable);
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top);
	struct dirty_walk walk = { .state = state,
				   .iova = dirty->iova,
				   .last = dirty->iova + length - 1,
				   .dirty = dirty,
				   .cleared_first = UINT64_MAX,
				   .top_level = level };
	int result = pt_check_range(state, dirty->iova, length);

	if (!FMT_DIRTY)
		return -EOPNOTSUPP;
	if (result)
		return result;
	if (dirty->page_lg2 > 63 || (dirty->clear && !gather))
		return -EINVAL;
	if (!root_spans(dirty->iova, level))
		return 0;
	if (FMT_DYNAMIC_TOP && !root_spans(walk.last, level))
		walk.last = ~(~lg2_mask(fmt_index_lg2(level)) << fmt_item_lg2(level));
	PT_SYMBOL(dirty_all)
	(&walk, pt_top_table(top), root_index(state, dirty->iova, level), level);
	/* Only what is cached as dirty already has to go, for the mark to be set again. */
	if (walk.cleared_first <= walk.cleared_last)
		gather_add(state, gather, walk.cleared_first, walk.cleared_last);
	return 0;
}

PT_COLD int PT_SYMBOL(set_dirty)(struct pagetable *pagetable, uint64_t iova)
{
	struct pt_state *state = pt_state(pagetable);
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top);

	if (!FMT_DIRTY)
		return -EOPNOTSUPP;
	if (pt_outside(state, iova, iova))
		return -ERANGE;
	if (!root_spans(iova, level))
		return -ENOENT;
	for (;;) {
		fmt_word *item = item_find(state, top, iova, &level), word = item_load(item);

		if (fmt_is_table(word, level))
			continue;
		if (!fmt_is_leaf(word, level))
			return -ENOENT;
		if (!fmt_is_writable(word, level))
			return -EACCES;
		/*
		 * As hardware does: the mark goes into the item that was translated with, or, if
		 * that has changed, the item is looked for again.
		 */
		if (__atomic_compare_exchange_n(item, &word, fmt_make_dirty(word, level), false,
						__ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
			items_flush(state, item, 1);
			return 0;
		}
	}
}

#endif
