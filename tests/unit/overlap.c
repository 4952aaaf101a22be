// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * overlap.c - shows that a map over anything that is mapped fails with -EADDRINUSE,
 * wherever in the range the old leaf lies and whichever of the two is larger, that
 * afterwards every item and every table is as it was, and that what hardware may have cached
 * of the failed map is flushed.
 */
#include "instance.h"

#include <errno.h>

#include "recorder.h"
#include "snapshot.h"
#include "table_pages.h"

static struct snapshot before, after;

/*
 * In a fresh table with [old, old + old_length) mapped and @neighbours of one page each,
 * maps of [iova, iova + length) are refused.
 */
static void refused_beside(const struct instance *instance, const uint64_t *neighbours,
			   size_t count, uint64_t old, uint64_t old_length, uint64_t iova,
			   uint64_t length)
{
	uint64_t page = instance->granule;
	struct pt_run runs[2] = { { 0, page }, { 2 * page, length - page } };
	struct pagetable *table = instance_create(instance);
	long live;

	assert_int_equal(table->ops->map(table, old, old_length, old_length, RW), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(table->ops->map(table, neighbours[i], i * page, page, RW), 0);
	live = table_bytes_live();
	snapshot_of(&before, instance->format, &instance->config, table);
	/* Congruent, so that large leaves are tried, and not. */
	assert_int_equal(table->ops->map(table, iova, 0, length, PT_READ), -EADDRINUSE);
	assert_int_equal(table->ops->map(table, iova, page, length, PT_READ), -EADDRINUSE);
	if (length > page)
		assert_int_equal(table->ops->map_batch(table, iova, runs, 2, PT_READ), -EADDRINUSE);
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_true(snapshot_same_leaves(&before, &after));
	/* Where nothing is ever freed, tables stay that were put in place before the occupied one. */
	if (instance->config.freeing != PT_FREE_NEVER) {
		assert_true(snapshot_same(&before, &after));
		if (!instance->config.rcu_readers)
			assert_int_equal(table_bytes_live(), live);
	}
	assert_int_equal(table->ops->iova_to_phys(table, old), old_length);
	assert_int_equal(table->ops->iova_to_phys(table, old + old_length - 1), 2 * old_length - 1);
	table->ops->destroy(table);
}

static void refused(const struct instance *instance, uint64_t old, uint64_t old_length,
		    uint64_t iova, uint64_t length)
{
	refused_beside(instance, NULL, 0, old, old_length, iova, length);
}

/* Old leaves of each size against new ones of each size. */
static void check_sizes(const struct instance *instance)
{
	uint64_t page = instance->granule;

	for (uint64_t olds = instance->sizes, old; olds; olds ^= old) {
		old = olds & -olds;
		for (uint64_t news = instance->sizes, new; news; news ^= new) {
			uint64_t larger, iova;

			new = news & -news;
			larger = old > new ? old : new;
			if (!instance_fits(instance, 4 * larger) || larger / page > 1 << 20)
				continue;
			iova = instance_middle(instance, 2 * larger);
			/* Both begin here. */
			refused(instance, iova, old, iova, new);
			/* Head, middle and tail of the larger one. */
			if (old > new) {
				refused(instance, iova, old, iova + new, new);
				refused(instance, iova, old, iova + old / 2, new);
				refused(instance, iova, old, iova + old - new, new);
			} else if (new > old) {
				refused(instance, iova + old, old, iova, new);
				refused(instance, iova + new / 2, old, iova, new);
				refused(instance, iova + new - old, old, iova, new);
			}
		}
	}
}

static void leaves_of_all_sizes(void **state)
{
	(void)state;
	for_each_instance(check_sizes);
}

/* One old page in a long new range: at its start, its end, and around each border within. */
static void check_positions(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t iova = instance_middle(instance, 8 * block) + block - page;
	uint64_t length = 3 * block + 2 * page;
	uint64_t places[] = { 0,     page,	   2 * page,	     block - page,
			      block, block + page, 2 * block + page, 3 * block + page };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		refused(instance, iova + places[i], page, iova, length);
}

static void every_position(void **state)
{
	(void)state;
	for_each_configuration(check_positions);
}

/* What the new range has already written when it meets the old leaf goes; its neighbours do not. */
static void check_neighbours(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t iova = instance_middle(instance, 8 * block) + block;
	/* Before the range, in tables that it shares, and behind it. */
	const uint64_t around[] = { iova - page, iova + 4 * block };

	refused_beside(instance, around, 2, iova + 4 * block - page, page, iova, 4 * block);
	refused_beside(instance, around, 2, iova, page, iova, 4 * block);
	refused_beside(instance, around, 2, iova + 2 * block, page, iova, 4 * block);
}

static void neighbours_stay(void **state)
{
	(void)state;
	for_each_configuration(check_neighbours);
}

/* Does a leaf of @size take several items where it is mapped at @iova? */
static bool has_items(const struct instance *instance, uint64_t iova, uint64_t size)
{
	struct pagetable *table = instance_create(instance);

	assert_int_equal(table->ops->map(table, iova, 0, size, RW), 0);
	snapshot_of(&before, instance->format, &instance->config, table);
	table->ops->destroy(table);
	return before.leaves > 1;
}

/* The first items of a leaf are written, then there is an old page in the way. */
static void check_torn_leaf(const struct instance *instance)
{
	for (uint64_t sizes = instance->sizes & (instance->sizes - 1), size; sizes; sizes ^= size) {
		struct recorder recorder = { .count = 0 };
		struct pt_config config = recorder_config(instance->config, &recorder);
		uint64_t iova, covered = 0, old;
		struct pagetable *table;

		size = sizes & -sizes;
		if (!instance_fits(instance, 2 * size))
			continue;
		iova = instance_middle(instance, 2 * size);
		if (!has_items(instance, iova, size))
			continue;
		/* The page in the way is as large as an item, so that it is in the leaf's own table. */
		old = size / before.leaves;
		if (!(instance->sizes & old))
			continue;
		table = instance_create_with(instance, &config);
		assert_int_equal(table->ops->map(table, iova + size - old, 0, old, RW), 0);
		assert_int_equal(table->ops->map(table, iova, 0, size, RW), -EADDRINUSE);
		for (unsigned int i = 0; i < recorder.count; i++)
			if (recorder.flushes[i].start <= iova && recorder.flushes[i].last > covered)
				covered = recorder.flushes[i].last;
		assert_true(covered >= iova + size - old - 1);
		table->ops->destroy(table);
	}
}

static void torn_leaf_is_flushed(void **state)
{
	(void)state;
	for_each_configuration(check_torn_leaf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(leaves_of_all_sizes),
		INSTANCE_TEST(every_position),
		INSTANCE_TEST(neighbours_stay),
		INSTANCE_TEST(torn_leaf_is_flushed),
	};
	int failures;

	arena_or_exit();
	failures = cmocka_run_group_tests_name("unit.overlap", tests, NULL, NULL);
	snapshot_free(&before);
	snapshot_free(&after);
	return failures;
}
