// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * large_leaves.c - where driver and engine both unmap a larger leaf as a whole (AMD,
 * VT-d; ARM's split it): asked for its first page they remove the same and say so;
 * and large leaves in the place of tables that pages have left empty are the same.
 */
#include <stdio.h>

#include "traits.h"
#include "trio.h"

#define RW (PT_READ | PT_WRITE)

static void first_page(struct trio *trio, uint64_t iova, uint64_t size, uint64_t page)
{
	trio_map(trio, iova, 0, size, RW);
	/* Neighbours that could not be one leaf with it. */
	trio_map(trio, iova - page, 0, page, PT_READ);
	trio_map(trio, iova + size, 0, page, PT_READ);
	trio_compare(trio);
	trio_unmap(trio, iova, page, size);
	trio_compare(trio);
	trio_unmap(trio, iova - page, page, page);
	trio_unmap(trio, iova + size, page, page);
}

static void in_place_of_pages(struct trio *trio, uint64_t iova, uint64_t size, uint64_t page)
{
	uint64_t step = size / 4 < page ? page : size / 4;

	for (uint64_t at = 0; at < size; at += step)
		trio_map(trio, iova + at, 0, page, RW);
	for (uint64_t at = 0; at < size; at += step)
		trio_unmap(trio, iova + at, page, page);
	trio_compare(trio);
	trio_map(trio, iova, 0, size, RW);
	trio_compare(trio);
	trio_unmap(trio, iova, size, size);
	trio_compare(trio);
}

int main(void)
{
	unsigned long count = 0;

	trio_start();
	for (const struct configuration *c = configurations; c->format; c++) {
		uint64_t sizes, page;
		struct trio trio;

		if (!trio_baseline(c->format) || !trio_create(c, &trio))
			continue;
		page = trio_page_sizes(&trio) & -trio_page_sizes(&trio);
		for (sizes = trio_page_sizes(&trio) ^ page; sizes; sizes &= sizes - 1) {
			uint64_t size = sizes & -sizes;
			uint64_t iova = trio_first(&trio) + trio_span(&trio) / 2;

			if (size > trio_span(&trio) / 8 || size > trio_oa_span(&trio))
				continue;
			if (trait_of(c->format)->removes_whole)
				first_page(&trio, iova, size, page);
			in_place_of_pages(&trio, iova + 2 * size, size, page);
			count++;
		}
		trio_destroy(&trio);
	}
	printf("%lu large leaves are the same on all sides\n", count);
	return baseline_warnings() != 0;
}
