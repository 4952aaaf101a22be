// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cut.c - shows that after a cut no leaf straddles the ends of the range, that all
 * else is as it was, and that reassembling gives back the identical words.
 */
#include "twin_sizes.h"

#include "table_pages.h"

static struct twin twin;
static struct snapshot before, after;

static void take(struct snapshot *snapshot)
{
	snapshot_of(snapshot, twin.instance->format, &twin.config, twin.table);
}

/* Cut in and around a leaf of @size between two others; then join it again. */
static void cut_and_join(uint64_t leaf, uint64_t size, uint64_t iova, uint64_t length)
{
	take(&before);
	twin_cut(&twin, iova, length);
	twin_compare(&twin);
	twin_reassemble(&twin, leaf, size, size_lg2(size));
	twin_compare(&twin);
	take(&after);
	assert_true(snapshot_same_leaves(&before, &after));
}

static void check_every_size(const struct instance *instance)
{
	uint64_t page = instance->granule;

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	FOR_EACH_SIZE(size, instance)
	{
		uint64_t leaf = size_iova(instance, size) + size, oa = size_oa(instance, size);

		for (uint64_t i = 0; i < 3; i++)
			assert_int_equal(twin_map(&twin, leaf + i * size - size, oa + i * size,
						  size, i % twin.kinds.count),
					 0);
		cut_and_join(leaf, size, leaf, size);
		cut_and_join(leaf, size, leaf, page);
		cut_and_join(leaf, size, leaf + size - page, page);
		cut_and_join(leaf, size, leaf - size, 3 * size);
		if (size > page) {
			cut_and_join(leaf, size, leaf + page, page);
			cut_and_join(leaf, size, leaf + size / 2, page);
			cut_and_join(leaf, size, leaf + page, size - page);
			cut_and_join(leaf, size, leaf + size / 2 - page, 2 * page);
		}
		assert_int_equal(twin_unmap(&twin, leaf - size, 3 * size), 3 * size);
	}
	twin_close(&twin);
}

static void every_size_is_cut(void **state)
{
	(void)state;
	for_each_configuration(check_every_size);
}

/* Both ends in leaves of their own, with whole leaves and a hole between: then it unmaps exactly. */
static void check_two_leaves(const struct instance *instance)
{
	uint64_t page = instance->granule;

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	FOR_EACH_SIZE(size, instance)
	{
		uint64_t iova = size_iova(instance, size), oa = size_oa(instance, size);
		uint64_t from = iova + size - page, length = 2 * size + 2 * page;

		assert_int_equal(twin_map(&twin, iova, oa + 2 * size, 2 * size, 0), 0);
		assert_int_equal(twin_map(&twin, iova + 3 * size, oa, size, 0), 0);
		twin_cut(&twin, from, length);
		twin_compare(&twin);
		assert_int_equal(twin_unmap(&twin, from, length), length);
		twin_compare(&twin);
		assert_int_equal(twin_unmap(&twin, iova, 4 * size), 4 * size);
	}
	twin_close(&twin);
}

static void both_ends_are_cut(void **state)
{
	(void)state;
	for_each_configuration(check_two_leaves);
}

/* Where nothing straddles an end there is nothing to do, nor to flush. */
static void check_nothing_to_cut(const struct instance *instance)
{
	uint64_t block = instance_block(instance), iova = instance_middle(instance, 8 * block);
	long live;

	twin_open(&twin, instance);
	live = instance_bytes_live(instance);
	twin.keeps_gather = true;
	twin_cut(&twin, iova, 8 * block);
	assert_int_equal(twin_map(&twin, iova + block, 0, block, 0), 0);
	live = instance_bytes_live(instance);
	take(&before);
	twin_cut(&twin, iova, 8 * block);
	twin_cut(&twin, iova + block, block);
	twin_cut(&twin, iova, block);
	take(&after);
	assert_true(snapshot_same(&before, &after));
	assert_int_equal(bytes_live(instance, live), live);
	assert_true(twin.gather.start > twin.gather.last);
	assert_true(twin.flushed_first > twin.flushed_last);
	assert_null(twin.gather.tables);
	twin_close(&twin);
}

static void nothing_to_cut(void **state)
{
	(void)state;
	for_each_configuration(check_nothing_to_cut);
}

/* At both ends of the addresses that the format takes. */
static void check_ends(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);

	twin_open(&twin, instance);
	for (unsigned int i = 0; i < instance->ranges; i++) {
		uint64_t first = instance->range[i].first, end = instance->range[i].last + 1;

		twin_cut(&twin, first, end - first ? end - first : -page);
		assert_int_equal(twin_map(&twin, first, 0, block, 0), 0);
		assert_int_equal(twin_map(&twin, end - block, 0, block, 0), 0);
		twin_cut(&twin, first, page);
		twin_cut(&twin, end - page, page);
		twin_cut(&twin, first, end - first ? end - first : -page);
		twin_compare(&twin);
		twin_cut(&twin, end - 2 * page, page);
		twin_compare(&twin);
	}
	twin_close(&twin);
}

static void ends_of_the_address_space(void **state)
{
	(void)state;
	for_each_configuration(check_ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(every_size_is_cut),
		INSTANCE_TEST(both_ends_are_cut),
		INSTANCE_TEST(nothing_to_cut),
		INSTANCE_TEST(ends_of_the_address_space),
	};
	int failures;

	arena_or_exit();
	failures = cmocka_run_group_tests_name("operations.cut", tests, NULL, NULL);
	snapshot_free(&before);
	snapshot_free(&after);
	return failures;
}
