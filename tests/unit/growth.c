// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * growth.c - shows how AMDv1's root grows: by as many levels as an address or a leaf
 * needs, up to all of 64 bits, with everything mapped before still there; and how it
 * stays as it is without memory.
 */
#include "instance.h"

#include <errno.h>

#include "recorder.h"
#include "snapshot.h"

#define PAGE 4096ULL
#define TOP_LEVEL_MAX 5

static const struct pt_format *format;
static struct snapshot snapshot;

static unsigned int top_level(struct pagetable *table)
{
	unsigned int level;

	pt_root(table, &level);
	return level;
}

/* The size that an item of @level spans. */
static uint64_t item_bytes(unsigned int level)
{
	return 1ULL << (12 + 9 * level);
}

/* Every table from the root along index 0 down to @level: what growing has added. */
static void count_tables(struct pagetable *table, const struct pt_config *config, size_t tables,
			 uint64_t leaf_bytes)
{
	snapshot_of(&snapshot, format, config, table);
	assert_int_equal(snapshot.tables, tables);
	assert_int_equal(snapshot.leaf_bytes, leaf_bytes);
}

static void one_level_at_a_time(void **state)
{
	struct recorder recorder = { .count = 0 };
	struct pt_config config = recorder_config((struct pt_config){ 0 }, &recorder);
	struct pagetable *table;

	(void)state;
	assert_int_equal(format->create(&config, &table), 0);
	assert_int_equal(top_level(table), 2);
	assert_int_equal(table->ops->map(table, 5 * PAGE, 7 * PAGE, PAGE, RW), 0);
	count_tables(table, &config, 2, PAGE);
	for (unsigned int level = 3; level <= TOP_LEVEL_MAX; level++) {
		uint64_t iova = item_bytes(level); /* the first address above the root */
		unsigned int roots = recorder.roots;

		assert_int_equal(table->ops->iova_to_phys(table, iova), PT_NOT_MAPPED);
		assert_int_equal(table->ops->map(table, iova - PAGE, 9 * PAGE, PAGE, RW), 0);
		assert_int_equal(top_level(table), level - 1);
		assert_int_equal(recorder.roots, roots);
		assert_int_equal(table->ops->map(table, iova, level * PAGE, PAGE, RW), 0);
		assert_int_equal(top_level(table), level);
		assert_int_equal(recorder.roots, roots + 1);
		assert_int_equal(table->ops->iova_to_phys(table, 5 * PAGE), 7 * PAGE);
		assert_int_equal(table->ops->iova_to_phys(table, iova - PAGE), 9 * PAGE);
		assert_int_equal(table->ops->iova_to_phys(table, iova), level * PAGE);
	}
	/* The last page of all. */
	assert_int_equal(table->ops->map(table, -PAGE, 8 * PAGE, PAGE, RW), 0);
	assert_int_equal(table->ops->iova_to_phys(table, UINT64_MAX), 9 * PAGE - 1);
	assert_int_equal(recorder.count, 0);
	table->ops->destroy(table);
}

/* From any width to any other in one call; the levels between have one item each. */
static void several_levels_at_once(void **state)
{
	(void)state;
	for (unsigned int from = 0; from <= TOP_LEVEL_MAX; from++)
		for (unsigned int to = from; to <= TOP_LEVEL_MAX; to++) {
			unsigned int bits = 12 + 9 * (from + 1);
			struct recorder recorder = { .count = 0 };
			struct pt_config config = recorder_config(
				(struct pt_config){ .ia_bits = bits > 64 ? 64 : bits }, &recorder);
			struct pagetable *table;
			uint64_t iova = to ? item_bytes(to) : 0;

			assert_int_equal(format->create(&config, &table), 0);
			assert_int_equal(top_level(table), from);
			assert_int_equal(table->ops->map(table, 3 * PAGE, PAGE, PAGE, RW), 0);
			count_tables(table, &config, from, PAGE);
			assert_int_equal(table->ops->map(table, iova, 0, PAGE, RW), 0);
			assert_int_equal(top_level(table), to);
			assert_int_equal(recorder.roots, to == from ? 0 : 1);
			count_tables(table, &config, to ? 2 * to : 0, 2 * PAGE);
			assert_int_equal(table->ops->iova_to_phys(table, 3 * PAGE), PAGE);
			assert_int_equal(table->ops->iova_to_phys(table, iova), 0);
			table->ops->destroy(table);
		}
}

/* Linux's modes count levels: a leaf of 2^40 leaves mode 4, one of 2^48 mode 5. */
static void for_large_leaves(void **state)
{
	static const struct {
		unsigned int lg2, top_level;
	} leaves[] = { { 30, 2 }, { 38, 2 }, { 40, 3 }, { 47, 3 }, { 48, 4 }, { 51, 4 } };

	(void)state;
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		uint64_t size = 1ULL << leaves[i].lg2;
		struct pt_gather gather = PT_GATHER_INIT;
		struct pt_config config = { 0 };
		struct pagetable *table;

		assert_int_equal(format->create(&config, &table), 0);
		assert_int_equal(table->ops->map(table, 0, size, size, RW), 0);
		assert_int_equal(top_level(table), leaves[i].top_level);
		count_tables(table, &config, 0, size);
		assert_int_equal(table->ops->iova_to_phys(table, size - 1), 2 * size - 1);
		assert_int_equal(table->ops->unmap(table, 0, PAGE, &gather), size);
		pt_sync(table, &gather);
		table->ops->destroy(table);
	}
}

/* 2^39 is no size: two of 2^38, side by side. */
static void without_the_excluded_size(void **state)
{
	uint64_t half = 1ULL << 38;
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_config config = { 0 };
	struct pagetable *table;

	(void)state;
	assert_int_equal(format->create(&config, &table), 0);
	assert_int_equal(table->ops->map(table, 2 * half, 0, 2 * half, RW), 0);
	assert_int_equal(table->ops->unmap(table, 2 * half, PAGE, &gather), half);
	assert_int_equal(table->ops->iova_to_phys(table, 3 * half), half);
	pt_sync(table, &gather);
	config.page_sizes = 1ULL << 39;
	assert_int_equal(format->create(&config, &(struct pagetable *){ NULL }), -EINVAL);
	table->ops->destroy(table);
}

/* A root that can not grow says so, leaves everything, and grows when there is memory again. */
static void without_memory(void **state)
{
	struct recorder recorder = { .count = 0 };
	struct pt_config config = recorder_config((struct pt_config){ 0 }, &recorder);
	struct pagetable *table;
	long live, successes;

	(void)state;
	assert_int_equal(format->create(&config, &table), 0);
	assert_int_equal(table->ops->map(table, 0, PAGE, PAGE, RW), 0);
	live = table_bytes_live();
	for (successes = 0; successes < 32; successes++) {
		int result;

		table_fail_after(successes);
		result = table->ops->map(table, -2 * PAGE, 3 * PAGE, 2 * PAGE, RW);
		table_fail_after(-1);
		if (!result)
			break;
		assert_int_equal(result, -ENOMEM);
		/* Three new levels or none; what hangs below them is gone in any case. */
		assert_int_equal(top_level(table), successes < 3 ? 2 : 5);
		assert_int_equal(recorder.roots, successes < 3 ? 0 : 1);
		assert_int_equal(table_bytes_live() - live, successes < 3 ? 0 : 3 * PAGE);
		assert_int_equal(table->ops->iova_to_phys(table, 0), PAGE);
		assert_int_equal(table->ops->iova_to_phys(table, -PAGE), PT_NOT_MAPPED);
		count_tables(table, &config, successes < 3 ? 2 : 5, PAGE);
	}
	/* Once grown, five tables are missing below the root. */
	assert_int_equal(successes, 5);
	assert_int_equal(table->ops->iova_to_phys(table, -1), 5 * PAGE - 1);
	table->ops->destroy(table);
}

static int leave_no_bytes(void **state)
{
	(void)state;
	table_fail_after(-1);
	return table_bytes_live() != 0;
}

struct hardware {
	struct recorder recorder;
	const struct pt_config *config;
	struct pagetable *table;
};

static void hardware_root_changed(void *context, const void *root, unsigned int level)
{
	struct hardware *hardware = context;
	unsigned int known;

	/* Nobody can be behind the new root yet, and all that was there is behind it too. */
	assert_ptr_not_equal(pt_root(hardware->table, &known), root);
	assert_true(known < level);
	snapshot_take(&snapshot, format, hardware->config, root, level);
	assert_int_equal(snapshot.leaf_bytes, 3 * PAGE);
	recorder_root_changed(&hardware->recorder, root, level);
}

/* Hardware has a new root before anybody can map behind it. */
static void hardware_knows_first(void **state)
{
	struct pt_config config = { .ia_bits = 21 };
	struct hardware hardware = { .config = &config };
	unsigned int level;

	(void)state;
	config.root_changed = hardware_root_changed;
	config.context = &hardware;
	assert_int_equal(format->create(&config, &hardware.table), 0);
	assert_int_equal(hardware.table->ops->map(hardware.table, PAGE, PAGE, 3 * PAGE, RW), 0);
	for (unsigned int lg2 = 21; lg2 < 64; lg2 += 9) {
		struct pt_gather gather = PT_GATHER_INIT;

		assert_int_equal(hardware.table->ops->map(hardware.table, 1ULL << lg2, 0, PAGE, RW),
				 0);
		assert_ptr_equal(pt_root(hardware.table, &level), hardware.recorder.root);
		assert_int_equal(level, hardware.recorder.top_level);
		assert_int_equal(
			hardware.table->ops->unmap(hardware.table, 1ULL << lg2, PAGE, &gather),
			PAGE);
		pt_sync(hardware.table, &gather);
	}
	assert_int_equal(hardware.recorder.roots, TOP_LEVEL_MAX);
	hardware.table->ops->destroy(hardware.table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_level_at_a_time), cmocka_unit_test(several_levels_at_once),
		cmocka_unit_test(for_large_leaves),    cmocka_unit_test(without_the_excluded_size),
		cmocka_unit_test(without_memory),      cmocka_unit_test(hardware_knows_first),
	};
	static const char *const variants[] = { "inline", "recursive" };
	int failures = 0;

	arena_or_exit();
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		format = pt_format_find("amdv1", variants[i]);
		failures += cmocka_run_group_tests_name(variants[i], tests, NULL, leave_no_bytes);
	}
	snapshot_free(&snapshot);
	return failures;
}
