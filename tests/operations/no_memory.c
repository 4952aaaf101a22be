// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * no_memory.c - shows that cut, fragment and map_batch without memory for any one table
 * say so and change nothing, not even a root that need not grow; and that the
 * other operations need none.
 */
#include "twin_sizes.h"

#include <errno.h>

#include "table_pages.h"

/* More tables than any operation here needs. */
#define ATTEMPTS_MAX 5000

static struct twin twin;
static struct snapshot before, after;

/* One way to change a page table; for the twin's table alone, and then for both. */
struct change {
	uint64_t iova, length;
	unsigned int largest_lg2;
	const struct pt_run *runs;
	size_t count;
};

typedef int (*change_fn)(const struct change *change);
typedef void (*twin_change_fn)(const struct change *change);

static int cut_alone(const struct change *change)
{
	return twin.table->ops->cut(twin.table, change->iova, change->length, &twin.gather);
}

static void cut_both(const struct change *change)
{
	twin_cut(&twin, change->iova, change->length);
}

static int fragment_alone(const struct change *change)
{
	return twin.table->ops->fragment(twin.table, change->iova, change->length,
					 change->largest_lg2, &twin.gather);
}

static void fragment_both(const struct change *change)
{
	twin_fragment(&twin, change->iova, change->length, change->largest_lg2);
}

static int map_batch_alone(const struct change *change)
{
	return twin.table->ops->map_batch(twin.table, change->iova, change->runs, change->count,
					  twin.kinds.kind[0].prot);
}

static void map_batch_both(const struct change *change)
{
	assert_int_equal(twin_map_batch(&twin, change->iova, change->runs, change->count, 0), 0);
}

/* Fail the first allocation, the second, ..., until there are no more. Returns how many there were. */
static long fail_each(const struct change *change, change_fn alone, twin_change_fn both)
{
	const struct instance *instance = twin.instance;
	long successes, step = 1, live;

	twin_sync(&twin);
	live = instance_bytes_live(instance);
	for (successes = 0;; successes += step) {
		unsigned int level, level_after;
		int result;
		bool kept;

		assert_true(successes < ATTEMPTS_MAX);
		pt_root(twin.table, &level);
		snapshot_of(&before, instance->format, &twin.config, twin.table);
		table_fail_after(successes);
		result = alone(change);
		table_fail_after(-1);
		if (!result)
			break;
		assert_int_equal(result, -ENOMEM);
		assert_true(twin.gather.start > twin.gather.last);
		assert_null(twin.gather.tables);
		pt_root(twin.table, &level_after);
		snapshot_of(&after, instance->format, &twin.config, twin.table);
		assert_true(snapshot_same_leaves(&before, &after));
		/* A table filled by the range, which readers may have seen, stays where none is freed. */
		kept = twin.config.freeing == PT_FREE_NEVER && after.count > before.count;
		if (level == level_after && !kept)
			assert_true(snapshot_same(&before, &after));
		else /* so does a root that has grown */
			live = instance_bytes_live(instance);
		assert_int_equal(bytes_live(instance, live), live);
		/* The first dozen one by one; where there are hundreds they are alike. */
		step = 1 + successes / 12;
	}
	both(change);
	twin_compare(&twin);
	return successes;
}

/* It has been done by the first success; the twin's own call finds nothing to do. */
static void undo_map(const struct change *change)
{
	struct pt_gather gather = PT_GATHER_INIT;

	twin.table->ops->unmap(twin.table, change->iova, change->length, &gather);
	pt_sync(twin.table, &gather);
	map_batch_both(change);
}

static void check_resizing(const struct instance *instance)
{
	uint64_t page = instance->granule;

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	FOR_EACH_SIZE(size, instance)
	{
		uint64_t iova = size_iova(instance, size), oa = size_oa(instance, size);
		struct change change = { .iova = iova + page, .length = 2 * size };

		for (unsigned int i = 0; i < 4; i++)
			assert_int_equal(twin_map(&twin, iova + i * size, oa + i * size, size, 0),
					 0);
		fail_each(&change, cut_alone, cut_both);
		change = (struct change){ .iova = iova,
					  .length = 4 * size,
					  .largest_lg2 = size_lg2(size) - 1 };
		while (change.largest_lg2 > size_lg2(page) && size >> change.largest_lg2 < 64)
			change.largest_lg2--;
		if (size > page)
			fail_each(&change, fragment_alone, fragment_both);
		assert_int_equal(twin_unmap(&twin, iova, 4 * size), 4 * size);
	}
	twin_close(&twin);
}

static void resizing_fails_cleanly(void **state)
{
	(void)state;
	for_each_configuration(check_resizing);
}

/* Many tables at several levels: how many there are is known. */
static void check_deep(const struct instance *instance)
{
	uint64_t page = instance->granule, size = size_before(instance, 2ULL << 30);
	struct change change;
	long allocations;

	if (!is_about_leaves(instance) || size / page < 4096 || !instance_fits(instance, 4 * size))
		return;
	twin_open(&twin, instance);
	change = (struct change){ .iova = size_iova(instance, size) + size / 2 + page,
				  .length = page };
	assert_int_equal(twin_map(&twin, size_iova(instance, size), 0, size, 0), 0);
	allocations = fail_each(&change, cut_alone, cut_both);
	assert_true(allocations > 0);
	change = (struct change){ .iova = size_iova(instance, size),
				  .length = page,
				  .largest_lg2 = size_lg2(size) - 10 };
	fail_each(&change, fragment_alone, fragment_both);
	twin_close(&twin);
}

static void deep_cuts_fail_cleanly(void **state)
{
	(void)state;
	for_each_configuration(check_deep);
}

static void check_batch(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	const struct pt_run runs[] = {
		{ 0, page },
		{ 4 * block, block },
		{ 3 * page, block + page },
		{ 8 * block, 2 * block },
	};
	struct change change = { .iova = instance_middle(instance, 16 * block) - page,
				 .length = 4 * block + 2 * page,
				 .runs = runs,
				 .count = 4 };

	twin_open(&twin, instance);
	fail_each(&change, map_batch_alone, undo_map);
	twin_close(&twin);
}

static void batches_fail_cleanly(void **state)
{
	(void)state;
	for_each_configuration(check_batch);
}

static void check_others(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t iova = instance_middle(instance, 16 * block);
	uint64_t bits[2] = { 0 };
	struct pt_dirty dirty = {
		.iova = iova, .page_lg2 = size_lg2(block), .clear = true, .bits = bits
	};
	int unsupported = instance->format->has_dirty ? 0 : -EOPNOTSUPP;

	twin_open(&twin, instance);
	for (uint64_t at = 0; at < 4 * block; at += page)
		assert_int_equal(twin_map(&twin, iova + at, at, page, 0), 0);
	table_fail_after(0);
	twin_collapse(&twin, iova, block, 63);
	twin_reassemble(&twin, iova, 4 * block, 63);
	assert_int_equal(twin.table->ops->set_dirty(twin.table, iova), unsupported);
	assert_int_equal(twin.table->ops->read_dirty(twin.table, &dirty, 4 * block, &twin.gather),
			 unsupported);
	/* Where there is nothing to cut, no memory is nothing to complain of. */
	assert_int_equal(twin.table->ops->cut(twin.table, iova, 4 * block, &twin.gather), 0);
	assert_int_equal(twin.table->ops->fragment(twin.table, iova, 4 * block, 63, &twin.gather),
			 0);
	twin_unmap_batch(&twin, iova, 4 * block, 1);
	table_fail_after(-1);
	assert_int_equal(twin.model.count, 0);
	twin_close(&twin);
}

static void others_need_none(void **state)
{
	(void)state;
	for_each_configuration(check_others);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(resizing_fails_cleanly),
		INSTANCE_TEST(deep_cuts_fail_cleanly),
		INSTANCE_TEST(batches_fail_cleanly),
		INSTANCE_TEST(others_need_none),
	};
	int failures;

	arena_or_exit();
	failures = cmocka_run_group_tests_name("operations.no_memory", tests, NULL, NULL);
	snapshot_free(&before);
	snapshot_free(&after);
	return failures;
}
