// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pages.c - every prot, every page size, at the first and the last address, in the middle,
 * and where each level's second table begins: engine and driver write the same words,
 * and after unmap hold the same.
 */
#include <stdio.h>

#include "trio.h"

static void one_page(struct trio *trio, uint64_t iova, uint64_t size, unsigned int prot)
{
	uint64_t oa_span = trio_oa_span(trio);
	uint64_t oa = size <= oa_span / 2 ? oa_span - size : 0;

	trio_map(trio, iova, oa, size, prot);
	trio_compare_range(trio, iova, size);
	trio_unmap(trio, iova, size, size);
	trio_compare_range(trio, iova, size);
}

/* At every place; the whole tables are compared once for each size. */
static unsigned long one_size(struct trio *trio, uint64_t size)
{
	uint64_t first = trio_first(trio), span = trio_span(trio);
	unsigned long pages = 0;

	for (unsigned int prot = PT_READ; prot < PT_PRIV << 1; prot++) {
		if (!(prot & (PT_READ | PT_WRITE)))
			continue;
		one_page(trio, first, size, prot);
		one_page(trio, first + span / 2, size, prot);
		one_page(trio, first + (span - size), size, prot);
		pages += 3;
		for (unsigned int level = 1; level < TRIO_LEVELS; level++) {
			uint64_t iova = trio->lg2[level] ? 1ULL << trio->lg2[level] : span;

			if (iova >= span || iova < size)
				continue;
			one_page(trio, first + iova, size, prot);
			pages++;
		}
		/* All of it, with the page there and without. */
		trio_map(trio, first + span / 2, 0, size, prot);
		trio_compare(trio);
		trio_unmap(trio, first + span / 2, size, size);
	}
	trio_compare(trio);
	return pages;
}

/* An empty table has nothing in it on any side; then every page. */
static unsigned long all_pages(const struct configuration *configuration)
{
	struct trio trio;
	unsigned long pages = 0;

	if (!trio_create(configuration, &trio))
		return 0;
	trio_compare(&trio);
	for (uint64_t sizes = trio_page_sizes(&trio); sizes; sizes &= sizes - 1) {
		uint64_t size = sizes & -sizes;

		if (size <= trio_span(&trio) / 2 && size <= trio_oa_span(&trio))
			pages += one_size(&trio, size);
	}
	trio_destroy(&trio);
	return pages;
}

int main(void)
{
	unsigned long pages = 0, count = 0;

	trio_start();
	for (const struct configuration *c = configurations; c->format; c++) {
		if (!trio_baseline(c->format))
			continue;
		pages += all_pages(c);
		count++;
	}
	printf("%lu pages in %lu configurations are the same on all sides\n", pages, count);
	return baseline_warnings() != 0;
}
