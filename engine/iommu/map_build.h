/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * map_build.h - mapping where a table is missing: all that the range needs below
 * that item is built out of sight, then put in place by one compare-and-swap.
 *
 * So a table that the range fills is never cleared first, no walker sees a
 * half-written one, and running out of memory undoes itself by freeing what nobody has seen.
 *
 * A table that the range fills can also be taken back once it is in place, but
 * one that the range only begins in cannot, because a neighbour may have moved in.
 * That one is therefore put in place last, when nothing can fail any more. (The
 * eager policy, which counts who is in a table, can take back any.)
 */
#ifndef PT_IOMMU_MAP_BUILD_H
#define PT_IOMMU_MAP_BUILD_H

#include "iommu/map_walk.h"

/* Free tables that no walker has seen. */
PT_COLD void map_discard(fmt_word *table, unsigned int level, unsigned int end)
{
	void *list = NULL;

	collect_tables(&list, table, level, end);
	table_list_free(list);
}

PT_ALWAYS_INLINE void map_fill_at(const struct map_walk *walk, fmt_word *table, unsigned int index,
				  unsigned int end, unsigned int level)
{
	fmt_attributes attributes = walk->attributes;
	unsigned int lg2 = walk->lg2;
	uint64_t oa = walk->oa;

	if (PT_LIKELY(lg2 == fmt_item_lg2(level) &&
		      leaves_step(oa, (uint64_t)(end - index) << fmt_item_lg2(level)))) {
		fmt_word word = fmt_leaf(attributes, oa, fmt_item_lg2(level), level);

		for (; index < end; index++, word += FMT_LEAF_STEP(level))
			item_store(&table[index], word);
		return;
	}
	for (; index < end; index++) {
		item_store(&table[index], fmt_leaf(attributes, oa, lg2, level));
		oa += lg2_bytes(fmt_item_lg2(level));
	}
}

/* Leaves of the size chosen in items [index, end) of a table that nobody sees yet. */
PT_NOINLINE void map_fill(const struct map_walk *walk, fmt_word *table, unsigned int index,
			  unsigned int end, unsigned int level)
{
	/* Most words by far are written at level 0: there the level is a constant. */
	if (!level)
		map_fill_at(walk, table, index, end, 0);
	else
		map_fill_at(walk, table, index, end, level);
}

/* Leaves at items [index, ...) of a table that nobody sees yet, as long as leaves of this level come next. */
PT_ALWAYS_INLINE unsigned int map_build_leaves(struct map_walk *walk, fmt_word *table,
					       unsigned int index, unsigned int level)
{
	unsigned int items = 1u << fmt_index_lg2(level);

	while (walk->remaining && index < items && map_leaf_here(walk, level)) {
		unsigned int end;

		if (!level && walk->runs_left && walk->joins) {
			unsigned int count =
				(unsigned int)map_short_runs(walk, table, index, items, false);

			index += count;
			if (count)
				continue;
		}
		end = index + map_run_items(walk, index, items, level);
		map_fill(walk, table, index, end, level);
		map_advance(walk, end - index, level);
		index = end;
	}
	return index;
}

/* A table for where the walk is, cleared unless the range fills it. */
PT_ALWAYS_INLINE fmt_word *map_table_new(const struct map_walk *walk, unsigned int level)
{
	uint64_t span_mask = lg2_mask(fmt_item_lg2(level) + fmt_index_lg2(level));

	return table_new(level, walk->iova & span_mask || walk->last - walk->iova < span_mask);
}

/*
 * A new table at @level with all of the range that it spans, and the tables
 * below it. NULL without memory, and nothing allocated; the walk is then anywhere.
 */
PT_NOINLINE fmt_word *map_build(struct map_walk *walk, unsigned int level)
{
	struct walk_place above[FMT_TOP_LEVEL_MAX + 1] PT_UNINITIALIZED;
	unsigned int top = level, index, first;
	fmt_word *table;
	void *list = NULL;

	while ((table = map_table_new(walk, level))) {
		first = index = item_index(walk->iova, level);
		for (;;) {
			index = map_build_leaves(walk, table, index, level);
			if (walk->remaining && index < 1u << fmt_index_lg2(level)) {
				/* All below this item comes first. */
				above[level--] = (struct walk_place){ table, index, first };
				break;
			}
			if (pt_config_is_eager(&walk->state->config))
				table_uses_set(table, index - first);
			items_flush(walk->state, table, 1u << fmt_index_lg2(level));
			if (level == top)
				return table;
			level++;
			index = above[level].index;
			first = above[level].end;
			item_store((fmt_word *)above[level].table + index++,
				   table_word(walk->state, table, level));
			table = above[level].table;
		}
	}
	while (level++ < top)
		collect_tables(&list, above[level].table, level, above[level].index);
	table_list_free(list);
	return NULL;
}

/* Put a built table in its place; false, and it is freed, if another thread was faster. */
PT_NOINLINE bool map_install(const struct pt_state *state, fmt_word *item, fmt_word word,
			     unsigned int level)
{
	PT_HOOK(PT_HOOK_INSTALL);
	/* Unmarked until it is written back, so that nobody relies on it before. */
	if (PT_LIKELY(item_install(item, fmt_empty(level), word & ~(fmt_word)FMT_WRITTEN_BACK))) {
		items_make_seen(state, item, 0, 1, level);
		return true;
	}
	map_discard(fmt_table_address(word, level), level - 1, 1u << fmt_index_lg2(level - 1));
	return false;
}

/*
 * All of one physical run goes below @item, which is no table: 0, an error or WALK_AGAIN. Takes values, not
 * a walk, for the sake of the straight path that it is called from.
 */
PT_NOINLINE int map_alone(struct pt_state *state, fmt_word *item, unsigned int level, uint64_t iova,
			  uint64_t oa, uint64_t length, fmt_attributes attributes)
{
	struct map_walk walk PT_UNINITIALIZED;
	fmt_word *child, word = item_load(item);

	if (!fmt_is_empty(word, level))
		return fmt_is_table(word, level) ? WALK_AGAIN : -EADDRINUSE;
	map_begin(&walk, state, iova, oa, length);
	walk.attributes = attributes;
	map_choose_size(&walk);
	child = map_build(&walk, level - 1);
	if (PT_UNLIKELY(!child))
		return -ENOMEM;
	return map_install(state, item, table_word(state, child, level), level) ? 0 : WALK_AGAIN;
}

/* The range needs a table in @table, where the item at @index is none: 0, an error or WALK_AGAIN. */
PT_COLD int map_missing(struct map_walk *walk, fmt_word *table, unsigned int index,
			unsigned int level)
{
	struct map_side *side = walk->side;
	uint64_t iova = walk->iova;
	fmt_word *item = &table[index], *child, word = item_load(item);

	if (!fmt_is_empty(word, level))
		return fmt_is_table(word, level) ? WALK_AGAIN : -EADDRINUSE;
	child = map_build(walk, level - 1);
	if (PT_UNLIKELY(!child)) {
		walk->iova = iova;
		return -ENOMEM;
	}
	word = table_word(walk->state, child, level);
	if (!walk->eager && walk->remaining && side->postpones && iova == side->begin &&
	    (iova & lg2_mask(fmt_item_lg2(level)))) {
		side->item = item;
		side->word = word;
		side->level = level;
		side->end = walk->iova;
		return 0;
	}
	if (walk->eager)
		table_uses_add(table, 1);
	if (PT_UNLIKELY(!map_install(walk->state, item, word, level))) {
		if (walk->eager)
			table_put(table, 1);
		map_seek(walk, iova, walk->last);
		return WALK_AGAIN;
	}
	return 0;
}

#endif
