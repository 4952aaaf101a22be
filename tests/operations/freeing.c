// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * freeing.c - shows when tables are given back: with the eager policy as soon as their
 * last leaf goes, whoever takes it; covered only when one unmap spans them; never
 * only by destroy.
 */
#include "twin_sizes.h"

#include <errno.h>

#include "table_pages.h"

static struct twin twin;

/* Leaves that are not in one table each: enough pages to fill two leaf tables and begin two more. */
struct scene {
	uint64_t page, span; /* of a leaf table */
	uint64_t iova; /* where a leaf table begins */
	long empty; /* bytes without any leaf */
};

/* False for page tables without leaf tables, and with one too large to be filled here. */
static bool scene_open(struct scene *scene, const struct instance *instance,
		       enum pt_freeing freeing)
{
	struct pt_config config = instance->config;

	if (config.freeing != freeing || !is_about_leaves(instance))
		return false;
	scene->page = instance->granule;
	scene->span = leaf_table_span(instance);
	scene->iova = instance_middle(instance, 4 * scene->span);
	twin_open(&twin, instance);
	/* The root grows as far as it has to, and levels above leaf tables may stay. */
	assert_int_equal(twin_map(&twin, scene->iova + scene->span, 0, scene->page, 0), 0);
	twin_unmap(&twin, scene->iova, 4 * scene->span);
	scene->empty = instance_bytes_live(instance);
	return true;
}

/* A page in the first leaf table, two whole ones, and a page in the fourth. */
static void map_pages(const struct scene *scene)
{
	uint64_t page = scene->page, span = scene->span;

	twin_map(&twin, scene->iova + span - page, 3 * page, 2 * span + 2 * page, 0);
	twin_fragment(&twin, scene->iova, 4 * span, size_lg2(page));
}

static void check_eager(const struct instance *instance)
{
	uint64_t page, span;
	struct scene scene;
	long full;

	if (!scene_open(&scene, instance, PT_FREE_EAGER))
		return;
	page = scene.page;
	span = scene.span;
	map_pages(&scene);
	twin_compare(&twin);
	full = instance_bytes_live(instance);
	/* The lonely page of the first table: that one goes. */
	twin_unmap(&twin, scene.iova + span - page, page);
	assert_true(instance_bytes_live(instance) < full);
	full = instance_bytes_live(instance);
	/* All pages of the second but one, whichever way: it stays. */
	twin_unmap(&twin, scene.iova + span, span / 2);
	twin_unmap_batch(&twin, scene.iova + span + span / 2 + page, span / 2 - page, 4096);
	assert_int_equal(bytes_live(instance, full), full);
	twin_compare(&twin);
	twin_unmap_batch(&twin, scene.iova + span + span / 2, page, 1);
	assert_true(instance_bytes_live(instance) < full);
	full = instance_bytes_live(instance);
	/* One call over the end of one and the beginning of the next. */
	twin_unmap(&twin, scene.iova + 2 * span, page);
	assert_int_equal(bytes_live(instance, full), full);
	twin_unmap(&twin, scene.iova + 2 * span + page, span);
	assert_int_equal(bytes_live(instance, scene.empty), scene.empty);
	twin_compare(&twin);
	/* Map again where tables went. */
	map_pages(&scene);
	twin_compare(&twin);
	twin_unmap_batch(&twin, scene.iova, 4 * span, 3);
	assert_int_equal(bytes_live(instance, scene.empty), scene.empty);
	twin_close(&twin);
}

static void eager_at_once(void **state)
{
	(void)state;
	for_each_configuration(check_eager);
}

/* What resizing makes and takes is counted too. */
static void check_eager_resizing(const struct instance *instance)
{
	uint64_t large = instance_large_size(instance), page, iova;
	struct scene scene;

	if (!large || !scene_open(&scene, instance, PT_FREE_EAGER))
		return;
	page = scene.page;
	iova = instance_middle(instance, 64 * large);
	for (unsigned int i = 0; i < 4; i++)
		twin_map(&twin, iova + i * large, 2 * i * large, large, 0);
	twin_cut(&twin, iova + page, large);
	twin_fragment(&twin, iova + 2 * large, 2 * large, size_lg2(page));
	twin_compare(&twin);
	twin_unmap(&twin, iova + page, large);
	twin_reassemble(&twin, iova, 4 * large, 63);
	twin_compare(&twin);
	twin_unmap(&twin, iova + 2 * large, 2 * large);
	twin_unmap(&twin, iova, page);
	twin_unmap(&twin, iova, 2 * large);
	assert_int_equal(twin.model.count, 0);
	assert_int_equal(bytes_live(instance, scene.empty), scene.empty);
	twin_close(&twin);
}

static void eager_after_resizing(void **state)
{
	(void)state;
	for_each_configuration(check_eager_resizing);
}

/* A map that fails gives back every table it has made, and those that it found stay. */
static void check_eager_failing(const struct instance *instance)
{
	uint64_t page, span, at;
	struct scene scene;
	long live;

	if (!scene_open(&scene, instance, PT_FREE_EAGER))
		return;
	page = scene.page;
	span = scene.span;
	at = scene.iova + 2 * span + page;
	assert_int_equal(twin_map(&twin, at, 0, page, 0), 0);
	live = instance_bytes_live(instance);
	assert_int_equal(twin_map(&twin, scene.iova + span - page, page, span + 3 * page, 0),
			 -EADDRINUSE);
	twin_compare(&twin);
	assert_int_equal(bytes_live(instance, live), live);
	for (long successes = 0; successes < 20; successes++) {
		int result;

		table_fail_after(successes);
		result = twin.table->ops->map(twin.table, scene.iova - page, page, span, RW);
		table_fail_after(-1);
		if (!result)
			break;
		assert_int_equal(result, -ENOMEM);
		assert_int_equal(bytes_live(instance, live), live);
	}
	model_map(&twin.model, scene.iova - page, page, span, 0);
	twin_unmap(&twin, scene.iova - page, span);
	twin_unmap(&twin, at, page);
	assert_int_equal(bytes_live(instance, scene.empty), scene.empty);
	twin_close(&twin);
}

static void eager_after_failures(void **state)
{
	(void)state;
	for_each_configuration(check_eager_failing);
}

static void check_covered(const struct instance *instance)
{
	uint64_t page, span;
	struct scene scene;
	long full;

	if (!scene_open(&scene, instance, PT_FREE_COVERED))
		return;
	page = scene.page;
	span = scene.span;
	map_pages(&scene);
	full = instance_bytes_live(instance);
	/* Page by page the tables stay, and so they do where the range spans a part. */
	for (uint64_t at = 0; at < span; at += span / 4)
		twin_unmap(&twin, scene.iova + span + at, span / 4);
	twin_unmap_batch(&twin, scene.iova + 2 * span, span - page, 4096);
	twin_unmap(&twin, scene.iova + 3 * span - page, page);
	assert_int_equal(bytes_live(instance, full), full);
	twin_unmap(&twin, scene.iova + span, span);
	assert_true(instance_bytes_live(instance) < full);
	full = instance_bytes_live(instance);
	twin_unmap_batch(&twin, scene.iova + 2 * span, span, 1);
	assert_true(instance_bytes_live(instance) < full);
	twin_unmap(&twin, scene.iova, span);
	twin_unmap_batch(&twin, scene.iova + 3 * span, span, 1);
	assert_int_equal(bytes_live(instance, scene.empty), scene.empty);
	twin_compare(&twin);
	twin_close(&twin);
}

static void covered_when_covered(void **state)
{
	(void)state;
	for_each_configuration(check_covered);
}

static void check_never(const struct instance *instance)
{
	struct scene scene;
	long full;

	if (!scene_open(&scene, instance, PT_FREE_NEVER))
		return;
	map_pages(&scene);
	full = instance_bytes_live(instance);
	twin_unmap(&twin, scene.iova, 2 * scene.span);
	twin_unmap_batch(&twin, scene.iova, 4 * scene.span, 4096);
	assert_int_equal(twin.model.count, 0);
	assert_int_equal(bytes_live(instance, full), full);
	twin_compare(&twin);
	twin_close(&twin);
}

static void never(void **state)
{
	(void)state;
	for_each_configuration(check_never);
}

/* Leaves that take the place of tables, and a map that fails: what was a table stays one to the end. */
static void check_never_replacing(const struct instance *instance)
{
	uint64_t page = instance->granule, large = instance_large_size(instance), iova, span;
	struct scene scene;
	long full;

	if (!large || !scene_open(&scene, instance, PT_FREE_NEVER))
		return;
	span = scene.span;
	iova = instance_middle(instance, 64 * span);
	/* Page by page, where leaves that are joined take the place of all tables. */
	assert_int_equal(twin_map(&twin, iova, 0, 2 * span, 0), 0);
	twin_fragment(&twin, iova, 2 * span, size_lg2(page));
	full = table_bytes_live();
	twin_reassemble(&twin, iova, 2 * span, 63);
	twin_compare(&twin);
	assert_int_equal(table_bytes_live(), full);
	/* Leaves in the place of empty tables. */
	twin_unmap(&twin, iova, 2 * span);
	assert_int_equal(twin_map(&twin, iova, page, 2 * span, 0), 0);
	twin_unmap(&twin, iova, 2 * span);
	full = table_bytes_live();
	assert_int_equal(twin_map(&twin, iova, 0, 2 * span, 0), 0);
	assert_int_equal(table_bytes_live(), full);
	twin_compare(&twin);
	twin_unmap(&twin, iova, 2 * span);
	/* Two tables of pages are put in place, before the third turns out to be occupied. */
	assert_int_equal(twin_map(&twin, iova + 2 * span, 0, page, 0), 0);
	full = table_bytes_live();
	assert_int_equal(twin_map(&twin, iova, page, 3 * span, 0), -EADDRINUSE);
	assert_true(table_bytes_live() >= full);
	full = table_bytes_live();
	assert_int_equal(twin_map(&twin, iova, page, 2 * span, 0), 0);
	assert_true(table_bytes_live() == full);
	twin_compare(&twin);
	twin_close(&twin);
}

static void never_where_leaves_replace(void **state)
{
	(void)state;
	for_each_configuration(check_never_replacing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(eager_at_once),
		INSTANCE_TEST(eager_after_resizing),
		INSTANCE_TEST(eager_after_failures),
		INSTANCE_TEST(covered_when_covered),
		INSTANCE_TEST(never),
		INSTANCE_TEST(never_where_leaves_replace),
	};

	arena_or_exit();
	return cmocka_run_group_tests_name("operations.freeing", tests, NULL, NULL);
}
