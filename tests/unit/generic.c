// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * generic.c - shows that engine/generic computes what trying everything finds: bit
 * fields, page sizes and how far they go, input ranges; and that a list of tables of
 * mixed sizes frees each as what it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "generic/bits.h"
#include "generic/shape.h"
#include "generic/table_list.h"
#include "random.h"

static void fields(void **state)
{
	(void)state;
	for (unsigned int low = 0; low < 64; low++)
		for (unsigned int high = low; high < 64; high++) {
			uint64_t expected = 0;

			for (unsigned int bit = low; bit <= high; bit++)
				expected |= 1ULL << bit;
			assert_int_equal(PT_FIELD(high, low), expected);
		}
	for (unsigned int bit = 0; bit < 64; bit++) {
		assert_int_equal(PT_BIT(bit), 1ULL << bit);
		assert_int_equal(lg2_bytes(bit), 1ULL << bit);
		assert_int_equal(lg2_mask(bit), (1ULL << bit) - 1);
		assert_int_equal(floor_lg2(1ULL << bit), bit);
		assert_int_equal(floor_lg2((1ULL << bit) | 1), bit);
		assert_int_equal(floor_lg2(~0ULL >> (63 - bit)), bit);
	}
}

/* By trying every size from the largest. */
static unsigned int best_by_trying(uint64_t sizes, uint64_t iova, uint64_t oa, uint64_t bytes)
{
	for (unsigned int lg2 = 63;; lg2--) {
		uint64_t size = 1ULL << lg2;

		if ((sizes & size) && size <= bytes && iova % size == 0 && oa % size == 0)
			return lg2;
	}
}

/*
 * Page for page. The run may end earlier than at the last page of the same size only
 * where a larger size becomes aligned, which the engine looks at again then.
 */
static void check_run(uint64_t sizes, uint64_t iova, uint64_t oa, uint64_t bytes)
{
	unsigned int lg2 = best_by_trying(sizes, iova, oa, bytes);
	uint64_t size = 1ULL << lg2, run = best_size_run(sizes, iova, oa, bytes, lg2), at;
	bool larger_begins = false;

	assert_int_equal(best_size_lg2(sizes, iova, oa, bytes), lg2);
	assert_true(run && run % size == 0 && run <= bytes);
	for (at = 0; at < run; at += size)
		assert_int_equal(best_by_trying(sizes, iova + at, oa + at, bytes - at), lg2);
	for (uint64_t larger = size << 1; larger && larger <= 1ULL << 40; larger <<= 1)
		larger_begins |=
			(sizes & larger) && (iova + at) % larger == 0 && (oa + at) % larger == 0;
	assert_true(bytes - at < size || larger_begins);
}

/* Every set of the sizes 1 to 16, every pair of addresses, many lengths. */
static void best_sizes(void **state)
{
	(void)state;
	for (uint64_t sizes = 1; sizes < 32; sizes += 2)
		for (uint64_t iova = 0; iova < 32; iova++)
			for (uint64_t oa = 0; oa < 32; oa++)
				for (uint64_t bytes = 1; bytes < 50; bytes += 1 + bytes / 8)
					check_run(sizes, iova, oa, bytes);
}

/* Real sizes at random addresses, aligned more often than not. */
static void best_sizes_of_formats(void **state)
{
	static const uint64_t formats[] = {
		PT_BIT(12) | PT_BIT(21) | PT_BIT(30),
		PT_BIT(14) | PT_BIT(25),
		PT_BIT(16) | PT_BIT(29) | PT_BIT(42),
		PT_BIT(12) | PT_BIT(16) | PT_BIT(20) | PT_BIT(24),
		PT_BIT(12),
		PT_FIELD(38, 12),
	};

	(void)state;
	for (unsigned int i = 0; i < 50000; i++) {
		uint64_t sizes = formats[random_below(sizeof(formats) / sizeof(formats[0]))];
		uint64_t granule = sizes & -sizes, mask = -granule;
		uint64_t iova =
			(random_next() >> random_below(30)) & mask & ~0ULL << random_below(40);
		uint64_t oa =
			random_below(2) ? iova ^ granule << random_below(20) : random_next() >> 12;
		uint64_t bytes = granule * (1 + random_below(2000));

		/* Pages a run are what makes trying slow. */
		check_run(sizes, iova & mask, oa & mask, bytes);
	}
}

static bool inside(const struct pt_shape *shape, uint64_t address)
{
	return !((address + shape->ia_bias) & shape->ia_outside);
}

static void input_ranges(void **state)
{
	(void)state;
	for (unsigned int bits = 13; bits <= 64; bits++) {
		struct pt_shape lower, upper, both;
		uint64_t last = ~0ULL >> (64 - bits);

		shape_lower_half(&lower, bits);
		assert_true(inside(&lower, 0) && inside(&lower, last));
		assert_true(inside(&lower, last / 2));
		if (bits == 64)
			break;
		assert_false(inside(&lower, last + 1) || inside(&lower, UINT64_MAX));
		shape_upper_half(&upper, bits);
		assert_true(inside(&upper, UINT64_MAX) && inside(&upper, ~last));
		assert_false(inside(&upper, ~last - 1) || inside(&upper, 0));
		assert_false(inside(&upper, last));
		shape_sign_extended(&both, bits);
		assert_true(inside(&both, 0) && inside(&both, last / 2));
		assert_true(inside(&both, UINT64_MAX) && inside(&both, ~(last / 2)));
		assert_false(inside(&both, last / 2 + 1) || inside(&both, ~(last / 2) - 1));
		assert_false(inside(&both, last));
	}
}

static void lists_of_tables(void **state)
{
	long live = table_bytes_live();
	void *list = NULL;

	(void)state;
	table_list_free(NULL);
	for (unsigned int round = 0; round < 5; round++)
		for (unsigned int lg2 = TABLE_MIN_LG2; lg2 <= TABLE_MAX_LG2; lg2++) {
			void *table = table_alloc(lg2, 1);

			assert_non_null(table);
			table_list_push(&list, table, lg2);
		}
	assert_int_not_equal(table_bytes_live(), live);
	table_list_free(list);
	assert_int_equal(table_bytes_live(), live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(best_sizes),
		cmocka_unit_test(best_sizes_of_formats),
		cmocka_unit_test(input_ranges),
		cmocka_unit_test(lists_of_tables),
	};

	random_seed_from_environment();
	if (table_pages_init(-1, 0))
		return 1;
	return cmocka_run_group_tests_name("unit.generic", tests, NULL, NULL);
}
