/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * limit_levels.h - the arrays that the limit keeps in the place of tables, one a
 * level, and how it stores items in them.
 */
#ifndef PTBENCH_LIMIT_LEVELS_H
#define PTBENCH_LIMIT_LEVELS_H

#include <string.h>

#include "formats.h"
#include "subject.h"
#include "table_pages.h"

#define LIMIT_MAX_LEVELS 8
/* A leaf; without it, the address of the table below, or 0. */
#define LEAF 1u

/* A test counts the words that are written; nobody else does. */
#ifdef PTBENCH_LIMIT_COUNTS
extern unsigned long limit_words_written;
#define LIMIT_WROTE(words) ((void)(limit_words_written += (words)))
#else
#define LIMIT_WROTE(words) ((void)0)
#endif

struct level {
	char *items;
	size_t bytes;
	uint64_t span; /* of an item */
	unsigned int item_lg2; /* log2 of it */
	uint64_t index_mask; /* of an address's index within one table */
};

struct limit {
	const struct format_facts *facts;
	struct level level[LIMIT_MAX_LEVELS];
	unsigned int bottom, top; /* levels that have arrays */
	unsigned int leaf_top; /* the highest level that leaves can be at */
	unsigned int table_lg2; /* bytes of a leaf table, for fresh ones */
	bool narrow, incoherent, fresh_tables, one_size;
	bool resizes; /* leaves are split and joined */
	bool detaches; /* tables that an unmap covers go by one write */
	bool straight; /* one array says all */
	uint64_t start, end; /* of the window */
};

static inline unsigned int word_lg2(const struct limit *limit)
{
	return limit->narrow ? 2 : 3;
}

static inline uint64_t load(const struct limit *limit, const char *item)
{
	return limit->narrow ? *(const volatile uint32_t *)item : *(const volatile uint64_t *)item;
}

static inline void store(const struct limit *limit, char *item, uint64_t word)
{
	LIMIT_WROTE(1);
	if (limit->narrow)
		*(volatile uint32_t *)item = (uint32_t)word;
	else
		*(volatile uint64_t *)item = word;
}

/* Eight stores a turn: what the loop itself takes is nothing that has to be. */
#define FILL(type)                                                            \
	do {                                                                  \
		volatile type *to = (volatile type *)(void *)items;           \
                                                                              \
		for (uint64_t turns = count >> 3; turns; turns--, to += 8) {  \
			to[0] = (type)word;                                   \
			to[1] = (type)(word + stride);                        \
			to[2] = (type)(word + 2 * stride);                    \
			to[3] = (type)(word + 3 * stride);                    \
			to[4] = (type)(word + 4 * stride);                    \
			to[5] = (type)(word + 5 * stride);                    \
			to[6] = (type)(word + 6 * stride);                    \
			to[7] = (type)(word + 7 * stride);                    \
			word += 8 * stride;                                   \
		}                                                             \
		for (uint64_t left = count & 7; left; left--, word += stride) \
			*to++ = (type)word;                                   \
	} while (0)

/*
 * Store @count words: @word, @word + @stride, ... One store each, as an item must never be seen half
 * written; so nobody may make a memset of it.
 */
static inline __attribute__((always_inline)) void
fill(const struct limit *limit, char *items, uint64_t word, uint64_t stride, uint64_t count)
{
	LIMIT_WROTE(count);
	if (limit->narrow)
		FILL(uint32_t);
	else
		FILL(uint64_t);
}

static inline void flush(const struct limit *limit, const char *items, uint64_t count)
{
	if (limit->incoherent)
		table_flush_lines(items, count << word_lg2(limit));
}

static inline void fill_and_flush(const struct limit *limit, char *items, uint64_t word,
				  uint64_t stride, uint64_t count)
{
	fill(limit, items, word, stride, count);
	flush(limit, items, count);
}

/* Store @count empty words. */
static inline void wipe(const struct limit *limit, char *items, uint64_t count)
{
	fill_and_flush(limit, items, 0, 0, count);
}

/* Of a table that nobody sees yet. */
static inline void clear(const struct limit *limit, char *items, uint64_t count)
{
	LIMIT_WROTE(count);
	memset(items, 0, count << word_lg2(limit));
}

static inline char *at(const struct limit *limit, char *items, uint64_t index)
{
	return items + (index << word_lg2(limit));
}

static inline char *item_of(const struct limit *limit, unsigned int level, uint64_t iova)
{
	const struct level *l = &limit->level[level];

	return at(limit, l->items, iova >> l->item_lg2);
}

/* What an item at @level spans. */
static inline uint64_t span(const struct limit *limit, unsigned int level)
{
	return limit->level[level].span;
}

static inline uint64_t table_items(const struct limit *limit, unsigned int level)
{
	return limit->level[level].index_mask + 1;
}

/* How many items of [iova, iova + length) lie in the table at @level that holds the first one. */
static inline uint64_t in_table(const struct limit *limit, unsigned int level, uint64_t iova,
				uint64_t length)
{
	const struct level *l = &limit->level[level];
	uint64_t room = l->index_mask + 1 - (iova >> l->item_lg2 & l->index_mask);
	uint64_t count = length >> l->item_lg2;

	return count < room || level == limit->top ? count : room;
}

/* subject.resize and .reassemble, and what unmap has to do after it: give back the tables below leaves' items. */
int limit_resize(void *handle, unsigned long long iova, unsigned long long length,
		 unsigned int piece_lg2, unsigned int prot);
int limit_reassemble(void *handle, unsigned long long iova, unsigned long long length,
		     unsigned int prot);
void limit_drop_tables(struct limit *limit, uint64_t iova, uint64_t length);

/*
 * Leaves and tables in the arrays, where a range takes leaves of several levels or unmaps cover
 * whole tables. @start and @end: of all that is mapped in one call, of which this may be a part.
 */
void limit_map_range(struct limit *limit, uint64_t iova, uint64_t oa, uint64_t length,
		     uint64_t start, uint64_t end);
void limit_unmap_range(struct limit *limit, uint64_t iova, uint64_t length);

/* What the leaves of a range point to, into @runs; their number, or 0 where @room is too small. */
unsigned long limit_read_runs(const struct limit *limit, uint64_t iova, uint64_t length,
			      struct pt_run *runs, unsigned long room);

#endif
