/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * map_walk.h - where a mapping operation is: which address, which physical run,
 * which leaf size; and writing leaves there.
 */
#ifndef PT_IOMMU_MAP_WALK_H
#define PT_IOMMU_MAP_WALK_H

#include "iommu/gather.h"
#include "iommu/uses.h"

struct map_side;

struct map_walk {
	struct pt_state *state;
	uint64_t iova, oa; /* where the walk is */
	uint64_t last; /* the last address to map */
	uint64_t page_sizes; /* leaf sizes to use */
	uint64_t remaining; /* bytes left of this physical run; 0 when all is done */
	const struct pt_run *runs; /* those to come */
	size_t runs_left;
	const uint64_t *sizes; /* leaf sizes of each of these runs, or NULL: all have the same */
	bool joins; /* take runs that touch as one */
	bool eager; /* the policy: count who is in a table, and what it holds */
	fmt_attributes attributes;
	unsigned int lg2; /* the leaf size to use here */
	unsigned int top_level;
	/* Bits that all table items on the way have had; all, where there were none. */
	fmt_word passed;
	struct map_side *side; /* NULL for those that change leaves */
};

/* What only operations need that map, not those that use the same pieces to change leaves. */
struct map_side {
	uint64_t begin; /* where the operation began */
	bool postpones; /* the table that the range begins in is put in place last */
	const struct pt_run *runs; /* all of it */
	size_t run_count;
	struct pt_gather gather; /* tables that the operation detaches */
	/* The table that the range begins in, built but not yet in place; item is NULL without one. */
	fmt_word *item;
	fmt_word word;
	unsigned int level;
	uint64_t end; /* of what is in it */
};

/* A walk goes below a table item: @passed takes the bits that all of them have. */
PT_ALWAYS_INLINE void map_passes(fmt_word *passed, fmt_word word)
{
	if (FMT_MAY_BE_INCOHERENT)
		*passed &= word;
}

/* May one of the table items on the way be one that a walker which does not snoop cannot see yet? */
PT_ALWAYS_INLINE bool map_passed_unseen(fmt_word passed)
{
	return FMT_WRITTEN_BACK ? !(passed & FMT_WRITTEN_BACK) : passed != ~(fmt_word)0;
}

/*
 * Be at the beginning of one physical run. Field by field: an initializer would have the compiler clear it
 * all with rep stos.
 */
PT_ALWAYS_INLINE void map_begin(struct map_walk *walk, struct pt_state *state, uint64_t iova,
				uint64_t oa, uint64_t length)
{
	walk->state = state;
	walk->iova = iova;
	walk->oa = oa;
	walk->last = iova + length - 1;
	walk->page_sizes = state->page_sizes;
	walk->remaining = length;
	walk->runs = NULL;
	walk->runs_left = 0;
	walk->sizes = NULL;
	walk->joins = false;
	walk->eager = false;
	walk->passed = ~(fmt_word)0;
	walk->side = NULL;
}

PT_ALWAYS_INLINE void map_choose_size(struct map_walk *walk)
{
	walk->lg2 = best_size_lg2(walk->page_sizes, walk->iova, walk->oa, walk->remaining);
}

/* On to the next physical run, with those that touch it where runs are joined. */
PT_NOINLINE void map_next_run(struct map_walk *walk)
{
	uint64_t length = walk->runs->length, room = walk->last - walk->iova + 1;

	walk->oa = walk->runs->oa;
	for (;;) {
		walk->runs++;
		if (!--walk->runs_left || !walk->joins || walk->runs->oa != walk->oa + length)
			break;
		length += walk->runs->length;
	}
	walk->remaining = length < room ? length : room;
	if (PT_UNLIKELY(walk->sizes))
		walk->page_sizes = *walk->sizes++;
	map_choose_size(walk);
}

/* Go on by @bytes, no more than there are of this run. */
PT_ALWAYS_INLINE void map_pass(struct map_walk *walk, uint64_t bytes)
{
	walk->iova += bytes;
	walk->oa += bytes;
	walk->remaining -= bytes;
	if (walk->remaining)
		map_choose_size(walk);
	else if (walk->runs_left && walk->iova - 1 != walk->last)
		map_next_run(walk);
}

PT_ALWAYS_INLINE void map_advance(struct map_walk *walk, unsigned int items, unsigned int level)
{
	map_pass(walk, (uint64_t)items << fmt_item_lg2(level));
}

/* Be at @iova, which the operation has come to before, once more: it maps up to @last. */
PT_COLD void map_seek(struct map_walk *walk, uint64_t iova, uint64_t last)
{
	walk->iova = walk->side->begin;
	walk->last = last;
	walk->runs = walk->side->runs;
	walk->runs_left = walk->side->run_count;
	map_next_run(walk);
	while (walk->iova != iova) {
		uint64_t bytes = iova - walk->iova;

		map_pass(walk, bytes < walk->remaining ? bytes : walk->remaining);
	}
}

PT_ALWAYS_INLINE bool map_leaf_here(const struct map_walk *walk, unsigned int level)
{
	return !level || (fmt_leaf_level(level) && walk->lg2 >= fmt_item_lg2(level));
}

/* How many items the leaves of walk->lg2 take from @index on, in a table of @items. */
PT_ALWAYS_INLINE unsigned int map_run_items(const struct map_walk *walk, unsigned int index,
					    unsigned int items, unsigned int level)
{
	uint64_t run =
		best_size_run(walk->page_sizes, walk->iova, walk->oa, walk->remaining, walk->lg2) >>
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
	gather_add(walk->state, &walk->side->gather, iova, iova | lg2_mask(fmt_item_lg2(level)));
	collect_child(&walk->side->gather.tables, word, level);
	return true;
}

/* Is the item at @i of a run free, or can it be made so? */
PT_ALWAYS_INLINE bool map_finds_room(struct map_walk *walk, fmt_word *first, unsigned int i,
				     unsigned int level)
{
	if (PT_LIKELY(fmt_is_empty(item_load(&first[i]), level)))
		return true;
	return level &&
	       map_replaces_empty_table(walk, &first[i],
					walk->iova + ((uint64_t)i << fmt_item_lg2(level)), level);
}

/*
 * Write @count items of leaves of 1 << @lg2 bytes from @first on, which map to @oa on. Returns how many were
 * written; fewer at an occupied one. @walk: for making room; nobody does that at level 0.
 */
PT_ALWAYS_INLINE unsigned int map_write(struct map_walk *walk, fmt_word *first, unsigned int count,
					fmt_attributes attributes, uint64_t oa, unsigned int lg2,
					unsigned int level)
{
	unsigned int i = 0;

	if (PT_LIKELY(lg2 == fmt_item_lg2(level) &&
		      leaves_step(oa, (uint64_t)count << fmt_item_lg2(level)))) {
		fmt_word word = fmt_leaf(attributes, oa, fmt_item_lg2(level), level);

		for (; i < count && map_finds_room(walk, first, i, level); i++) {
			item_store(&first[i], word);
			word += FMT_LEAF_STEP(level);
		}
		return i;
	}
	for (; i < count && map_finds_room(walk, first, i, level); i++) {
		item_store(&first[i], fmt_leaf(attributes, oa, lg2, level));
		oa += lg2_bytes(fmt_item_lg2(level));
	}
	return i;
}

/* Longer runs than so many items pay for being looked at one by one. */
#define SHORT_RUN_ITEMS 8ULL

/*
 * Scattered memory: runs too short for any leaf but an item of level 0, so that there is nothing to choose.
 * Writes the walk's own run and those that follow, as long as they are short, lie apart and end in the
 * leaf table @table, from @index on; @seen: walkers see it. Returns the items written, 0 where that
 * is not what comes next, or an error, with the walk at the occupied leaf.
 */
PT_NOINLINE int map_short_runs(struct map_walk *walk, fmt_word *table, unsigned int index,
			       unsigned int items, bool seen)
{
	const uint64_t larger = walk->page_sizes & (walk->page_sizes - 1);
	const struct pt_run *run = walk->runs, *end = run + walk->runs_left;
	const fmt_attributes attributes = walk->attributes;
	uint64_t room = (uint64_t)(items - index) << fmt_item_lg2(0);
	uint64_t longest = (larger & -larger) - 1; /* all bits where no size is larger */
	uint64_t oa = walk->oa, length = walk->remaining;
	fmt_word *item = &table[index];
	bool occupied = false;

	if (longest > SHORT_RUN_ITEMS << fmt_item_lg2(0))
		longest = SHORT_RUN_ITEMS << fmt_item_lg2(0);
	if (room - 1 > walk->last - walk->iova)
		room = walk->last - walk->iova + 1;
	if (walk->lg2 != fmt_item_lg2(0) || length > longest || length > room)
		return 0;
	for (;;) {
		room -= length;
		do {
			if (seen && PT_UNLIKELY(!fmt_is_empty(item_load(item), 0))) {
				occupied = true;
				break;
			}
			item_store(item++, fmt_leaf(attributes, oa, fmt_item_lg2(0), 0));
			oa += lg2_bytes(fmt_item_lg2(0));
			length -= lg2_bytes(fmt_item_lg2(0));
		} while (length);
		if (occupied || run == end)
			break;
		length = run->length;
		if (length > longest || length > room ||
		    (run + 1 < end && run[1].oa == run->oa + length))
			break;
		oa = run++->oa;
	}
	items = (unsigned int)(item - &table[index]);
	walk->runs = run;
	walk->runs_left = (size_t)(end - run);
	walk->remaining = 0;
	walk->iova += (uint64_t)items << fmt_item_lg2(0);
	if (PT_UNLIKELY(occupied))
		return -EADDRINUSE;
	map_advance(walk, 0, 0);
	return (int)items;
}

/*
 * A leaf of several items was written up to an occupied one: take the @count items from @first on away again, for
 * the undoing to find leaves whole. A walker may have used and cached them.
 */
PT_COLD void map_clear_torn(const struct pt_state *state, fmt_word *first, unsigned int count,
			    uint64_t iova, unsigned int level)
{
	for (unsigned int i = 0; i < count; i++)
		item_store(&first[i], fmt_empty(level));
	items_flush(state, first, count);
	if (state->config.flush)
		state->config.flush(state->config.context, iova,
				    iova + ((uint64_t)count << fmt_item_lg2(level)) - 1, false);
}

/*
 * Leaves of the size chosen, in a table that walkers see. Returns the items
 * written, or an error, with the walk at the occupied leaf.
 */
PT_ALWAYS_INLINE int map_leaves(struct map_walk *walk, fmt_word *table, unsigned int index,
				unsigned int items, unsigned int level)
{
	unsigned int count, written, whole;

	if (!level && walk->runs_left) {
		uint64_t start = walk->iova;
		int result = map_short_runs(walk, table, index, items, true);

		if (result) {
			written = (unsigned int)((walk->iova - start) >> fmt_item_lg2(0));
			items_flush(walk->state, &table[index], written);
			if (walk->eager)
				table_uses_add(table, written);
			return result;
		}
	}
	count = map_run_items(walk, index, items, level);
	whole = written =
		map_write(walk, &table[index], count, walk->attributes, walk->oa, walk->lg2, level);
	items_flush(walk->state, &table[index], written);
	if (PT_UNLIKELY(written < count)) {
		whole = written & ~(unsigned int)lg2_mask(walk->lg2 - fmt_item_lg2(level));
		if (whole != written)
			map_clear_torn(walk->state, &table[index + whole], written - whole,
				       walk->iova + ((uint64_t)whole << fmt_item_lg2(level)),
				       level);
	}
	if (walk->eager)
		table_uses_add(table, whole);
	map_pass(walk, (uint64_t)whole << fmt_item_lg2(level));
	return PT_LIKELY(whole == count) ? (int)count : -EADDRINUSE;
}

#endif
