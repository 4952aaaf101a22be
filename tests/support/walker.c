// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * walker.c - see walker.h. The walker's memory lies beside the arena; to look through
 * its eyes the two exchange the words of all pages that were tables.
 */
#include "walker.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "table_pages.h"

#define ARENA ((char *)TABLE_ARENA_START)
#define PAGE_BYTES (1UL << TABLE_PAGE_LG2)
#define PAGES (WALKER_BYTES >> TABLE_PAGE_LG2)

static char *seen;
/* The pages that were handed out for tables since walker_forget(). */
static unsigned int pages[PAGES];
static unsigned int page_count;
static bool known[PAGES];
static unsigned long rubbish;
static void (*before)(void), (*after)(void);

/* What the linker puts in place of the real ones. */
void __wrap_table_flush_lines(const void *address, unsigned long bytes);
void *__wrap_table_alloc(unsigned int bytes_lg2, int zero);
void *__real_table_alloc(unsigned int bytes_lg2, int zero);

int walker_init(void)
{
	seen = mmap(NULL, WALKER_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return seen == MAP_FAILED ? -ENOMEM : 0;
}

void walker_forget(unsigned long long word)
{
	rubbish = word;
	while (page_count)
		known[pages[--page_count]] = false;
}

void walker_on_flush(void (*flushing)(void), void (*flushed)(void))
{
	before = flushing;
	after = flushed;
}

void *__wrap_table_alloc(unsigned int bytes_lg2, int zero)
{
	char *table = __real_table_alloc(bytes_lg2, zero);

	if (!table)
		return NULL;
	if (table + (1UL << bytes_lg2) > ARENA + WALKER_BYTES)
		abort(); /* more tables than the test should need */
	for (unsigned long offset = 0; offset < 1UL << bytes_lg2; offset += PAGE_BYTES) {
		unsigned int page = (unsigned int)((table - ARENA + offset) >> TABLE_PAGE_LG2);
		unsigned long *words = (unsigned long *)(seen + page * PAGE_BYTES);

		if (known[page])
			continue;
		known[page] = true;
		pages[page_count++] = page;
		for (unsigned int i = 0; i < PAGE_BYTES / sizeof(*words); i++)
			words[i] = rubbish;
	}
	return table;
}

/* Whole lines, as hardware writes them; beyond a table's end nobody looks. */
__attribute__((no_sanitize("address"))) static void copy_lines(char *to, const char *from,
							       unsigned long bytes)
{
	for (unsigned long offset = 0; offset < bytes; offset += sizeof(unsigned long))
		*(unsigned long *)(to + offset) = *(const unsigned long *)(from + offset);
}

void __wrap_table_flush_lines(const void *address, unsigned long bytes)
{
	unsigned long start = ((unsigned long)address & ~63UL) - TABLE_ARENA_START;
	unsigned long end = (unsigned long)address + bytes - TABLE_ARENA_START;

	if (!bytes)
		return;
	if (before)
		before();
	copy_lines(seen + start, ARENA + start, ((end + 63) & ~63UL) - start);
	if (after)
		after();
}

/* Freed tables change places, too: a walker may still reach them. */
__attribute__((no_sanitize("address"))) void walker_swap(void)
{
	for (unsigned int i = 0; i < page_count; i++) {
		unsigned long *one = (unsigned long *)(seen + pages[i] * PAGE_BYTES);
		unsigned long *other = (unsigned long *)(ARENA + pages[i] * PAGE_BYTES);

		for (unsigned int j = 0; j < PAGE_BYTES / sizeof(*one); j++) {
			unsigned long word = one[j];

			one[j] = other[j];
			other[j] = word;
		}
	}
}
