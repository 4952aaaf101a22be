// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * unmap.c - shows what unmap removes: whole leaves that begin in the range, nothing
 * where a leaf begins before it; that holes are skipped; what a result above the length
 * means; and when tables are given back.
 */
#include "instance.h"

#include <errno.h>

#include "snapshot.h"
#include "table_pages.h"

static struct snapshot before, after;

static void map(struct pagetable *table, uint64_t iova, uint64_t oa, uint64_t length)
{
	assert_int_equal(table->ops->map(table, iova, oa, length, RW), 0);
}

static int64_t unmap(struct pagetable *table, uint64_t iova, uint64_t length)
{
	struct pt_gather gather = PT_GATHER_INIT;
	int64_t unmapped = table->ops->unmap(table, iova, length, &gather);

	/* What is gone must be flushed, all of it. */
	if (unmapped > 0)
		assert_true(gather.start <= iova && gather.last >= iova + (uint64_t)unmapped - 1);
	pt_sync(table, &gather);
	return unmapped;
}

/* One page of a leaf asked for: the leaf goes, its neighbours stay. */
static void check_small_unmap(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);

	for (uint64_t sizes = instance->sizes ^ instance->granule, size; sizes; sizes ^= size) {
		uint64_t iova;

		size = sizes & -sizes;
		if (!instance_fits(instance, 8 * size))
			continue;
		iova = instance_middle(instance, 4 * size) + size;
		/* Not congruent with the next size, or the three would be one leaf. */
		map(table, iova - size, 2 * size, size);
		map(table, iova, 4 * size, size);
		map(table, iova + size, 0, size);
		assert_int_equal(unmap(table, iova, instance->granule), size);
		assert_int_equal(table->ops->iova_to_phys(table, iova), PT_NOT_MAPPED);
		assert_int_equal(table->ops->iova_to_phys(table, iova + size - 1), PT_NOT_MAPPED);
		assert_int_equal(table->ops->iova_to_phys(table, iova - 1), 3 * size - 1);
		assert_int_equal(table->ops->iova_to_phys(table, iova + size), 0);
		assert_int_equal(unmap(table, iova - size, 3 * size), 3 * size);
	}
	table->ops->destroy(table);
}

static void small_unmap_takes_the_leaf(void **state)
{
	(void)state;
	for_each_configuration(check_small_unmap);
}

/*
 * The range is the beginning of a leaf, of any smaller size: also one that fills items, of which the leaf
 * has more. All of it goes, and so it is handed back.
 */
static void check_beginnings(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);

	for (uint64_t sizes = instance->sizes ^ instance->granule, size; sizes; sizes ^= size) {
		uint64_t iova;

		size = sizes & -sizes;
		if (!instance_fits(instance, 8 * size))
			continue;
		iova = instance_middle(instance, 4 * size);
		for (uint64_t part = size / 2; part >= instance->granule; part /= 2) {
			struct pt_gather gather = PT_GATHER_INIT;
			struct pt_run run;
			size_t count;

			map(table, iova, 2 * size, size);
			map(table, iova + size, 4 * size, size);
			assert_int_equal(unmap(table, iova, part), size);
			map(table, iova, 2 * size, size);
			assert_int_equal(table->ops->unmap_batch(table, iova, part, &gather, &run,
								 1, &count),
					 size);
			assert_int_equal(gather.start, iova);
			assert_int_equal(gather.last, iova + size - 1);
			pt_sync(table, &gather);
			assert_int_equal(count, 1);
			assert_int_equal(run.oa, 2 * size);
			assert_int_equal(run.length, size);
			assert_int_equal(table->ops->iova_to_phys(table, iova + part),
					 PT_NOT_MAPPED);
			assert_int_equal(table->ops->iova_to_phys(table, iova + size), 4 * size);
			assert_int_equal(unmap(table, iova, 2 * size), 2 * size);
		}
	}
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_int_equal(after.leaf_bytes, 0);
	table->ops->destroy(table);
}

static void the_beginning_of_a_leaf(void **state)
{
	(void)state;
	for_each_configuration(check_beginnings);
}

/* Between the first and the last page of a leaf, with a leaf behind it in the range. */
static void check_inside(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);

	for (uint64_t sizes = instance->sizes ^ instance->granule, size; sizes; sizes ^= size) {
		uint64_t iova, page = instance->granule;

		size = sizes & -sizes;
		if (!instance_fits(instance, 8 * size))
			continue;
		iova = instance_middle(instance, 4 * size);
		map(table, iova, 2 * size, size);
		map(table, iova + size, 4 * size, size);
		snapshot_of(&before, instance->format, &instance->config, table);
		for (uint64_t inside = page; inside < size; inside *= 2) {
			assert_int_equal(unmap(table, iova + inside, page), 0);
			assert_int_equal(unmap(table, iova + inside, 2 * size - inside), 0);
			assert_int_equal(unmap(table, iova + size - inside, size), 0);
		}
		snapshot_of(&after, instance->format, &instance->config, table);
		assert_true(snapshot_same(&before, &after));
		assert_int_equal(unmap(table, iova, 2 * size), 2 * size);
	}
	table->ops->destroy(table);
}

static void start_inside_a_leaf(void **state)
{
	(void)state;
	for_each_configuration(check_inside);
}

/* The range ends inside a leaf, which goes as a whole. */
static void check_end_inside(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);

	for (uint64_t sizes = instance->sizes ^ instance->granule, size; sizes; sizes ^= size) {
		uint64_t iova, page = instance->granule;

		size = sizes & -sizes;
		if (!instance_fits(instance, 8 * size))
			continue;
		iova = instance_middle(instance, 4 * size);
		map(table, iova, 2 * size, size);
		map(table, iova - page, page, page);
		assert_int_equal(unmap(table, iova - 2 * page, 3 * page), 2 * page + size);
		assert_int_equal(table->ops->iova_to_phys(table, iova - page), PT_NOT_MAPPED);
		assert_int_equal(table->ops->iova_to_phys(table, iova + size - 1), PT_NOT_MAPPED);
	}
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_int_equal(after.leaf_bytes, 0);
	table->ops->destroy(table);
}

static void end_inside_a_leaf(void **state)
{
	(void)state;
	for_each_configuration(check_end_inside);
}

static void check_holes(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t page = instance->granule, large = instance_large_size(instance);
	uint64_t block = instance_block(instance), base = instance_middle(instance, 16 * block);
	uint64_t bytes = 12 * block;

	assert_int_equal(unmap(table, base, bytes), bytes); /* nothing at all */
	for (uint64_t at = page; at < 4 * block; at = 2 * at + page)
		map(table, base + at, at, page);
	if (large)
		map(table, base + 6 * block, 2 * block, block);
	map(table, base + 9 * block + 5 * page, 0, page);
	map(table, base + bytes, 0, page);
	assert_int_equal(unmap(table, base, bytes), bytes);
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_int_equal(after.leaf_bytes, page);
	assert_int_equal(table->ops->iova_to_phys(table, base + bytes), 0);
	table->ops->destroy(table);
}

static void holes_are_skipped(void **state)
{
	(void)state;
	for_each_configuration(check_holes);
}

/* No table is left that lies within [first, first + bytes), unless it is kept to the end. */
static void only_uncovered_tables(const struct instance *instance, const struct snapshot *snapshot,
				  uint64_t first, uint64_t bytes)
{
	for (size_t i = 0; i < snapshot->count; i++) {
		const struct pt_item *item = &snapshot->items[i];

		if (item->is_table && instance->config.freeing != PT_FREE_NEVER)
			assert_false(item->iova - first < bytes && (1ULL << item->lg2) <= bytes);
	}
}

/* More than the root spans or was ever mapped: the same result as elsewhere. */
static void check_all_at_once(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t first = instance->range[0].first, bytes = instance->range[0].last - first + 1;

	/* The result is signed: not all of 64 bits. */
	if (!bytes)
		bytes = 1ULL << 62;
	assert_int_equal(unmap(table, first, bytes), bytes);
	map(table, first + 3 * instance->granule, 0, 2 * instance->granule);
	assert_int_equal(unmap(table, first, bytes), bytes);
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_int_equal(after.leaf_bytes, 0);
	only_uncovered_tables(instance, &after, first, bytes);
	table->ops->destroy(table);
}

static void all_at_once(void **state)
{
	(void)state;
	for_each_configuration(check_all_at_once);
}

/* What is returned is signed: ranges of 2^63 bytes and more are refused, and no result is that large. */
static void check_signed(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t page = instance->granule, first = instance->range[0].first, half = 1ULL << 63;
	uint64_t fitting;
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_run run;
	size_t count;

	map(table, first, 0, page);
	for (unsigned int i = 0; i < 2; i++) {
		uint64_t length = half + i * page;

		assert_int_equal(unmap(table, first, length), -ERANGE);
		assert_int_equal(
			table->ops->unmap_batch(table, first, length, &gather, &run, 1, &count),
			-ERANGE);
	}
	assert_int_equal(table->ops->iova_to_phys(table, first), 0);
	/* Leaves of more than a page, so that one can reach out of the range. */
	fitting = instance->sizes & ((2ULL << (instance->oa_bits - 1)) - 1);
	if (instance->range[0].last - first >= half && fitting > page) {
		uint64_t size = 1ULL << (63 - __builtin_clzll(fitting)), end = first + half;

		assert_int_equal(unmap(table, first, half - page), half - page);
		/* The last leaf of the range ends 2^63 bytes from where it begins: one page less is said. */
		map(table, end - size, 0, size);
		assert_int_equal(unmap(table, first, half - page), half - page);
		map(table, end - size, 0, size);
		assert_int_equal(table->ops->unmap_batch(table, first, half - page, &gather, &run,
							 1, &count),
				 half - page);
		assert_int_equal(table->ops->iova_to_phys(table, end - page), PT_NOT_MAPPED);
	}
	pt_sync(table, &gather);
	table->ops->destroy(table);
}

static void results_are_signed(void **state)
{
	(void)state;
	for_each_configuration(check_signed);
}

/* A table goes when one unmap covers it, not when it becomes empty by and by. */
static void check_covered(const struct instance *instance)
{
	long live = table_bytes_live(), full;
	struct pagetable *table;
	uint64_t page = instance->granule, iova = instance_middle(instance, 64 * page),
		 table_bytes = 0;

	if (instance->config.freeing != PT_FREE_COVERED || instance->config.rcu_readers)
		return;
	table = instance_create(instance);
	map(table, iova, 0, page);
	full = table_bytes_live() - live;
	snapshot_of(&before, instance->format, &instance->config, table);
	for (size_t i = 0; i < before.count; i++)
		if (before.items[i].is_table) { /* parents come before children */
			table_bytes = 1ULL << before.items[i].lg2;
			iova = before.items[i].iova;
		}
	if (!table_bytes) { /* a root only */
		table->ops->destroy(table);
		return;
	}
	assert_int_equal(unmap(table, iova, table_bytes), table_bytes);
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_int_equal(after.tables, before.tables - 1);
	assert_true(table_bytes_live() - live < full);

	/* Emptied in two steps it stays, and is used again. */
	map(table, iova, 0, page);
	assert_int_equal(unmap(table, iova, table_bytes / 2), table_bytes / 2);
	assert_int_equal(unmap(table, iova + table_bytes / 2, table_bytes / 2), table_bytes / 2);
	assert_int_equal(table_bytes_live() - live, full);
	map(table, iova + page, 0, page);
	assert_int_equal(table_bytes_live() - live, full);
	assert_int_equal(unmap(table, iova, table_bytes), table_bytes);

	/* What is below a table goes with it. */
	map(table, iova, 0, 3 * page);
	snapshot_of(&before, instance->format, &instance->config, table);
	for (size_t i = 0; i < before.count; i++) {
		const struct pt_item *item = &before.items[i];
		uint64_t bytes = 1ULL << item->lg2;

		if (!item->is_table || iova - item->iova >= bytes || bytes > 1ULL << 62 ||
		    instance->range[0].last - item->iova < bytes - 1)
			continue;
		assert_int_equal(unmap(table, item->iova, bytes), bytes);
		snapshot_of(&after, instance->format, &instance->config, table);
		only_uncovered_tables(instance, &after, item->iova, bytes);
		assert_int_equal(after.leaf_bytes, 0);
		break;
	}
	table->ops->destroy(table);
}

static void covered_tables_are_freed(void **state)
{
	(void)state;
	for_each_configuration(check_covered);
}

static void check_never(const struct instance *instance)
{
	struct pt_config config = instance->config;
	struct pagetable *table;
	uint64_t page = instance->granule, bytes = 1024 * page, iova;
	long full;

	config.freeing = PT_FREE_NEVER;
	config.rcu_readers = false;
	table = instance_create_with(instance, &config);
	iova = instance_middle(instance, bytes);
	map(table, iova, page, bytes);
	full = table_bytes_live();
	assert_int_equal(unmap(table, iova, bytes), bytes);
	assert_int_equal(table_bytes_live(), full);
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_int_equal(after.leaf_bytes, 0);
	/* And they are used again. */
	map(table, iova, page, bytes);
	assert_int_equal(table_bytes_live(), full);
	assert_int_equal(unmap(table, iova, bytes), bytes);
	table->ops->destroy(table);
}

static void never_frees(void **state)
{
	(void)state;
	for_each_configuration(check_never);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(small_unmap_takes_the_leaf),
		INSTANCE_TEST(the_beginning_of_a_leaf),
		INSTANCE_TEST(start_inside_a_leaf),
		INSTANCE_TEST(end_inside_a_leaf),
		INSTANCE_TEST(holes_are_skipped),
		INSTANCE_TEST(all_at_once),
		INSTANCE_TEST(results_are_signed),
		INSTANCE_TEST(covered_tables_are_freed),
		INSTANCE_TEST(never_frees),
	};
	int failures;

	arena_or_exit();
	failures = cmocka_run_group_tests_name("unit.unmap", tests, NULL, NULL);
	snapshot_free(&before);
	snapshot_free(&after);
	return failures;
}
