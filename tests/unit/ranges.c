// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ranges.c - shows that one map of many leaves writes exactly the leaves that the
 * model chooses, whatever the start, length and alignment, across tables of every
 * level and up to the last address; and that one unmap takes them all away.
 */
#include "instance.h"

#include "model.h"
#include "snapshot.h"

static struct snapshot found;

/* Each model leaf translates at its ends, and the items in memory lie inside the model's leaves. */
static void holds_model(const struct instance *instance, struct pagetable *table,
			const struct model *model)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < model->count; i++) {
		const struct model_leaf *leaf = &model->leaves[i];
		uint64_t last = leaf->last - leaf->iova;

		assert_int_equal(table->ops->iova_to_phys(table, leaf->iova), leaf->oa);
		assert_int_equal(table->ops->iova_to_phys(table, leaf->last), leaf->oa + last);
		bytes += last + 1;
	}
	snapshot_of(&found, instance->format, &instance->config, table);
	assert_int_equal(found.leaf_bytes, bytes);
	for (size_t i = 0; i < found.count; i++) {
		const struct pt_item *item = &found.items[i];
		const struct model_leaf *leaf = model_find(model, item->iova);

		if (item->is_table)
			continue;
		assert_non_null(leaf);
		assert_true(leaf->last - item->iova >= (1ULL << item->lg2) - 1);
	}
}

static void one_range(const struct instance *instance, struct pagetable *table, uint64_t iova,
		      uint64_t oa, uint64_t length)
{
	struct pt_gather gather = PT_GATHER_INIT;
	struct model model;

	model_init(&model, instance->sizes);
	assert_int_equal(model_map(&model, iova, oa, length, RW), 0);
	assert_int_equal(table->ops->map(table, iova, oa, length, RW), 0);
	holds_model(instance, table, &model);
	assert_int_equal(table->ops->iova_to_phys(table, iova - 1), PT_NOT_MAPPED);
	assert_int_equal(table->ops->iova_to_phys(table, iova + length), PT_NOT_MAPPED);

	assert_int_equal(table->ops->unmap(table, iova, length, &gather), length);
	pt_sync(table, &gather);
	snapshot_of(&found, instance->format, &instance->config, table);
	assert_int_equal(found.leaf_bytes, 0);
	model_free(&model);
}

/* Few, and the numbers around 8, 256 and 512: index widths and sizes of contiguous groups. */
static const unsigned int counts[] = { 1, 2, 7, 8, 15, 17, 31, 255, 256, 257, 511, 512, 513, 1027 };
#define COUNTS (sizeof(counts) / sizeof(counts[0]))

/* Pages only (the output address never aligned with the input), and as large as it gets. */
static void check_lengths(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t base = instance_middle(instance, 2 * block);

	for (size_t i = 0; i < COUNTS; i++) {
		uint64_t length = counts[i] * page;

		if (!instance_fits(instance, 4 * length))
			continue;
		one_range(instance, table, base, base % block + page, length);
		one_range(instance, table, base - page, 2 * block - page, length);
		one_range(instance, table, base + 3 * page, 5 * page, length);
		if (length <= base - instance->range[0].first)
			one_range(instance, table, base - length,
				  (length & -block) + 2 * block - length, length);
	}
	table->ops->destroy(table);
}

static void lengths(void **state)
{
	(void)state;
	for_each_configuration(check_lengths);
}

/* A page before, some of the next size, some of the size after that, and a page behind. */
static void check_mixed(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t sizes = instance->sizes ^ instance->granule;

	while (sizes) {
		uint64_t size = sizes & -sizes, larger, base, tail;

		sizes ^= size;
		larger = sizes & -sizes;
		base = instance_middle(instance, larger ? 2 * larger : 2 * size);
		if (!instance_fits(instance, 16 * (larger ? larger : size)))
			continue;
		/* Upward through the sizes and down again. */
		tail = 3 * size + 2 * instance->granule;
		one_range(instance, table, base - size - instance->granule,
			  8 * size - size - instance->granule, size + instance->granule + tail);
		if (larger)
			one_range(instance, table, base - size, 4 * larger - size,
				  size + 2 * larger + tail);
		/* Alignment of a smaller size only. */
		one_range(instance, table, base, size / 2 < instance->granule ? size : size / 2,
			  2 * size);
	}
	table->ops->destroy(table);
}

static void mixed_sizes(void **state)
{
	(void)state;
	for_each_configuration(check_mixed);
}

/* 14 leaves of one size, 3 of the next, 3 of the first: wrong sums of sizes show here. */
static void check_three_runs(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t small = instance_large_size(instance), larger, first;

	larger = instance->sizes & ~((small << 1) - 1);
	larger &= -larger;
	if (small && larger && instance_fits(instance, 8 * larger)) {
		first = larger - (14 * small) % larger;
		one_range(instance, table, instance_middle(instance, 8 * larger) + first, first,
			  14 * small + 3 * larger + 3 * small);
	}
	table->ops->destroy(table);
}

static void three_runs(void **state)
{
	(void)state;
	for_each_instance(check_three_runs);
}

/* From the first address, and up to the last. */
static void check_ends(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t page = instance->granule;

	for (size_t i = 0; i < COUNTS; i++)
		for (unsigned int r = 0; r < instance->ranges; r++) {
			uint64_t length = counts[i] * page, last = instance->range[r].last;

			if (!instance_fits(instance, 2 * length))
				continue;
			one_range(instance, table, instance->range[r].first, 0, length);
			one_range(instance, table, last - (length - 1), page, length);
		}
	table->ops->destroy(table);
}

static void ends_of_the_input(void **state)
{
	(void)state;
	for_each_configuration(check_ends);
}

/* All that the table can take, in the largest leaves: every item of the root. */
static void check_everything(const struct instance *instance)
{
	uint64_t largest = 1ULL << (63 - __builtin_clzll(instance->sizes));
	uint64_t bytes = instance->range[0].last - instance->range[0].first + 1;
	struct pagetable *table = instance_create(instance);

	/* No more than some tens of thousands of leaves, and as wide an output. */
	if (bytes && bytes / largest <= 1 << 16 && bytes - 1 <= ~0ULL >> (64 - instance->oa_bits))
		one_range(instance, table, instance->range[0].first, 0, bytes);
	table->ops->destroy(table);
}

static void everything(void **state)
{
	(void)state;
	for_each_instance(check_everything);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(lengths),	   INSTANCE_TEST(mixed_sizes),
		INSTANCE_TEST(three_runs), INSTANCE_TEST(ends_of_the_input),
		INSTANCE_TEST(everything),
	};
	int failures;

	arena_or_exit();
	failures = cmocka_run_group_tests_name("unit.ranges", tests, NULL, NULL);
	snapshot_free(&found);
	return failures;
}
