// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * limit_ranges.c - the least that ranges of any leaves cost where unmapping may cover
 * whole tables: those are left behind by one write, as they are, and what they hold is
 * forgotten when one is needed there again. Compiled with the engine's flags.
 */
#include "limit_levels.h"

/*
 * The table at @level that holds @iova's item is there again: empty, but for the leaves from
 * @start to @end that are about to be written.
 */
static void attach(struct limit *limit, unsigned int level, uint64_t iova, uint64_t start,
		   uint64_t end)
{
	const struct level *l = &limit->level[level];
	uint64_t items = table_items(limit, level), from = items, to = items;
	char *link, *table;

	if (level == limit->top)
		return;
	link = item_of(limit, level + 1, iova);
	if (load(limit, link))
		return;
	attach(limit, level + 1, iova, 0, 0);
	iova &= ~(span(limit, level + 1) - 1);
	table = item_of(limit, level, iova);
	if (start < end) {
		from = start > iova ? (start - iova) >> l->item_lg2 : 0;
		to = end - iova < span(limit, level + 1) ? (end - iova) >> l->item_lg2 : items;
	}
	clear(limit, table, from);
	clear(limit, at(limit, table, to), items - to);
	flush(limit, table, items);
	store(limit, link, (uintptr_t)table);
	flush(limit, link, 1);
}

/* @length bytes of leaves at one level. */
static void map_leaves(struct limit *limit, unsigned int level, uint64_t iova, uint64_t oa,
		       uint64_t length, uint64_t start, uint64_t end)
{
	uint64_t step = span(limit, level);

	while (length) {
		uint64_t count = in_table(limit, level, iova, length);

		/* Above the last level the range may hold tables, which are looked for. */
		attach(limit, level, iova, start, level == limit->bottom ? end : start);
		fill_and_flush(limit, item_of(limit, level, iova), oa | LEAF, step, count);
		iova += count * step;
		oa += count * step;
		length -= count * step;
	}
}

/* How many bytes from @iova on take leaves at @level, the highest that suits their start. */
static uint64_t run_of(const struct limit *limit, unsigned int level, uint64_t iova, uint64_t oa,
		       uint64_t length)
{
	if (level < limit->leaf_top) {
		uint64_t larger = span(limit, level + 1), until = -iova & (larger - 1);

		if (!((iova ^ oa) & (larger - 1)) && until && until + larger <= length)
			return until;
	}
	return length & ~(span(limit, level) - 1);
}

void limit_map_range(struct limit *limit, uint64_t iova, uint64_t oa, uint64_t length,
		     uint64_t start, uint64_t end)
{
	while (length) {
		unsigned int level = limit->bottom;
		uint64_t run;

		while (level < limit->leaf_top && length >= span(limit, level + 1) &&
		       !((iova | oa) & (span(limit, level + 1) - 1)))
			level++;
		run = run_of(limit, level, iova, oa, length);
		map_leaves(limit, level, iova, oa, run, start, end);
		iova += run;
		oa += run;
		length -= run;
	}
}

/* One write for the largest leaf or table that the range covers, wherever it has got to. */
void limit_unmap_range(struct limit *limit, uint64_t iova, uint64_t length)
{
	while (length) {
		unsigned int level = limit->bottom;
		uint64_t count;

		while (level < limit->top && length >= span(limit, level + 1) &&
		       !(iova & (span(limit, level + 1) - 1)))
			level++;
		count = in_table(limit, level, iova, length);
		fill_and_flush(limit, item_of(limit, level, iova), 0, 0, count);
		iova += count << limit->level[level].item_lg2;
		length -= count << limit->level[level].item_lg2;
	}
}
