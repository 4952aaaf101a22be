// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * map_batch.c - shows that runs of physical memory are mapped one after the other, that
 * runs which touch become the leaves of one run, and that a batch that meets something
 * mapped changes nothing.
 */
#include "twin_sizes.h"

#include <errno.h>

#define RUNS_MAX 600

static struct twin twin;
static struct pt_run runs[RUNS_MAX];

/* @count runs of @length bytes, @distance apart. */
static void make_runs(size_t count, uint64_t oa, uint64_t length, uint64_t distance)
{
	for (size_t i = 0; i < count; i++)
		runs[i] = (struct pt_run){ oa + i * distance, length };
}

static void map_and_unmap(uint64_t iova, size_t count)
{
	uint64_t length = 0;

	for (size_t i = 0; i < count; i++)
		length += runs[i].length;
	assert_int_equal(twin_map_batch(&twin, iova, runs, count, 0), 0);
	twin_compare(&twin);
	assert_int_equal(twin_unmap(&twin, iova, length), length);
}

/* Of a block that fits, as many pieces of it as there are. */
static void check_touching(const struct instance *instance)
{
	uint64_t page = instance->granule;

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	FOR_EACH_SIZE(size, instance)
	{
		uint64_t iova = size_iova(instance, size), oa = size_oa(instance, size);
		uint64_t piece = size / 512 < page ? page : size / 512;
		size_t count = size / piece;

		if (instance->sizes & piece) {
			make_runs(count, oa, piece, piece);
			map_and_unmap(iova, count);
			if (size / page <= 1024) /* out of step: all of it in pages */
				map_and_unmap(iova + page, count);
		}
		make_runs(3, oa, size, size);
		map_and_unmap(iova, 3);
		/* Touching in the wrong order does not count. */
		make_runs(2, oa + size, size, -size);
		map_and_unmap(iova + size, 2);
	}
	twin_close(&twin);
}

static void touching_runs_are_one(void **state)
{
	(void)state;
	for_each_configuration(check_touching);
}

static void check_scattered(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t iova = instance_middle(instance, 32 * block);

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	make_runs(500, 0, page, 2 * page);
	map_and_unmap(iova - 3 * page, 500);
	make_runs(9, 0, block, 2 * block);
	map_and_unmap(iova + 7 * page, 9);
	/* Large ones, with single pages between that put them out of step. */
	for (size_t i = 0; i < 16; i++)
		runs[i] = (struct pt_run){ 2 * i * block, i % 4 == 1 ? page : block };
	map_and_unmap(iova - page, 16);
	map_and_unmap(iova, 16);
	/* Of all lengths, touching now and then. */
	for (size_t i = 0; i < 32; i++)
		runs[i] = (struct pt_run){ i % 3 ? runs[i - 1].oa + runs[i - 1].length : i * block,
					   (1 + i * i % 37) * page };
	map_and_unmap(iova - 5 * page, 32);
	twin_close(&twin);
}

static void scattered_runs(void **state)
{
	(void)state;
	for_each_configuration(check_scattered);
}

/* One page of the range is taken: each of them in turn. */
static void check_occupied(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t iova = instance_middle(instance, 8 * block) - page, length = 3 * block + 4 * page;
	uint64_t step = length / page / 6 * page + page;

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	for (uint64_t at = 0; at < length; at += step) {
		long live;

		assert_int_equal(twin_map(&twin, iova + at, 0, page, 0), 0);
		live = table_bytes_live();
		for (size_t i = 0; i < 7; i++)
			runs[i] = (struct pt_run){ 2 * i * block, i % 2 ? block : page };
		assert_int_equal(twin_map_batch(&twin, iova, runs, 7, 0), -EADDRINUSE);
		twin_compare(&twin);
		/* Less where a leaf has taken the place of empty tables before. */
		assert_true(table_bytes_live() <= live || instance_bytes_live(instance) <= live);
		assert_int_equal(twin_unmap(&twin, iova + at, page), page);
		map_and_unmap(iova, 7);
	}
	twin_close(&twin);
}

static void something_is_mapped(void **state)
{
	(void)state;
	for_each_configuration(check_occupied);
}

/* The same where all runs are short, on both sides of the border of a table. */
static void check_occupied_by_page(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t iova = instance_middle(instance, 8 * block) - 10 * page, length = 0;

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	make_runs(14, 3 * page, page, 5 * page);
	for (size_t i = 0; i < 14; i++)
		length += runs[i].length = (1 + i % 3) * page;
	for (uint64_t at = 0; at < length; at += page) {
		assert_int_equal(twin_map(&twin, iova + at, 0, page, 0), 0);
		assert_int_equal(twin_map_batch(&twin, iova, runs, 14, 0), -EADDRINUSE);
		twin_compare(&twin);
		assert_int_equal(twin_unmap(&twin, iova + at, page), page);
	}
	map_and_unmap(iova, 14);
	twin_close(&twin);
}

static void a_page_among_scattered_ones_is_mapped(void **state)
{
	(void)state;
	for_each_configuration(check_occupied_by_page);
}

/* Up to the last address that the format takes. */
static void check_end(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);

	twin_open(&twin, instance);
	for (unsigned int i = 0; i < instance->ranges; i++) {
		make_runs(4, 0, page, 2 * page);
		map_and_unmap(instance->range[i].last - 4 * page + 1, 4);
		make_runs(3, page, block, 2 * block);
		map_and_unmap(instance->range[i].last - 3 * block + 1, 3);
		map_and_unmap(instance->range[i].first, 3);
	}
	twin_close(&twin);
}

static void ends_of_the_address_space(void **state)
{
	(void)state;
	for_each_configuration(check_end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(touching_runs_are_one),
		INSTANCE_TEST(scattered_runs),
		INSTANCE_TEST(something_is_mapped),
		INSTANCE_TEST(a_page_among_scattered_ones_is_mapped),
		INSTANCE_TEST(ends_of_the_address_space),
	};

	arena_or_exit();
	return cmocka_run_group_tests_name("operations.map_batch", tests, NULL, NULL);
}
