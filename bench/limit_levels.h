/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * limit_levels.h - the arrays that the limit keeps in the place of tables, one a
 * level, and how it stores items in them.
 */
#ifndef PTBENCH_LIMIT_LEVELS_H
#define PTBENCH_LIMIT_LEVELS_H

#include "formats.h"
#include "subject.h"
#include "table_pages.h"

#define LIMIT_MAX_LEVELS 8
/* A leaf; without it, the address of the table below, or 0. */
#define LEAF 1u

struct level {
	char *items;
	size_t bytes;
	unsigned int item_lg2;
	uint64_t index_mask; /* of an address's index within one table */
};

struct limit {
	const struct format_facts *facts;
	struct level level[LIMIT_MAX_LEVELS];
	unsigned int bottom, top; /* levels that have arrays */
	unsigned int table_lg2; /* bytes of a leaf table, for fresh ones */
	bool narrow, incoherent, fresh_tables, one_size;
	bool resizes; /* leaves are split and joined */
	bool straight; /* nothing but loads between root and leaf */
	uint64_t end; /* of the window */
	void *tables; /* fresh ones, linked through table_link() */
};

static inline uint64_t load(const struct limit *limit, const char *item)
{
	return limit->narrow ? *(const volatile uint32_t *)item : *(const volatile uint64_t *)item;
}

static inline void store(const struct limit *limit, char *item, uint64_t word)
{
	if (limit->narrow)
		*(volatile uint32_t *)item = (uint32_t)word;
	else
		*(volatile uint64_t *)item = word;
}

/*
 * Store @count words: @word, @word + @step, ... One store each, as an item must never be seen half
 * written; so nobody may make a memset of it.
 */
static inline void fill(const struct limit *limit, char *items, uint64_t word, uint64_t step,
			uint64_t count)
{
	if (limit->narrow)
		for (uint64_t i = 0; i < count; i++, word += step)
			((volatile uint32_t *)items)[i] = (uint32_t)word;
	else
		for (uint64_t i = 0; i < count; i++, word += step)
			((volatile uint64_t *)items)[i] = word;
	if (limit->incoherent)
		table_flush_lines(items, count << (limit->narrow ? 2 : 3));
}

static inline char *item_of(const struct limit *limit, unsigned int level, uint64_t iova)
{
	const struct level *l = &limit->level[level];

	return l->items + ((iova >> l->item_lg2) << (limit->narrow ? 2 : 3));
}

/* subject.resize, and what unmap has to do after it: give back the tables below leaves' items. */
int limit_resize(void *handle, unsigned long long iova, unsigned long long length,
		 unsigned int piece_lg2, unsigned int prot);
void limit_drop_tables(struct limit *limit, uint64_t iova, uint64_t length);

#endif
