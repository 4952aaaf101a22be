// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * break_before_make.c - shows that with config.break_before_make a leaf is gone and
 * flushed before another size takes its place, on formats whose architecture has that
 * rule; and that without it, or elsewhere, nothing vanishes.
 */
#include "twin_sizes.h"

#include <string.h>

#define BREAKS_MAX 8192

static struct twin twin;

/* What was flushed while nothing of it translated. */
static struct {
	struct {
		uint64_t start, last;
		bool tables;
	} seen[BREAKS_MAX];
	unsigned int count;
	bool watching;
} breaks;

/* The rule is Arm's (DDI 0487, D8.16.1 "Using break-before-make"). */
static bool has_rule(const struct instance *instance)
{
	return !strncmp(instance->format->name, "arm", 3);
}

static bool is_absent(uint64_t iova)
{
	return twin.table->ops->iova_to_phys(twin.table, iova) == PT_NOT_MAPPED;
}

static void watch_flush(void *context, uint64_t start, uint64_t last, bool tables)
{
	uint64_t step = (last - start) / 7 + 1;
	unsigned int absent = 0, looked = 0;

	(void)context;
	if (!breaks.watching)
		return;
	for (uint64_t at = start; at - start < last - start; at += step, looked++)
		absent += is_absent(at);
	if (!is_absent(last)) {
		/* The flush before tables are let go, with all in place again. */
		assert_int_equal(absent, 0);
		return;
	}
	assert_int_equal(absent, looked);
	assert_true(breaks.count < BREAKS_MAX);
	breaks.seen[breaks.count].start = start;
	breaks.seen[breaks.count].last = last;
	breaks.seen[breaks.count++].tables = tables;
}

static bool open_scene(const struct instance *instance, bool rule)
{
	struct pt_config config = instance->config;

	if (!is_about_leaves(instance) || config.freeing != PT_FREE_COVERED)
		return false;
	config.break_before_make = rule;
	config.flush = watch_flush;
	twin_open_with(&twin, instance, &config);
	return true;
}

static void begin(void)
{
	twin_sync(&twin);
	twin.keeps_gather = true;
	breaks.count = 0;
	breaks.watching = true;
}

static void end(void)
{
	breaks.watching = false;
	twin_sync(&twin);
	twin_compare(&twin);
}

/* Was [start, last] broken, as one entry and, if it was one, as a table? */
static void assert_broken(uint64_t start, uint64_t last, bool tables)
{
	for (unsigned int i = 0; i < breaks.count; i++)
		if (breaks.seen[i].start == start && breaks.seen[i].last == last &&
		    breaks.seen[i].tables == tables)
			return;
	fail_msg("%#llx-%#llx was never flushed while it was gone", (unsigned long long)start,
		 (unsigned long long)last);
}

/* Is there a table in the place of a leaf of @size at @iova? */
static bool is_table(uint64_t iova, uint64_t size)
{
	snapshot_of(&twin.actual, twin.instance->format, &twin.config, twin.table);
	for (size_t i = 0; i < twin.actual.count; i++)
		if (twin.actual.items[i].is_table && twin.actual.items[i].iova == iova &&
		    1ULL << twin.actual.items[i].lg2 == size)
			return true;
	return false;
}

/* Three leaves of each size: one is cut, one fragmented, and both are joined again. */
static void check_rule(const struct instance *instance)
{
	uint64_t page = instance->granule;

	if (!has_rule(instance) || !open_scene(instance, true))
		return;
	FOR_EACH_SIZE(size, instance)
	{
		uint64_t iova = size_iova(instance, size), oa = size_oa(instance, size), piece;
		bool table;

		for (unsigned int i = 0; i < 3; i++)
			twin_map(&twin, iova + i * size, oa + i * size, size, 0);
		begin();
		twin_cut(&twin, iova, size);
		assert_int_equal(breaks.count, 0);
		piece = size_before(instance, size);
		if (piece) {
			twin_cut(&twin, iova + piece, page);
			assert_int_equal(breaks.count, 1);
			assert_broken(iova, iova + size - 1, false);
			breaks.count = 0;
			twin_fragment(&twin, iova + size, size, size_lg2(piece));
			assert_int_equal(breaks.count, 1);
			assert_broken(iova + size, iova + 2 * size - 1, false);
			end();
			for (unsigned int i = 0; i < 2; i++) {
				table = is_table(iova + i * size, size);
				begin();
				twin_reassemble(&twin, iova + i * size, size, size_lg2(size));
				assert_broken(iova + i * size, iova + (i + 1) * size - 1, table);
				end();
			}
		}
		end();
		twin_unmap(&twin, iova, 4 * size);
	}
	twin_close(&twin);
}

static void gone_and_flushed_first(void **state)
{
	(void)state;
	for_each_configuration(check_rule);
}

static void check_no_rule(const struct instance *instance)
{
	if (!open_scene(instance, !has_rule(instance)))
		return;
	FOR_EACH_SIZE(size, instance)
	{
		uint64_t iova = size_iova(instance, size), piece = size_before(instance, size);

		if (!piece)
			continue;
		twin_map(&twin, iova, size_oa(instance, size), 2 * size, 0);
		begin();
		twin_cut(&twin, iova + piece, instance->granule);
		twin_fragment(&twin, iova + size, size, size_lg2(piece));
		/* Nothing to flush before the end. */
		assert_true(twin.flushed_first > twin.flushed_last);
		twin_reassemble(&twin, iova, 2 * size, size_lg2(size));
		assert_int_equal(breaks.count, 0);
		end();
		twin_unmap(&twin, iova, 2 * size);
	}
	twin_close(&twin);
}

static void nothing_vanishes_otherwise(void **state)
{
	(void)state;
	for_each_configuration(check_no_rule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(gone_and_flushed_first),
		INSTANCE_TEST(nothing_vanishes_otherwise),
	};

	arena_or_exit();
	return cmocka_run_group_tests_name("operations.break_before_make", tests, NULL, NULL);
}
