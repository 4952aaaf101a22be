// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * layout.c - every case of every format has addresses that fit the format, do not
 * overlap, and force the page size that the case is named after.
 */
#include "layout.h"

#include <stdlib.h>
#include <string.h>

#include "capture.h"

static struct case_list list;

static int find_cases(void **state)
{
	(void)state;
	return cases_all(NULL, 0, &list);
}

static int free_cases(void **state)
{
	(void)state;
	cases_free(&list);
	return 0;
}

static uint64_t beyond(unsigned int bits)
{
	return bits < 64 ? 1ULL << bits : 0;
}

static void addresses_fit_and_do_not_overlap(void **state)
{
	(void)state;
	for (size_t i = 0; i < list.count; i++) {
		const struct bench_case *c = &list.cases[i];
		uint64_t granule = 1ULL << c->facts->granule_lg2;
		struct layout layout;

		if (c->op->replays)
			continue;
		assert_true(layout_find(c, &layout));
		assert_true(layout.ops >= 1);
		assert_true(layout.length && layout.stride >= layout.length);
		assert_int_equal((layout.base | layout.stride | layout.length) & (granule - 1), 0);
		assert_true(layout_end(&layout) - 1 <= beyond(c->facts->ia_bits) - 1);
		assert_true(layout_end(&layout) + layout.delta - 1 <=
			    beyond(c->facts->oa_bits) - 1);
	}
}

/* The largest size that suits every page of an operation is the case's. */
static void page_sizes_are_forced(void **state)
{
	(void)state;
	for (size_t i = 0; i < list.count; i++) {
		const struct bench_case *c = &list.cases[i];
		struct layout layout;

		if (!c->page_size)
			continue;
		assert_true(layout_find(c, &layout));
		assert_int_equal(layout.length, c->page_size * c->count);
		for (uint64_t op = 0; op < (layout.ops < 64 ? layout.ops : 64); op++) {
			uint64_t iova = layout_iova(&layout, op), oa = iova + layout.delta;

			assert_int_equal((iova | oa) & (c->page_size - 1), 0);
			assert_int_not_equal((iova ^ oa) & (2 * c->page_size - 1), 0);
		}
	}
}

static void whole_tables_are_aligned(void **state)
{
	unsigned int whole = 0;

	(void)state;
	for (size_t i = 0; i < list.count; i++) {
		const struct bench_case *c = &list.cases[i];
		struct layout layout;

		if (!c->page_size || c->state == STATE_OUT_OF_CACHE)
			continue;
		assert_true(layout_find(c, &layout));
		if (layout.length != layout.table_span)
			continue;
		assert_int_equal(layout.base % layout.length, 0);
		whole++;
	}
	assert_true(whole > 0);
}

static void mixed_ranges_begin_and_end_on_small_pages_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < list.count; i++) {
		const struct bench_case *c = &list.cases[i];
		uint64_t next = c->facts->next_size;
		struct layout layout;

		if (c->page_size || c->op->replays)
			continue;
		assert_true(layout_find(c, &layout));
		assert_true(layout.length > 2 * next);
		assert_int_not_equal(layout.base % next, 0);
		assert_int_not_equal((layout.base + layout.length) % next, 0);
		assert_int_equal(layout.delta % next, 0);
	}
}

static void shuffled_orders_are_permutations(void **state)
{
	static const uint64_t totals[] = { 1, 2, 3, 1000, 4096, 70001 };

	(void)state;
	for (size_t t = 0; t < sizeof(totals) / sizeof(*totals); t++) {
		uint64_t total = totals[t], same = 0;
		uint64_t *order = calloc(total, sizeof(*order)),
			 *other = calloc(total, sizeof(*order));
		char *seen = calloc(total, 1);

		assert_true(order && other && seen);
		layout_shuffled(5, total, 0, (unsigned int)total, order);
		layout_shuffled(6, total, 0, (unsigned int)total, other);
		for (uint64_t i = 0; i < total; i++) {
			assert_true(order[i] < total);
			assert_false(seen[order[i]]);
			seen[order[i]] = 1;
			same += order[i] == other[i];
		}
		assert_true(total < 1000 || same < total / 10);
		layout_shuffled(5, total, total / 2, 1, other);
		assert_int_equal(other[0], order[total / 2]);
		free(order);
		free(other);
		free(seen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_fit_and_do_not_overlap),
		cmocka_unit_test(page_sizes_are_forced),
		cmocka_unit_test(whole_tables_are_aligned),
		cmocka_unit_test(mixed_ranges_begin_and_end_on_small_pages_only),
		cmocka_unit_test(shuffled_orders_are_permutations),
	};

	return cmocka_run_group_tests(tests, find_cases, free_cases);
}
