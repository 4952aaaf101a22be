// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fragment.c - shows that leaves of every size break into all smaller sizes with their
 * attributes and marks, and that joining the pieces gives back the identical words; that what
 * lies outside the range stays as large as it can be.
 */
#include "twin_sizes.h"

/* More pieces than this take long and show nothing new. */
#define PIECES_MAX 512
#define STEPS_MAX 64

static struct twin twin;
static struct snapshot before, after;

static void take(struct snapshot *snapshot)
{
	snapshot_of(snapshot, twin.instance->format, &twin.config, twin.table);
}

/* A leaf of @size of each kind, dirty or not, to @piece and back. */
static void check_pieces(const struct instance *instance, uint64_t size, uint64_t piece)
{
	uint64_t iova = size_iova(instance, size), oa = size_oa(instance, size);

	for (unsigned int i = 0; i < twin.kinds.count; i++)
		assert_int_equal(twin_map(&twin, iova + i * size, oa + i * size, size, i), 0);
	if (instance->format->has_dirty) {
		twin_read_dirty(&twin, iova, 2 * size, size_lg2(size), true);
		twin_set_dirty(&twin, iova + size / 2);
	}
	twin_compare(&twin);
	take(&before);
	twin_fragment(&twin, iova, 4 * size, size_lg2(piece));
	twin_compare(&twin);
	twin_reassemble(&twin, iova, 4 * size, size_lg2(size));
	twin_compare(&twin);
	take(&after);
	/* Of several items of a marked leaf now all are marked. */
	assert_true(twin.kinds.dirty_bits || snapshot_same_leaves(&before, &after));
	assert_int_equal(twin_unmap(&twin, iova, 4 * size), 4 * size);
}

static void check_every_size(const struct instance *instance)
{
	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	FOR_EACH_SIZE(size, instance)
	for (uint64_t piece = size; piece && size / piece <= PIECES_MAX;
	     piece = size_before(instance, piece))
		check_pieces(instance, size, piece);
	twin_close(&twin);
}

static void every_size_to_every_other(void **state)
{
	(void)state;
	for_each_configuration(check_every_size);
}

/*
 * From the largest leaf to pages, size by size, each time one leaf of what is there already;
 * then back, and every step leaves the words that there were.
 */
static void check_steps(const struct instance *instance)
{
	struct snapshot steps[STEPS_MAX] = { 0 };
	uint64_t sizes[STEPS_MAX], iova, oa;
	unsigned int count = 0;

	if (!is_about_leaves(instance))
		return;
	FOR_EACH_SIZE(size, instance)
	if (size <= 1ULL << 30)
		sizes[count++] = size;
	twin_open(&twin, instance);
	iova = size_iova(instance, sizes[count - 1]);
	oa = size_oa(instance, sizes[count - 1]);
	for (uint64_t at = 0; at < 2 * sizes[count - 1]; at += sizes[count - 1])
		assert_int_equal(twin_map(&twin, iova + at, oa + at, sizes[count - 1], 0), 0);
	for (unsigned int i = count; --i > 0;) {
		take(&steps[i]);
		twin_fragment(&twin, iova, sizes[i], size_lg2(sizes[i - 1]));
		twin_compare(&twin);
	}
	for (unsigned int i = 1; i < count; i++) {
		twin_reassemble(&twin, iova, sizes[i], size_lg2(sizes[i]));
		take(&after);
		assert_true(snapshot_same_leaves(&steps[i], &after));
		snapshot_free(&steps[i]);
	}
	twin_close(&twin);
}

static void in_steps_and_back(void **state)
{
	(void)state;
	for_each_configuration(check_steps);
}

/* Tables, leaves and holes in turn; the range begins and ends inside leaves, of which the rest stays large. */
static void check_neighbours(const struct instance *instance)
{
	uint64_t page = instance->granule, large = instance_large_size(instance);
	uint64_t iova = instance_middle(instance, 32 * large);

	if (!large || !is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	for (unsigned int i = 0; i < 16; i++)
		if (i % 8 != 5)
			assert_int_equal(twin_map(&twin, iova + i * large, i * large, large, 0), 0);
	for (unsigned int i = 1; i < 16; i += 3)
		twin_fragment(&twin, iova + i * large, page, size_lg2(page));
	twin_compare(&twin);
	twin_fragment(&twin, iova + large - page, 14 * large + 2 * page, size_lg2(page));
	twin_compare(&twin);
	for (size_t i = 0; i < twin.model.count; i++)
		if (twin.model.leaves[i].iova - (iova + large - page) < 14 * large + 2 * page)
			assert_int_equal(twin.model.leaves[i].last - twin.model.leaves[i].iova,
					 page - 1);
	twin_close(&twin);
}

static void tables_leaves_and_holes(void **state)
{
	(void)state;
	for_each_configuration(check_neighbours);
}

/*
 * Of a leaf however large, one page, at its ends and inside: the memory that takes is what cutting there takes,
 * and the tables are the same word for word.
 */
static void check_one_page(const struct instance *instance)
{
	uint64_t page = instance->granule;

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	FOR_EACH_SIZE(size, instance)
	{
		uint64_t iova = size_iova(instance, size), oa = size_oa(instance, size);
		const uint64_t places[] = { 0, page, size / 2, size - page };

		for (unsigned int i = 0; i < (size < 4 * page ? 1 : 4); i++) {
			uint64_t at = iova + places[i];

			assert_int_equal(twin_map(&twin, iova, oa, size, 0), 0);
			twin_cut(&twin, at, page);
			take(&before);
			twin_unmap(&twin, iova, size);
			assert_int_equal(twin_map(&twin, iova, oa, size, 0), 0);
			twin_fragment(&twin, at, page, size_lg2(page));
			twin_compare(&twin);
			take(&after);
			assert_int_equal(before.tables, after.tables);
			assert_true(snapshot_same_leaves(&before, &after));
			twin_unmap(&twin, iova, size);
		}
	}
	twin_close(&twin);
}

static void one_page_of_any_leaf(void **state)
{
	(void)state;
	for_each_configuration(check_one_page);
}

/* Nothing there, or nothing too large: no change, no flush, no memory. */
static void check_nothing_to_do(const struct instance *instance)
{
	uint64_t block = instance_block(instance), iova = instance_middle(instance, 8 * block);
	unsigned int block_lg2 = size_lg2(block);

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	twin.keeps_gather = true;
	twin_fragment(&twin, iova, 8 * block, size_lg2(instance->granule));
	assert_int_equal(twin_map(&twin, iova + block, 0, block, 0), 0);
	take(&before);
	twin_fragment(&twin, iova, 8 * block, block_lg2);
	twin_fragment(&twin, iova, 8 * block, block_lg2 + 1);
	twin_fragment(&twin, iova, 8 * block, 63);
	twin_fragment(&twin, iova + 2 * block, block, size_lg2(instance->granule));
	twin_fragment(&twin, iova, block, size_lg2(instance->granule));
	take(&after);
	assert_true(snapshot_same(&before, &after));
	assert_true(twin.gather.start > twin.gather.last);
	assert_null(twin.gather.tables);
	twin_close(&twin);
}

static void nothing_to_fragment(void **state)
{
	(void)state;
	for_each_configuration(check_nothing_to_do);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(every_size_to_every_other), INSTANCE_TEST(in_steps_and_back),
		INSTANCE_TEST(tables_leaves_and_holes),	  INSTANCE_TEST(one_page_of_any_leaf),
		INSTANCE_TEST(nothing_to_fragment),
	};
	int failures;

	arena_or_exit();
	failures = cmocka_run_group_tests_name("operations.fragment", tests, NULL, NULL);
	snapshot_free(&before);
	snapshot_free(&after);
	return failures;
}
