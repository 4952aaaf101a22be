// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * schedules.c - shows that nothing is lost where another thread is faster at putting a table into
 * place or at growing the root, or where hardware marks a leaf while it is replaced.
 */
#include "schedule.h"

#include <errno.h>
#include <string.h>

#include "recorder.h"
#include "walker.h"

/*
 * Both need the same new tables, and the other is faster: in the first page of the leaf table, in
 * the last, or in a leaf table next to it.
 */
static uint64_t rival_iova, rival_oa;

static void rival_maps(void)
{
	map_pages(rival_iova, rival_oa, page);
}

static void maps_page(void)
{
	map_pages(base + page, 5 * page, page);
}

static void maps_blocks(void)
{
	map_pages(base + page, 5 * page, 3 * block - 2 * page);
}

static void maps_into_obstacle(void)
{
	assert_int_equal(table->ops->map(table, base + page, 5 * page, 3 * block, RW), -EADDRINUSE);
}

static void obstacle(void)
{
	map_pages(base + 3 * block, 0, page);
}

static void page_and_rival(void)
{
	finds(base + page, 5 * page);
	finds(rival_iova, rival_oa);
	holds(2 * page);
}

static void blocks_and_rival(void)
{
	finds(base + page, 5 * page);
	finds(base + 3 * block - page - 1, 3 * block + 3 * page - 1);
	finds(rival_iova, rival_oa);
	holds(3 * block - page);
}

static void obstacle_and_rival(void)
{
	finds(base + page, PT_NOT_MAPPED);
	finds(base + 3 * block, 0);
	finds(rival_iova, rival_oa);
	holds(2 * page);
}

static void check_install(void)
{
	static const struct {
		int pages, blocks;
	} rivals[] = { { 0, 0 }, { -1, 0 }, { -1, 3 }, { 1, 3 } };

	for (size_t i = 0; i < sizeof(rivals) / sizeof(rivals[0]); i++) {
		rival_oa = 9 * page;
		rival_iova = base + (uint64_t)rivals[i].pages * page +
			     (uint64_t)rivals[i].blocks * block;
		at_each(PT_HOOK_INSTALL, nothing, maps_page, rival_maps, page_and_rival);
		at_each(PT_HOOK_INSTALL, nothing, maps_blocks, rival_maps, blocks_and_rival);
		at_each(PT_HOOK_INSTALL, obstacle, maps_into_obstacle, rival_maps,
			obstacle_and_rival);
	}
}

static void check_installs(const struct instance *instance)
{
	with_each_policy(instance, check_install, false);
}

static void another_installs_first(void **state)
{
	(void)state;
	for_each_instance(check_installs);
}

/*
 * A neighbour's table is in place and not written back yet when all of an operation happens, which passes that table
 * near its end and is overtaken where it begins. Once it is done the walker finds all that it has mapped.
 * The neighbour's item is the first of a cache line, so that nothing else is written back with it.
 */
#define LINE_ITEMS 16
static bool came;
static uint64_t span; /* of a leaf table */

static void comes_between(void)
{
	uint64_t length = LINE_ITEMS * span;

	if (came || table->ops->iova_to_phys(table, base + length + span - page) == PT_NOT_MAPPED)
		return;
	came = true;
	plan_at(PT_HOOK_INSTALL, 0, rival_maps);
	map_pages(base + page, 5 * page, length);
	assert_true(plan_done());
	plan_at(PT_HOOK_INSTALL, 0, NULL);
	walker_swap();
	finds(base + page, 5 * page);
	finds(base + length, 4 * page + length);
	walker_swap();
}

static void check_passed(void)
{
	if (!running->config.incoherent)
		return;
	base = instance_middle(running, 2 * LINE_ITEMS * span);
	came = false;
	rival_iova = base;
	rival_oa = 9 * page;
	walker_forget(0);
	table = instance_create(running);
	map_pages(base + (2 * LINE_ITEMS - 1) * span, 0, page);
	walker_on_flush(comes_between, NULL);
	map_pages(base + (LINE_ITEMS + 1) * span - page, 7 * page, page);
	walker_on_flush(NULL, NULL);
	assert_true(came);
	holds(LINE_ITEMS * span + 3 * page);
	table->ops->destroy(table);
}

static void check_passing(const struct instance *instance)
{
	span = leaf_table_span(instance);
	if (instance_fits(instance, 2 * LINE_ITEMS * span))
		with_each_policy(instance, check_passed, false);
}

static void passes_what_is_not_written_back(void **state)
{
	(void)state;
	for_each_instance(check_passing);
}

/* Both grow the root; the other is faster, and grows it less, as much, or more. */
static struct recorder recorder;
static unsigned int grown_lg2;

static void rival_grows(void)
{
	map_pages(1ULL << grown_lg2, page, page);
}

static void check_growth(const struct instance *instance)
{
	struct pt_config config = instance->config;
	struct instance changed;

	if (strcmp(instance->format->name, "amdv1") != 0)
		return;
	config.ia_bits = 21;
	for (unsigned int own = 30; own < 64; own += 9)
		for (grown_lg2 = 22; grown_lg2 < 64; grown_lg2 += 9) {
			unsigned int highest = own > grown_lg2 ? own : grown_lg2, level;

			memset(&recorder, 0, sizeof(recorder));
			config = recorder_config(config, &recorder);
			assert_true(instance_init(&changed, instance->format, instance->variant,
						  &config));
			running = &changed;
			page = changed.granule;
			walker_forget(0);
			table = instance_create_with(&changed, &config);
			plan_at(PT_HOOK_GROW, 0, rival_grows);
			map_pages(1ULL << own, 0, page);
			assert_true(plan_done());
			plan_at(PT_HOOK_GROW, 0, NULL);
			finds(1ULL << own, 0);
			finds(1ULL << grown_lg2, page);
			assert_ptr_equal(pt_root(table, &level), recorder.root);
			assert_int_equal(level, recorder.top_level);
			assert_int_equal(level, (highest - 12) / 9);
			holds(2 * page);
			table->ops->destroy(table);
		}
}

static void another_grows_first(void **state)
{
	(void)state;
	for_each_instance(check_growth);
}

/* Hardware marks a leaf while it is taken apart or joined: no mark is lost, in memory either. */
static uint64_t leaf_bytes; /* of the leaves that are taken apart, or that result */

static void two_leaves(void)
{
	map_pages(base, 2 * leaf_bytes, leaf_bytes);
	map_pages(base + leaf_bytes, 4 * leaf_bytes, leaf_bytes);
}

static void fragments(void)
{
	struct pt_gather gather = PT_GATHER_INIT;

	assert_int_equal(table->ops->fragment(table, base, 2 * leaf_bytes,
					      (unsigned int)__builtin_ctzll(page), &gather),
			 0);
	pt_sync(table, &gather);
}

static void pages_of_two_leaves(void)
{
	two_leaves();
	fragments();
}

static void cuts(void)
{
	struct pt_gather gather = PT_GATHER_INIT;

	assert_int_equal(table->ops->cut(table, base + page, 2 * leaf_bytes - 2 * page, &gather),
			 0);
	pt_sync(table, &gather);
}

static void joins(void)
{
	struct pt_gather gather = PT_GATHER_INIT;

	assert_int_equal(table->ops->reassemble(table, base, 2 * leaf_bytes,
						(unsigned int)__builtin_ctzll(leaf_bytes), &gather),
			 0);
	pt_sync(table, &gather);
}

/* A device's writes go to memory, past every cache. */
static void hardware_marks(void)
{
	unsigned int views = running->config.incoherent ? 2 : 1;

	for (unsigned int view = 0; view < views; view++) {
		assert_int_equal(table->ops->set_dirty(table, base), 0);
		assert_int_equal(table->ops->set_dirty(table, base + leaf_bytes + page), 0);
		if (views == 2)
			walker_swap();
	}
}

/* Is the leaf of @iova marked? */
static bool is_marked(uint64_t iova)
{
	uint64_t bits[1] = { 0 };
	struct pt_dirty dirty = { .iova = iova,
				  .page_lg2 = (unsigned int)__builtin_ctzll(page),
				  .bits = bits };

	assert_int_equal(table->ops->read_dirty(table, &dirty, page, NULL), 0);
	return bits[0];
}

static void marked(void)
{
	bool kept = is_marked(base) && is_marked(base + leaf_bytes + page);

	assert_true(kept);
	holds(2 * leaf_bytes);
	if (!running->config.incoherent)
		return;
	walker_swap();
	kept = is_marked(base) && is_marked(base + leaf_bytes + page);
	walker_swap();
	assert_true(kept);
}

static void check_marks(void)
{
	/* The next size that needs more levels of tables below it, where the format has it. */
	uint64_t larger = running->sizes & -(block * (block / page));

	leaf_bytes = block;
	at_each(PT_HOOK_REPLACE, two_leaves, fragments, hardware_marks, marked);
	at_each(PT_HOOK_REPLACE, two_leaves, cuts, hardware_marks, marked);
	at_each(PT_HOOK_REPLACE, pages_of_two_leaves, joins, hardware_marks, marked);
	leaf_bytes = larger & -larger;
	if (!leaf_bytes || !instance_fits(running, 4 * leaf_bytes) || leaf_bytes > 1ULL << 30)
		return;
	base = instance_middle(running, 4 * leaf_bytes);
	at_each(PT_HOOK_REPLACE, two_leaves, fragments, hardware_marks, marked);
	at_each(PT_HOOK_REPLACE, two_leaves, cuts, hardware_marks, marked);
}

static void check_marking(const struct instance *instance)
{
	if (instance->format->has_dirty)
		with_each_policy(instance, check_marks, false);
}

static void hardware_marks_meanwhile(void **state)
{
	(void)state;
	for_each_instance(check_marking);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		INSTANCE_TEST(another_installs_first),
		INSTANCE_TEST(passes_what_is_not_written_back),
		INSTANCE_TEST(another_grows_first),
		INSTANCE_TEST(hardware_marks_meanwhile),
	};

	return SCHEDULES_MAIN("unit.schedules", tests);
}
