/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unmap.h - remove every leaf that begins in a range, and hand back the physical memory
 * it mapped where the caller asks for that: one that pinned the memory has to release it.
 *
 * Whole leaves only: nothing is split. Where nobody asks, the items of a leaf table are cleared
 * without being read, but for the two at the ends, where a leaf of several
 * items may cross the range; a table that the range covers wholly is detached by
 * one write. Under the eager policy items are read, to be counted.
 */
#ifndef PT_IOMMU_UNMAP_H
#define PT_IOMMU_UNMAP_H

#include "iommu/unmap_back.h"

/* Items [index, end) of a leaf table. */
PT_ALWAYS_INLINE int unmap_leaves_of(struct unmap_walk *walk, fmt_word *table, unsigned int index,
				     unsigned int end)
{
	if (!walk->back)
		return unmap_leaf_table(walk, table, index, end, walk->eager);
	return PT_KNOWS_LEVEL ? unmap_back_leaves(walk, table, index, end, 0)
			      : unmap_back_any(walk, table, index, end, 0);
}

/* The first items of a leaf table have been handed back, and there is no room for the others: clear those. */
PT_COLD void unmap_back_some(struct unmap_walk *walk, fmt_word *table, uint64_t start)
{
	unsigned int read = (unsigned int)((walk->iova - start) >> fmt_item_lg2(0));

	clear_items(walk->state, table, 0, read, NULL);
}

/* Empty the item of a table that the range covers, whose tables are or will be on the gather. */
PT_ALWAYS_INLINE void unmap_detach(const struct unmap_walk *walk, fmt_word *item,
				   unsigned int level)
{
	item_store(item, fmt_empty(level));
	items_flush(walk->state, item, 1);
}

/*
 * A leaf table that the range covers: read it, then detach it whole. If the array is full
 * before its end, clear what was read instead.
 */
PT_NOINLINE int unmap_back_table(struct unmap_walk *walk, fmt_word *item, fmt_word *child)
{
	uint64_t start = walk->iova;
	int result;

	walk->back->keep = true;
	result = unmap_back_any(walk, child, 0, 1u << fmt_index_lg2(0), 0);
	walk->back->keep = false;
	if (PT_UNLIKELY(result != WALK_DONE)) {
		unmap_back_some(walk, child, start);
		return result;
	}
	unmap_detach(walk, item, 1);
	table_list_push(walk->tables, child, fmt_table_lg2(0));
	return WALK_DONE;
}

/* The item at @index is a table: detach it, or go there. */
PT_ALWAYS_INLINE int unmap_child(struct unmap_walk *walk, fmt_word *table, unsigned int index,
				 fmt_word word, unsigned int level, void **child)
{
	bool covered = covers_item(walk, level) && walk->detaches;

	if (covered && !walk->back) {
		unmap_detach(walk, &table[index], level);
		collect_child(walk->tables, word, level);
		walk->iova += lg2_bytes(fmt_item_lg2(level));
		if (walk->eager)
			table_put(table, 1);
		return WALK_DONE;
	}
	*child = fmt_table_address(word, level);
	if (covered && level == 1 && !walk->eager)
		return unmap_back_table(walk, &table[index], *child);
	if (walk->eager && !table_hold(*child)) {
		table_unlink(walk->state, table, &table[index], *child, level);
		unmap_skip_item(walk, level);
		return WALK_DONE;
	}
	return WALK_DOWN;
}

/* Back from the table @child: does it go, too? */
PT_ALWAYS_INLINE int unmap_left(struct unmap_walk *walk, fmt_word *table, unsigned int index,
				fmt_word *child, unsigned int level, int result)
{
	if (walk->eager) {
		if (!table_put(child, 1))
			return result;
		table_unlink(walk->state, table, &table[index], child, level);
	} else {
		uint64_t mask = lg2_mask(fmt_item_lg2(level)), start = (walk->iova - 1) & ~mask;

		if (PT_LIKELY(!walk->back || result != WALK_DONE || !walk->detaches ||
			      start < walk->first || (start | mask) > walk->last))
			return result;
		unmap_detach(walk, &table[index], level);
	}
	table_list_push(walk->tables, child, fmt_table_lg2(level - 1));
	return result;
}

PT_ALWAYS_INLINE bool unmap_more(const struct unmap_walk *walk)
{
	return walk->iova - 1 < walk->last;
}

PT_ALWAYS_INLINE int unmap_body(struct unmap_walk *walk, fmt_word *table, unsigned int *index,
				unsigned int level, void **child)
{
	unsigned int items = table_items(walk->state, level, level == walk->top_level);
	uint64_t touched =
		(walk->last >> fmt_item_lg2(level)) - (walk->iova >> fmt_item_lg2(level)) + 1;
	unsigned int end = touched < items - *index ? *index + (unsigned int)touched : items;
	int result = WALK_DONE;

	if (!level)
		return unmap_leaves_of(walk, table, *index, end);
	while (*index < end && result == WALK_DONE) {
		fmt_word word = item_load(&table[*index]);
		uint64_t start = walk->iova;

		if (fmt_is_table(word, level)) {
			result = unmap_child(walk, table, *index, word, level, child);
			*index += result == WALK_DONE;
		} else if (!fmt_is_leaf(word, level)) {
			/* Not to be written: a neighbour may be putting a table there. */
			unmap_skip_item(walk, level);
			++*index;
		} else if (PT_UNLIKELY(start & lg2_mask(fmt_leaf_lg2(word, level)))) {
			return WALK_INSIDE_LEAF;
		} else {
			if (walk->back)
				result = unmap_back_any(walk, table, *index, end, level);
			else
				unmap_large_leaves(walk, table, *index, end, level);
			*index += (unsigned int)((walk->iova - start) >> fmt_item_lg2(level));
		}
	}
	return result;
}

PT_ALWAYS_INLINE uint64_t unmap_iova(const struct unmap_walk *walk)
{
	return walk->iova;
}

PT_LEVELS_ALL(unmap_walk, unmap)

/* The range is a part of one item, which is a table; or it is all of one item, a leaf or leaf table. */
PT_ALWAYS_INLINE int unmap_step(struct unmap_walk *walk, void **table, unsigned int *index,
				unsigned int level)
{
	fmt_word *item = &((fmt_word *)*table)[*index], word;

	if ((walk->iova ^ walk->last) >> fmt_item_lg2(level))
		return WALK_LEAVE;
	word = item_load(item);
	if (covers_item(walk, level)) {
		if (level == 1 && fmt_is_table(word, level) && walk->detaches && !walk->back) {
			unmap_detach(walk, item, level);
			table_list_push(walk->tables, fmt_table_address(word, level),
					fmt_table_lg2(0));
			walk->iova += lg2_bytes(fmt_item_lg2(level));
			return WALK_DONE;
		}
		if (!fmt_is_leaf(word, level) || fmt_leaf_lg2(word, level) != fmt_item_lg2(level))
			return WALK_LEAVE;
		if (walk->back) { /* the only run: there is room, and nothing to join */
			*walk->back->runs = (struct pt_run){ fmt_leaf_oa(word, level),
							     lg2_bytes(fmt_item_lg2(level)) };
			walk->back->count = 1;
		}
		item_store(item, fmt_clear(item, level));
		items_flush(walk->state, item, 1);
		walk->iova += lg2_bytes(fmt_item_lg2(level));
		return WALK_DONE;
	}
	if (PT_UNLIKELY(!fmt_is_table(word, level)))
		return WALK_LEAVE;
	*table = fmt_table_address(word, level);
	*index = item_index(walk->iova, level - 1);
	return WALK_DOWN;
}

PT_ALWAYS_INLINE int unmap_last(struct unmap_walk *walk, void *table, unsigned int index)
{
	int result = unmap_step(walk, &table, &index, 0);

	if (result != WALK_LEAVE || walk->back)
		return result;
	return unmap_leaf_table(
		walk, table, index,
		index + (unsigned int)((walk->last - walk->iova) >> fmt_item_lg2(0)) + 1, false);
}

/* The rest of a walk that has come as far as @table. */
PT_NOINLINE int unmap_off_path(struct unmap_walk walk, void *table, unsigned int index,
			       unsigned int level, uint64_t *iova)
{
	int result = PT_SYMBOL(unmap_all)(&walk, table, index, level);

	*iova = walk.iova;
	return result;
}

PT_ALWAYS_INLINE int unmap_leave(PT_LEVEL_ARGUMENTS(unmap_walk))
{
	uint64_t iova;
	int result = unmap_off_path(*walk, table, index, level, &iova);

	walk->iova = iova;
	return result;
}

PT_LEVELS_PATH(unmap_walk, unmap)

/* Make @walk ready for a range that the caller has checked; false if nothing can be mapped there. */
PT_ALWAYS_INLINE bool unmap_begin(struct unmap_walk *walk, struct pt_state *state, uintptr_t top,
				  uint64_t iova, uint64_t last, void **tables)
{
	unsigned int level = pt_top_level(top);
	uint64_t root_last;

	walk->state = state;
	walk->iova = walk->first = iova;
	walk->last = last;
	walk->tables = tables;
	walk->back = NULL;
	walk->top_level = level;
	walk->detaches = state->config.freeing != PT_FREE_NEVER;
	walk->eager = false;
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

	if (PT_UNLIKELY(result != WALK_DONE))
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
	struct unmap_walk walk PT_UNINITIALIZED;
	int result = pt_check_unmap(state, iova, length, FMT_DYNAMIC_TOP);

	if (PT_UNLIKELY(result))
		return result;
	gather_add(state, gather, iova, iova + length - 1);
	if (PT_UNLIKELY(!unmap_begin(&walk, state, top, iova, iova + length - 1, &gather->tables)))
		return (int64_t)length;
	result = unmap_path(&walk, pt_top_table(top), root_index(state, iova, level), level);
	return unmap_end(&walk, result, gather, iova, length);
}

/* The operation of the eager policy: every table on the way is held, so that there is no straight path. */
static int64_t PT_SYMBOL(unmap_eager)(struct pagetable *pagetable, uint64_t iova, uint64_t length,
				      struct pt_gather *gather)
{
	struct pt_state *state = pt_state(pagetable);
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top);
	struct unmap_walk walk PT_UNINITIALIZED;
	int result = pt_check_unmap(state, iova, length, FMT_DYNAMIC_TOP);

	if (result)
		return result;
	gather_add(state, gather, iova, iova + length - 1);
	if (!unmap_begin(&walk, state, top, iova, iova + length - 1, &gather->tables))
		return (int64_t)length;
	walk.eager = true;
	result = PT_SYMBOL(unmap_all)(&walk, pt_top_table(top), root_index(state, iova, level),
				      level);
	return unmap_end(&walk, result, gather, iova, length);
}

static int64_t PT_SYMBOL(unmap_batch)(struct pagetable *pagetable, uint64_t iova, uint64_t length,
				      struct pt_gather *gather, struct pt_run *runs, size_t room,
				      size_t *count)
{
	struct pt_state *state = pt_state(pagetable);
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top), index = root_index(state, iova, level);
	struct unmap_walk walk PT_UNINITIALIZED;
	struct unmap_back back PT_UNINITIALIZED;
	int result = room ? pt_check_unmap(state, iova, length, FMT_DYNAMIC_TOP) : -EINVAL;

	*count = 0;
	if (PT_UNLIKELY(result))
		return result;
	if (!unmap_begin(&walk, state, top, iova, iova + length - 1, &gather->tables))
		return (int64_t)length;
	gather_add(state, gather, iova, iova + length - 1);
	back.runs = runs;
	back.room = room;
	back.count = 0;
	back.next_oa = PT_NOT_MAPPED;
	back.keep = false;
	walk.back = &back;
	if (PT_UNLIKELY(pt_config_is_eager(&state->config))) {
		walk.eager = true;
		result = unmap_leave(&walk, pt_top_table(top), index, level);
	} else {
		result = unmap_path(&walk, pt_top_table(top), index, level);
	}
	*count = back.count;
	if (PT_UNLIKELY(result == WALK_FULL))
		return (int64_t)(walk.iova - iova);
	return unmap_end(&walk, result, gather, iova, length);
}

#endif
