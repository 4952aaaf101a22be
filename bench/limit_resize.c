// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * limit_resize.c - the least that splitting and joining leaves can cost: new tables are
 * written once and hung in, old ones are given back unread. Compiled with the
 * engine's flags.
 */
#include <errno.h>

#include "limit_levels.h"

static unsigned int table_lg2(const struct limit *limit, unsigned int level)
{
	unsigned int items_lg2 =
		level ? limit->facts->upper_table_lg2 : limit->facts->leaf_table_lg2;

	return items_lg2 + word_lg2(limit);
}

/* Of the table's items the first @count have what is below them. */
static void free_tree(const struct limit *limit, char *table, unsigned int level, uint64_t count)
{
	for (uint64_t i = 0; level && i < count; i++) {
		uint64_t word = load(limit, at(limit, table, i));

		if (word && !(word & LEAF))
			free_tree(limit, (char *)(uintptr_t)word, level - 1,
				  table_items(limit, level - 1));
	}
	table_free(table, table_lg2(limit, level));
}

/* A table at @level, and what is below it, that translates to @oa on; NULL without memory. */
static char *make_tree(const struct limit *limit, unsigned int level, uint64_t oa)
{
	uint64_t items = table_items(limit, level), stride = span(limit, level);
	char *table = table_alloc(table_lg2(limit, level), 0);

	if (table && !level)
		fill(limit, table, oa | LEAF, stride, items);
	for (uint64_t i = 0; table && level && i < items; i++) {
		char *below = make_tree(limit, level - 1, oa + i * stride);

		if (!below) {
			free_tree(limit, table, level, i);
			return NULL;
		}
		store(limit, at(limit, table, i), (uintptr_t)below);
	}
	if (table)
		flush(limit, table, items);
	return table;
}

static void put(const struct limit *limit, char *item, uint64_t word)
{
	store(limit, item, word);
	flush(limit, item, 1);
}

/* What the first leaf below @word at @level translates to. */
static uint64_t first_oa(const struct limit *limit, uint64_t word)
{
	while (!(word & LEAF))
		word = load(limit, (const char *)(uintptr_t)word);
	return word - LEAF;
}

int limit_resize(void *handle, unsigned long long iova, unsigned long long length,
		 unsigned int piece_lg2, unsigned int prot)
{
	struct limit *limit = handle;
	unsigned int level = limit->bottom;
	uint64_t stride = 1ULL << limit->level[level].item_lg2;

	(void)prot;
	/* Sizes of one level: the same words once more, all with the same size. */
	if (!level)
		fill_and_flush(limit, item_of(limit, 0, iova), load(limit, item_of(limit, 0, iova)),
			       stride, length / stride);
	for (uint64_t end = iova + length; level && iova < end; iova += stride) {
		char *item = item_of(limit, level, iova);
		uint64_t word = load(limit, item);

		if (piece_lg2 < limit->level[level].item_lg2 && word & LEAF) {
			char *table = make_tree(limit, level - 1, word - LEAF);

			if (!table)
				return -ENOMEM;
			put(limit, item, (uintptr_t)table);
		} else if (word && !(word & LEAF)) {
			put(limit, item, first_oa(limit, word) | LEAF);
			free_tree(limit, (char *)(uintptr_t)word, level - 1,
				  table_items(limit, level - 1));
		}
	}
	return 0;
}

/* Bits in which any of @count words differs from @word, @word + @stride, ... */
#define DIFFERENCE(type)                                                                \
	do {                                                                            \
		const volatile type *from = (const volatile type *)(const void *)items; \
                                                                                        \
		for (; count; count--, word += stride)                                  \
			found |= *from++ ^ (type)word;                                  \
	} while (0)

static uint64_t difference(const struct limit *limit, const char *items, uint64_t word,
			   uint64_t stride, uint64_t count)
{
	uint64_t found = 0;

	if (limit->narrow)
		DIFFERENCE(uint32_t);
	else
		DIFFERENCE(uint64_t);
	return found;
}

/* Does all below @word at @level translate to one run from @oa on? Reads every leaf. */
static bool is_one_run(const struct limit *limit, unsigned int level, uint64_t word, uint64_t oa)
{
	char *table = (char *)(uintptr_t)word;
	uint64_t items, stride;

	if (word & LEAF || !level)
		return word == (oa | LEAF);
	items = table_items(limit, level - 1);
	stride = span(limit, level - 1);
	if (level == 1)
		return !difference(limit, table, oa | LEAF, stride, items);
	for (uint64_t i = 0; i < items; i++)
		if (!is_one_run(limit, level - 1, load(limit, at(limit, table, i)),
				oa + i * stride))
			return false;
	return true;
}

int limit_reassemble(void *handle, unsigned long long iova, unsigned long long length,
		     unsigned int prot)
{
	struct limit *limit = handle;
	unsigned int level = limit->bottom;
	uint64_t stride = 1ULL << limit->level[level].item_lg2;
	uint64_t oa = first_oa(limit, load(limit, item_of(limit, level, iova)));

	for (uint64_t done = 0; done < length; done += stride)
		if (!is_one_run(limit, level, load(limit, item_of(limit, level, iova + done)),
				oa + done))
			return 0;
	return limit_resize(handle, iova, length, 63, prot);
}

void limit_drop_tables(struct limit *limit, uint64_t iova, uint64_t length)
{
	unsigned int level = limit->bottom;
	uint64_t stride = 1ULL << limit->level[level].item_lg2;

	for (uint64_t end = iova + length; level && iova < end; iova += stride) {
		uint64_t word = load(limit, item_of(limit, level, iova));

		if (word && !(word & LEAF))
			free_tree(limit, (char *)(uintptr_t)word, level - 1,
				  table_items(limit, level - 1));
	}
}
