// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* limit.c - the subject that does not walk, see limit.h. Compiled with the engine's flags. */
#define _GNU_SOURCE
#include "limit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "limit_levels.h"

/* With several page sizes every level has its array; they may reach so far. */
#define MIXED_IOVA_BITS 40
#define HUGE_BYTES (2UL << 20)
/* Where to look, from the end down, for items of 4 bytes: links have to fit them. */
#define LOW_FIRST 0x10000000UL
#define LOW_END 0x100000000UL

static bool small_pages;

/* An item at @level that translates nothing: below the bottom there is nothing to point to. */
static uint64_t empty(const struct limit *limit, unsigned int level, uint64_t iova)
{
	const struct level *l = &limit->level[level];

	if (level == limit->bottom || !limit->level[level - 1].items)
		return 0;
	return (uintptr_t)item_of(limit, level - 1, iova >> l->item_lg2 << l->item_lg2);
}

/* Where the item for @iova lies in its table of the bottom level. */
static size_t offset_in_table(const struct limit *limit, uint64_t iova)
{
	const struct level *l = &limit->level[limit->bottom];

	return (iova >> l->item_lg2 & l->index_mask) << (limit->narrow ? 2 : 3);
}

static int map_fresh(struct limit *limit, uint64_t iova, uint64_t oa, uint64_t length)
{
	unsigned int item_lg2 = limit->level[limit->bottom].item_lg2;
	char *table = table_alloc(limit->table_lg2, 1);

	if (!table)
		return -ENOMEM;
	*table_link(table) = limit->tables;
	limit->tables = table;
	if (limit->incoherent)
		table_flush_lines(table, 1UL << limit->table_lg2);
	fill(limit, table + offset_in_table(limit, iova), oa | LEAF, 1ULL << item_lg2,
	     length >> item_lg2);
	store(limit, item_of(limit, limit->bottom + 1, iova), (uintptr_t)table);
	return 0;
}

static void unmap_fresh(struct limit *limit, uint64_t iova, uint64_t length)
{
	char *table = (char *)(uintptr_t)load(limit, item_of(limit, limit->bottom + 1, iova));

	fill(limit, table + offset_in_table(limit, iova), 0, 0,
	     length >> limit->level[limit->bottom].item_lg2);
}

/* How many bytes from @iova on take leaves of @size, the largest size that suits their start. */
static uint64_t run_of(const struct limit *limit, uint64_t iova, uint64_t oa, uint64_t length,
		       uint64_t size)
{
	uint64_t above = limit->facts->page_sizes & ~(size | (size - 1));
	uint64_t larger = above & -above, until = -iova & (larger - 1);

	if (larger && !((iova ^ oa) & (larger - 1)) && until + larger <= length)
		return until;
	return length & ~(size - 1);
}

static void map_mixed(struct limit *limit, uint64_t iova, uint64_t oa, uint64_t length)
{
	while (length) {
		uint64_t suits = iova | oa, sizes = limit->facts->page_sizes;
		uint64_t size, run;
		unsigned int level;

		sizes &= (suits & -suits) | ((suits & -suits) - 1);
		sizes &= (2ULL << (63 - __builtin_clzll(length))) - 1;
		size = 1ULL << (63 - __builtin_clzll(sizes));
		run = run_of(limit, iova, oa, length, size);
		level = format_leaf_level(limit->facts, (unsigned int)__builtin_ctzll(size));
		fill(limit, item_of(limit, level, iova), oa | LEAF,
		     1ULL << limit->level[level].item_lg2, run >> limit->level[level].item_lg2);
		iova += run;
		oa += run;
		length -= run;
	}
}

static int map(void *handle, unsigned long long iova, unsigned long long oa,
	       unsigned long long length, unsigned int prot)
{
	struct limit *limit = handle;
	const struct level *l = &limit->level[limit->bottom];

	(void)prot;
	if (limit->fresh_tables)
		return map_fresh(limit, iova, oa, length);
	if (!limit->one_size)
		map_mixed(limit, iova, oa, length);
	else
		fill(limit, item_of(limit, limit->bottom, iova), oa | LEAF, 1ULL << l->item_lg2,
		     length >> l->item_lg2);
	return 0;
}

static void unmap_mixed(struct limit *limit, uint64_t iova, uint64_t length)
{
	while (length) {
		unsigned int level = limit->top;
		uint64_t run, span = 1ULL << limit->level[1].item_lg2;

		while (level && !(load(limit, item_of(limit, level, iova)) & LEAF))
			level--;
		if (level) {
			run = 1ULL << limit->level[level].item_lg2;
			store(limit, item_of(limit, level, iova), empty(limit, level, iova));
		} else {
			run = span - (iova & (span - 1));
			run = run < length ? run : length;
			fill(limit, item_of(limit, 0, iova), 0, 0, run >> limit->level[0].item_lg2);
		}
		iova += run;
		length -= run;
	}
}

static unsigned long long unmap(void *handle, unsigned long long iova, unsigned long long length,
				int lazy)
{
	struct limit *limit = handle;

	(void)lazy;
	if (limit->fresh_tables)
		unmap_fresh(limit, iova, length);
	else if (!limit->one_size)
		unmap_mixed(limit, iova, length);
	else {
		if (limit->resizes)
			limit_drop_tables(limit, iova, length);
		fill(limit, item_of(limit, limit->bottom, iova), 0, 0,
		     length >> limit->level[limit->bottom].item_lg2);
	}
	return length;
}

/* The item for @iova in the table that @link points to, at @level. */
static uint64_t load_below(const struct limit *limit, unsigned int level, uint64_t link,
			   uint64_t iova)
{
	const struct level *l = &limit->level[level];
	uint64_t index = iova >> l->item_lg2 & l->index_mask;

	return load(limit, (const char *)(uintptr_t)link + (index << (limit->narrow ? 2 : 3)));
}

static uint64_t translation(const struct limit *limit, unsigned int level, uint64_t word,
			    uint64_t iova)
{
	uint64_t offset = iova & ((1ULL << limit->level[level].item_lg2) - 1);

	return word & LEAF ? word - LEAF + offset : PT_NOT_MAPPED;
}

/* One page size in wide items: all levels exist, and the last one decides. */
static uint64_t translate_straight(const struct limit *limit, uint64_t iova)
{
	const struct level *l = &limit->level[limit->top];
	uint64_t word = ((volatile uint64_t *)l->items)[iova >> l->item_lg2];

	for (unsigned int steps = limit->top - limit->bottom; steps; steps--) {
		l--;
		word = ((volatile uint64_t *)(uintptr_t)word)[iova >> l->item_lg2 & l->index_mask];
	}
	return translation(limit, limit->bottom, word, iova);
}

static unsigned long long iova_to_phys(void *handle, unsigned long long iova)
{
	const struct limit *limit = handle;
	unsigned int level = limit->top;
	uint64_t word;

	if (iova >= limit->end)
		return PT_NOT_MAPPED;
	if (limit->straight)
		return translate_straight(limit, iova);
	word = load(limit, item_of(limit, level, iova));
	while (!(word & LEAF) && level && word)
		word = load_below(limit, --level, word, iova);
	return translation(limit, level, word, iova);
}

/* Zeroed memory, huge where wanted, below 4 GiB for narrow items; NULL if there is none. */
static void *array_alloc(size_t bytes, bool low)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *array = MAP_FAILED;

	if (!low)
		array = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	for (uintptr_t at = LOW_END - bytes; low && array == MAP_FAILED && at >= LOW_FIRST;
	     at -= HUGE_BYTES)
		array = mmap((void *)at, bytes, PROT_READ | PROT_WRITE, flags | MAP_FIXED_NOREPLACE,
			     -1, 0);
	if (array == MAP_FAILED)
		return NULL;
	madvise(array, bytes, small_pages ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
	return array;
}

static bool make_level(struct limit *limit, unsigned int level)
{
	const struct format_facts *facts = limit->facts;
	struct level *l = &limit->level[level];
	size_t items;

	l->item_lg2 = format_item_lg2(facts, level);
	l->index_mask = (1ULL << (level ? facts->upper_table_lg2 : facts->leaf_table_lg2)) - 1;
	/* Tables that come and go. */
	if (level < limit->bottom || (level == limit->bottom && limit->fresh_tables))
		return true;
	items = (limit->end >> l->item_lg2) + 1;
	l->bytes = (items * facts->word_bytes + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
	l->items = array_alloc(l->bytes, limit->narrow);
	if (!l->items)
		return false;
	if (level == limit->bottom)
		return true;
	for (size_t i = 0; i < items; i++) {
		uint64_t iova = (uint64_t)i << l->item_lg2;

		store(limit, item_of(limit, level, iova), empty(limit, level, iova));
	}
	return true;
}

static void destroy(struct subject_table *table)
{
	struct limit *limit = table->handle;

	for (unsigned int i = 0; i < LIMIT_MAX_LEVELS; i++)
		if (limit->level[i].items)
			munmap(limit->level[i].items, limit->level[i].bytes);
	while (limit->tables) {
		void *next = *table_link(limit->tables);

		table_free(limit->tables, limit->table_lg2);
		limit->tables = next;
	}
	free(limit);
	table->handle = NULL;
}

static int create(const struct subject *subject, const struct pt_config *config,
		  const struct subject_window *window, struct subject_table *table)
{
	const struct format_facts *facts = subject->implementation;
	struct limit *limit = calloc(1, sizeof(*limit));

	if (!limit)
		return -ENOMEM;
	*table = (struct subject_table){ subject, limit };
	limit->facts = facts;
	limit->narrow = facts->word_bytes == 4;
	limit->incoherent = config->incoherent;
	limit->one_size = window->page_size;
	limit->fresh_tables = window->fresh_tables;
	limit->resizes = window->resizes;
	limit->straight =
		limit->one_size && !limit->narrow && !limit->fresh_tables && !limit->resizes;
	limit->end = window->end;
	limit->top = facts->levels - 1;
	if (window->page_size)
		limit->bottom =
			format_leaf_level(facts, (unsigned int)__builtin_ctzll(window->page_size));
	limit->table_lg2 = (limit->bottom ? facts->upper_table_lg2 : facts->leaf_table_lg2) +
			   (limit->narrow ? 2 : 3);
	for (unsigned int level = 0; level <= limit->top; level++) {
		if (!make_level(limit, level)) {
			destroy(table);
			return -ENOMEM;
		}
	}
	return 0;
}

static const void *root(void *handle, unsigned int *top_level)
{
	(void)handle;
	*top_level = 0;
	return NULL;
}

struct subject limit_subject(const struct format_facts *facts)
{
	return (struct subject){
		.format = facts->name,
		.variant = "limit",
		.source = "bench/limit.c",
		.implementation = facts,
		.create = create,
		.destroy = destroy,
		.map = map,
		.unmap = unmap,
		.resize = limit_resize,
		.iova_to_phys = iova_to_phys,
		.root = root,
	};
}

bool limit_reaches(const struct subject *subject, uint64_t iova_last)
{
	return subject->create != create || !(iova_last >> MIXED_IOVA_BITS);
}

void limit_small_pages(bool small)
{
	small_pages = small;
}
