/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * join.h - putting larger leaves in the place of smaller ones while they are in use; and reassemble, which finds out
 * where that can be done (collapse.h is told).
 *
 * From the leaves up: runs of leaves with touching output addresses and equal
 * attributes are rewritten with the largest sizes that fit, item by item; a
 * table that is one such run from end to end gives way to one leaf above it. Where the level above has
 * no leaves that fill one item, such a table stands for the leaf that it cannot become, until enough of
 * them make a larger one. Every single write leaves every address translating as before.
 *
 * Hardware that still walks a table on its way out may mark a page dirty there.
 * So the operation flushes before it lets go of tables, looks at them once more,
 * and carries marks over that came late.
 */
#ifndef PT_IOMMU_JOIN_H
#define PT_IOMMU_JOIN_H

#include "iommu/follow.h"
#include "iommu/resize.h"

struct join_walk {
	struct pt_state *state;
	uint64_t iova, last;
	uint64_t page_sizes; /* those to use: up to the largest that the caller wants */
	unsigned int largest_lg2;
	unsigned int top_level;
	void *replaced; /* tables that are not reachable any more */
	bool changed;
	bool finds_out; /* goes over what is below first: where leaves fill an item, it has no table that stays */
	/* What the table that was just left is: one run from end to end, and of what. */
	bool whole;
	uint64_t whole_oa;
	fmt_attributes whole_attributes;
};

typedef int (*join_fn)(struct join_walk *walk, void *table, unsigned int index, unsigned int level);

/* Leaves in one table that may become one. */
struct join_run {
	unsigned int first, end; /* items; first == end: none */
	uint64_t oa; /* of the first */
	fmt_word kind; /* the attributes as a word of address 0, marks cleared */
	bool changes; /* is there more than one leaf in it? */
	bool dirty; /* was one of them marked when it was looked at? */
};

/* Where the address that a replaced table began at is kept, for late marks. */
PT_ALWAYS_INLINE uint64_t *replaced_iova(void *table)
{
	return (uint64_t *)(void *)&table_page_of(table)->owner[16];
}

PT_ALWAYS_INLINE fmt_word join_kind(const struct pt_state *state, fmt_word word, unsigned int level)
{
	return fmt_leaf(fmt_attributes_of(state->config.quirks, fmt_make_clean(word, level), level),
			0, fmt_item_lg2(level), level);
}

/* The attributes of leaves of @kind, marked or not. */
PT_ALWAYS_INLINE fmt_attributes join_attributes(const struct pt_state *state, fmt_word kind,
						bool dirty, unsigned int level)
{
	return fmt_attributes_of(state->config.quirks, dirty ? fmt_make_dirty(kind, level) : kind,
				 level);
}

/* Is an item of @level as large as a leaf? */
PT_ALWAYS_INLINE bool join_fills_item(const struct join_walk *walk, unsigned int level)
{
	return walk->page_sizes & lg2_bytes(fmt_item_lg2(level));
}

/* May there be tables among items of @level that give way to a leaf? */
PT_ALWAYS_INLINE bool join_has_tables(const struct join_walk *walk, unsigned int level)
{
	return level && !(walk->finds_out && join_fills_item(walk, level));
}

/* Is any of these leaves marked? Table items are not, and what is below them comes later: join_let_go(). */
PT_ALWAYS_INLINE bool join_is_dirty(const fmt_word *first, unsigned int items, unsigned int level)
{
	bool dirty = false;

	for (unsigned int i = 0; FMT_DIRTY && i < items; i++)
		dirty |= fmt_is_dirty(item_load(&first[i]), level);
	return dirty;
}

/* The table of @level at @iova gives way to a leaf. */
PT_ALWAYS_INLINE void join_drop(struct join_walk *walk, fmt_word *table, uint64_t iova,
				unsigned int level)
{
	if (FMT_DIRTY)
		*replaced_iova(table) = iova;
	table_list_push(&walk->replaced, table, fmt_table_lg2(level));
}

/* So do the tables among @items at @level, and what is below them. Returns whether there were any. */
PT_COLD bool join_drop_among(struct join_walk *walk, const fmt_word *first, unsigned int items,
			     uint64_t iova, unsigned int level)
{
	bool tables = false;

	for (unsigned int i = 0; i < items; i++) {
		uint64_t here = iova + ((uint64_t)i << fmt_item_lg2(level));
		fmt_word word = item_load(&first[i]), *child;

		if (!fmt_is_table(word, level))
			continue;
		child = fmt_table_address(word, level);
		if (join_has_tables(walk, level - 1))
			join_drop_among(walk, child, 1u << fmt_index_lg2(level - 1), here,
					level - 1);
		join_drop(walk, child, here, level - 1);
		tables = true;
	}
	return tables;
}

/* Write one leaf of @items items over what is there, dirty if any part of that is. */
PT_COLD void join_leaf(struct join_walk *walk, const struct map_walk *pieces, fmt_word kind,
		       fmt_word *first, unsigned int items, unsigned int level)
{
	const struct pt_state *state = walk->state;
	bool dirty = join_is_dirty(first, items, level), tables = false;
	fmt_attributes attributes;

	if (join_has_tables(walk, level))
		tables = join_drop_among(walk, first, items, pieces->iova, level);
	if (FMT_BREAK_BEFORE_MAKE && state->config.break_before_make)
		dirty |= resize_break(state, first, items, pieces->iova, level, tables);
	attributes = join_attributes(state, kind, dirty, level);
	for (unsigned int i = 0; i < items; i++)
		resize_item(&first[i],
			    fmt_leaf(attributes, pieces->oa + ((uint64_t)i << fmt_item_lg2(level)),
				     pieces->lg2, level),
			    level);
	items_flush(state, first, items);
	walk->changed = true;
}

/* Rewrite a run with the largest leaves of this level that fit. @iova: where its table begins. */
PT_COLD void join_run(struct join_walk *walk, fmt_word *table, const struct join_run *run,
		      uint64_t iova, unsigned int level)
{
	struct map_walk pieces PT_UNINITIALIZED;
	unsigned int index = run->first;

	if (run->first == run->end || !run->changes)
		return;
	map_begin(&pieces, walk->state, iova + ((uint64_t)index << fmt_item_lg2(level)), run->oa,
		  (uint64_t)(run->end - index) << fmt_item_lg2(level));
	pieces.page_sizes = walk->page_sizes;
	map_choose_size(&pieces);
	while (index < run->end) {
		/* A smaller leaf than an item: the table there has it already. */
		bool stays = pieces.lg2 < fmt_item_lg2(level);
		unsigned int items = stays ? 1 : 1u << (pieces.lg2 - fmt_item_lg2(level));
		fmt_word word = item_load(&table[index]);

		if (!stays &&
		    (fmt_is_table(word, level) || fmt_leaf_lg2(word, level) != pieces.lg2))
			join_leaf(walk, &pieces, run->kind, &table[index], items, level);
		map_advance(&pieces, items, level);
		index += items;
	}
}

/*
 * Could a leaf of a level above take the place of a table at @level that is all one run, by itself or as
 * a part of one?
 */
PT_ALWAYS_INLINE bool join_moves_up(const struct join_walk *walk, const struct join_run *run,
				    unsigned int items, unsigned int level)
{
	unsigned int lg2 = fmt_item_lg2(level + 1);

	return level != walk->top_level && !run->first && run->end == items &&
	       fmt_leaf_level(level + 1) && walk->page_sizes >> lg2 && !(run->oa & lg2_mask(lg2));
}

/*
 * The child at @item, wholly inside the range, is one run: a leaf takes its place. Returns the leaf; where
 * there is none of that size, it is only what a part of a larger one would say.
 */
PT_COLD fmt_word join_replace(struct join_walk *walk, fmt_word *item, uint64_t iova,
			      unsigned int level)
{
	const struct pt_state *state = walk->state;
	fmt_word *child = fmt_table_address(item_load(item), level);
	fmt_word leaf =
		fmt_leaf(walk->whole_attributes, walk->whole_oa, fmt_item_lg2(level), level);

	if (!join_fills_item(walk, level))
		return leaf;
	if (FMT_BREAK_BEFORE_MAKE && state->config.break_before_make)
		resize_break(state, item, 1, iova, level, true);
	__atomic_store_n(item, leaf, __ATOMIC_RELEASE);
	items_flush(state, item, 1);
	if (join_has_tables(walk, level - 1))
		join_drop_among(walk, child, 1u << fmt_index_lg2(level - 1), iova, level - 1);
	join_drop(walk, child, iova, level - 1);
	walk->changed = true;
	return leaf;
}

/* Add the leaf @word at @index to @run, or end that and begin another. Returns the leaf's items. */
PT_ALWAYS_INLINE unsigned int join_add(struct join_walk *walk, struct join_run *run,
				       fmt_word *table, unsigned int index, fmt_word word,
				       uint64_t table_iova, unsigned int level)
{
	fmt_word kind = join_kind(walk->state, word, level);
	unsigned int lg2 = fmt_leaf_lg2(word, level), items = 1u << (lg2 - fmt_item_lg2(level));
	uint64_t iova = table_iova + ((uint64_t)index << fmt_item_lg2(level));
	uint64_t oa = fmt_leaf_oa(word, level);
	bool stays = (index & (items - 1)) || walk->last - iova < lg2_mask(lg2) ||
		     lg2 > walk->largest_lg2;

	items -= index & (items - 1);
	if (stays || run->first == run->end || kind != run->kind ||
	    oa != run->oa + ((uint64_t)(index - run->first) << fmt_item_lg2(level))) {
		join_run(walk, table, run, table_iova, level);
		*run = (struct join_run){ .first = index, .end = index, .oa = oa, .kind = kind };
		if (stays)
			return items;
	} else {
		run->changes = true;
	}
	run->end = index + items;
	run->dirty |= FMT_DIRTY && fmt_is_dirty(word, level);
	for (unsigned int i = index + 1; FMT_DIRTY && i < run->end; i++)
		run->dirty |= fmt_is_dirty(item_load(&table[i]), level);
	return items;
}

PT_ALWAYS_INLINE int join_body(struct join_walk *walk, void *memory, unsigned int index,
			       unsigned int level, join_fn below)
{
	fmt_word *table = memory;
	unsigned int items = table_items(walk->state, level, level == walk->top_level);
	uint64_t iova = walk->iova;
	uint64_t touched = (walk->last >> fmt_item_lg2(level)) - (iova >> fmt_item_lg2(level)) + 1;
	unsigned int end = touched < items - index ? index + (unsigned int)touched : items;
	/* Items wholly inside the range. */
	unsigned int whole_end =
		touched <= items - index && (~walk->last & lg2_mask(fmt_item_lg2(level))) ? end - 1
											  : end;
	uint64_t table_iova =
		(iova & ~lg2_mask(fmt_item_lg2(level))) - ((uint64_t)index << fmt_item_lg2(level));
	struct join_run run = { .first = 0 };
	/* A leaf that the range begins inside of is not touched. */
	bool inside = iova & lg2_mask(fmt_item_lg2(level));

	while (index < end) {
		uint64_t here = table_iova + ((uint64_t)index << fmt_item_lg2(level));
		fmt_word word = item_load(&table[index]);

		if (level && below && fmt_is_table(word, level)) {
			walk->iova = iova > here ? iova : here;
			below(walk, fmt_table_address(word, level),
			      item_index(walk->iova, level - 1), level - 1);
			if (walk->whole)
				word = join_replace(walk, &table[index], here, level);
		}
		if (fmt_is_leaf(word, level) && !inside) {
			index += join_add(walk, &run, table, index, word, table_iova, level);
			if (run.end == index) {
				index = leaves_follow_far(walk->state, table, index, whole_end,
							  word, level, &run.dirty);
				run.changes |= index != run.end;
				run.end = index;
			}
		} else {
			join_run(walk, table, &run, table_iova, level);
			run = (struct join_run){ .first = 0 };
			index++;
		}
		inside = false;
	}
	walk->whole = run.first != run.end && join_moves_up(walk, &run, items, level);
	if (walk->whole) {
		walk->whole_oa = run.oa;
		walk->whole_attributes = join_attributes(walk->state, run.kind, run.dirty, level);
	}
	if (!walk->whole || !join_fills_item(walk, level + 1))
		join_run(walk, table, &run, table_iova, level);
	return 0;
}

PT_RECURSIVE(PT_COLD, join_walk, join)

/* Let go of replaced tables, and carry their marks over: after a flush no walker writes any more there. */
PT_COLD void join_let_go(struct join_walk *walk, uint64_t iova, uint64_t last,
			 struct pt_gather *gather)
{
	struct pt_state *state = walk->state;

	if (state->config.flush)
		state->config.flush(state->config.context, iova, last, true);
	while (walk->replaced) {
		fmt_word *table = (fmt_word *)((uintptr_t)walk->replaced & ~TABLE_LIST_TAG);
		unsigned int bytes_lg2 = (uintptr_t)walk->replaced & TABLE_LIST_TAG;

		walk->replaced = *table_link(table);
		/* Marks are in the same place at every level. */
		for (unsigned int i = 0; FMT_DIRTY && i < (1u << bytes_lg2) / sizeof(*table); i++)
			if (fmt_is_dirty(item_load(&table[i]), 0)) {
				PT_SYMBOL(set_dirty)(&state->api, *replaced_iova(table));
				break;
			}
		table_list_push(&gather->tables, table, bytes_lg2);
	}
}

/* Make @walk ready for a range. Returns 1, 0 where nothing can be mapped, or an error. */
PT_COLD int join_begin(struct join_walk *walk, struct pt_state *state, uint64_t iova,
		       uint64_t length, unsigned int largest_lg2, uintptr_t top)
{
	unsigned int level = pt_top_level(top);
	uint64_t last = iova + length - 1;
	int result = pt_check_range(state, iova, length);

	if (result)
		return result;
	if (largest_lg2 > 63 || lg2_bytes(largest_lg2) <= state->granule_mask)
		return -EINVAL;
	*walk = (struct join_walk){ .state = state,
				    .iova = iova,
				    .last = last,
				    .page_sizes = state->page_sizes & ((2ULL << largest_lg2) - 1),
				    .largest_lg2 = largest_lg2,
				    .top_level = level };
	if (!root_spans(iova, level))
		return 0;
	if (FMT_DYNAMIC_TOP && level < FMT_TOP_LEVEL_MAX) /* no leaves above the root */
		walk->page_sizes &= lg2_mask(fmt_item_lg2(level + 1));
	if (!root_spans(last, level))
		walk->last = ~(~lg2_mask(fmt_index_lg2(level)) << fmt_item_lg2(level));
	return 1;
}

/* What was changed in [iova, last] is to be flushed, and what has given way to be freed. */
PT_COLD void join_end(struct join_walk *walk, uint64_t iova, uint64_t last,
		      struct pt_gather *gather)
{
	if (!walk->changed)
		return;
	gather_add(walk->state, gather, iova, last);
	if (walk->replaced)
		join_let_go(walk, iova, last, gather);
}

PT_COLD int PT_SYMBOL(reassemble)(struct pagetable *pagetable, uint64_t iova, uint64_t length,
				  unsigned int largest_lg2, struct pt_gather *gather)
{
	struct pt_state *state = pt_state(pagetable);
	uintptr_t top = pt_top_load(state);
	struct join_walk walk PT_UNINITIALIZED;
	int result = join_begin(&walk, state, iova, length, largest_lg2, top);

	if (result <= 0)
		return result;
	walk.finds_out = true;
	join_enter_cold(&walk, pt_top_table(top), root_index(state, iova, walk.top_level),
			walk.top_level);
	join_end(&walk, iova, iova + length - 1, gather);
	return 0;
}

#endif
