// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * gather.c - shows what a gather collects and when it is flushed: a strict one flushes
 * before it takes a range that lies apart, a lazy one widens; detached tables are
 * freed after the flush of their range and never before; a synced gather is as new.
 */
#include "instance.h"

#include "recorder.h"

static void map(struct pagetable *table, uint64_t iova, uint64_t length)
{
	assert_int_equal(table->ops->map(table, iova, 0, length, RW), 0);
}

static void unmap(struct pagetable *table, uint64_t iova, uint64_t length, struct pt_gather *gather)
{
	assert_int_equal(table->ops->unmap(table, iova, length, gather), length);
}

static void flushed(const struct recorder *recorder, unsigned int at, uint64_t start, uint64_t last)
{
	assert_true(at < recorder->count);
	assert_int_equal(recorder->flushes[at].start, start);
	assert_int_equal(recorder->flushes[at].last, last);
}

static void is_empty(const struct pt_gather *gather)
{
	assert_true(gather->start > gather->last);
	assert_null(gather->tables);
}

static void check_strict(const struct instance *instance)
{
	struct recorder recorder = { .count = 0 };
	struct pt_config config = recorder_config(instance->config, &recorder);
	struct pagetable *table = instance_create_with(instance, &config);
	struct pt_gather gather = PT_GATHER_INIT;
	uint64_t page = instance->granule, iova = instance_middle(instance, 16 * page) + 4 * page;

	map(table, iova, page);
	map(table, iova + page, page);
	map(table, iova + 5 * page, 2 * page);
	map(table, iova - 3 * page, page);
	/* Neighbours are one range, whichever comes first. */
	unmap(table, iova + page, page, &gather);
	unmap(table, iova, page, &gather);
	assert_int_equal(recorder.count, 0);
	assert_int_equal(gather.start, iova);
	assert_int_equal(gather.last, iova + 2 * page - 1);
	/* Behind, with a gap. */
	unmap(table, iova + 5 * page, 2 * page, &gather);
	assert_int_equal(recorder.count, 1);
	flushed(&recorder, 0, iova, iova + 2 * page - 1);
	/* Before, with a gap. */
	unmap(table, iova - 3 * page, page, &gather);
	assert_int_equal(recorder.count, 2);
	flushed(&recorder, 1, iova + 5 * page, iova + 7 * page - 1);
	pt_sync(table, &gather);
	assert_int_equal(recorder.count, 3);
	flushed(&recorder, 2, iova - 3 * page, iova - 2 * page - 1);
	is_empty(&gather);
	/* Nothing collected, nothing flushed. */
	pt_sync(table, &gather);
	assert_int_equal(recorder.count, 3);
	/* And it can be used again. */
	map(table, iova, page);
	unmap(table, iova, page, &gather);
	assert_int_equal(recorder.count, 3);
	pt_sync(table, &gather);
	assert_int_equal(recorder.count, 4);
	flushed(&recorder, 3, iova, iova + page - 1);
	table->ops->destroy(table);
}

static void strict_flushes_between(void **state)
{
	(void)state;
	for_each_configuration(check_strict);
}

/* A strict gather at the first and at the last address there is: no neighbour lies apart from it. */
static void check_ends(const struct instance *instance)
{
	struct recorder recorder = { .count = 0 };
	struct pt_config config = recorder_config(instance->config, &recorder);
	struct pagetable *table = instance_create_with(instance, &config);
	uint64_t page = instance->granule;

	for (unsigned int i = 0; i < 2 * instance->ranges; i++) {
		bool upper = i % 2;
		uint64_t end = instance->range[i / 2].last + 1,
			 first = instance->range[i / 2].first;
		/* The page at the end and its neighbour. */
		uint64_t iova = upper ? end - page : first;
		uint64_t next = upper ? iova - page : iova + page;
		uint64_t low = upper ? next : iova;
		struct pt_gather gather = PT_GATHER_INIT;

		for (unsigned int order = 0; order < 3; order++) {
			recorder.count = 0;
			map(table, iova, page);
			map(table, next, page);
			unmap(table, order ? next : iova, page, &gather);
			unmap(table, order ? iova : next, page, &gather);
			/* Once more, which lies within. */
			if (order == 2)
				unmap(table, iova, page, &gather);
			assert_int_equal(recorder.count, 0);
			pt_sync(table, &gather);
			assert_int_equal(recorder.count, 1);
			flushed(&recorder, 0, low, low + 2 * page - 1);
		}
	}
	/* From one end to the other there is a gap, even where their addresses are neighbours modulo 2^64. */
	for (unsigned int order = 0; order < 2; order++) {
		uint64_t low = instance->range[0].first;
		uint64_t high = instance->range[instance->ranges - 1].last - (page - 1);
		struct pt_gather gather = PT_GATHER_INIT;

		recorder.count = 0;
		unmap(table, order ? low : high, page, &gather);
		unmap(table, order ? high : low, page, &gather);
		assert_int_equal(recorder.count, 1);
		pt_sync(table, &gather);
	}
	table->ops->destroy(table);
}

static void neighbours_at_the_ends(void **state)
{
	(void)state;
	for_each_configuration(check_ends);
}

static void check_lazy(const struct instance *instance)
{
	struct recorder recorder = { .count = 0 };
	struct pt_config config = recorder_config(instance->config, &recorder);
	struct pagetable *table = instance_create_with(instance, &config);
	struct pt_gather gather = { .start = UINT64_MAX, .lazy = true };
	uint64_t page = instance->granule, iova = instance_middle(instance, 16 * page);

	for (unsigned int round = 0; round < 2; round++) {
		map(table, iova + 3 * page, page);
		map(table, iova + 9 * page, page);
		map(table, iova + 5 * page, 2 * page);
		unmap(table, iova + 5 * page, 2 * page, &gather);
		unmap(table, iova + 9 * page, page, &gather);
		unmap(table, iova + 3 * page, page, &gather);
		assert_int_equal(recorder.count, round);
		pt_sync(table, &gather);
		assert_int_equal(recorder.count, round + 1);
		flushed(&recorder, round, iova + 3 * page, iova + 10 * page - 1);
		is_empty(&gather);
		assert_true(gather.lazy);
	}
	table->ops->destroy(table);
}

static void lazy_widens(void **state)
{
	(void)state;
	for_each_configuration(check_lazy);
}

/* A range that spans whole tables: they are in the gather until its flush. */
static void check_tables(const struct instance *instance)
{
	struct recorder recorder = { .count = 0 };
	struct pt_config config = recorder_config(instance->config, &recorder);
	struct pagetable *table;
	struct pt_gather gather = PT_GATHER_INIT;
	uint64_t first = instance->range[0].first, bytes, page = instance->granule;
	long full;

	if (config.rcu_readers || config.freeing == PT_FREE_NEVER)
		return;
	table = instance_create_with(instance, &config);
	bytes = instance->range[0].last - first + 1;
	if (!bytes)
		bytes = 1ULL << 40;
	map(table, first, page);
	map(table, first + bytes / 2, page);
	full = table_bytes_live();
	unmap(table, first, bytes, &gather);
	assert_int_equal(table_bytes_live(), full);
	if (!gather.tables) { /* the root is all that this width needs */
		pt_sync(table, &gather);
		assert_false(recorder.flushes[0].tables);
		table->ops->destroy(table);
		return;
	}
	/* A far range: what was gathered goes, in the right order. */
	map(table, first, page);
	full = table_bytes_live();
	unmap(table, first, page, &gather);
	pt_sync(table, &gather);
	assert_true(recorder.flushes[0].tables);
	assert_true(recorder.flushes[0].start <= first);
	assert_true(recorder.flushes[0].last >= first + bytes / 2 + page - 1);
	assert_int_equal(recorder.flushes[0].live, full);
	assert_true(table_bytes_live() < full);
	is_empty(&gather);
	table->ops->destroy(table);
}

static void tables_wait_for_the_flush(void **state)
{
	(void)state;
	for_each_configuration(check_tables);
}

/* Tables of a range that lies apart go with the flush of their own range. */
static void check_apart(const struct instance *instance)
{
	struct recorder recorder = { .count = 0 };
	struct pt_config config = recorder_config(instance->config, &recorder);
	struct pagetable *table;
	struct pt_gather gather = PT_GATHER_INIT;
	uint64_t block = instance_block(instance), base, large = instance_large_size(instance);
	long full;

	/* Where a leaf of the next size fills an item, a table of pages below it can be covered. */
	if (!large || config.rcu_readers || config.freeing == PT_FREE_NEVER)
		return;
	base = instance_middle(instance, 16 * block);
	table = instance_create_with(instance, &config);
	map(table, base, instance->granule);
	map(table, base + 4 * block, instance->granule);
	full = table_bytes_live();
	unmap(table, base, block, &gather);
	assert_int_equal(table_bytes_live(), full);
	if (gather.tables) {
		unmap(table, base + 4 * block, block, &gather);
		assert_int_equal(recorder.count, 1);
		flushed(&recorder, 0, base, base + block - 1);
		assert_int_equal(recorder.flushes[0].live, full);
		assert_true(table_bytes_live() < full);
		full = table_bytes_live();
		pt_sync(table, &gather);
		assert_true(recorder.flushes[1].tables);
		assert_int_equal(recorder.flushes[1].live, full);
	}
	pt_sync(table, &gather);
	table->ops->destroy(table);
}

static void tables_apart(void **state)
{
	(void)state;
	for_each_configuration(check_apart);
}

/* More than was asked for is removed: that is flushed too. */
static void check_large_leaf(const struct instance *instance)
{
	struct recorder recorder = { .count = 0 };
	struct pt_config config = recorder_config(instance->config, &recorder);
	struct pagetable *table = instance_create_with(instance, &config);

	for (uint64_t sizes = instance->sizes, size; sizes; sizes ^= size) {
		struct pt_gather gather = PT_GATHER_INIT;
		uint64_t iova;

		size = sizes & -sizes;
		if (!instance_fits(instance, size))
			continue;
		iova = instance_middle(instance, size);
		map(table, iova, size);
		assert_int_equal(table->ops->unmap(table, iova, instance->granule, &gather), size);
		recorder.count = 0;
		pt_sync(table, &gather);
		assert_int_equal(recorder.count, 1);
		flushed(&recorder, 0, iova, iova + size - 1);
	}
	table->ops->destroy(table);
}

static void large_leaf_is_flushed_whole(void **state)
{
	(void)state;
	for_each_configuration(check_large_leaf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(strict_flushes_between),
		INSTANCE_TEST(neighbours_at_the_ends),
		INSTANCE_TEST(lazy_widens),
		INSTANCE_TEST(tables_wait_for_the_flush),
		INSTANCE_TEST(tables_apart),
		INSTANCE_TEST(large_leaf_is_flushed_whole),
	};

	arena_or_exit();
	return cmocka_run_group_tests_name("unit.gather", tests, NULL, NULL);
}
