/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unmap_batch.h - remove leaves and hand back the physical memory they mapped, in
 * one walk: what a caller needs that pinned the memory and has to release it.
 */
#ifndef PT_IOMMU_UNMAP_BATCH_H
#define PT_IOMMU_UNMAP_BATCH_H

#include "iommu/follow.h"
#include "iommu/unmap.h"

struct unmap_batch_walk {
	struct unmap_walk unmap;
	struct pt_run *runs;
	size_t room, count;
	uint64_t next_oa; /* where the last run ends; PT_NOT_MAPPED without one */
	bool keep; /* leave the items of the leaf table alone: it will be detached */
};

typedef int (*unmap_batch_fn)(struct unmap_batch_walk *walk, void *table, unsigned int index,
			      unsigned int level);

/* A third result of a level: the caller's array is full. */
enum { UNMAP_FULL = 2 };

/* Hand back @bytes from @oa; false where there is no room. */
PT_ALWAYS_INLINE bool hand_back(struct unmap_batch_walk *walk, uint64_t oa, uint64_t bytes)
{
	if (oa == walk->next_oa) {
		walk->runs[walk->count - 1].length += bytes;
	} else {
		if (PT_UNLIKELY(walk->count == walk->room))
			return false;
		walk->runs[walk->count++] = (struct pt_run){ oa, bytes };
	}
	walk->next_oa = oa + bytes;
	return true;
}

/* From item @index on: leaves, and in a leaf table empty items too. Ends at @end or at any other. */
PT_ALWAYS_INLINE int unmap_batch_leaves(struct unmap_batch_walk *walk, fmt_word *table,
					unsigned int index, unsigned int end, unsigned int level,
					bool eager)
{
	unsigned int from = index;
	uint32_t used = 0;
	int result = UNMAP_ON;
	bool dirty = false; /* marks are not asked for */

	while (index < end) {
		fmt_word word = item_load(&table[index]);
		unsigned int items = 1;

		if (PT_UNLIKELY(level && !fmt_is_leaf(word, level)))
			break;
		if (PT_LIKELY(!fmt_is_empty(word, level))) {
			items = 1u << entry_items_lg2(word, level);
			if (FMT_CONTIGUOUS && PT_UNLIKELY(index & (items - 1))) {
				result = UNMAP_INSIDE_LEAF;
				break;
			}
			if (items == 1)
				items = leaves_follow(walk->unmap.state, table, index + 1, end,
						      word, level, &dirty) -
					index;
			if (PT_UNLIKELY(!hand_back(walk, fmt_leaf_oa(word, level),
						   (uint64_t)items << fmt_item_lg2(level)))) {
				result = UNMAP_FULL;
				break;
			}
			used += items;
		}
		if (walk->keep) {
			index += items;
			continue;
		}
		do
			item_store(&table[index], fmt_clear(&table[index], level));
		while (++index, --items);
	}
	items_flush(walk->unmap.state, &table[from], index - from);
	walk->unmap.iova += (uint64_t)(index - from) << fmt_item_lg2(level);
	if (eager)
		table_put(table, used);
	return result;
}

/*
 * A leaf table that the range covers: read it, then detach it whole. If the array is full
 * before its end, clear what was read instead.
 */
PT_ALWAYS_INLINE int unmap_batch_leaf_table(struct unmap_batch_walk *walk, fmt_word *item,
					    fmt_word word, unmap_batch_fn below)
{
	struct unmap_walk *unmap = &walk->unmap;
	fmt_word *child = fmt_table_address(word, 1);
	uint64_t start = unmap->iova;
	int result;

	walk->keep = true;
	result = below(walk, child, 0, 0);
	walk->keep = false;
	if (PT_UNLIKELY(result != UNMAP_ON)) {
		unsigned int read = (unsigned int)((unmap->iova - start) >> fmt_item_lg2(0));

		unmap->iova = start;
		clear_items(unmap, child, 0, read, 0, false);
		return result;
	}
	item_store(item, fmt_empty(1));
	items_flush(unmap->state, item, 1);
	table_list_push(unmap->tables, child, fmt_table_lg2(0));
	return UNMAP_ON;
}

PT_ALWAYS_INLINE int unmap_batch_child(struct unmap_batch_walk *walk, fmt_word *table,
				       unsigned int index, fmt_word word, unsigned int level,
				       unmap_batch_fn below, bool eager)
{
	struct unmap_walk *unmap = &walk->unmap;
	fmt_word *child = fmt_table_address(word, level);
	bool covered = covers_item(unmap, level) && unmap->detaches;
	int result;

	if (!eager && covered && level == 1)
		return unmap_batch_leaf_table(walk, &table[index], word, below);
	if (eager && !table_hold(child)) {
		table_unlink(unmap->state, table, &table[index], child, level);
		unmap_skip_item(unmap, level);
		return UNMAP_ON;
	}
	result = below(walk, child, item_index(unmap->iova, level - 1), level - 1);
	if (eager) {
		if (!table_put(child, 1))
			return result;
		table_unlink(unmap->state, table, &table[index], child, level);
	} else {
		if (!covered || result != UNMAP_ON)
			return result;
		item_store(&table[index], fmt_empty(level));
		items_flush(unmap->state, &table[index], 1);
	}
	table_list_push(unmap->tables, child, fmt_table_lg2(level - 1));
	return result;
}

PT_ALWAYS_INLINE int unmap_batch_table(struct unmap_batch_walk *walk, fmt_word *table,
				       unsigned int index, unsigned int level, unmap_batch_fn below,
				       bool eager)
{
	struct unmap_walk *unmap = &walk->unmap;
	unsigned int items = table_items(unmap->state, level, level == unmap->top_level);
	uint64_t touched =
		(unmap->last >> fmt_item_lg2(level)) - (unmap->iova >> fmt_item_lg2(level)) + 1;
	unsigned int end = touched < items - index ? index + (unsigned int)touched : items;
	uint64_t offset = unmap->iova & lg2_mask(fmt_item_lg2(level));
	int result;

	while (index < end) {
		fmt_word word = item_load(&table[index]);

		if (level && below && fmt_is_table(word, level)) {
			result = unmap_batch_child(walk, table, index, word, level, below, eager);
			index++;
		} else if (level && fmt_is_empty(word, level)) {
			/* Not to be written: a neighbour may be putting a table there. */
			unmap_skip_item(unmap, level);
			index++;
			result = UNMAP_ON;
		} else if (offset) {
			return UNMAP_INSIDE_LEAF;
		} else {
			uint64_t start = unmap->iova;

			result = unmap_batch_leaves(walk, table, index, end, level, eager);
			index += (unsigned int)((unmap->iova - start) >> fmt_item_lg2(level));
		}
		offset = 0;
		if (PT_UNLIKELY(result != UNMAP_ON))
			return result;
	}
	return UNMAP_ON;
}

PT_ALWAYS_INLINE int unmap_batch_body(struct unmap_batch_walk *walk, void *table,
				      unsigned int index, unsigned int level, unmap_batch_fn below)
{
	return unmap_batch_table(walk, table, index, level, below, false);
}

PT_ALWAYS_INLINE int unmap_batch_step(struct unmap_batch_walk *walk, void **table,
				      unsigned int *index, unsigned int level)
{
	fmt_word leaf;
	int result = unmap_straight(&walk->unmap, table, index, level, &leaf);

	if (result == UNMAP_ON) { /* the only run: there is room, and nothing to join */
		walk->runs[0] =
			(struct pt_run){ fmt_leaf_oa(leaf, level), lg2_bytes(fmt_item_lg2(level)) };
		walk->count = 1;
	}
	return result;
}

PT_ALWAYS_INLINE void unmap_batch_leave_path(struct unmap_batch_walk *walk)
{
	(void)walk;
}

PT_LEVELS(unmap_batch_walk, unmap_batch)

PT_ALWAYS_INLINE int unmap_batch_eager_body(struct unmap_batch_walk *walk, void *table,
					    unsigned int index, unsigned int level,
					    unmap_batch_fn below)
{
	return unmap_batch_table(walk, table, index, level, below, true);
}

PT_RECURSIVE(unmap_batch_walk, unmap_batch_eager)

static int64_t PT_SYMBOL(unmap_batch)(struct pagetable *pagetable, uint64_t iova, uint64_t length,
				      struct pt_gather *gather, struct pt_run *runs, size_t room,
				      size_t *count)
{
	struct pt_state *state = pt_state(pagetable);
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top), index = root_index(state, iova, level);
	struct unmap_batch_walk walk;
	int result = room ? pt_check_range(state, iova, length) : -EINVAL;

	*count = 0;
	if (PT_UNLIKELY(result))
		return result;
	if (!unmap_begin(&walk.unmap, state, top, iova, iova + length - 1, &gather->tables))
		return (int64_t)length;
	walk.runs = runs;
	walk.room = room;
	walk.count = 0;
	walk.next_oa = PT_NOT_MAPPED;
	walk.keep = false;
	walk.unmap.detaches = state->config.freeing != PT_FREE_NEVER;
	gather_add(state, gather, iova, iova + length - 1);
	if (PT_UNLIKELY(pt_config_is_eager(&state->config)))
		result = unmap_batch_eager_enter_cold(&walk, pt_top_table(top), index, level);
	else
		result = unmap_batch_enter(&walk, pt_top_table(top), index, level);
	*count = walk.count;
	if (PT_UNLIKELY(result == UNMAP_FULL))
		return (int64_t)(walk.unmap.iova - iova);
	return unmap_end(&walk.unmap, result, gather, iova, length);
}

#endif
