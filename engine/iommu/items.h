/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * items.h - reading and writing the items of a table, in terms of the format
 * that this instance is compiled for.
 *
 * Hardware and other threads read items at any time: each is read and written
 * whole, by one instruction that the compiler may neither split nor merge (and
 * that it therefore does not turn into a library call or string instruction).
 */
#ifndef PT_IOMMU_ITEMS_H
#define PT_IOMMU_ITEMS_H

#include "generic/levels.h"
#include "iommu/state.h"

#ifndef FMT_TOP_LEVEL_MIN
#define FMT_TOP_LEVEL_MIN 0 /* narrow address spaces may have a root at any level */
#endif

#ifndef FMT_LEAF_STEP_WITHIN_LG2
#define FMT_LEAF_STEP_WITHIN_LG2 64 /* the address is one field of the word */
#endif

/* Are the words of leaves of an item's own size, over @bytes from @oa on, FMT_LEAF_STEP apart? */
PT_ALWAYS_INLINE bool leaves_step(uint64_t oa, uint64_t bytes)
{
	return FMT_LEAF_STEP_WITHIN_LG2 == 64 ||
	       !((oa ^ (oa + bytes - 1)) >> (FMT_LEAF_STEP_WITHIN_LG2 & 63));
}

#if !FMT_DIRTY
/* A format without dirty marks: nothing is ever dirty. */
PT_ALWAYS_INLINE bool fmt_is_dirty(fmt_word word, unsigned int level)
{
	return false;
}

PT_ALWAYS_INLINE fmt_word fmt_make_dirty(fmt_word word, unsigned int level)
{
	return word;
}

PT_ALWAYS_INLINE fmt_word fmt_make_clean(fmt_word word, unsigned int level)
{
	return word;
}

PT_ALWAYS_INLINE bool fmt_is_writable(fmt_word word, unsigned int level)
{
	return false;
}
#endif

/*
 * What is behind a table item is reached through its address: a data dependency orders it.
 * The thread sanitizer knows no dependencies, so that for it the load has to be an acquiring one.
 */
#ifdef __SANITIZE_THREAD__
#define ITEM_LOAD_ORDER __ATOMIC_ACQUIRE
#else
#define ITEM_LOAD_ORDER __ATOMIC_RELAXED
#endif

PT_ALWAYS_INLINE fmt_word item_load(const fmt_word *item)
{
	return __atomic_load_n(item, ITEM_LOAD_ORDER);
}

PT_ALWAYS_INLINE void item_store(fmt_word *item, fmt_word word)
{
	__atomic_store_n(item, word, __ATOMIC_RELAXED);
}

/* Write the same @word to items [from, end). */
PT_ALWAYS_INLINE void items_fill(fmt_word *table, unsigned int from, unsigned int end,
				 fmt_word word)
{
	if (end - from >= PLATFORM_FILL_LONG) {
		platform_fill(&table[from], word, end - from, sizeof(fmt_word));
		return;
	}
	for (unsigned int i = from; i < end; i++)
		item_store(&table[i], word);
}

/* Put a table or leaf in place of @old, its content visible before it; false if another was faster. */
PT_ALWAYS_INLINE bool item_install(fmt_word *item, fmt_word old, fmt_word word)
{
	return __atomic_compare_exchange_n(item, &old, word, false, __ATOMIC_RELEASE,
					   __ATOMIC_RELAXED);
}

/* The index of @iova's item in a table of @level that is not the root. */
PT_ALWAYS_INLINE unsigned int item_index(uint64_t iova, unsigned int level)
{
	return (unsigned int)((iova >> fmt_item_lg2(level)) & lg2_mask(fmt_index_lg2(level)));
}

/* The same in the root at @level, which spans @iova (pt_root_spans). */
PT_ALWAYS_INLINE unsigned int root_index(const struct pt_state *state, uint64_t iova,
					 unsigned int level)
{
	uint64_t index = iova >> fmt_item_lg2(level);

	/* A root that grows spans addresses from 0 only, so that nothing is above its index. */
	return (unsigned int)(FMT_DYNAMIC_TOP ? index : index & state->root_index_mask);
}

/* Does a root at @level reach up to @iova, an address that the format takes? */
PT_ALWAYS_INLINE bool root_spans(uint64_t iova, unsigned int level)
{
	return !FMT_DYNAMIC_TOP || level == FMT_TOP_LEVEL_MAX ||
	       iova >> fmt_item_lg2(level) <= lg2_mask(fmt_index_lg2(level));
}

/* The item that decides on @iova below a root that spans it: no table when it was read. @level: is set to its level. */
PT_COLD fmt_word *item_find(const struct pt_state *state, uintptr_t top, uint64_t iova,
			    unsigned int *level)
{
	fmt_word *table = pt_top_table(top), *item, word;

	*level = pt_top_level(top);
	item = &table[root_index(state, iova, *level)];
	while (fmt_is_table(word = item_load(item), *level)) {
		table = fmt_table_address(word, *level);
		--*level;
		item = &table[item_index(iova, *level)];
	}
	return item;
}

/* Items in a table at @level. */
PT_ALWAYS_INLINE unsigned int table_items(const struct pt_state *state, unsigned int level,
					  bool root)
{
	if (FMT_ROOT_VARIES && root)
		return (unsigned int)state->root_index_mask + 1;
	return 1u << fmt_index_lg2(level);
}

PT_ALWAYS_INLINE bool is_incoherent(const struct pt_state *state)
{
	return FMT_MAY_BE_INCOHERENT && state->config.incoherent;
}

/* Write @count items from @first back to memory where the walker does not snoop. */
PT_ALWAYS_INLINE void items_flush(const struct pt_state *state, const fmt_word *first,
				  unsigned int count)
{
	if (PT_UNLIKELY(is_incoherent(state)))
		table_flush_lines(first, count * sizeof(fmt_word));
}

/* An item that points to @table, for a table that nobody sees yet: it is written back with that one. */
PT_ALWAYS_INLINE fmt_word table_word(const struct pt_state *state, const void *table,
				     unsigned int level)
{
	return fmt_table(state->config.quirks, table, level) |
	       (is_incoherent(state) ? FMT_WRITTEN_BACK : 0);
}

/*
 * Is @word a table item that a walker which does not snoop may not see yet? An item that was put in place by
 * compare-and-swap is written back after that, and only then marked. Whoever passes it without its
 * mark writes it back too, for what is mapped below would be out of reach. Without a bit for the
 * mark every table item may be one.
 */
PT_ALWAYS_INLINE bool item_is_unseen(fmt_word word, unsigned int level)
{
	return fmt_is_table(word, level) && !(word & FMT_WRITTEN_BACK);
}

/*
 * Write items [first, end) back and mark those that are tables. Nobody changes their words meanwhile but to
 * set the same mark: all have something below that is this operation's.
 */
PT_ALWAYS_INLINE void items_make_seen(const struct pt_state *state, fmt_word *table,
				      unsigned int first, unsigned int end, unsigned int level)
{
	items_flush(state, &table[first], end - first);
	if (!FMT_WRITTEN_BACK || !is_incoherent(state))
		return;
	for (unsigned int i = first; i < end; i++) {
		fmt_word word = item_load(&table[i]);

		if (item_is_unseen(word, level))
			item_store(&table[i], word | FMT_WRITTEN_BACK);
	}
}

/* A table for @level; cleared unless every item is about to be written. NULL without memory. */
PT_ALWAYS_INLINE fmt_word *table_new(unsigned int level, bool cleared)
{
	fmt_word *table = table_alloc(fmt_table_lg2(level), cleared && !fmt_empty(level));

	if (table && cleared && fmt_empty(level))
		items_fill(table, 0, 1u << fmt_index_lg2(level), fmt_empty(level));
	return table;
}

#define COLLECT_STRIDE 8

/* Is surely none of COLLECT_STRIDE items a table? */
PT_ALWAYS_INLINE bool no_tables(const fmt_word *first, unsigned int level)
{
	fmt_word all = item_load(first), any = all;

	for (unsigned int i = 1; i < COLLECT_STRIDE; i++) {
		fmt_word word = item_load(&first[i]);

		all &= word;
		any |= word;
	}
	return fmt_no_tables(all, any, level);
}

/* The first item of [from, end) that is a table, or @end. */
PT_ALWAYS_INLINE unsigned int next_table(const fmt_word *table, unsigned int from, unsigned int end,
					 unsigned int level)
{
	for (;;) {
		unsigned int stop;

		/* Most often all are leaves: one branch for several of them. */
		while (end - from >= COLLECT_STRIDE && PT_LIKELY(no_tables(&table[from], level)))
			from += COLLECT_STRIDE;
		stop = end - from < COLLECT_STRIDE ? end : from + COLLECT_STRIDE;
		for (; from < stop; from++)
			if (fmt_is_table(item_load(&table[from]), level))
				return from;
		if (from == end)
			return end;
	}
}

/* Put the tables below @table on @list, then @table itself, whose items from @end on are not set. */
PT_NOINLINE void collect_tables(void **list, fmt_word *table, unsigned int level, unsigned int end)
{
	struct walk_place above[FMT_TOP_LEVEL_MAX + 1] PT_UNINITIALIZED;
	unsigned int top = level, index = 0;

	for (;;) {
		index = level ? next_table(table, index, end, level) : end;
		if (index < end) {
			above[level] = (struct walk_place){ table, index, end };
			table = fmt_table_address(item_load(&table[index]), level);
			end = 1u << fmt_index_lg2(--level);
			index = 0;
			continue;
		}
		table_list_push(list, table, fmt_table_lg2(level));
		if (level == top)
			return;
		level++;
		table = above[level].table;
		index = above[level].index + 1;
		end = above[level].end;
	}
}

/* Detach everything below an item that was just cleared. */
PT_ALWAYS_INLINE void collect_child(void **list, fmt_word word, unsigned int level)
{
	fmt_word *child = fmt_table_address(word, level);

	/* A leaf table has nothing below it: no need to read it. */
	if (level == 1)
		table_list_push(list, child, fmt_table_lg2(0));
	else
		collect_tables(list, child, level - 1, 1u << fmt_index_lg2(level - 1));
}

#endif
