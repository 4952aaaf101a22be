// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * replace.c - shows that tables which became empty give way to a larger leaf, that
 * their cached items are invalidated before they are freed, and that a table which
 * still holds a leaf does not give way.
 */
#include "instance.h"

#include <errno.h>

#include "recorder.h"
#include "snapshot.h"

static struct snapshot before, after;

static void unmap(struct pagetable *table, uint64_t iova, uint64_t length)
{
	struct pt_gather gather = PT_GATHER_INIT;

	assert_int_equal(table->ops->unmap(table, iova, length, &gather), length);
	pt_sync(table, &gather);
}

/* Map and unmap single pages all over [iova, iova + length), so that empty tables stay. */
static void leave_empty_tables(struct pagetable *table, uint64_t iova, uint64_t length,
			       uint64_t page)
{
	uint64_t step = length / 16 < page ? page : length / 16;

	for (uint64_t at = 0; at < length; at += step)
		assert_int_equal(table->ops->map(table, iova + at, 0, page, RW), 0);
	for (uint64_t at = 0; at < length; at += step)
		unmap(table, iova + at, page);
}

/* Of @size at @iova, where tables may be: what the leaf replaces is freed after the flush. */
static void put_leaf(const struct instance *instance, struct pagetable *table,
		     struct recorder *recorder, uint64_t iova, uint64_t size)
{
	bool replaces;
	long live;

	leave_empty_tables(table, iova, size, instance->granule);
	snapshot_of(&before, instance->format, &instance->config, table);
	replaces = false;
	for (size_t i = 0; i < before.count; i++)
		replaces |= before.items[i].is_table && before.items[i].iova - iova < size &&
			    1ULL << before.items[i].lg2 <= size;
	live = table_bytes_live();
	recorder->count = 0;
	assert_int_equal(table->ops->map(table, iova, instance_oa(instance, size), size, RW), 0);
	assert_int_equal(recorder->count, replaces ? 1 : 0);
	if (replaces) {
		assert_true(recorder->flushes[0].tables);
		assert_true(recorder->flushes[0].start >= iova);
		assert_true(recorder->flushes[0].last <= iova + size - 1);
		/* The tables were there yet, and are not any more, unless they are kept to the end. */
		assert_int_equal(recorder->flushes[0].live, live);
		if (instance->config.freeing == PT_FREE_NEVER)
			assert_int_equal(table_bytes_live(), live);
		else
			assert_true(table_bytes_live() < live);
	}
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_int_equal(after.leaf_bytes, size);
	for (size_t i = 0; i < after.count; i++)
		assert_false(after.items[i].is_table && after.items[i].iova - iova < size &&
			     1ULL << after.items[i].lg2 <= size);
	assert_int_equal(table->ops->iova_to_phys(table, iova), instance_oa(instance, size));
	assert_int_equal(table->ops->iova_to_phys(table, iova + size - 1),
			 instance_oa(instance, size) + size - 1);
	unmap(table, iova, size);
}

static void check_leaves(const struct instance *instance)
{
	struct recorder recorder = { .count = 0 };
	struct pt_config config = recorder_config(instance->config, &recorder);
	struct pagetable *table;

	/* Under these two no empty table is there, or none is freed at once. */
	if (config.rcu_readers)
		return;
	table = instance_create_with(instance, &config);
	for (uint64_t sizes = instance->sizes ^ instance->granule, size; sizes; sizes ^= size) {
		size = sizes & -sizes;
		/* Each table is looked at once for every address: not in more than some dozens. */
		if (!instance_fits(instance, 2 * size))
			continue;
		put_leaf(instance, table, &recorder, instance_middle(instance, size), size);
	}
	table->ops->destroy(table);
}

static void leaf_replaces_empty_tables(void **state)
{
	(void)state;
	for_each_configuration(check_leaves);
}

/* One page left anywhere below is reason enough, and nothing has changed then. */
static void check_occupied(const struct instance *instance)
{
	struct recorder recorder = { .count = 0 };
	struct pt_config config = recorder_config(instance->config, &recorder);
	struct pagetable *table;

	if (config.rcu_readers)
		return;
	table = instance_create_with(instance, &config);
	for (uint64_t sizes = instance->sizes ^ instance->granule, size; sizes; sizes ^= size) {
		uint64_t iova, page = instance->granule, places[4];

		size = sizes & -sizes;
		if (!instance_fits(instance, 2 * size))
			continue;
		iova = instance_middle(instance, size);
		leave_empty_tables(table, iova, size, page);
		places[0] = iova;
		places[1] = iova + page;
		places[2] = iova + size / 2;
		places[3] = iova + size - page;
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
			long live;

			assert_int_equal(table->ops->map(table, places[i], page, page, RW), 0);
			snapshot_of(&before, instance->format, &instance->config, table);
			live = table_bytes_live();
			assert_int_equal(table->ops->map(table, iova, 0, size, RW), -EADDRINUSE);
			snapshot_of(&after, instance->format, &instance->config, table);
			assert_true(snapshot_same_leaves(&before, &after));
			assert_true(table_bytes_live() <= live);
			assert_int_equal(table->ops->iova_to_phys(table, places[i]), page);
			unmap(table, places[i], page);
		}
		unmap(table, iova, size);
	}
	table->ops->destroy(table);
}

static void occupied_tables_stay(void **state)
{
	(void)state;
	for_each_configuration(check_occupied);
}

/* Several empty tables in one call, between leaves that already fill their place. */
static void check_many(const struct instance *instance)
{
	struct recorder recorder = { .count = 0 };
	struct pt_config config = recorder_config(instance->config, &recorder);
	struct pagetable *table;
	uint64_t size = instance_large_size(instance), iova;

	if (!size || config.rcu_readers)
		return;
	table = instance_create_with(instance, &config);
	iova = instance_middle(instance, 16 * size);
	leave_empty_tables(table, iova + size, 3 * size, instance->granule);
	leave_empty_tables(table, iova + 6 * size, size, instance->granule);
	recorder.count = 0;
	assert_int_equal(table->ops->map(table, iova, 16 * size, 8 * size, RW), 0);
	for (unsigned int i = 0; i < recorder.count; i++)
		assert_true(recorder.flushes[i].tables);
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_int_equal(after.leaf_bytes, 8 * size);
	for (uint64_t at = 0; at < 8 * size; at += size)
		assert_int_equal(table->ops->iova_to_phys(table, iova + at), 16 * size + at);
	unmap(table, iova, 8 * size);
	table->ops->destroy(table);
}

static void many_tables_in_one_call(void **state)
{
	(void)state;
	for_each_configuration(check_many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(leaf_replaces_empty_tables),
		INSTANCE_TEST(occupied_tables_stay),
		INSTANCE_TEST(many_tables_in_one_call),
	};
	int failures;

	arena_or_exit();
	failures = cmocka_run_group_tests_name("unit.replace", tests, NULL, NULL);
	snapshot_free(&before);
	snapshot_free(&after);
	return failures;
}
