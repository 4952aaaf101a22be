/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table_list.h - a list of detached tables of any size, linked through their
 * descriptors, because a walker may still be reading the tables themselves.
 *
 * A list is the address of its first table with the log2 of that table's bytes
 * in the low bits, which are free: no table is smaller than 1 << TABLE_MIN_LG2.
 */
#ifndef PT_GENERIC_TABLE_LIST_H
#define PT_GENERIC_TABLE_LIST_H

#include "generic/platform.h"
#include "table_pages.h"

#define TABLE_LIST_TAG ((1UL << TABLE_MIN_LG2) - 1)

PT_ALWAYS_INLINE void table_list_push(void **list, void *table, unsigned int bytes_lg2)
{
	*table_link(table) = *list;
	*list = (void *)((uintptr_t)table | bytes_lg2);
}

/* Where @list, which is not empty, keeps what follows its first table. */
PT_ALWAYS_INLINE void **table_list_next(void *list)
{
	return table_link((void *)((uintptr_t)list & ~TABLE_LIST_TAG));
}

/* Put @rest behind the last table of @list, which is not empty. */
static inline void table_list_append(void *list, void *rest)
{
	void **link = table_list_next(list);

	while (*link)
		link = table_list_next(*link);
	*link = rest;
}

static inline void table_list_free(void *list)
{
	while (list) {
		void *table = (void *)((uintptr_t)list & ~TABLE_LIST_TAG);
		unsigned int bytes_lg2 = (unsigned int)((uintptr_t)list & TABLE_LIST_TAG);

		list = *table_link(table);
		table_free(table, bytes_lg2);
	}
}

#endif
