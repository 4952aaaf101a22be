/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * map.h - map one physical range, in one walk, with the largest leaves that fit.
 *
 * Where tables exist, leaves are written in place. Where one is missing, all
 * that the range needs below that item is built out of sight and then put in
 * place by one compare-and-swap: a table that the range fills is never cleared
 * first, no walker sees a half-written one, and running out of memory undoes
 * itself by freeing what nobody has seen.
 *
 * A table that the range fills can also be taken back once it is in place, but
 * one that the range only begins in cannot, because a neighbour may have moved in. That
 * one is therefore put in place last, when nothing can fail any more.
 */
#ifndef PT_IOMMU_MAP_H
#define PT_IOMMU_MAP_H

#include "iommu/gather.h"
#include "iommu/items.h"
#include "iommu/unmap.h"

PT_LEVEL_TYPES(map);

struct map_side;

struct map_walk {
	struct pt_state *state;
	uint64_t iova, oa;        /* where the walk is */
	uint64_t remaining;       /* bytes still to map */
	fmt_attributes attributes;
	unsigned int lg2;         /* the leaf size to use here */
	unsigned int top_level;
	bool off_path;            /* side is in use */
	struct map_side *side;
};

/* What only walks need that leave the straight path. */
struct map_side {
	uint64_t first;           /* where the operation began */
	struct pt_gather gather;  /* empty tables that leaves have replaced */
	/* The table that the range begins in, built but not yet in place; item is NULL without one. */
	fmt_word *item;
	fmt_word word;
	unsigned int level;
	struct map_walk begun;    /* the walk that built it, remaining cut to what is in it */
};

PT_ALWAYS_INLINE void map_leave_path(struct map_walk *walk)
{
	walk->off_path = true;
	walk->side->first = walk->iova;
	walk->side->gather = (struct pt_gather){ .start = UINT64_MAX, .lazy = true };
	walk->side->item = NULL;
}

PT_ALWAYS_INLINE void map_choose_size(struct map_walk *walk)
{
	walk->lg2 = best_size_lg2(walk->state->page_sizes, walk->iova, walk->oa, walk->remaining);
}

PT_ALWAYS_INLINE void map_advance(struct map_walk *walk, unsigned int items, unsigned int level)
{
	uint64_t bytes = (uint64_t)items << fmt_item_lg2(level);

	walk->iova += bytes;
	walk->oa += bytes;
	walk->remaining -= bytes;
	if (walk->remaining)
		map_choose_size(walk);
}

/* How many items the leaves of walk->lg2 take from @index on, in a table of @items. */
PT_ALWAYS_INLINE unsigned int map_run(const struct map_walk *walk, unsigned int index,
				      unsigned int items, unsigned int level)
{
	uint64_t run = best_size_run(walk->state->page_sizes, walk->iova, walk->oa, walk->remaining,
				     walk->lg2) >>
		       fmt_item_lg2(level);

	return run < items - index ? (unsigned int)run : items - index;
}

/* Is there no leaf in @table and below? */
PT_COLD bool table_is_empty(const fmt_word *table, unsigned int level)
{
	for (unsigned int i = 0; i < 1u << fmt_index_lg2(level); i++) {
		fmt_word word = item_load(&table[i]);

		if (fmt_is_empty(word, level))
			continue;
		if (!fmt_is_table(word, level) ||
		    !table_is_empty(fmt_table_address(word, level), level - 1))
			return false;
	}
	return true;
}

/*
 * A leaf is to go where @item holds something. If that is a table without leaves, detach it
 * (the flush and the freeing follow at the end of the operation); else false.
 */
PT_COLD bool map_replaces_empty_table(struct map_walk *walk, fmt_word *item, uint64_t iova,
				      unsigned int level)
{
	fmt_word word = item_load(item);

	if (!fmt_is_table(word, level) ||
	    !table_is_empty(fmt_table_address(word, level), level - 1))
		return false;
	item_store(item, fmt_empty(level));
	items_flush(walk->state, item, 1);
	gather_add(walk->state, &walk->side->gather, iova,
		   iova | lg2_mask(fmt_item_lg2(level)));
	collect_child(&walk->side->gather.tables, word, level);
	return true;
}

/* Write @count items of leaves at @index. Returns how many were written; fewer at an occupied one. */
PT_ALWAYS_INLINE unsigned int map_write(struct map_walk *walk, fmt_word *table, unsigned int index,
					unsigned int count, unsigned int level)
{
	fmt_attributes attributes = walk->attributes;
	unsigned int lg2 = walk->lg2;
	uint64_t oa = walk->oa;

	for (unsigned int i = 0; i < count; i++) {
		fmt_word *item = &table[index + i];

		if (PT_UNLIKELY(!fmt_is_empty(item_load(item), level)) &&
		    (!level ||
		     !map_replaces_empty_table(walk, item, walk->iova + (oa - walk->oa), level)))
			return i;
		item_store(item, fmt_leaf(attributes, oa, lg2, level));
		oa += lg2_bytes(fmt_item_lg2(level));
	}
	return count;
}

/* Leaves of the size chosen, in a table that walkers see. Returns the items written, or an error. */
PT_ALWAYS_INLINE int map_leaves(struct map_walk *walk, fmt_word *table, unsigned int index,
				unsigned int items, unsigned int level)
{
	unsigned int count = map_run(walk, index, items, level);
	unsigned int written = map_write(walk, table, index, count, level);

	items_flush(walk->state, &table[index], written);
	if (PT_UNLIKELY(written < count)) {
		/* Of a leaf of several items all or none stay, for the undoing to find it whole. */
		unsigned int whole = written & ~(unsigned int)lg2_mask(walk->lg2 - fmt_item_lg2(level));

		for (unsigned int i = whole; i < written; i++)
			item_store(&table[index + i], fmt_empty(level));
		items_flush(walk->state, &table[index + whole], written - whole);
		map_advance(walk, whole, level);
		return -EADDRINUSE;
	}
	map_advance(walk, count, level);
	return (int)count;
}

PT_ALWAYS_INLINE bool map_leaf_here(const struct map_walk *walk, unsigned int level)
{
	return !level || (fmt_leaf_level(level) && walk->lg2 >= fmt_item_lg2(level));
}

/* Free tables that no walker has seen. */
PT_COLD void map_discard(fmt_word *table, unsigned int level, unsigned int end)
{
	void *list = NULL;

	collect_tables(&list, table, level, end);
	table_list_free(list);
}

/*
 * A new table at @level with all of the range that it spans, and the tables
 * below it. NULL without memory, and nothing allocated; the walk is then anywhere.
 */
PT_NOINLINE fmt_word *map_build(struct map_walk *walk, unsigned int level)
{
	unsigned int items = 1u << fmt_index_lg2(level), index = item_index(walk->iova, level);
	bool filled = !index && walk->remaining >> fmt_item_lg2(level) >= items &&
		      !(walk->iova & lg2_mask(fmt_item_lg2(level)));
	fmt_word *table = table_new(level, !filled);

	if (!table)
		return NULL;
	do {
		if (map_leaf_here(walk, level)) {
			unsigned int count = map_run(walk, index, items, level);
			uint64_t oa = walk->oa;

			for (unsigned int end = index + count; index < end; index++) {
				item_store(&table[index],
					   fmt_leaf(walk->attributes, oa, walk->lg2, level));
				oa += lg2_bytes(fmt_item_lg2(level));
			}
			map_advance(walk, count, level);
		} else {
			fmt_word *child = map_build(walk, level - 1);

			if (!child) {
				map_discard(table, level, index);
				return NULL;
			}
			item_store(&table[index++], table_word(walk->state, child, level));
		}
	} while (walk->remaining && index < items);
	items_flush(walk->state, table, items);
	return table;
}

PT_COLD int map_again(struct map_walk *walk, fmt_word *item, unsigned int level);

/*
 * Put a built table in its place. If another thread was faster, throw it away
 * and map what @begun says into the other's; should that fail, begun->iova says how far it got.
 */
PT_NOINLINE int map_install(struct map_walk *begun, fmt_word *item, fmt_word word,
			    unsigned int level)
{
	if (PT_LIKELY(item_install(item, fmt_empty(level), word))) {
		items_flush(begun->state, item, 1);
		return 0;
	}
	map_discard(fmt_table_address(word, level), level - 1, 1u << fmt_index_lg2(level - 1));
	return map_again(begun, item, level);
}

/* The range needs a table where @item has none. */
PT_NOINLINE int map_missing(struct map_walk *walk, fmt_word *item, unsigned int level)
{
	struct map_side *side = walk->side;
	struct map_walk begun = *walk;
	fmt_word *child, word;
	int result;

	if (!fmt_is_empty(item_load(item), level))
		return -EADDRINUSE;
	child = map_build(walk, level - 1);
	if (PT_UNLIKELY(!child)) {
		*walk = begun;
		return -ENOMEM;
	}
	begun.remaining -= walk->remaining;
	word = table_word(walk->state, child, level);
	if (walk->remaining && begun.iova == side->first &&
	    (begun.iova & lg2_mask(fmt_item_lg2(level)))) {
		side->item = item;
		side->word = word;
		side->level = level;
		side->begun = begun;
		return 0;
	}
	result = map_install(&begun, item, word, level);
	if (PT_UNLIKELY(result))
		walk->iova = begun.iova;
	return result;
}

/* The range is a part of one item, which is a table; or it is one leaf that fills one item. */
PT_ALWAYS_INLINE enum pt_step map_step(struct map_walk *walk, void **table, unsigned int *index,
				       unsigned int level)
{
	uint64_t last = walk->iova + walk->remaining - 1;
	fmt_word *item = &((fmt_word *)*table)[*index], word;

	if (map_leaf_here(walk, level)) {
		if (walk->remaining != lg2_bytes(fmt_item_lg2(level)) ||
		    PT_UNLIKELY(!fmt_is_empty(item_load(item), level)))
			return PT_STEP_LEAVE;
		item_store(item, fmt_leaf(walk->attributes, walk->oa, fmt_item_lg2(level), level));
		items_flush(walk->state, item, 1);
		return PT_STEP_DONE;
	}
	if ((walk->iova ^ last) >> fmt_item_lg2(level))
		return PT_STEP_LEAVE;
	word = item_load(item);
	if (PT_UNLIKELY(!fmt_is_table(word, level)))
		return PT_STEP_LEAVE;
	*table = fmt_table_address(word, level);
	*index = item_index(walk->iova, level - 1);
	return PT_STEP_DOWN;
}

PT_ALWAYS_INLINE int map_body(struct map_walk *walk, void *memory, unsigned int index,
			      unsigned int level, map_fn below)
{
	fmt_word *table = memory;
	unsigned int items = table_items(walk->state, level, level == walk->top_level);
	int result;

	do {
		if (map_leaf_here(walk, level) || !below) {
			result = map_leaves(walk, table, index, items, level);
			if (PT_UNLIKELY(result < 0))
				return result;
			index += (unsigned int)result;
		} else {
			fmt_word word = item_load(&table[index]);

			if (PT_LIKELY(fmt_is_table(word, level)))
				result = below(walk, fmt_table_address(word, level),
					       item_index(walk->iova, level - 1), level - 1);
			else
				result = map_missing(walk, &table[index], level);
			if (PT_UNLIKELY(result))
				return result;
			index++;
		}
	} while (walk->remaining && index < items);
	return 0;
}

PT_LEVELS(map)

PT_COLD int map_again(struct map_walk *walk, fmt_word *item, unsigned int level)
{
	fmt_word word = item_load(item);

	if (!fmt_is_table(word, level))
		return fmt_is_empty(word, level) ? map_missing(walk, item, level) : -EADDRINUSE;
	return map_enter_cold(walk, fmt_table_address(word, level),
			      item_index(walk->iova, level - 1), level - 1);
}

/* Take back what this operation has mapped in [from, end), and every table made for it. */
PT_COLD void map_take_back(struct map_walk *walk, uint64_t from, uint64_t end)
{
	struct pt_state *state = walk->state;
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top);
	struct pt_gather *gather = &walk->side->gather;
	struct unmap_walk undo;

	if (from == end || !unmap_begin(&undo, state, top, from, end - 1, &gather->tables))
		return;
	gather_add(state, gather, from, end - 1);
	unmap_enter_cold(&undo, pt_top_table(top), root_index(state, from, level), level);
}

/* After a walk: put the first table in place, or undo all; then flush and free. */
PT_COLD int map_finish(struct map_walk walk, int result)
{
	struct map_side *side = walk.side;
	uint64_t first = side->first, begun_end = side->begun.iova + side->begun.remaining;

	if (!side->item) {
		if (result)
			map_take_back(&walk, first, walk.iova);
	} else if (result) {
		map_discard(fmt_table_address(side->word, side->level), side->level - 1,
			    1u << fmt_index_lg2(side->level - 1));
		map_take_back(&walk, begun_end, walk.iova);
	} else {
		side->first = PT_NOT_MAPPED; /* from now on nothing is left for later */
		result = map_install(&side->begun, side->item, side->word, side->level);
		if (result) {
			map_take_back(&walk, first, side->begun.iova);
			map_take_back(&walk, begun_end, walk.iova);
		}
	}
	if (side->gather.start <= side->gather.last)
		pt_sync(&walk.state->api, &side->gather);
	return result;
}

/* An occupied item at the end of the straight path. */
PT_COLD int map_undo(struct map_walk walk, uint64_t first, int result)
{
	uint64_t reached = walk.iova;

	walk.iova = first;
	map_leave_path(&walk);
	walk.iova = reached;
	return map_finish(walk, result);
}

/* Does a root at @level span the range, and may it hold leaves as large as chosen? */
PT_ALWAYS_INLINE bool root_suffices(const struct map_walk *walk, unsigned int level)
{
	return !FMT_DYNAMIC_TOP || (root_spans(walk->iova + walk->remaining - 1, level) &&
				    walk->lg2 < fmt_item_lg2(level + 1));
}

#if FMT_DYNAMIC_TOP
/*
 * Grow the root, one compare-and-swap for all the levels that are needed. The
 * old root stays where it is, as what the first item of the new one points to, so
 * that others may go on using it.
 */
PT_COLD int map_grow(struct map_walk walk)
{
	struct pt_state *state = walk.state;
	uintptr_t old = pt_top_load(state), top = old;
	void *unused = NULL;

	while (!root_suffices(&walk, pt_top_level(top))) {
		unsigned int level = pt_top_level(top) + 1;
		fmt_word *root = table_new(level, true);

		if (!root) {
			table_list_free(unused);
			return -ENOMEM;
		}
		table_list_push(&unused, root, fmt_table_lg2(level));
		item_store(root, table_word(state, pt_top_table(top), level));
		top = (uintptr_t)root | level;
	}
	if (top != old && !__atomic_compare_exchange_n(&state->top, &old, top, false,
						       __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
		/* Another thread has grown it: perhaps far enough. */
		table_list_free(unused);
		return map_grow(walk);
	}
	if (top != old && state->config.root_changed)
		state->config.root_changed(state->config.context);
	return 0;
}
#endif

static int PT_SYMBOL(map)(struct pagetable *pagetable, uint64_t iova, uint64_t oa, uint64_t length,
			  unsigned int prot)
{
	struct pt_state *state = pt_state(pagetable);
	struct map_side side;
	struct map_walk walk;
	uintptr_t top = pt_top_load(state);
	int result = pt_check_mapping(state, iova, oa, length);

	if (PT_UNLIKELY(result))
		return result;
	/* Field by field: an initializer would have the compiler clear it all with rep stos. */
	walk.state = state;
	walk.iova = iova;
	walk.oa = oa;
	walk.remaining = length;
	walk.off_path = false;
	walk.side = &side;
	if (PT_UNLIKELY(!fmt_leaf_attributes(state->config.quirks, prot, &walk.attributes)))
		return -EINVAL;
	map_choose_size(&walk);
#if FMT_DYNAMIC_TOP
	if (PT_UNLIKELY(!root_suffices(&walk, pt_top_level(top)))) {
		result = map_grow(walk);
		if (result)
			return result;
		top = pt_top_load(state);
	}
#endif
	walk.top_level = pt_top_level(top);
	result = map_enter(&walk, pt_top_table(top), root_index(state, iova, walk.top_level),
			   walk.top_level);
	if (PT_UNLIKELY(walk.off_path)) {
		if (result || side.item || side.gather.start <= side.gather.last)
			return map_finish(walk, result);
		return 0;
	}
	/* On the straight path only an occupied item stops a walk. */
	return PT_LIKELY(result >= 0) ? 0 : map_undo(walk, iova, result);
}

#endif
