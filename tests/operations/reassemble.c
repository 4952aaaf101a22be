// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * reassemble.c - shows that leaves join where addresses, attributes, the range and the
 * size asked for let them, and nowhere else; that only what holds a dirty part is
 * dirty; and that tables which gave way are handed over to be freed. And that collapse does the same
 * where a range is one run.
 */
#include "twin_sizes.h"

#include "table_pages.h"

static struct twin twin;

/* The operation: twin_reassemble(), or twin_collapse() where the range is one run. */
static void (*join)(struct twin *twin, uint64_t iova, uint64_t length, unsigned int largest_lg2);

static void with_both(void (*check)(const struct instance *instance))
{
	join = twin_reassemble;
	for_each_configuration(check);
	join = twin_collapse;
	for_each_configuration(check);
}

/* Pages [from, to) of a block at @iova, one by one. */
static void map_pages(uint64_t iova, uint64_t oa, uint64_t from, uint64_t to, unsigned int kind)
{
	uint64_t page = twin.instance->granule;

	for (uint64_t i = from; i < to; i++)
		assert_int_equal(twin_map(&twin, iova + i * page, oa + i * page, page, kind), 0);
}

/* The smallest size above the granule that joins, and an address and pages for four of it. */
struct scene {
	uint64_t large, pages, iova, oa;
	unsigned int lg2;
};

static bool scene_open(struct scene *scene, const struct instance *instance)
{
	uint64_t large = size_after(instance, instance->granule);

	if (!large || !is_about_leaves(instance))
		return false;
	/* Not two or four pages only. */
	while (large / instance->granule < 8 && size_after(instance, large))
		large = size_after(instance, large);
	*scene = (struct scene){ .large = large,
				 .pages = large / instance->granule,
				 .iova = size_iova(instance, large),
				 .oa = size_oa(instance, large),
				 .lg2 = size_lg2(large) };
	twin_open(&twin, instance);
	return true;
}

static void join_all(const struct scene *scene, uint64_t length)
{
	join(&twin, scene->iova, length, 63);
	twin_compare(&twin);
}

static void check_sizes(const struct instance *instance)
{
	uint64_t page = instance->granule;

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	FOR_EACH_SIZE(size, instance)
	{
		uint64_t iova = size_iova(instance, size);

		if (size / page > 2048)
			break;
		map_pages(iova, size_oa(instance, size), 0, 2 * size / page, 0);
		/* No larger than asked for, in several steps or at once. */
		join(&twin, iova, 2 * size, size_lg2(page));
		if (size > page)
			join(&twin, iova, 2 * size, size_lg2(size) - 1);
		twin_compare(&twin);
		join(&twin, iova, 2 * size, size_lg2(size));
		twin_compare(&twin);
		assert_int_equal(twin.model.leaves[0].last - twin.model.leaves[0].iova, size - 1);
		assert_int_equal(twin_unmap(&twin, iova, 2 * size), 2 * size);
	}
	twin_close(&twin);
}

static void pages_join_to_every_size(void **state)
{
	(void)state;
	with_both(check_sizes);
}

/* A hole, another kind, a step in the output address: each at every page of a block in turn. */
static void check_differences(const struct instance *instance)
{
	uint64_t page = instance->granule, step;
	struct scene scene;

	if (!scene_open(&scene, instance))
		return;
	step = scene.pages < 8 ? 1 : scene.pages / (scene.pages > 1024 ? 1 : 4) - 1;
	for (uint64_t at = 0; at < scene.pages; at += step)
		for (unsigned int difference = 0; difference < 3; difference++) {
			uint64_t odd = scene.iova + at * page, odd_oa = scene.oa + at * page;

			map_pages(scene.iova, scene.oa, 0, at, 0);
			map_pages(scene.iova, scene.oa, at + 1, 2 * scene.pages, 0);
			if (difference == 1)
				twin_map(&twin, odd, odd_oa, page, twin.kinds.count - 1);
			else if (difference == 2)
				twin_map(&twin, odd, odd_oa ^ 8 * scene.large, page, 0);
			join_all(&scene, 4 * scene.large);
			assert_int_equal(twin_unmap(&twin, scene.iova, 4 * scene.large),
					 4 * scene.large);
		}
	twin_close(&twin);
}

static void what_differs_stays_apart(void **state)
{
	(void)state;
	join = twin_reassemble;
	for_each_configuration(check_differences);
}

/* Input and output addresses that are never aligned at once. */
static void check_misaligned(const struct instance *instance)
{
	struct scene scene;

	if (!scene_open(&scene, instance))
		return;
	map_pages(scene.iova, scene.oa + instance->granule, 0, 2 * scene.pages, 0);
	join_all(&scene, 2 * scene.large);
	assert_int_equal(twin_unmap(&twin, scene.iova, 2 * scene.large), 2 * scene.large);
	map_pages(scene.iova, scene.oa + scene.large / 2, 0, 2 * scene.pages, 0);
	join_all(&scene, 2 * scene.large);
	twin_close(&twin);
}

static void misaligned_pages_stay(void **state)
{
	(void)state;
	with_both(check_misaligned);
}

/* The range ends inside a block, or inside a leaf: what is not wholly inside stays. */
static void check_range_ends(const struct instance *instance)
{
	uint64_t page = instance->granule;
	struct scene scene;

	if (!scene_open(&scene, instance))
		return;
	map_pages(scene.iova, scene.oa, 0, 4 * scene.pages, 0);
	join(&twin, scene.iova + page, 4 * scene.large - 2 * page, 63);
	twin_compare(&twin);
	/* Now there are larger leaves inside; take all but the halves of the outer ones. */
	join(&twin, scene.iova + scene.large / 2, 3 * scene.large, 63);
	twin_compare(&twin);
	join_all(&scene, 4 * scene.large);
	join(&twin, scene.iova + page, scene.large, 63);
	join(&twin, scene.iova, page, 63);
	twin_compare(&twin);
	twin_close(&twin);
}

static void only_what_is_inside(void **state)
{
	(void)state;
	with_both(check_range_ends);
}

/* One dirty page: what it becomes a part of is dirty, and no other leaf. */
static void check_marks(const struct instance *instance)
{
	uint64_t page = instance->granule;
	struct scene scene;

	if (!instance->format->has_dirty || !scene_open(&scene, instance))
		return;
	for (uint64_t at = 0; at < 3 * scene.pages; at += scene.pages + 1) {
		/* Three blocks and a page more, which becomes leaves of several sizes. */
		map_pages(scene.iova, scene.oa, 0, 3 * scene.pages + 3, 0);
		twin_read_dirty(&twin, scene.iova, 4 * scene.large, size_lg2(page), true);
		twin_set_dirty(&twin, scene.iova + at * page);
		twin_set_dirty(&twin, scene.iova + (3 * scene.pages + 2) * page);
		join_all(&scene, (3 * scene.pages + 3) * page);
		twin_read_dirty(&twin, scene.iova, 4 * scene.large, size_lg2(page), false);
		twin_unmap(&twin, scene.iova, 4 * scene.large);
	}
	twin_close(&twin);
}

static void marks_stay_with_their_leaf(void **state)
{
	(void)state;
	with_both(check_marks);
}

/*
 * Pages and one other size, so that levels in between have no leaves of their own. A page in the wrong place, which
 * then keeps its leaf apart, and one that is written to.
 */
static void check_gap(const struct instance *of, uint64_t size)
{
	struct pt_config config = of->config;
	uint64_t page = of->granule, pages = size / page, iova, oa;
	struct instance gap;

	config.page_sizes = page | size;
	if (!instance_init(&gap, of->format, of->variant, &config))
		return;
	iova = size_iova(&gap, size);
	oa = size_oa(&gap, size);
	twin_open(&twin, &gap);
	for (unsigned int i = 0; i < 3; i++) {
		uint64_t at = iova + i * size, odd = at + pages / 3 * page;

		/* In two goes, which no leaf fits. */
		twin_map(&twin, at, oa + i * size, odd - at, 0);
		twin_map(&twin, odd, oa + i * size + (odd - at) + (i == 1 ? size : 0), page, 0);
		twin_map(&twin, odd + page, oa + i * size + (odd - at) + page,
			 at + size - odd - page, 0);
	}
	if (gap.format->has_dirty) {
		twin_read_dirty(&twin, iova, 4 * size, size_lg2(size), true);
		twin_set_dirty(&twin, iova + 2 * size + page);
	}
	/* All but the last page of the third is not all of it. */
	twin_reassemble(&twin, iova, 3 * size - page, 63);
	twin_compare(&twin);
	twin_reassemble(&twin, iova, 3 * size, size_lg2(size) - 1);
	twin_compare(&twin);
	twin_reassemble(&twin, iova, 3 * size, 63);
	twin_compare(&twin);
	assert_int_equal(twin.model.count, 2 + pages);
	/* What lies below a collapsed leaf goes at every level. */
	twin_fragment(&twin, iova + 2 * size, size, size_lg2(page));
	twin_collapse(&twin, iova + 2 * size, size, 63);
	twin_compare(&twin);
	assert_int_equal(twin.model.count, 2 + pages);
	twin_close(&twin);
}

static void check_gaps(const struct instance *instance)
{
	uint64_t page = instance->granule;

	FOR_EACH_SIZE(size, instance)
	if (size >= 8 * page && (size / page <= 1 << 12 || size / page == 1 << 18))
		check_gap(instance, size);
}

static void levels_without_leaves(void **state)
{
	(void)state;
	for_each_instance(check_gaps);
}

/*
 * A leaf begins before the range and reaches into it, and what follows goes on where it ends: it stays as it is,
 * and the others join without it.
 */
static void check_leaf_before(const struct instance *instance)
{
	uint64_t page = instance->granule;

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	FOR_EACH_SIZE(size, instance)
	{
		uint64_t iova = size_iova(instance, size), oa = size_oa(instance, size);

		if (size == page || size / page > 2048)
			continue;
		for (uint64_t part = page; part < size; part *= 2) {
			twin_map(&twin, iova, oa, size, 0);
			map_pages(iova + size, oa + size, 0, size / page, 0);
			join(&twin, iova + part, 2 * size - part, 63);
			twin_compare(&twin);
			twin_unmap(&twin, iova, 2 * size);
			/* What follows goes on from its beginning, as if that were where the range is. */
			twin_map(&twin, iova, oa, size, 0);
			map_pages(iova + size, oa + size - part, 0, size / page, 0);
			twin_reassemble(&twin, iova + part, 2 * size - part, 63);
			twin_compare(&twin);
			twin_unmap(&twin, iova, 2 * size);
			/* And a leaf that begins in the range and ends behind it. */
			map_pages(iova, oa, 0, size / page, 0);
			twin_map(&twin, iova + size, oa + size, size, 0);
			join(&twin, iova, size + part, 63);
			twin_compare(&twin);
			twin_unmap(&twin, iova, 2 * size);
		}
	}
	twin_close(&twin);
}

static void beside_a_leaf_that_stays(void **state)
{
	(void)state;
	with_both(check_leaf_before);
}

/* Nothing that could join: no change, no flush. */
static void check_nothing_to_join(const struct instance *instance)
{
	uint64_t block = instance_block(instance), iova = instance_middle(instance, 8 * block);

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	twin.keeps_gather = true;
	twin_reassemble(&twin, iova, 8 * block, 63);
	assert_int_equal(twin_map(&twin, iova, 8 * block, block, 0), 0);
	assert_int_equal(twin_map(&twin, iova + 3 * block, 2 * block, instance->granule, 0), 0);
	twin_reassemble(&twin, iova, 8 * block, 63);
	twin_compare(&twin);
	assert_true(twin.gather.start > twin.gather.last);
	assert_true(twin.flushed_first > twin.flushed_last);
	assert_null(twin.gather.tables);
	twin_close(&twin);
}

static void nothing_to_join(void **state)
{
	(void)state;
	for_each_configuration(check_nothing_to_join);
}

/* The bytes that the first root of @instance spans. */
static uint64_t root_span(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t span = instance->granule;
	unsigned int level;
	const void *root = pt_root(table, &level);

	while (span - 1 < instance->range[0].last &&
	       !table->ops->map(table, span, 0, instance->granule, RW) &&
	       pt_root(table, &level) == root)
		span *= 2;
	table->ops->destroy(table);
	return span;
}

/* The smallest root that a format has, all of it one run: nothing is above it. */
static void check_whole_root(const struct instance *instance)
{
	struct pt_config config = { .ia_bits = 20 };
	struct instance small;
	unsigned int level;
	const void *root;
	uint64_t span;

	if (!instance_init(&small, instance->format, instance->variant, &config) ||
	    small.range[0].first)
		return;
	span = root_span(&small);
	twin_open(&twin, &small);
	root = pt_root(twin.table, &level);
	map_pages(0, 0, 0, span / small.granule, 0);
	/* The model knows no levels: tell it what is too large for the root. */
	twin.model.page_sizes &= span - 1;
	join(&twin, 0, span, 63);
	twin_compare(&twin);
	assert_ptr_equal(pt_root(twin.table, &level), root);
	twin_close(&twin);
}

static void a_root_stays(void **state)
{
	(void)state;
	join = twin_reassemble;
	for_each_instance(check_whole_root);
	join = twin_collapse;
	for_each_instance(check_whole_root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(pages_join_to_every_size),
		INSTANCE_TEST(what_differs_stays_apart),
		INSTANCE_TEST(misaligned_pages_stay),
		INSTANCE_TEST(only_what_is_inside),
		INSTANCE_TEST(marks_stay_with_their_leaf),
		INSTANCE_TEST(levels_without_leaves),
		INSTANCE_TEST(beside_a_leaf_that_stays),
		INSTANCE_TEST(nothing_to_join),
		INSTANCE_TEST(a_root_stays),
	};

	arena_or_exit();
	return cmocka_run_group_tests_name("operations.reassemble", tests, NULL, NULL);
}
