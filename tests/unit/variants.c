// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * variants.c - shows that the inline and the recursive variant do the same: equal
 * results, equal items in memory but for the addresses of tables, equal flushes, through
 * a random sequence of all operations in every configuration.
 */
#include "instance.h"

#include <string.h>

#include "random.h"
#include "recorder.h"
#include "snapshot.h"

#define STEPS 60

struct side {
	const struct pt_format *format;
	struct pt_config config;
	struct recorder recorder;
	struct pagetable *table;
	struct pt_gather gather;
	struct snapshot snapshot;
};

static struct side sides[2];

static void same_tables(void)
{
	for (size_t i = 0; i < 2; i++)
		snapshot_of(&sides[i].snapshot, sides[i].format, &sides[i].config, sides[i].table);
	assert_int_equal(sides[0].snapshot.count, sides[1].snapshot.count);
	for (size_t i = 0; i < sides[0].snapshot.count; i++) {
		const struct pt_item *one = &sides[0].snapshot.items[i];
		const struct pt_item *other = &sides[1].snapshot.items[i];

		assert_int_equal(one->iova, other->iova);
		assert_int_equal(one->level, other->level);
		assert_int_equal(one->is_table, other->is_table);
		assert_int_equal(sides[0].format->comparable(&sides[0].config, one),
				 sides[1].format->comparable(&sides[1].config, other));
	}
}

static void same_flushes(void)
{
	unsigned int count = sides[0].recorder.count;

	assert_int_equal(count, sides[1].recorder.count);
	assert_int_equal(sides[0].recorder.roots, sides[1].recorder.roots);
	for (unsigned int i = 0; i < count && i < RECORDER_ROOM; i++) {
		const struct recorded_flush *one = &sides[0].recorder.flushes[i];
		const struct recorded_flush *other = &sides[1].recorder.flushes[i];

		assert_int_equal(one->start, other->start);
		assert_int_equal(one->last, other->last);
		assert_int_equal(one->tables, other->tables);
	}
	sides[0].recorder.count = sides[1].recorder.count = 0;
}

static void same_maps(const struct instance *instance, uint64_t iova, uint64_t oa, uint64_t length)
{
	unsigned int prot = PT_READ | (unsigned int)random_below(64);
	struct pt_run runs[2] = { { oa, length }, { oa + length, instance->granule } };
	bool batch = random_below(3) == 0;
	long successes = random_below(5) ? -1 : (long)random_below(6);
	int results[2];

	for (size_t i = 0; i < 2; i++) {
		const struct pt_ops *ops = sides[i].table->ops;

		table_fail_after(successes);
		results[i] = batch ? ops->map_batch(sides[i].table, iova, runs, 2, prot)
				   : ops->map(sides[i].table, iova, oa, length, prot);
		table_fail_after(-1);
	}
	assert_int_equal(results[0], results[1]);
}

static void same_unmaps(uint64_t iova, uint64_t length)
{
	bool batch = random_below(3) == 0, sync = random_below(3) == 0;
	struct pt_run runs[2][4];
	size_t counts[2] = { 0 };
	int64_t results[2];

	for (size_t i = 0; i < 2; i++) {
		const struct pt_ops *ops = sides[i].table->ops;
		struct pt_gather *gather = &sides[i].gather;

		results[i] = batch ? ops->unmap_batch(sides[i].table, iova, length, gather, runs[i],
						      4, &counts[i])
				   : ops->unmap(sides[i].table, iova, length, gather);
		if (sync)
			pt_sync(sides[i].table, gather);
	}
	assert_int_equal(results[0], results[1]);
	assert_int_equal(counts[0], counts[1]);
	assert_memory_equal(runs[0], runs[1], counts[0] * sizeof(runs[0][0]));
}

static void step(const struct instance *instance, uint64_t base, uint64_t span)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t length =
		random_below(2) ? page * (1 + random_below(20)) : block * (1 + random_below(4));
	uint64_t offset = random_below((span - length) / page) * page;

	if (random_below(2))
		offset &= -block;
	if (random_below(5) < 3)
		same_maps(instance, base + offset, random_below(2) ? offset : page, length);
	else
		same_unmaps(base + offset, length);
	assert_int_equal(sides[0].table->ops->iova_to_phys(sides[0].table, base + offset),
			 sides[1].table->ops->iova_to_phys(sides[1].table, base + offset));
}

static void check_variants(const struct instance *instance)
{
	uint64_t block = instance_block(instance), span = 16 * block;
	uint64_t base = instance_middle(instance, span);

	if (strcmp(instance->variant, "inline") != 0)
		return;
	for (size_t i = 0; i < 2; i++) {
		sides[i].format =
			i ? pt_format_find(instance->format->name, "recursive") : instance->format;
		sides[i].recorder = (struct recorder){ .count = 0 };
		sides[i].config = recorder_config(instance->config, &sides[i].recorder);
		sides[i].gather = (struct pt_gather)PT_GATHER_INIT;
		assert_int_equal(sides[i].format->create(&sides[i].config, &sides[i].table), 0);
	}
	for (unsigned int i = 0; i < STEPS; i++) {
		step(instance, base, span);
		same_flushes();
		if (i % 4 == 0)
			same_tables();
	}
	same_tables();
	for (size_t i = 0; i < 2; i++) {
		pt_sync(sides[i].table, &sides[i].gather);
		sides[i].table->ops->destroy(sides[i].table);
	}
}

static void both_variants_do_the_same(void **state)
{
	(void)state;
	for_each_configuration(check_variants);
}

struct visit_order {
	uint64_t iova, path[8]; /* of the table items above */
	unsigned int level;
	bool begun;
	unsigned int left; /* items until it stops */
};

/* Address by address, a table's item right before what the table holds. */
static int in_order(void *context, const struct pt_item *item)
{
	struct visit_order *order = context;

	assert_true(item->lg2 < 64);
	assert_int_equal(item->iova & ((1ULL << item->lg2) - 1), 0);
	if (order->begun) {
		if (item->level < order->level)
			assert_int_equal(item->iova & -(1ULL << item->lg2) &
						 order->path[item->level + 1],
					 order->path[item->level + 1]);
		assert_true(item->iova >= order->iova);
	}
	for (unsigned int level = 0; item->is_table && level <= item->level; level++)
		order->path[level] = item->iova;
	order->iova = item->iova;
	order->level = item->level;
	order->begun = true;
	return order->left-- ? 0 : 4711;
}

static void check_visit(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t block = instance_block(instance), base = instance_middle(instance, 16 * block);
	struct visit_order order = { .left = ~0u };
	unsigned int level;
	const void *root;

	assert_int_equal(table->ops->map(table, base - block / 2, 0, 3 * block, RW), 0);
	for (unsigned int i = 0; i < instance->ranges; i++)
		assert_int_equal(table->ops->map(table,
						 instance->range[i].last - (instance->granule - 1),
						 0, instance->granule, RW),
				 0);
	root = pt_root(table, &level);
	assert_int_equal(instance->format->visit(&instance->config, root, level, in_order, &order),
			 0);
	/* It stops where it is told to, with what it is told. */
	for (unsigned int left = 0; left < 5; left++) {
		order = (struct visit_order){ .left = left };
		assert_int_equal(
			instance->format->visit(&instance->config, root, level, in_order, &order),
			4711);
		assert_int_equal(order.left, ~0u);
	}
	table->ops->destroy(table);
}

static void visit_goes_in_order(void **state)
{
	(void)state;
	for_each_configuration(check_visit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(both_variants_do_the_same),
		INSTANCE_TEST(visit_goes_in_order),
	};
	int failures;

	random_seed_from_environment();
	arena_or_exit();
	failures = cmocka_run_group_tests_name("unit.variants", tests, NULL, NULL);
	snapshot_free(&sides[0].snapshot);
	snapshot_free(&sides[1].snapshot);
	return failures;
}
