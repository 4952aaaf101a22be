// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * limit_ranges.c - the least that ranges of any leaves cost where unmapping may cover
 * whole tables: those are left behind by one write, as they are, and what they hold is
 * forgotten when one is needed there again. Compiled with the engine's flags.
 */
#include "limit_levels.h"

/* Is there a table at @level for @iova? */
static inline bool attached(const struct limit *limit, unsigned int level, uint64_t iova)
{
	return level == limit->top || load(limit, item_of(limit, level + 1, iova));
}

/*
 * The table at @level that holds @iova's item is there again: empty, but for the leaves from
 * @start to @end that are about to be written.
 */
static __attribute__((noinline)) void attach(struct limit *limit, unsigned int level, uint64_t iova,
					     uint64_t start, uint64_t end)
{
	const struct level *l = &limit->level[level];
	uint64_t items = table_items(limit, level), from = items, to = items;
	char *link = item_of(limit, level + 1, iova), *table;

	if (!attached(limit, level + 1, iova))
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

void limit_map_range(struct limit *limit, uint64_t iova, uint64_t oa, uint64_t length,
		     uint64_t start, uint64_t end)
{
	while (length) {
		unsigned int level = limit->bottom;
		uint64_t count, bytes;

		/* The largest leaf that suits; a larger one can only begin where a table ends. */
		while (level < limit->leaf_top && length >= span(limit, level + 1) &&
		       !((iova | oa) & (span(limit, level + 1) - 1)))
			level++;
		count = in_table(limit, level, iova, length);
		bytes = count << limit->level[level].item_lg2;
		/* Above the last level the range may hold tables, which are looked for. */
		if (__builtin_expect(!attached(limit, level, iova), 0))
			attach(limit, level, iova, start, level == limit->bottom ? end : start);
		fill_and_flush(limit, item_of(limit, level, iova), oa | LEAF, span(limit, level),
			       count);
		iova += bytes;
		oa += bytes;
		length -= bytes;
	}
}

/* One write for the largest leaf or table that the range covers, wherever it has got to. */
void limit_unmap_range(struct limit *limit, uint64_t iova, uint64_t length)
{
	while (length) {
		unsigned int level = limit->bottom;
		uint64_t count, bytes;

		while (level < limit->top && length >= span(limit, level + 1) &&
		       !(iova & (span(limit, level + 1) - 1)))
			level++;
		count = in_table(limit, level, iova, length);
		bytes = count << limit->level[level].item_lg2;
		wipe(limit, item_of(limit, level, iova), count);
		iova += bytes;
		length -= bytes;
	}
}

/* The level of the leaf that translates @iova, which is mapped. */
static unsigned int level_of(const struct limit *limit, uint64_t iova)
{
	unsigned int level = limit->leaf_top;

	while (level > limit->bottom && !(load(limit, item_of(limit, level, iova)) & LEAF))
		level--;
	return level;
}

/* Where reading has got to: the word that would go on with the last run. */
struct reader {
	struct pt_run *runs;
	unsigned long used, room;
	uint64_t expected;
};

/* Another run begins with the leaf @word; false where it is none, or there is no more room. */
static __attribute__((noinline)) bool begin_run(struct reader *reader, uint64_t word)
{
	if (!(word & LEAF) || reader->used == reader->room)
		return false;
	reader->runs[reader->used++] = (struct pt_run){ word - LEAF, 0 };
	return true;
}

/* How long the last run is shows by the word that it expects. */
static void end_run(const struct reader *reader, uint64_t expected)
{
	if (reader->used) {
		struct pt_run *last = &reader->runs[reader->used - 1];

		last->length = expected - LEAF - last->oa;
	}
}

#define READ(type)                                                                \
	do {                                                                      \
		const volatile type *word = (const volatile type *)(void *)items; \
		const volatile type *end = word + count;                          \
                                                                                  \
		for (; word < end; word++, expected += stride) {                  \
			type found = *word;                                       \
                                                                                  \
			if (__builtin_expect(found != (type)expected, 0)) {       \
				end_run(reader, expected);                        \
				if (!begin_run(reader, found))                    \
					break;                                    \
				expected = found;                                 \
			}                                                         \
		}                                                                 \
		read = count - (uint64_t)(end - word);                            \
	} while (0)

/* Reads leaves up to @count, or to one that is none; returns how many. */
static uint64_t read_leaves(const struct limit *limit, struct reader *reader, char *items,
			    uint64_t count, uint64_t stride)
{
	uint64_t expected = reader->expected, read;

	if (limit->narrow)
		READ(uint32_t);
	else
		READ(uint64_t);
	end_run(reader, expected);
	reader->expected = expected;
	return read;
}

unsigned long limit_read_runs(const struct limit *limit, uint64_t iova, uint64_t length,
			      struct pt_run *runs, unsigned long room)
{
	/* No leaf's word: the first one begins a run. */
	struct reader reader = { runs, 0, room, 0 };

	while (length) {
		unsigned int level = level_of(limit, iova);
		uint64_t count = in_table(limit, level, iova, length);
		uint64_t bytes = read_leaves(limit, &reader, item_of(limit, level, iova), count,
					     span(limit, level))
				 << limit->level[level].item_lg2;

		if (!bytes)
			return 0;
		iova += bytes;
		length -= bytes;
	}
	return reader.used;
}
