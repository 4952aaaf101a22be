// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * no_memory.c - shows that a map or create that gets no table at any one point says
 * -ENOMEM, changes nothing, keeps nothing unless tables are never freed, and succeeds
 * when there is memory; and that unmap needs none. The same for the memory that a page table's own state takes.
 */
#include "instance.h"

#include <errno.h>

#include "snapshot.h"
#include "table_pages.h"

/* More tables than any range here needs. */
#define ATTEMPTS_MAX 200

/* No memory for a page table's own state; the linker calls this for platform_alloc(). */
static bool no_state;
void *__real_platform_alloc(size_t bytes);
void *__wrap_platform_alloc(size_t bytes);

void *__wrap_platform_alloc(size_t bytes)
{
	return no_state ? NULL : __real_platform_alloc(bytes);
}

static struct snapshot before, after;

struct attempt {
	uint64_t iova, length;
	const struct pt_run *runs; /* NULL: one run from address 0 */
	size_t count;
};

static int try(struct pagetable *table, const struct attempt *attempt)
{
	if (attempt->runs)
		return table->ops->map_batch(table, attempt->iova, attempt->runs, attempt->count,
					     RW);
	return table->ops->map(table, attempt->iova, 0, attempt->length, RW);
}

/*
 * In a fresh table, with a page at @neighbour if that is not 0: let the first 0, 1, 2, ...
 * allocations succeed until the map does, then unmap it without memory.
 */
static void until_it_succeeds(const struct instance *instance, uint64_t neighbour,
			      const struct attempt *attempt)
{
	struct pagetable *table = instance_create(instance);
	struct pt_gather gather = PT_GATHER_INIT;
	long successes, live;
	int result = 0;

	if (neighbour)
		assert_int_equal(table->ops->map(table, neighbour, 0, instance->granule, RW), 0);
	for (successes = 0; successes < ATTEMPTS_MAX; successes++) {
		unsigned int level, level_after;

		pt_root(table, &level);
		live = table_bytes_live();
		snapshot_of(&before, instance->format, &instance->config, table);
		table_fail_after(successes);
		result = try(table, attempt);
		table_fail_after(-1);
		if (!result)
			break;
		assert_int_equal(result, -ENOMEM);
		pt_root(table, &level_after);
		snapshot_of(&after, instance->format, &instance->config, table);
		assert_true(snapshot_same_leaves(&before, &after));
		/* A root that has grown stays, and so does what was put in place where nothing is freed. */
		if (level_after != level || instance->config.freeing == PT_FREE_NEVER)
			continue;
		if (!instance->config.rcu_readers)
			assert_int_equal(table_bytes_live(), live);
		assert_true(snapshot_same(&before, &after));
	}
	assert_int_equal(result, 0);
	assert_int_equal(table->ops->iova_to_phys(table, attempt->iova), 0);
	assert_int_not_equal(table->ops->iova_to_phys(table, attempt->iova + attempt->length - 1),
			     PT_NOT_MAPPED);
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_int_equal(after.leaf_bytes, before.leaf_bytes + attempt->length);

	table_fail_after(0);
	assert_int_equal(table->ops->unmap(table, attempt->iova, attempt->length, &gather),
			 attempt->length);
	pt_sync(table, &gather);
	table_fail_after(-1);
	table->ops->destroy(table);
}

/* Ranges that need tables at their start, in the middle, at their end, and at several levels. */
static void check_map(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t base = instance_middle(instance, 8 * block);
	struct attempt attempts[] = {
		{ .iova = instance->range[0].first, .length = page },
		{ .iova = base - page, .length = 2 * page },
		{ .iova = base + 2 * page, .length = block },
		{ .iova = base - page, .length = 4 * block + 2 * page },
		{ .iova = instance->range[instance->ranges - 1].last - (2 * block - 1),
		  .length = 2 * block },
	};

	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		until_it_succeeds(instance, 0, &attempts[i]);
		/* With tables that are there already, before the range and behind it. */
		until_it_succeeds(instance, base - 2 * page, &attempts[i]);
		until_it_succeeds(instance, base + 5 * block, &attempts[i]);
	}
}

static void map_fails_cleanly(void **state)
{
	(void)state;
	for_each_configuration(check_map);
}

static void check_batch(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	const struct pt_run runs[] = {
		{ 0, page }, { page, block }, { 3 * page, block }, { 0, block }
	};
	struct attempt attempt = { .iova = instance_middle(instance, 8 * block) - page,
				   .length = page + 3 * block,
				   .runs = runs,
				   .count = 4 };

	until_it_succeeds(instance, 0, &attempt);
	until_it_succeeds(instance, attempt.iova - page, &attempt);
}

static void batch_fails_cleanly(void **state)
{
	(void)state;
	for_each_configuration(check_batch);
}

/* Large leaves in place of empty tables, followed by a page that needs a new one. */
static void check_replacing(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t page = instance->granule, large = instance_large_size(instance), iova;
	struct attempt attempt;

	if (large) {
		struct pt_gather gather = PT_GATHER_INIT;

		iova = instance_middle(instance, 8 * large);
		assert_int_equal(table->ops->map(table, iova + large, 0, page, RW), 0);
		assert_int_equal(table->ops->unmap(table, iova + large, page, &gather), page);
		pt_sync(table, &gather);
		attempt = (struct attempt){ .iova = iova, .length = 3 * large + page };
		for (long successes = 0; successes < ATTEMPTS_MAX; successes++) {
			int result;

			table_fail_after(successes);
			result = try(table, &attempt);
			table_fail_after(-1);
			if (!result)
				break;
			/* The empty table may be gone already; nothing else may. */
			assert_int_equal(result, -ENOMEM);
			snapshot_of(&after, instance->format, &instance->config, table);
			assert_int_equal(after.leaf_bytes, 0);
		}
		assert_int_equal(table->ops->iova_to_phys(table, iova + 3 * large), 3 * large);
	}
	table->ops->destroy(table);
}

static void replacing_fails_cleanly(void **state)
{
	(void)state;
	for_each_configuration(check_replacing);
}

static void check_create(const struct instance *instance)
{
	struct pagetable *table = NULL;
	long live = table_bytes_live();

	table_fail_after(0);
	assert_int_equal(instance->format->create(&instance->config, &table), -ENOMEM);
	table_fail_after(-1);
	assert_null(table);
	assert_int_equal(table_bytes_live(), live);
	no_state = true;
	assert_int_equal(instance->format->create(&instance->config, &table), -ENOMEM);
	no_state = false;
	assert_null(table);
	assert_int_equal(table_bytes_live(), live);
}

static void create_fails_cleanly(void **state)
{
	(void)state;
	for_each_configuration(check_create);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(map_fails_cleanly),
		INSTANCE_TEST(batch_fails_cleanly),
		INSTANCE_TEST(replacing_fails_cleanly),
		INSTANCE_TEST(create_fails_cleanly),
	};
	int failures;

	arena_or_exit();
	failures = cmocka_run_group_tests_name("unit.no_memory", tests, NULL, NULL);
	snapshot_free(&before);
	snapshot_free(&after);
	return failures;
}
