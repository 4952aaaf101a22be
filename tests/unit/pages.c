// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pages.c - shows that one leaf of every size, at the first, a middle and the last
 * address of the input range, maps, translates at both ends, counts once, and
 * unmaps to nothing; and that destroy frees what is still mapped.
 */
#include "instance.h"

#include <errno.h>

#include "snapshot.h"

static struct snapshot before, during, after;

/* Does the snapshot hold one leaf [iova, iova + size) and no other, in items of one level? */
static void holds_one_leaf(const struct snapshot *snapshot, uint64_t iova, uint64_t size)
{
	unsigned int level = 0;

	assert_int_equal(snapshot->leaf_bytes, size);
	for (size_t i = 0; i < snapshot->count; i++) {
		const struct pt_item *item = &snapshot->items[i];

		assert_int_equal(item->iova & ((1ULL << item->lg2) - 1), 0);
		if (item->is_table) {
			assert_int_not_equal(item->level, 0);
			continue;
		}
		if (item->iova == iova)
			level = item->level;
		assert_int_equal(item->level, level);
		assert_true(item->iova - iova < size);
	}
}

static void translates(struct pagetable *table, uint64_t iova, uint64_t oa, uint64_t size)
{
	assert_int_equal(table->ops->iova_to_phys(table, iova), oa);
	assert_int_equal(table->ops->iova_to_phys(table, iova + 1), oa + 1);
	assert_int_equal(table->ops->iova_to_phys(table, iova + size / 2), oa + size / 2);
	assert_int_equal(table->ops->iova_to_phys(table, iova + size - 1), oa + size - 1);
	assert_int_equal(table->ops->iova_to_phys(table, iova - 1), PT_NOT_MAPPED);
	assert_int_equal(table->ops->iova_to_phys(table, iova + size), PT_NOT_MAPPED);
}

static void one_leaf(const struct instance *instance, struct pagetable *table, uint64_t iova,
		     uint64_t oa, uint64_t size)
{
	struct pt_gather gather = PT_GATHER_INIT;

	assert_int_equal(table->ops->iova_to_phys(table, iova), PT_NOT_MAPPED);
	assert_int_equal(table->ops->map(table, iova, oa, size, RW), 0);
	translates(table, iova, oa, size);
	snapshot_of(&during, instance->format, &instance->config, table);
	holds_one_leaf(&during, iova, size);

	assert_int_equal(table->ops->unmap(table, iova, size, &gather), size);
	assert_int_equal(gather.start, iova);
	assert_int_equal(gather.last, iova + size - 1);
	pt_sync(table, &gather);
	assert_int_equal(table->ops->iova_to_phys(table, iova), PT_NOT_MAPPED);
	assert_int_equal(table->ops->iova_to_phys(table, iova + size - 1), PT_NOT_MAPPED);
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_int_equal(after.leaf_bytes, 0);
}

static void check_sizes(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);

	for (uint64_t sizes = instance->sizes, size; sizes; sizes ^= size) {
		uint64_t highest;

		size = sizes & -sizes;
		if (!instance_fits(instance, size))
			continue;
		highest = ~0ULL >> (64 - instance->oa_bits) & -size;
		one_leaf(instance, table, instance->range[0].first, instance_oa(instance, size),
			 size);
		one_leaf(instance, table, instance_middle(instance, size), highest, size);
		for (unsigned int i = 0; i < instance->ranges; i++)
			one_leaf(instance, table, instance->range[i].last - (size - 1), 0, size);
	}
	table->ops->destroy(table);
}

static void every_size(void **state)
{
	(void)state;
	for_each_configuration(check_sizes);
}

static void check_prots(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t size = instance->granule, iova = instance_middle(instance, size);

	/* The word depends on prot; the translation never does. */
	for (unsigned int prot = 0; prot < 64; prot++) {
		struct pt_gather gather = PT_GATHER_INIT;
		int result = table->ops->map(table, iova, instance_oa(instance, size), size, prot);

		if (!(prot & RW)) {
			assert_int_equal(result, -EINVAL);
			continue;
		}
		assert_int_equal(result, 0);
		translates(table, iova, instance_oa(instance, size), size);
		snapshot_of(&during, instance->format, &instance->config, table);
		assert_int_equal(during.leaf_bytes, size);
		assert_int_equal(table->ops->unmap(table, iova, size, &gather), size);
		pt_sync(table, &gather);
	}
	table->ops->destroy(table);
}

static void every_prot(void **state)
{
	(void)state;
	for_each_configuration(check_prots);
}

/* Freeing what is mapped is destroy's work; for_each_configuration() counts the bytes. */
static void check_destroy(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t large = instance_large_size(instance);

	assert_int_equal(table->ops->map(table, instance->range[0].first, 0, instance->granule, RW),
			 0);
	if (large)
		assert_int_equal(
			table->ops->map(table, instance_middle(instance, large), 0, large, RW), 0);
	for (unsigned int i = 0; i < instance->ranges; i++)
		assert_int_equal(table->ops->map(table,
						 instance->range[i].last - (instance->granule - 1),
						 0, instance->granule, RW),
				 0);
	table->ops->destroy(table);
}

static void destroy_frees_all(void **state)
{
	(void)state;
	for_each_configuration(check_destroy);
}

/* What is mapped stays as it is while neighbours come and go. */
static void check_neighbours(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t page = instance->granule, iova = instance_middle(instance, 16 * page) + 8 * page;

	assert_int_equal(table->ops->map(table, iova, 8 * page, page, RW), 0);
	snapshot_of(&before, instance->format, &instance->config, table);
	for (uint64_t at = iova - 8 * page; at < iova + 8 * page; at += page) {
		struct pt_gather gather = PT_GATHER_INIT;

		if (at == iova)
			continue;
		assert_int_equal(table->ops->map(table, at, 32 * page, page, PT_READ), 0);
		assert_int_equal(table->ops->unmap(table, at, page, &gather), page);
		pt_sync(table, &gather);
		assert_int_equal(table->ops->iova_to_phys(table, iova + 5), 8 * page + 5);
	}
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_true(snapshot_same(&before, &after));
	table->ops->destroy(table);
}

static void neighbours_stay(void **state)
{
	(void)state;
	for_each_configuration(check_neighbours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(every_size),
		INSTANCE_TEST(every_prot),
		INSTANCE_TEST(destroy_frees_all),
		INSTANCE_TEST(neighbours_stay),
	};
	int failures;

	arena_or_exit();
	failures = cmocka_run_group_tests_name("unit.pages", tests, NULL, NULL);
	snapshot_free(&before);
	snapshot_free(&during);
	snapshot_free(&after);
	return failures;
}
