/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * resize_build.h - the pieces of a leaf that is to be replaced: where they end, how large they may be, and
 * tables of them.
 *
 * What was asked for is a part of the leaf. Pieces inside have sizes of their own; outside they are as
 * large as can be, so that memory goes with the part and not with the leaf.
 */
#ifndef PT_IOMMU_RESIZE_BUILD_H
#define PT_IOMMU_RESIZE_BUILD_H

#include "iommu/map_build.h"

/* No piece crosses an end of [first, last], and those inside have @sizes. */
struct resize_part {
	uint64_t first, last;
	uint64_t sizes;
};

/* @pieces has all that lies before an end of the part: go on behind it, with the sizes for there. */
PT_NOINLINE void resize_next(const struct resize_part *part, struct map_walk *pieces)
{
	bool inside = pieces->iova >= part->first && pieces->iova <= part->last;
	uint64_t last = pieces->last;

	if (pieces->iova < part->first)
		last = part->first - 1 < last ? part->first - 1 : last;
	else if (inside)
		last = part->last < last ? part->last : last;
	pieces->page_sizes = inside ? part->sizes : pieces->state->page_sizes;
	pieces->remaining = last - pieces->iova + 1;
	map_choose_size(pieces);
}

/* The same where it may be so. */
PT_ALWAYS_INLINE void resize_go_on(const struct resize_part *part, struct map_walk *pieces)
{
	if (!pieces->remaining && pieces->iova - 1 != pieces->last)
		resize_next(part, pieces);
}

/* Go past an item that a table has taken the place of. */
PT_COLD void resize_skip(const struct resize_part *part, struct map_walk *pieces,
			 unsigned int level)
{
	uint64_t bytes = lg2_bytes(fmt_item_lg2(level));

	while (bytes) {
		uint64_t step = bytes < pieces->remaining ? bytes : pieces->remaining;

		pieces->iova += step;
		pieces->oa += step;
		pieces->remaining -= step;
		bytes -= step;
		if (pieces->remaining)
			map_choose_size(pieces);
		else
			resize_go_on(part, pieces);
	}
}

/* A table at @level full of pieces, and the tables below it; NULL without memory, and nothing allocated. */
PT_NOINLINE fmt_word *resize_build(const struct resize_part *part, struct map_walk *pieces,
				   unsigned int level)
{
	unsigned int items = 1u << fmt_index_lg2(level), index = 0;
	fmt_word *table;

	if (pieces->remaining >> fmt_item_lg2(level) >= items) {
		table = map_build(pieces, level);
		if (table)
			resize_go_on(part, pieces);
		return table;
	}
	/* An end of the part lies inside. */
	table = table_new(level, false);
	if (!table)
		return NULL;
	while (index < items) {
		if (map_leaf_here(pieces, level)) {
			unsigned int count = map_run_items(pieces, index, items, level);

			/* As in map_build(): most words by far are written at level 0. */
			if (!level)
				map_fill(pieces, table, index, index + count, 0);
			else
				map_fill(pieces, table, index, index + count, level);
			index += count;
			map_advance(pieces, count, level);
			resize_go_on(part, pieces);
		} else {
			fmt_word *child = resize_build(part, pieces, level - 1);

			if (!child) {
				map_discard(table, level, index);
				return NULL;
			}
			item_store(&table[index++], table_word(pieces->state, child, level));
		}
	}
	if (pt_config_is_eager(&pieces->state->config))
		table_uses_set(table, items);
	items_flush(pieces->state, table, items);
	return table;
}

#endif
