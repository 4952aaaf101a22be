/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table_pages.h - memory/table_pages.h for a kernel: a table is pages of the page allocator, and its
 * descriptor is the first one's struct page.
 *
 * Whoever allocates a page may use its words lru, index and private; mapping, between them, has to be
 * NULL when the page is freed, and the first word of lru even, as an odd one marks a tail of a compound
 * page. That is enough for tables of 4 KiB. Formats with smaller ones (ARMv7s, s390), or with roots of
 * 8 KiB, whose links are odd, would need a descriptor of their own.
 */
#ifndef PTBENCH_TABLE_PAGES_H
#define PTBENCH_TABLE_PAGES_H

#include <linux/mm.h>

#define TABLE_PAGE_LG2 PAGE_SHIFT
/* What the engine divides a descriptor by; tables are whole pages all the same. */
#define TABLE_MIN_LG2 10
#define TABLE_MAX_LG2 20

struct table_page {
	unsigned long flags;
	void *next; /* lru.next */
	unsigned char owner[24]; /* lru.prev, mapping (which stays NULL), index */
};

static_assert(offsetof(struct table_page, next) == offsetof(struct page, lru));
static_assert(offsetof(struct table_page, owner) + 8 == offsetof(struct page, mapping));
static_assert(sizeof(struct table_page) <= offsetof(struct page, private));

static inline struct table_page *table_page_of(const void *table)
{
	return (struct table_page *)virt_to_page(table);
}

static inline void **table_link(void *table)
{
	return &table_page_of(table)->next;
}

/* In atomic context too, of the running CPU's node; NULL without memory. */
void *table_alloc(unsigned int bytes_lg2, int zero);
void table_free(void *table, unsigned int bytes_lg2);
void table_flush_lines(const void *address, unsigned long bytes);

#endif
