/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * collapse.h - put the largest leaves that fit in the place of what is mapped in a range, for a caller
 * who knows that it is one run of physical memory with one set of attributes.
 *
 * Nothing is read to find that out: from the root down, where a leaf fits it is written, and the tables that were
 * there give way with all below them. Hitless and careful of dirty marks as reassemble is (join.h).
 */
#ifndef PT_IOMMU_COLLAPSE_H
#define PT_IOMMU_COLLAPSE_H

#include "iommu/join.h"

struct collapse_walk {
	struct join_walk join;
	struct map_walk pieces; /* the leaves to come */
	fmt_attributes attributes; /* unmarked */
};

/* Is something mapped, or a table, in each of these items? If not the caller is wrong, and they stay as they are. */
PT_ALWAYS_INLINE bool collapse_may(const fmt_word *first, unsigned int items, unsigned int level)
{
	for (unsigned int i = 0; i < items; i++)
		if (fmt_is_empty(item_load(&first[i]), level))
			return false;
	return true;
}

PT_ALWAYS_INLINE int collapse_body(struct collapse_walk *walk, fmt_word *table, unsigned int *index,
				   unsigned int level, void **child)
{
	struct map_walk *pieces = &walk->pieces;
	unsigned int items = table_items(pieces->state, level, level == walk->join.top_level);

	while (pieces->remaining && *index < items) {
		fmt_word word = item_load(&table[*index]);
		uint64_t left = lg2_bytes(fmt_item_lg2(level)) -
				(pieces->iova & lg2_mask(fmt_item_lg2(level)));
		unsigned int count = 1;

		if (map_leaf_here(pieces, level)) {
			count = 1u << (pieces->lg2 - fmt_item_lg2(level));
			left = lg2_bytes(pieces->lg2);
			/* A leaf as large may be a part of a still larger one, which says the same. */
			if (!(fmt_is_leaf(word, level) &&
			      fmt_leaf_lg2(word, level) >= pieces->lg2) &&
			    collapse_may(&table[*index], count, level))
				join_leaf(&walk->join, pieces,
					  fmt_leaf(walk->attributes, 0, fmt_item_lg2(level), level),
					  &table[*index], count, level);
		} else if (fmt_is_table(word, level)) {
			*child = fmt_table_address(word, level);
			return WALK_DOWN;
		}
		map_pass(pieces, left < pieces->remaining ? left : pieces->remaining);
		*index += count;
	}
	return WALK_DONE;
}

PT_ALWAYS_INLINE int collapse_left(struct collapse_walk *walk, fmt_word *table, unsigned int index,
				   fmt_word *child, unsigned int level, int result)
{
	return result;
}

PT_ALWAYS_INLINE bool collapse_more(const struct collapse_walk *walk)
{
	return walk->pieces.remaining;
}

PT_ALWAYS_INLINE uint64_t collapse_iova(const struct collapse_walk *walk)
{
	return walk->pieces.iova;
}

PT_LEVELS_COLD(collapse_walk, collapse)

PT_COLD int PT_SYMBOL(collapse)(struct pagetable *pagetable, uint64_t iova, uint64_t length,
				unsigned int largest_lg2, struct pt_gather *gather)
{
	struct pt_state *state = pt_state(pagetable);
	uintptr_t top = pt_top_load(state);
	struct collapse_walk walk PT_UNINITIALIZED;
	unsigned int level;
	fmt_word word;
	int result = join_begin(&walk.join, state, iova, length, largest_lg2, top);

	if (result <= 0)
		return result ? result : -ENOENT;
	word = item_load(item_find(state, top, iova, &level));
	if (!fmt_is_leaf(word, level))
		return -ENOENT;
	walk.attributes =
		fmt_attributes_of(state->config.quirks, fmt_make_clean(word, level), level);
	map_begin(&walk.pieces, state, iova,
		  fmt_leaf_oa(word, level) | (iova & lg2_mask(fmt_leaf_lg2(word, level))),
		  walk.join.last - iova + 1);
	walk.pieces.page_sizes = walk.join.page_sizes;
	map_choose_size(&walk.pieces);
	PT_SYMBOL(collapse_all)
	(&walk, pt_top_table(top), root_index(state, iova, walk.join.top_level),
	 walk.join.top_level);
	join_end(&walk.join, iova, walk.join.last, gather);
	return 0;
}

#endif
