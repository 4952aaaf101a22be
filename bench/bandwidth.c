// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bandwidth.c - the plainest loop of stores there is, timed; see bandwidth.h. */
#include "bandwidth.h"

#include <stdint.h>
#include <stdlib.h>

#include "hot.h"
#include "table_pages.h"

#define TABLE_LG2 16
#define TABLE_BYTES (1UL << TABLE_LG2)
#define REPEATS 31
#define FILLS 8 /* in one timed part, so that the clock's steps do not show */

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void fill(uint64_t *table, uint64_t value)
{
	for (unsigned long i = 0; i < TABLE_BYTES / sizeof(*table); i++)
		__atomic_store_n(&table[i], value, __ATOMIC_RELAXED);
}

double store_bandwidth(void)
{
	uint64_t *table = table_alloc(TABLE_LG2, 1), nanoseconds[REPEATS];

	if (!table)
		return 0;
	for (unsigned int i = 0; i < REPEATS; i++) {
		uint64_t start = hot_now();

		for (unsigned int j = 0; j < FILLS; j++)
			fill(table, i + j);
		nanoseconds[i] = hot_now() - start;
	}
	table_free(table, TABLE_LG2);
	qsort(nanoseconds, REPEATS, sizeof(*nanoseconds), compare);
	if (!nanoseconds[REPEATS / 2])
		return 0;
	return (double)(FILLS * TABLE_BYTES) / (double)nanoseconds[REPEATS / 2];
}
