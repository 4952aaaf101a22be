/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * map.h - map physical runs, one or many, in one walk, with the largest leaves
 * that fit. Where tables exist leaves are written in place; see map_build.h for
 * where they do not.
 */
#ifndef PT_IOMMU_MAP_H
#define PT_IOMMU_MAP_H

#include "iommu/map_build.h"
#include "iommu/path.h"
#include "iommu/unmap.h"

typedef int (*map_fn)(struct map_walk *walk, void *table, unsigned int index, unsigned int level);

/* The range is a part of one item, which is a table; or it is one leaf that fills one item. */
PT_ALWAYS_INLINE int map_step(struct map_walk *walk, void **table, unsigned int *index,
			      unsigned int level)
{
	fmt_word *item = &((fmt_word *)*table)[*index], word;
	int result;

	if (map_leaf_here(walk, level)) {
		if (walk->last - walk->iova != lg2_mask(fmt_item_lg2(level)) ||
		    PT_UNLIKELY(!fmt_is_empty(item_load(item), level)))
			return WALK_LEAVE;
		item_store(item, fmt_leaf(walk->attributes, walk->oa, fmt_item_lg2(level), level));
		items_flush(walk->state, item, 1);
		return 0;
	}
	if ((walk->iova ^ walk->last) >> fmt_item_lg2(level))
		return WALK_LEAVE;
	word = item_load(item);
	if (PT_UNLIKELY(!fmt_is_table(word, level))) {
		result = map_alone(walk->state, item, level, walk->iova, walk->oa, walk->remaining,
				   walk->attributes);
		return result == WALK_AGAIN ? WALK_LEAVE : result;
	}
	map_passes(walk, word);
	*table = fmt_table_address(word, level);
	*index = item_index(walk->iova, level - 1);
	return WALK_DOWN;
}

/* Go into the table that @word, the item at @index, points to: 0, an error or WALK_AGAIN. */
PT_ALWAYS_INLINE int map_child(struct map_walk *walk, fmt_word *table, unsigned int index,
			       fmt_word word, unsigned int level, map_fn below)
{
	fmt_word *child = fmt_table_address(word, level);
	uint64_t start = walk->iova & ~lg2_mask(fmt_item_lg2(level));
	int result;

	map_passes(walk, word);
	if (walk->eager && !table_hold(child)) {
		table_unlink(walk->state, table, &table[index], child, level);
		return WALK_AGAIN;
	}
	result = below(walk, child, item_index(walk->iova, level - 1), level - 1);
	if (walk->eager && table_put(child, 1)) {
		table_unlink(walk->state, table, &table[index], child, level);
		gather_add(walk->state, &walk->side->gather, start,
			   start | lg2_mask(fmt_item_lg2(level)));
		table_list_push(&walk->side->gather.tables, child, fmt_table_lg2(level - 1));
	}
	return result;
}

/* @one: what the straight path knows: all is one physical run, and nobody counts uses. */
PT_ALWAYS_INLINE int map_table(struct map_walk *walk, fmt_word *table, unsigned int index,
			       unsigned int level, map_fn below, bool one)
{
	unsigned int items = table_items(walk->state, level, level == walk->top_level);
	int result;

	do {
		if (map_leaf_here(walk, level) || !below) {
			result = map_leaves(walk, table, index, items, level, one);
			if (PT_UNLIKELY(result < 0))
				return result;
			index += (unsigned int)result;
		} else {
			fmt_word word = item_load(&table[index]);

			if (PT_LIKELY(fmt_is_table(word, level)))
				result = map_child(walk, table, index, word, level, below);
			else
				result = map_missing(walk, table, index, level);
			if (PT_UNLIKELY(result < 0))
				return result;
			index += result != WALK_AGAIN;
		}
	} while (walk->remaining && index < items);
	return 0;
}

PT_ALWAYS_INLINE int map_body(struct map_walk *walk, void *table, unsigned int index,
			      unsigned int level, map_fn below)
{
	return map_table(walk, table, index, level, below, false);
}

PT_LEVELS_COLD(map_walk, map)

/* Take back what this operation has mapped in [from, end), and every table made for it. */
PT_COLD void map_take_back(struct map_walk *walk, uint64_t from, uint64_t end)
{
	struct pt_state *state = walk->state;
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top);
	struct pt_gather *gather = &walk->side->gather;
	struct unmap_walk undo PT_UNINITIALIZED;

	if (from == end || !unmap_begin(&undo, state, top, from, end - 1, &gather->tables))
		return;
	gather_add(state, gather, from, end - 1);
	undo.eager = walk->eager;
	unmap_enter_cold(&undo, pt_top_table(top), root_index(state, from, level), level);
}

/*
 * Put the table that the range begins in into its place, now that all else is mapped. @begun: the walk as it began.
 * Returns 0, or an error with @begun where it came to.
 */
PT_COLD int map_finish_begun(struct map_walk *begun, struct map_side *side)
{
	uint64_t first = begun->iova;
	uintptr_t top;
	int result;

	if (map_install(begun->state, side->item, side->word, side->level))
		return 0;
	/* Another thread was faster: into its table, then. */
	side->first = PT_NOT_MAPPED;
	begun->side = side;
	map_cut(begun, side->end);
	top = pt_top_load(begun->state);
	begun->top_level = pt_top_level(top);
	result = map_enter_cold(begun, pt_top_table(top),
				root_index(begun->state, begun->iova, begun->top_level),
				begun->top_level);
	if (is_incoherent(begun->state) && !result)
		path_written_back(begun->state, first, begun->last);
	return result;
}

/* After a walk: put the first table in place, or undo all; then flush and free. @begun: the walk as it began. */
PT_COLD int map_finish(struct map_walk *walk, struct map_walk *begun, int result)
{
	struct map_side *side = walk->side;
	uint64_t first = side->first;

	if (!side->item) {
		if (result)
			map_take_back(walk, first, walk->iova);
	} else if (result) {
		map_discard(fmt_table_address(side->word, side->level), side->level - 1,
			    1u << fmt_index_lg2(side->level - 1));
		map_take_back(walk, side->end, walk->iova);
	} else {
		result = map_finish_begun(begun, side);
		if (result) {
			map_take_back(walk, first, begun->iova);
			map_take_back(walk, side->end, walk->iova);
		}
	}
	if (side->gather.start <= side->gather.last)
		pt_sync(&walk->state->api, &side->gather);
	return result;
}

/* All that is to be mapped, below @table, off the straight path. */
PT_NOINLINE int map_off_path(struct map_walk begun, void *table, unsigned int index,
			     unsigned int level)
{
	struct map_walk walk = begun;
	uint64_t first = begun.iova;
	struct map_side side PT_UNINITIALIZED;
	int result;

	map_leave(&walk, &side, first);
	result = map_enter_cold(&walk, table, index, level);
	if (PT_UNLIKELY(result || side.item || side.gather.start <= side.gather.last))
		result = map_finish(&walk, &begun, result);
	if (PT_UNLIKELY(is_incoherent(walk.state)) && map_passed_unseen(walk.passed) && !result)
		path_written_back(walk.state, first, walk.last);
	return result;
}

PT_ALWAYS_INLINE int map_leave_path(PT_LEVEL_ARGUMENTS(map_walk))
{
	struct map_walk begun PT_UNINITIALIZED;
	int result;

	/* Of values: a copy would have the walk's own fields in memory from the beginning. */
	map_begin(&begun, walk->state, walk->iova, walk->oa, walk->remaining);
	begun.attributes = walk->attributes;
	begun.lg2 = walk->lg2;
	begun.top_level = walk->top_level;
	begun.passed = walk->passed;
	result = map_off_path(begun, table, index, level);
	/* For map(): nothing is left to undo, nor to write back. */
	walk->remaining = 0;
	walk->passed = ~(fmt_word)0;
	return result;
}

PT_ALWAYS_INLINE int map_last(struct map_walk *walk, void *table, unsigned int index)
{
	return map_table(walk, table, index, 0, NULL, true);
}

PT_LEVELS(map_walk, map)

/* An occupied item at the end of the straight path, which began at @first. */
PT_COLD int map_undo(struct map_walk walk, uint64_t first, int result)
{
	struct map_side side PT_UNINITIALIZED;

	map_leave(&walk, &side, first);
	return map_finish(&walk, NULL, result);
}

/* Does a root at @level span addresses up to @last, and may it hold leaves of 1 << @lg2? */
PT_ALWAYS_INLINE bool root_suffices(uint64_t last, unsigned int lg2, unsigned int level)
{
	return !FMT_DYNAMIC_TOP || (root_spans(last, level) && lg2 < fmt_item_lg2(level + 1));
}

#if FMT_DYNAMIC_TOP
/* A root one level or more above @top, which its first items lead to: 0 without memory. */
PT_COLD uintptr_t map_higher_root(const struct pt_state *state, uint64_t last, unsigned int lg2,
				  uintptr_t top, void **levels)
{
	while (!root_suffices(last, lg2, pt_top_level(top))) {
		unsigned int level = pt_top_level(top) + 1;
		fmt_word *root = table_new(level, true);

		if (!root)
			return 0;
		table_list_push(levels, root, fmt_table_lg2(level));
		table_uses_set(root, 2); /* its first item, and being the root */
		item_store(root, table_word(state, pt_top_table(top), level));
		items_flush(state, root, 1u << fmt_index_lg2(level));
		top = (uintptr_t)root | level;
	}
	return top;
}

/*
 * Grow the root, at once by all the levels that are needed. The old root stays where it is, as
 * what the first item of the new one points to, so that others may go on using it. Hardware gets the new one before
 * they do: nobody maps behind it, and returns, while a device still walks from the old one.
 */
PT_COLD int map_grow(struct pt_state *state, uint64_t last, unsigned int lg2)
{
	for (;;) {
		void *levels = NULL;
		uintptr_t old = pt_top_load(state);
		uintptr_t top = map_higher_root(state, last, lg2, old, &levels);
		bool grown;

		if (!top) {
			table_list_free(levels);
			return -ENOMEM;
		}
		if (top == old)
			return 0;
		PT_HOOK(PT_HOOK_GROW);
		platform_lock_take(&state->growing);
		grown = pt_top_load(state) == old;
		if (grown) {
			if (state->config.root_changed)
				state->config.root_changed(state->config.context, pt_top_table(top),
							   pt_top_level(top));
			__atomic_store_n(&state->top, top, __ATOMIC_RELEASE);
		}
		platform_lock_release(&state->growing);
		if (grown)
			return 0;
		/* Another thread has grown it: perhaps far enough. */
		table_list_free(levels);
	}
}
#endif

/* Set @top to the root to map below, which is grown if need be: 0 or -ENOMEM. */
PT_ALWAYS_INLINE int map_root(struct map_walk *walk, uintptr_t *top)
{
	struct pt_state *state = walk->state;

	*top = pt_top_load(state);
#if FMT_DYNAMIC_TOP
	if (PT_UNLIKELY(!root_suffices(walk->last, walk->lg2, pt_top_level(*top)))) {
		int result = map_grow(state, walk->last, walk->lg2);

		if (result)
			return result;
		*top = pt_top_load(state);
	}
#endif
	walk->top_level = pt_top_level(*top);
	return 0;
}

static int PT_SYMBOL(map)(struct pagetable *pagetable, uint64_t iova, uint64_t oa, uint64_t length,
			  unsigned int prot)
{
	struct pt_state *state = pt_state(pagetable);
	struct map_walk walk PT_UNINITIALIZED;
	uintptr_t top;
	int result = pt_check_mapping(state, iova, oa, length);

	if (PT_UNLIKELY(result))
		return result;
	if (PT_UNLIKELY(!fmt_leaf_attributes(state->config.quirks, prot, &walk.attributes)))
		return -EINVAL;
	map_begin(&walk, state, iova, oa, length);
	map_choose_size(&walk);
	result = map_root(&walk, &top);
	if (PT_UNLIKELY(result))
		return result;
	result = map_enter(&walk, pt_top_table(top), root_index(state, iova, walk.top_level),
			   walk.top_level);
	if (PT_UNLIKELY(result < 0))
		return walk.remaining ? map_undo(walk, iova, result) : result;
	if (PT_UNLIKELY(is_incoherent(state)) && map_passed_unseen(walk.passed))
		path_written_back(state, iova, walk.last);
	return 0;
}

/* Are all runs whole granules with output addresses that the format has? Adds up their length. */
PT_ALWAYS_INLINE int map_check_runs(const struct pt_state *state, const struct pt_run *runs,
				    size_t count, uint64_t *total)
{
	uint64_t low_bits = 0, high_bits = 0, length = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t bytes = runs[i].length;

		if (PT_UNLIKELY(!bytes))
			return -EINVAL;
		if (PT_UNLIKELY(length + bytes < length))
			return -ERANGE;
		length += bytes;
		low_bits |= runs[i].oa | bytes;
		high_bits |= runs[i].oa | (bytes - 1) | (runs[i].oa + bytes - 1);
	}
	*total = length;
	if (PT_UNLIKELY(low_bits & state->granule_mask))
		return -EINVAL;
	return PT_UNLIKELY(high_bits & state->oa_outside) ? -ERANGE : 0;
}

static int PT_SYMBOL(map_batch)(struct pagetable *pagetable, uint64_t iova,
				const struct pt_run *runs, size_t count, unsigned int prot)
{
	struct pt_state *state = pt_state(pagetable);
	struct map_walk walk PT_UNINITIALIZED;
	uint64_t length;
	uintptr_t top;
	int result;

	if (count == 1 && !pt_config_is_eager(&state->config))
		return PT_SYMBOL(map)(pagetable, iova, runs->oa, runs->length, prot);
	result = map_check_runs(state, runs, count, &length);

	if (!result)
		result = pt_check_range(state, iova, length);
	if (PT_UNLIKELY(result))
		return result;
	if (PT_UNLIKELY(!fmt_leaf_attributes(state->config.quirks, prot, &walk.attributes)))
		return -EINVAL;
	map_begin(&walk, state, iova, 0, length);
	walk.runs = runs;
	walk.runs_left = count;
	walk.joins = true;
	walk.eager = pt_config_is_eager(&state->config);
	map_next_run(&walk);
	result = map_root(&walk, &top);
	if (PT_UNLIKELY(result))
		return result;
	return map_off_path(walk, pt_top_table(top), root_index(state, iova, walk.top_level),
			    walk.top_level);
}

/* The operation map of the eager policy: every table on the way is held, so that there is no straight path. */
static int PT_SYMBOL(map_eager)(struct pagetable *pagetable, uint64_t iova, uint64_t oa,
				uint64_t length, unsigned int prot)
{
	struct pt_run run = { oa, length };

	return PT_SYMBOL(map_batch)(pagetable, iova, &run, 1, prot);
}

#endif
