/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_pages.h - stands in for memory/table_pages.h: what the engine takes from it, and no more. */
#ifndef PTBENCH_TABLE_PAGES_H
#define PTBENCH_TABLE_PAGES_H

#define TABLE_PAGE_LG2 12
#define TABLE_MIN_LG2 10
#define TABLE_MAX_LG2 20

struct table_page {
	void *next[4];
	unsigned char owner[32];
};

struct table_page *table_page_of(const void *table);
void **table_link(void *table);
void *table_alloc(unsigned int bytes_lg2, int zero);
void table_free(void *table, unsigned int bytes_lg2);
void table_flush_lines(const void *address, unsigned long bytes);

#endif
