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
static uint64_t index_in_table(const struct limit *limit, uint64_t iova)
{
	const struct level *l = &limit->level[limit->bottom];

	return iova >> l->item_lg2 & l->index_mask;
}

/* The fresh table for @iova, of which a call is about to fill @length bytes. NULL without memory. */
static char *fresh_table(struct limit *limit, uint64_t iova, uint64_t length)
{
	char *link = item_of(limit, limit->bottom + 1, iova);
	char *table = (char *)(uintptr_t)load(limit, link);
	uint64_t items = table_items(limit, limit->bottom), from, to;

	if (table)
		return table;
	table = table_alloc(limit->table_lg2, 0);
	if (!table)
		return NULL;
	from = index_in_table(limit, iova);
	to = from + (length >> limit->level[limit->bottom].item_lg2);
	clear(limit, table, from);
	clear(limit, at(limit, table, to), items - to);
	return table;
}

static void publish(const struct limit *limit, char *table, uint64_t iova)
{
	char *link = item_of(limit, limit->bottom + 1, iova);

	flush(limit, table, table_items(limit, limit->bottom));
	store(limit, link, (uintptr_t)table);
	flush(limit, link, 1);
}

/* What a fresh table is to hold, as @count runs of @length bytes in all. */
static int map_fresh(struct limit *limit, uint64_t iova, const struct pt_run *runs,
		     unsigned long count, uint64_t length)
{
	unsigned int item_lg2 = limit->level[limit->bottom].item_lg2;
	char *table = fresh_table(limit, iova, length);
	uint64_t index = index_in_table(limit, iova);

	if (!table)
		return -ENOMEM;
	for (unsigned long i = 0; i < count; i++) {
		uint64_t items = runs[i].length >> item_lg2;

		fill(limit, at(limit, table, index), runs[i].oa | LEAF, 1ULL << item_lg2, items);
		index += items;
	}
	publish(limit, table, iova);
	return 0;
}

static void unmap_fresh(struct limit *limit, uint64_t iova, uint64_t length)
{
	char *table = (char *)(uintptr_t)load(limit, item_of(limit, limit->bottom + 1, iova));

	fill(limit, at(limit, table, index_in_table(limit, iova)), 0, 0,
	     length >> limit->level[limit->bottom].item_lg2);
}

static int map(void *handle, unsigned long long iova, unsigned long long oa,
	       unsigned long long length, unsigned int prot)
{
	struct limit *limit = handle;
	const struct level *l = &limit->level[limit->bottom];
	struct pt_run run = { oa, length };

	(void)prot;
	if (limit->fresh_tables)
		return map_fresh(limit, iova, &run, 1, length);
	if (limit->detaches)
		limit_map_range(limit, iova, oa, length, iova, iova + length);
	else
		fill_and_flush(limit, item_of(limit, limit->bottom, iova), oa | LEAF,
			       1ULL << l->item_lg2, length >> l->item_lg2);
	return 0;
}

/* Runs of which most are a page; tables are looked for once each. */
static void map_all(struct limit *limit, uint64_t iova, const struct pt_run *runs,
		    unsigned long count, uint64_t end)
{
	const uint64_t stride = span(limit, limit->bottom), start = iova;
	const unsigned int item_lg2 = limit->level[limit->bottom].item_lg2;
	/* Up to here there are tables. */
	uint64_t ready = limit->detaches ? iova : end;
	char *item = item_of(limit, limit->bottom, iova);

	for (unsigned long i = 0; i < count; i++) {
		uint64_t length = runs[i].length, next = iova + length;

		if (__builtin_expect(next > ready, 0)) {
			limit_map_range(limit, iova, runs[i].oa, length, start, end);
			ready = (next + span(limit, limit->bottom + 1) - 1) &
				~(span(limit, limit->bottom + 1) - 1);
		} else if (length == stride) {
			store(limit, item, runs[i].oa | LEAF);
		} else {
			fill(limit, item, runs[i].oa | LEAF, stride, length >> item_lg2);
		}
		item += length >> item_lg2 << word_lg2(limit);
		iova = next;
	}
}

static int map_runs(void *handle, unsigned long long iova, const struct pt_run *runs,
		    unsigned long count, unsigned int prot)
{
	struct limit *limit = handle;
	uint64_t length = 0;

	(void)prot;
	/* Only a table that may be new wants to know what is not going to be filled. */
	for (unsigned long i = 0; i < count && (limit->fresh_tables || limit->detaches); i++)
		length += runs[i].length;
	if (limit->fresh_tables)
		return map_fresh(limit, iova, runs, count, length);
	map_all(limit, iova, runs, count, limit->detaches ? iova + length : limit->end);
	for (unsigned long i = 0; i < count && limit->incoherent; i++)
		length += runs[i].length;
	if (limit->incoherent)
		flush(limit, item_of(limit, limit->bottom, iova),
		      length >> limit->level[limit->bottom].item_lg2);
	return 0;
}

static unsigned long long unmap(void *handle, unsigned long long iova, unsigned long long length,
				int lazy)
{
	struct limit *limit = handle;

	(void)lazy;
	if (limit->detaches)
		limit_unmap_range(limit, iova, length);
	else if (limit->fresh_tables)
		unmap_fresh(limit, iova, length);
	else {
		if (limit->resizes)
			limit_drop_tables(limit, iova, length);
		wipe(limit, item_of(limit, limit->bottom, iova),
		     length >> limit->level[limit->bottom].item_lg2);
	}
	return length;
}

/* Reads every leaf once, then unmaps: what was there has to be told. */
static unsigned long long unmap_runs(void *handle, unsigned long long iova,
				     unsigned long long length, int lazy, struct pt_run *runs,
				     unsigned long room, unsigned long *count)
{
	*count = limit_read_runs(handle, iova, length, runs, room);
	return *count ? unmap(handle, iova, length, lazy) : 0;
}

/* The item for @iova in the table that @link points to, at @level. */
static uint64_t load_below(const struct limit *limit, unsigned int level, uint64_t link,
			   uint64_t iova)
{
	const struct level *l = &limit->level[level];
	uint64_t index = iova >> l->item_lg2 & l->index_mask;

	return load(limit, at(limit, (char *)(uintptr_t)link, index));
}

static uint64_t translation(uint64_t word, uint64_t iova, unsigned int item_lg2)
{
	uint64_t offset = iova & ((1ULL << item_lg2) - 1);

	return word & LEAF ? word - LEAF + offset : PT_NOT_MAPPED;
}

static unsigned long long iova_to_phys(void *handle, unsigned long long iova)
{
	const struct limit *limit = handle;
	const struct level *bottom = &limit->level[limit->bottom];
	unsigned int level = limit->top;
	uint64_t word;

	if (iova >= limit->end)
		return PT_NOT_MAPPED;
	if (limit->straight) {
		word = load(limit, item_of(limit, limit->bottom, iova));
		return translation(word, iova, bottom->item_lg2);
	}
	word = load(limit, item_of(limit, level, iova));
	while (!(word & LEAF) && level && word)
		word = load_below(limit, --level, word, iova);
	return translation(word, iova, limit->level[level].item_lg2);
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
	l->span = 1ULL << l->item_lg2;
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

static void free_fresh(struct limit *limit)
{
	const struct level *above = &limit->level[limit->bottom + 1];

	for (uint64_t iova = limit->start; above->items && iova < limit->end;
	     iova += 1ULL << above->item_lg2) {
		uint64_t word = load(limit, item_of(limit, limit->bottom + 1, iova));

		if (word)
			table_free((void *)(uintptr_t)word, limit->table_lg2);
	}
}

static void destroy(struct subject_table *table)
{
	struct limit *limit = table->handle;

	if (limit->fresh_tables)
		free_fresh(limit);
	for (unsigned int i = 0; i < LIMIT_MAX_LEVELS; i++)
		if (limit->level[i].items)
			munmap(limit->level[i].items, limit->level[i].bytes);
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
	limit->detaches = window->detaches;
	limit->straight =
		limit->one_size && !limit->fresh_tables && !limit->resizes && !limit->detaches;
	limit->start = window->start;
	limit->end = window->end;
	limit->top = facts->levels - 1;
	if (window->page_size)
		limit->bottom =
			format_leaf_level(facts, (unsigned int)__builtin_ctzll(window->page_size));
	limit->leaf_top = limit->bottom;
	while (!limit->one_size && limit->leaf_top < limit->top &&
	       facts->page_sizes & 1ULL << format_item_lg2(facts, limit->leaf_top + 1))
		limit->leaf_top++;
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
		.map_runs = map_runs,
		.unmap_runs = unmap_runs,
		.batches = true,
		.resize = limit_resize,
		.reassemble = limit_reassemble,
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
