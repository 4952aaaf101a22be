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

/* Go into the table that @word, the item at @index, points to: WALK_DOWN or WALK_AGAIN. */
PT_ALWAYS_INLINE int map_child(struct map_walk *walk, fmt_word *table, unsigned int index,
			       fmt_word word, unsigned int level, void **child)
{
	*child = fmt_table_address(word, level);
	map_passes(&walk->passed, word);
	if (PT_LIKELY(!walk->eager) || table_hold(*child))
		return WALK_DOWN;
	table_unlink(walk->state, table, &table[index], *child, level);
	return WALK_AGAIN;
}

/* Back from the table @child. Under the eager policy others may have emptied it meanwhile. */
PT_ALWAYS_INLINE int map_left(struct map_walk *walk, fmt_word *table, unsigned int index,
			      fmt_word *child, unsigned int level, int result)
{
	if (PT_UNLIKELY(walk->eager && table_put(child, 1))) {
		uint64_t mask = lg2_mask(fmt_item_lg2(level));
		uint64_t start = (result ? walk->iova : walk->iova - 1) & ~mask;

		table_unlink(walk->state, table, &table[index], child, level);
		gather_add(walk->state, &walk->side->gather, start, start | mask);
		table_list_push(&walk->side->gather.tables, child, fmt_table_lg2(level - 1));
	}
	return result;
}

PT_ALWAYS_INLINE bool map_more(const struct map_walk *walk)
{
	return walk->remaining;
}

PT_ALWAYS_INLINE int map_body(struct map_walk *walk, fmt_word *table, unsigned int *index,
			      unsigned int level, void **child)
{
	unsigned int items = table_items(walk->state, level, level == walk->top_level);

	while (walk->remaining && *index < items) {
		int result;

		if (map_leaf_here(walk, level)) {
			result = map_leaves(walk, table, *index, items, level);
			if (PT_UNLIKELY(result < 0))
				return result;
			*index += (unsigned int)result;
		} else {
			fmt_word word = item_load(&table[*index]);

			result = fmt_is_table(word, level)
					 ? map_child(walk, table, *index, word, level, child)
					 : map_missing(walk, table, *index, level);
			if (result < 0 || result == WALK_DOWN)
				return result;
			*index += result != WALK_AGAIN;
		}
	}
	return WALK_DONE;
}

PT_ALWAYS_INLINE uint64_t map_iova(const struct map_walk *walk)
{
	return walk->iova;
}

PT_LEVELS_ALL(map_walk, map)

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
	PT_SYMBOL(unmap_all)(&undo, pt_top_table(top), root_index(state, from, level), level);
}

/*
 * After a walk: put the table that the range begins in into its place, now that all else is mapped,
 * or undo all; then flush and free.
 */
PT_COLD int map_finish(struct map_walk *walk, int result)
{
	struct map_side *side = walk->side;
	uint64_t came_to = walk->iova;

	if (!side->item) {
		if (result)
			map_take_back(walk, side->begin, came_to);
	} else if (result) {
		map_discard(fmt_table_address(side->word, side->level), side->level - 1,
			    1u << fmt_index_lg2(side->level - 1));
		map_take_back(walk, side->end, came_to);
	} else if (!map_install(walk->state, side->item, side->word, side->level)) {
		/* Another thread was faster: into its table, then. */
		uintptr_t top = pt_top_load(walk->state);

		side->postpones = false;
		map_seek(walk, side->begin, side->end - 1);
		walk->top_level = pt_top_level(top);
		result = PT_SYMBOL(map_all)(walk, pt_top_table(top),
					    root_index(walk->state, walk->iova, walk->top_level),
					    walk->top_level);
		if (result) {
			map_take_back(walk, side->begin, walk->iova);
			map_take_back(walk, side->end, came_to);
		}
	}
	if (side->gather.start <= side->gather.last)
		pt_sync(&walk->state->api, &side->gather);
	return result;
}

/* What is mapped off the straight path, and what is known already. */
struct map_what {
	const struct pt_run *runs;
	size_t count;
	fmt_attributes attributes;
	fmt_word passed; /* as in struct map_walk */
	unsigned int top_level;
};

/*
 * Map @what one run after the other at [iova, last], whatever is there: 0 or an error. @table, at @level: where the
 * walk goes on, which need not be the root.
 */
PT_NOINLINE int map_off_path(struct pt_state *state, uint64_t iova, uint64_t last,
			     const struct map_what *what, void *table, unsigned int index,
			     unsigned int level)
{
	struct map_walk walk PT_UNINITIALIZED;
	struct map_side side PT_UNINITIALIZED;
	int result;

	map_begin(&walk, state, iova, 0, last - iova + 1);
	walk.attributes = what->attributes;
	walk.joins = what->count > 1;
	walk.eager = pt_config_is_eager(&state->config);
	walk.passed = what->passed;
	walk.top_level = what->top_level;
	walk.side = &side;
	side.begin = iova;
	side.postpones = true;
	side.runs = walk.runs = what->runs;
	side.run_count = walk.runs_left = what->count;
	side.gather = (struct pt_gather){ .start = UINT64_MAX, .lazy = true };
	side.item = NULL;
	map_next_run(&walk);
	result = PT_SYMBOL(map_all)(&walk, table, index, level);
	if (PT_UNLIKELY(result || side.item || side.gather.start <= side.gather.last))
		result = map_finish(&walk, result);
	if (PT_UNLIKELY(is_incoherent(state)) && map_passed_unseen(walk.passed) && !result)
		path_written_back(state, iova, last);
	return result;
}

/* The straight path's walk: one run of memory, in leaves of one size. */
struct map_path {
	struct pt_state *state;
	uint64_t iova, oa, last;
	unsigned int top_level;
	fmt_attributes attributes;
	unsigned int lg2; /* of the leaves */
	fmt_word passed; /* as in struct map_walk */
};

/* The range is a part of one item, which is a table; or it is one leaf that fills one item. */
PT_ALWAYS_INLINE int map_step(struct map_path *walk, void **table, unsigned int *index,
			      unsigned int level)
{
	fmt_word *item = &((fmt_word *)*table)[*index], word;
	int result;

	if ((walk->iova ^ walk->last) >> fmt_item_lg2(level))
		return WALK_LEAVE;
	word = item_load(item);
	if (fmt_leaf_level(level) && walk->lg2 >= fmt_item_lg2(level)) {
		if (PT_UNLIKELY(!fmt_is_empty(word, level)))
			return WALK_LEAVE;
		item_store(item, fmt_leaf(walk->attributes, walk->oa, fmt_item_lg2(level), level));
		items_flush(walk->state, item, 1);
		return WALK_DONE;
	}
	if (PT_UNLIKELY(!fmt_is_table(word, level))) {
		result = map_alone(walk->state, item, level, walk->iova, walk->oa,
				   walk->last - walk->iova + 1, walk->attributes);
		return result == WALK_AGAIN ? WALK_LEAVE : result;
	}
	map_passes(&walk->passed, word);
	*table = fmt_table_address(word, level);
	*index = item_index(walk->iova, level - 1);
	return WALK_DOWN;
}

/* Leaves of one size in a leaf table: all of them, or none. */
PT_ALWAYS_INLINE int map_last(struct map_path *walk, fmt_word *table, unsigned int index)
{
	uint64_t bytes = walk->last - walk->iova + 1, oa = walk->oa;
	unsigned int count = (unsigned int)(bytes >> fmt_item_lg2(0)), i;
	fmt_word *first = &table[index];

	if (count == 1) {
		if (PT_UNLIKELY(!fmt_is_empty(item_load(first), 0)))
			return -EADDRINUSE;
		item_store(first, fmt_leaf(walk->attributes, oa, fmt_item_lg2(0), 0));
		items_flush(walk->state, first, 1);
		return WALK_DONE;
	}
	if (best_size_run(walk->state->page_sizes, walk->iova, oa, bytes, walk->lg2) != bytes)
		return WALK_LEAVE;
	i = map_write(NULL, first, count, walk->attributes, oa, walk->lg2, 0);
	items_flush(walk->state, first, i);
	if (PT_LIKELY(i == count))
		return WALK_DONE;
	if (i)
		map_clear_torn(walk->state, first, i, walk->iova, 0);
	return -EADDRINUSE;
}

PT_ALWAYS_INLINE int map_leave(PT_LEVEL_ARGUMENTS(map_path))
{
	struct pt_run run = { walk->oa, walk->last - walk->iova + 1 };
	struct map_what what = { &run, 1, walk->attributes, walk->passed, walk->top_level };

	walk->passed = ~(fmt_word)0; /* seen to there */
	return map_off_path(walk->state, walk->iova, walk->last, &what, table, index, level);
}

PT_LEVELS_PATH(map_path, map)

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

/* Set @top to the root to map up to @last below, which is grown if need be: 0 or -ENOMEM. */
PT_ALWAYS_INLINE int map_root(struct pt_state *state, uint64_t last, unsigned int lg2,
			      uintptr_t *top)
{
	*top = pt_top_load(state);
#if FMT_DYNAMIC_TOP
	if (PT_UNLIKELY(!root_suffices(last, lg2, pt_top_level(*top)))) {
		int result = map_grow(state, last, lg2);

		if (result)
			return result;
		*top = pt_top_load(state);
	}
#endif
	return 0;
}

static int PT_SYMBOL(map)(struct pagetable *pagetable, uint64_t iova, uint64_t oa, uint64_t length,
			  unsigned int prot)
{
	struct pt_state *state = pt_state(pagetable);
	struct map_path walk PT_UNINITIALIZED;
	uintptr_t top;
	int result = pt_check_mapping(state, iova, oa, length);

	if (PT_UNLIKELY(result))
		return result;
	if (PT_UNLIKELY(!fmt_leaf_attributes(state->config.quirks, prot, &walk.attributes)))
		return -EINVAL;
	walk.state = state;
	walk.iova = iova;
	walk.oa = oa;
	walk.last = iova + length - 1;
	walk.lg2 = best_size_lg2(state->page_sizes, iova, oa, length);
	walk.passed = ~(fmt_word)0;
	result = map_root(state, walk.last, walk.lg2, &top);
	if (PT_UNLIKELY(result))
		return result;
	walk.top_level = pt_top_level(top);
	result = map_path(&walk, pt_top_table(top), root_index(state, iova, walk.top_level),
			  walk.top_level);
	if (PT_UNLIKELY(is_incoherent(state)) && map_passed_unseen(walk.passed) && !result)
		path_written_back(state, iova, walk.last);
	return result;
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
	struct map_what what = { .runs = runs, .count = count };
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
	if (PT_UNLIKELY(!fmt_leaf_attributes(state->config.quirks, prot, &what.attributes)))
		return -EINVAL;
	/* No leaf can be larger than what all runs together would take. */
	result = map_root(state, iova + length - 1,
			  best_size_lg2(state->page_sizes, iova, runs->oa, length), &top);
	if (PT_UNLIKELY(result))
		return result;
	what.passed = ~(fmt_word)0;
	what.top_level = pt_top_level(top);
	return map_off_path(state, iova, iova + length - 1, &what, pt_top_table(top),
			    root_index(state, iova, what.top_level), what.top_level);
}

/* The operation map of the eager policy: every table on the way is held, so that there is no straight path. */
static int PT_SYMBOL(map_eager)(struct pagetable *pagetable, uint64_t iova, uint64_t oa,
				uint64_t length, unsigned int prot)
{
	struct pt_run run = { oa, length };

	return PT_SYMBOL(map_batch)(pagetable, iova, &run, 1, prot);
}

#endif
