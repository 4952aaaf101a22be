// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * refusals.c - shows which error each operation has for which bad input, and that a
 * refused operation changes nothing, gathers nothing and keeps no memory.
 */
#include "twin_sizes.h"

#include <errno.h>

#include "table_pages.h"

static const struct instance *instance;
static struct pagetable *table;
static struct snapshot before, after;
static struct pt_gather gather;
static struct pt_run handed_back[2];
static size_t handed_back_count;
static uint64_t bits[4];
static long live;

/* The operations, with what does not matter filled in, so that each takes a range only. */
static int64_t cut(uint64_t iova, uint64_t length)
{
	return table->ops->cut(table, iova, length, &gather);
}

static int64_t fragment(uint64_t iova, uint64_t length)
{
	return table->ops->fragment(table, iova, length, size_lg2(instance->granule), &gather);
}

static int64_t reassemble(uint64_t iova, uint64_t length)
{
	return table->ops->reassemble(table, iova, length, 63, &gather);
}

static int64_t collapse(uint64_t iova, uint64_t length)
{
	return table->ops->collapse(table, iova, length, 63, &gather);
}

static int64_t unmap_batch(uint64_t iova, uint64_t length)
{
	return table->ops->unmap_batch(table, iova, length, &gather, handed_back, 2,
				       &handed_back_count);
}

static int64_t read_dirty(uint64_t iova, uint64_t length)
{
	struct pt_dirty dirty = { .iova = iova, .page_lg2 = 63, .clear = true, .bits = bits };

	return table->ops->read_dirty(table, &dirty, length, &gather);
}

static int64_t map_batch(uint64_t iova, uint64_t length)
{
	const struct pt_run runs[] = { { 0, length } };

	return table->ops->map_batch(table, iova, runs, 1, RW);
}

typedef int64_t (*operation)(uint64_t iova, uint64_t length);

static const operation operations[] = { cut,	     fragment,	 reassemble, collapse,
					unmap_batch, read_dirty, map_batch };

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

/* Leaves that each operation would change: a large one, pages that could join, marks. */
static void open_scene(const struct instance *of)
{
	uint64_t block = instance_block(of), iova = instance_middle(of, 8 * block);

	instance = of;
	table = instance_create(of);
	gather = (struct pt_gather)PT_GATHER_INIT;
	assert_int_equal(table->ops->map(table, iova, 0, block, RW), 0);
	for (uint64_t at = 0; at < 16 * of->granule; at += of->granule)
		assert_int_equal(table->ops->map(table, iova + 2 * block + at, at, of->granule, RW),
				 0);
	snapshot_of(&before, of->format, &of->config, table);
	live = instance_bytes_live(of);
}

static void assert_unchanged(void)
{
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_true(snapshot_same(&before, &after));
	assert_int_equal(table_bytes_live(), live);
	assert_true(gather.start > gather.last);
	assert_null(gather.tables);
	for (size_t i = 0; i < 4; i++)
		assert_true(bits[i] == 0);
}

static void refused(operation run, uint64_t iova, uint64_t length, int error)
{
	if (run == read_dirty && !instance->format->has_dirty)
		error = -EOPNOTSUPP;
	handed_back_count = 0;
	assert_int_equal(run(iova, length), error);
	assert_int_equal(handed_back_count, 0);
	assert_unchanged();
}

static void check_ranges(const struct instance *of)
{
	uint64_t page = of->granule, block = instance_block(of);
	uint64_t iova = instance_middle(of, 8 * block);

	open_scene(of);
	for (size_t i = 0; i < OPERATIONS; i++) {
		operation run = operations[i];

		refused(run, iova, 0, -EINVAL);
		refused(run, iova + page / 2, block, -EINVAL);
		refused(run, iova, block + page / 2, -EINVAL);
		refused(run, iova + 1, block - 1, -EINVAL);
		/* The sum wraps. */
		refused(run, -page, 2 * page, -ERANGE);
		for (unsigned int r = 0; r < of->ranges; r++) {
			uint64_t first = of->range[r].first, end = of->range[r].last + 1;

			if (end) {
				refused(run, end, page, -ERANGE);
				refused(run, end - page, 2 * page, -ERANGE);
			}
			if (first) {
				refused(run, first - page, page, -ERANGE);
				refused(run, first - page, 2 * page, -ERANGE);
			}
		}
		/* From one half to the other. */
		if (of->ranges == 2)
			refused(run, of->range[0].last + 1 - page,
				of->range[1].first - of->range[0].last - 1 + 2 * page, -ERANGE);
	}
	table->ops->destroy(table);
}

static void bad_ranges(void **state)
{
	(void)state;
	for_each_configuration(check_ranges);
}

static void check_sizes(const struct instance *of)
{
	uint64_t block = instance_block(of), iova = instance_middle(of, 8 * block);
	unsigned int page_lg2 = size_lg2(of->granule);
	const unsigned int bad[] = { 0, page_lg2 - 1, 64, 65, 128, ~0u };

	open_scene(of);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(table->ops->fragment(table, iova, block, bad[i], &gather),
				 -EINVAL);
		assert_unchanged();
		assert_int_equal(table->ops->reassemble(table, iova, block, bad[i], &gather),
				 -EINVAL);
		assert_unchanged();
		assert_int_equal(table->ops->collapse(table, iova, block, bad[i], &gather),
				 -EINVAL);
		assert_unchanged();
	}
	table->ops->destroy(table);
}

static void bad_sizes(void **state)
{
	(void)state;
	for_each_configuration(check_sizes);
}

static void refused_runs(uint64_t iova, const struct pt_run *runs, size_t count, unsigned int prot,
			 int error)
{
	assert_int_equal(table->ops->map_batch(table, iova, runs, count, prot), error);
	assert_unchanged();
}

static void check_runs(const struct instance *of)
{
	uint64_t page = of->granule, block = instance_block(of);
	uint64_t iova = instance_middle(of, 8 * block) + 4 * block, oa_end = 1ULL << of->oa_bits;
	const struct pt_run good[] = { { 0, page }, { 2 * page, page } };
	const struct pt_run empty[] = { { 0, page }, { 2 * page, 0 }, { 4 * page, page } };
	const struct pt_run odd_length[] = { { 0, page }, { 2 * page, page / 2 } };
	const struct pt_run odd_halves[] = { { 0, page / 2 }, { page / 2, page / 2 } };
	const struct pt_run odd_oa[] = { { 0, page }, { 2 * page + page / 2, page } };
	const struct pt_run long_sum[] = { { 0, -page }, { 0, 2 * page } };
	const struct pt_run no_sum[] = { { 0, -page }, { 0, page } };
	const struct pt_run outside[] = { { 0, page }, { oa_end, page } };
	const struct pt_run across[] = { { 0, page }, { oa_end - page, 2 * page } };
	const struct pt_run wrapping[] = { { 0, page }, { -page, 2 * page } };

	open_scene(of);
	refused_runs(iova, good, 0, RW, -EINVAL);
	refused_runs(iova, empty, 3, RW, -EINVAL);
	refused_runs(iova, empty + 1, 1, RW, -EINVAL);
	refused_runs(iova, odd_length, 2, RW, -EINVAL);
	refused_runs(iova, odd_halves, 2, RW, -EINVAL);
	refused_runs(iova, odd_oa, 2, RW, -EINVAL);
	refused_runs(iova, long_sum, 2, RW, -ERANGE);
	refused_runs(iova, no_sum, 2, RW, -ERANGE);
	refused_runs(iova, outside, 2, RW, -ERANGE);
	refused_runs(iova, across, 2, RW, -ERANGE);
	refused_runs(iova, wrapping, 2, RW, -ERANGE);
	refused_runs(iova, good, 2, 0, -EINVAL);
	refused_runs(iova, good, 2, PT_CACHE, -EINVAL);
	table->ops->destroy(table);
}

static void bad_runs(void **state)
{
	(void)state;
	for_each_configuration(check_runs);
}

static void check_no_room(const struct instance *of)
{
	uint64_t block = instance_block(of), iova = instance_middle(of, 8 * block);

	open_scene(of);
	handed_back_count = 7;
	assert_int_equal(table->ops->unmap_batch(table, iova, block, &gather, handed_back, 0,
						 &handed_back_count),
			 -EINVAL);
	assert_int_equal(handed_back_count, 0);
	assert_unchanged();
	table->ops->destroy(table);
}

static void no_room_for_runs(void **state)
{
	(void)state;
	for_each_configuration(check_no_room);
}

static void check_marks(const struct instance *of)
{
	uint64_t block = instance_block(of), iova = instance_middle(of, 8 * block);
	struct pt_dirty dirty = { .iova = iova, .page_lg2 = 64, .bits = bits };
	int unsupported = of->format->has_dirty ? 0 : -EOPNOTSUPP;

	open_scene(of);
	assert_int_equal(table->ops->read_dirty(table, &dirty, block, &gather),
			 unsupported ? unsupported : -EINVAL);
	dirty.page_lg2 = 63;
	dirty.clear = true;
	assert_int_equal(table->ops->read_dirty(table, &dirty, block, NULL),
			 unsupported ? unsupported : -EINVAL);
	assert_unchanged();
	assert_int_equal(table->ops->set_dirty(table, iova - block),
			 unsupported ? unsupported : -ENOENT);
	for (unsigned int r = 0; r < of->ranges; r++) {
		if (of->range[r].last + 1)
			assert_int_equal(table->ops->set_dirty(table, of->range[r].last + 1),
					 unsupported ? unsupported : -ERANGE);
		if (of->range[r].first)
			assert_int_equal(table->ops->set_dirty(table, of->range[r].first - 1),
					 unsupported ? unsupported : -ERANGE);
	}
	assert_unchanged();
	table->ops->destroy(table);
}

static void bad_marks(void **state)
{
	(void)state;
	for_each_configuration(check_marks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(bad_ranges),	 INSTANCE_TEST(bad_sizes), INSTANCE_TEST(bad_runs),
		INSTANCE_TEST(no_room_for_runs), INSTANCE_TEST(bad_marks),
	};
	int failures;

	arena_or_exit();
	failures = cmocka_run_group_tests_name("operations.refusals", tests, NULL, NULL);
	snapshot_free(&before);
	snapshot_free(&after);
	return failures;
}
