/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * resize.h - cut and fragment: put smaller leaves in the place of larger ones
 * while they are in use.
 *
 * A leaf is replaced item by item, each by one compare-and-swap: by a smaller
 * leaf of the same level, or by a table that was built out of sight and says the
 * same. At every instant every address translates as before, and if hardware
 * records an item as dirty in between, the swap fails and is repeated with that kept.
 *
 * All tables are built before the first item changes, so that running out of
 * memory changes nothing. A leaf that reaches out of the range is cut at its ends, so that memory
 * goes with what is asked for and not with the size of the leaf.
 */
#ifndef PT_IOMMU_RESIZE_H
#define PT_IOMMU_RESIZE_H

#include "iommu/dirty.h"
#include "iommu/map_build.h"

/*
 * What was asked for is a part of a leaf: no piece crosses an end of [first, last], and those inside have @sizes.
 * Outside they are as large as can be, so that memory goes with the part and not with the leaf.
 */
struct resize_part {
	uint64_t first, last;
	uint64_t sizes;
};

/* A leaf's memory before, in and after that part, as far as there is any. */
struct resize_runs {
	struct pt_run runs[3];
	uint64_t sizes[3];
};

struct resize_walk {
	struct pt_state *state;
	uint64_t iova, last; /* look at the leaves of these addresses */
	struct resize_part part; /* what leaves that are replaced give way to */
	bool cuts; /* replace leaves that cross an end, not those that are too large */
	unsigned int largest_lg2; /* larger leaves are too large */
	unsigned int top_level;
	bool installs; /* second pass: put what the first has built into place */
	/* The leaves that were replaced lie between; first > last: none was. */
	uint64_t changed_first, changed_last;
	uintptr_t built; /* tables in the order of their items; see built_push() */
	void **built_end;
};

/* The list holds the address of its first table with these in its low bits; 0 is its end. */
#define BUILT_LEVEL 7UL
#define BUILT_DIRTY 8UL
#define BUILT_TAGS 15UL

PT_COLD void built_push(struct resize_walk *walk, void *table, unsigned int level, bool dirty)
{
	void *tagged = (void *)((uintptr_t)table | level | (dirty ? BUILT_DIRTY : 0));

	if (walk->built_end)
		*walk->built_end = tagged;
	else
		walk->built = (uintptr_t)tagged;
	walk->built_end = table_link(table);
	*walk->built_end = NULL;
}

PT_COLD fmt_word *built_pop(struct resize_walk *walk, unsigned int *level, bool *dirty)
{
	void *table = (void *)(walk->built & ~BUILT_TAGS);

	*level = walk->built & BUILT_LEVEL;
	*dirty = walk->built & BUILT_DIRTY;
	walk->built = (uintptr_t)*table_link(table);
	return table;
}

/* Put @word where a leaf is, keeping a dirty mark that hardware sets meanwhile. */
PT_ALWAYS_INLINE void resize_item(fmt_word *item, fmt_word word, unsigned int level)
{
	fmt_word old = item_load(item);

	PT_HOOK(PT_HOOK_REPLACE);
	do {
		if (FMT_DIRTY && fmt_is_dirty(old, level))
			word = fmt_make_dirty(word, level);
	} while (!__atomic_compare_exchange_n(item, &old, word, false, __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
}

/* Mark every leaf in @table and below as dirty; nobody else sees it yet. */
PT_COLD void table_make_dirty(const struct pt_state *state, fmt_word *table, unsigned int level)
{
	for (unsigned int i = 0; i < 1u << fmt_index_lg2(level); i++) {
		fmt_word word = item_load(&table[i]);

		if (fmt_is_table(word, level))
			table_make_dirty(state, fmt_table_address(word, level), level - 1);
		else if (fmt_is_leaf(word, level))
			item_store(&table[i], fmt_make_dirty(word, level));
	}
	items_flush(state, table, 1u << fmt_index_lg2(level));
}

/* Put the next built table where a leaf is. */
PT_COLD void resize_to_table(struct resize_walk *walk, fmt_word *item, bool dirty,
			     unsigned int level)
{
	struct pt_state *state = walk->state;
	bool child_dirty;
	unsigned int child_level;
	fmt_word *child = built_pop(walk, &child_level, &child_dirty);
	fmt_word old = item_load(item), word = fmt_table(state->config.quirks, child, level);

	PT_HOOK(PT_HOOK_REPLACE);
	do {
		if (FMT_DIRTY && !child_dirty && (dirty || fmt_is_dirty(old, level))) {
			table_make_dirty(state, child, child_level);
			child_dirty = true;
		}
	} while (!__atomic_compare_exchange_n(item, &old, word, false, __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
}

/*
 * Where the architecture demands break-before-make: remove the entry, which may be a @table, and
 * flush it. Returns whether it was dirty. Not hitless, and only for machines whose config says so.
 */
PT_COLD bool resize_break(const struct pt_state *state, fmt_word *first, unsigned int items,
			  uint64_t iova, unsigned int level, bool table)
{
	bool dirty = false;

	for (unsigned int i = 0; i < items; i++) {
		fmt_word old = __atomic_exchange_n(&first[i], fmt_empty(level), __ATOMIC_RELAXED);

		dirty |= FMT_DIRTY && fmt_is_dirty(old, level);
	}
	items_flush(state, first, items);
	if (state->config.flush)
		state->config.flush(state->config.context, iova,
				    iova + ((uint64_t)items << fmt_item_lg2(level)) - 1, table);
	return dirty;
}

/* Write the pieces that are leaves of this level. Returns the items written. */
PT_ALWAYS_INLINE unsigned int resize_leaves(struct resize_walk *walk, struct map_walk *pieces,
					    fmt_word *table, unsigned int index, unsigned int end,
					    unsigned int level)
{
	unsigned int count = map_run_items(pieces, index, end, level);

	if (walk->installs)
		for (unsigned int i = 0; i < count; i++)
			resize_item(&table[index + i],
				    fmt_leaf(pieces->attributes,
					     pieces->oa + ((uint64_t)i << fmt_item_lg2(level)),
					     pieces->lg2, level),
				    level);
	map_advance(pieces, count, level);
	return count;
}

/* Go past an item that a table has taken the place of. */
PT_COLD void resize_skip(struct map_walk *pieces, unsigned int level)
{
	uint64_t bytes = lg2_bytes(fmt_item_lg2(level));

	while (bytes) {
		uint64_t step = bytes < pieces->remaining ? bytes : pieces->remaining;

		map_pass(pieces, step);
		bytes -= step;
	}
}

/* Replace the entry of items [index, end) by @pieces; or, in the first pass, build their tables. */
PT_NOINLINE int resize_entry(struct resize_walk *walk, struct map_walk *pieces, fmt_word *table,
			     unsigned int index, unsigned int end, unsigned int level)
{
	struct pt_state *state = walk->state;
	unsigned int first = index;
	fmt_word word = item_load(&table[index]);
	bool dirty = false;

	if (pieces->iova < walk->changed_first)
		walk->changed_first = pieces->iova;
	walk->changed_last = pieces->last;
	if (walk->installs && FMT_BREAK_BEFORE_MAKE && state->config.break_before_make)
		dirty = resize_break(state, &table[index], end - index, pieces->iova, level, false);
	for (unsigned int i = index; FMT_DIRTY && i < end; i++)
		dirty |= fmt_is_leaf(item_load(&table[i]), level) &&
			 fmt_is_dirty(item_load(&table[i]), level);
	pieces->attributes = fmt_attributes_of(state->config.quirks,
					       dirty ? fmt_make_dirty(word, level) : word, level);
	while (index < end) {
		if (map_leaf_here(pieces, level)) {
			index += resize_leaves(walk, pieces, table, index, end, level);
		} else if (walk->installs) {
			resize_to_table(walk, &table[index], dirty, level);
			resize_skip(pieces, level);
			index++;
		} else {
			fmt_word *child = map_build(pieces, level - 1);

			if (!child)
				return -ENOMEM;
			built_push(walk, child, level - 1, dirty);
			index++;
		}
	}
	if (walk->installs)
		items_make_seen(state, table, first, end, level);
	return 0;
}

/* Let @pieces be those of a leaf at [start, last] with the memory at @oa. */
PT_NOINLINE void resize_split(const struct resize_walk *walk, struct map_walk *pieces,
			      struct resize_runs *split, uint64_t start, uint64_t last, uint64_t oa)
{
	const struct resize_part *part = &walk->part;
	const uint64_t ends[3] = { part->first - 1, part->last, last };
	uint64_t at = start;
	size_t count = 0;

	for (unsigned int i = 0; i < 3; i++) {
		uint64_t end = ends[i] < last ? ends[i] : last;

		if (end < at || (!i && at >= part->first))
			continue;
		split->runs[count] = (struct pt_run){ oa + (at - start), end - at + 1 };
		split->sizes[count++] = i == 1 ? part->sizes : walk->state->page_sizes;
		if (end == last)
			break;
		at = end + 1;
	}
	map_begin(pieces, walk->state, start, oa, last - start + 1);
	pieces->runs = split->runs;
	pieces->runs_left = count;
	pieces->sizes = split->sizes;
	map_next_run(pieces);
}

/* One leaf: is it to be replaced, and by which pieces? */
PT_NOINLINE int resize_leaf(struct resize_walk *walk, fmt_word *table, unsigned int index,
			    fmt_word word, unsigned int level)
{
	unsigned int lg2 = fmt_leaf_lg2(word, level), items_lg2 = lg2 - fmt_item_lg2(level);
	uint64_t start = walk->iova & ~lg2_mask(lg2), last = walk->iova | lg2_mask(lg2);
	struct resize_runs split PT_UNINITIALIZED;
	struct map_walk pieces PT_UNINITIALIZED;

	if (walk->cuts ? start >= walk->part.first && last <= walk->part.last
		       : lg2 <= walk->largest_lg2)
		return 0;
	/* The leaf of the range's last address, if it is not that of the first, done already. */
	if (walk->cuts && walk->iova != walk->part.first && walk->part.first >= start)
		return 0;
	resize_split(walk, &pieces, &split, start, last, fmt_leaf_oa(word, level));
	index &= ~(unsigned int)lg2_mask(items_lg2);
	return resize_entry(walk, &pieces, table, index, index + (1u << items_lg2), level);
}

PT_ALWAYS_INLINE int resize_body(struct resize_walk *walk, fmt_word *table, unsigned int *index,
				 unsigned int level, void **child)
{
	unsigned int items = table_items(walk->state, level, level == walk->top_level);
	int result = WALK_DONE;

	while (*index < items && result == WALK_DONE) {
		fmt_word word = item_load(&table[*index]);
		unsigned int lg2 = fmt_item_lg2(level);

		if (level && fmt_is_table(word, level)) {
			*child = fmt_table_address(word, level);
			return WALK_DOWN;
		}
		if (fmt_is_leaf(word, level)) {
			lg2 = fmt_leaf_lg2(word, level);
			result = resize_leaf(walk, table, *index, word, level);
		}
		walk->iova |= lg2_mask(lg2);
		if (walk->iova >= walk->last)
			break;
		walk->iova++;
		*index = (*index | (unsigned int)lg2_mask(lg2 - fmt_item_lg2(level))) + 1;
	}
	return result;
}

PT_ALWAYS_INLINE int resize_left(struct resize_walk *walk, fmt_word *table, unsigned int index,
				 fmt_word *child, unsigned int level, int result)
{
	return result;
}

/* It ends at the last address of an item, and goes on at the first of one. */
PT_ALWAYS_INLINE bool resize_more(const struct resize_walk *walk)
{
	return walk->iova < walk->last;
}

PT_ALWAYS_INLINE uint64_t resize_iova(const struct resize_walk *walk)
{
	return walk->iova;
}

PT_LEVELS_COLD(resize_walk, resize)

/* Look at the leaves of [iova, last]. */
PT_NOINLINE int resize_range(struct resize_walk *walk, uint64_t iova, uint64_t last)
{
	uintptr_t top = pt_top_load(walk->state);

	walk->iova = iova;
	walk->last = last;
	walk->top_level = pt_top_level(top);
	if (!root_spans(iova, walk->top_level))
		return 0;
	return PT_SYMBOL(resize_all)(walk, pt_top_table(top),
				     root_index(walk->state, iova, walk->top_level),
				     walk->top_level);
}

/* Look at every leaf of [iova, last], or, for cuts, at those that may straddle its ends. */
PT_COLD int resize_pass(struct resize_walk *walk, uint64_t iova, uint64_t last)
{
	int result;

	if (!walk->cuts)
		return resize_range(walk, iova, last);
	result = resize_range(walk, iova, iova);
	/* Not at the address after the range: tables that are there may be on their way out. */
	return result ? result : resize_range(walk, last, last);
}

/* Both passes; all or nothing. */
PT_COLD int resize_both(struct resize_walk *walk, uint64_t iova, uint64_t last,
			struct pt_gather *gather)
{
	int result;

	walk->built = 0;
	walk->built_end = NULL;
	walk->installs = false;
	walk->changed_first = UINT64_MAX;
	walk->changed_last = 0;
	result = resize_pass(walk, iova, last);
	if (result) {
		while (walk->built) {
			unsigned int level;
			bool dirty;
			fmt_word *table = built_pop(walk, &level, &dirty);

			map_discard(table, level, 1u << fmt_index_lg2(level));
		}
		return result;
	}
	if (walk->changed_first > walk->changed_last)
		return 0;
	walk->installs = true;
	resize_pass(walk, iova, last);
	/* What walkers have cached still says the same, but of larger pages. */
	gather_add(walk->state, gather, walk->changed_first, walk->changed_last);
	return 0;
}

PT_COLD int PT_SYMBOL(cut)(struct pagetable *pagetable, uint64_t iova, uint64_t length,
			   struct pt_gather *gather)
{
	struct pt_state *state = pt_state(pagetable);
	struct resize_walk walk = { .state = state,
				    .part = { iova, iova + length - 1, state->page_sizes },
				    .cuts = true };
	int result = pt_check_range(state, iova, length);

	return result ? result : resize_both(&walk, iova, iova + length - 1, gather);
}

PT_COLD int PT_SYMBOL(fragment)(struct pagetable *pagetable, uint64_t iova, uint64_t length,
				unsigned int largest_lg2, struct pt_gather *gather)
{
	struct pt_state *state = pt_state(pagetable);
	struct resize_walk walk = { .state = state, .largest_lg2 = largest_lg2 };
	uint64_t last = iova + length - 1;
	int result = pt_check_range(state, iova, length);
	unsigned int piece_lg2;

	if (result)
		return result;
	if (largest_lg2 > 63 || lg2_bytes(largest_lg2) <= state->granule_mask)
		return -EINVAL;
	walk.part.sizes = state->page_sizes & ((2ULL << largest_lg2) - 1);
	/* Whole pieces: smaller ones at the ends of the range would take tables that nobody asked for. */
	piece_lg2 = floor_lg2(walk.part.sizes);
	walk.part.first = iova & ~lg2_mask(piece_lg2);
	walk.part.last = last | lg2_mask(piece_lg2);
	return resize_both(&walk, iova, last, gather);
}

#endif
