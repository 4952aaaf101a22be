// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pages.c - every prot, every page size, at the first address, in the middle and at
 * the last: engine and driver write the same words, and after unmap hold the
 * same (trio.h says what may differ).
 */
#include <stdio.h>

#include "table_pages.h"
#include "trio.h"

static void one_page(struct trio *trio, uint64_t iova, uint64_t size, unsigned int prot)
{
	uint64_t oa_span = trio_oa_span(trio);
	uint64_t oa = size <= oa_span / 2 ? oa_span - size : 0;

	trio_map(trio, iova, oa, size, prot);
	trio_compare(trio);
	trio_unmap(trio, iova, size);
	trio_compare(trio);
}

static unsigned long all_pages(const struct configuration *configuration)
{
	struct trio trio;
	unsigned long pages = 0;

	trio_create(configuration, &trio);
	for (uint64_t sizes = trio_page_sizes(&trio); sizes; sizes &= sizes - 1) {
		uint64_t size = sizes & -sizes, span = trio_span(&trio);

		if (size > span / 2 || size > trio_oa_span(&trio))
			continue;
		for (unsigned int prot = PT_READ; prot < PT_PRIV << 1; prot++) {
			/* Of AMD's many sizes a few prots are enough. */
			if (!(prot & (PT_READ | PT_WRITE)) || (pages > 2000 && prot > 7))
				continue;
			one_page(&trio, trio_first(&trio), size, prot);
			one_page(&trio, trio_first(&trio) + span / 2, size, prot);
			one_page(&trio, trio_first(&trio) + (span - size), size, prot);
			pages += 3;
		}
	}
	trio_destroy(&trio);
	return pages;
}

int main(void)
{
	unsigned long pages = 0, count = 0;

	if (!*baselines()) {
		printf("skipped: no kernel drivers in this build (package linux-source-6.12)\n");
		return 77;
	}
	if (table_pages_init(-1, 0))
		return 1;
	for (const struct configuration *c = configurations; c->format; c++) {
		if (!trio_baseline(c->format))
			continue;
		pages += all_pages(c);
		count++;
	}
	printf("%lu pages in %lu configurations are the same on all sides\n", pages, count);
	return baseline_warnings() != 0;
}
