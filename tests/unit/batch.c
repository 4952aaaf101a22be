// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * batch.c - shows that map_batch maps runs one after the other, joined where they
 * touch, as map does one range; and that unmap_batch hands back, in order and
 * joined, what it removes, however little room the caller gives it; and that lengths
 * whose sum wraps are refused.
 */
#include "instance.h"

#include <errno.h>
#include <string.h>

#include "model.h"
#include "random.h"
#include "snapshot.h"

#define RUNS 24

static struct snapshot before, after;

/* Join what touches; returns how many are left. */
static size_t join(struct pt_run *runs, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (kept && runs[kept - 1].oa + runs[kept - 1].length == runs[i].oa)
			runs[kept - 1].length += runs[i].length;
		else
			runs[kept++] = runs[i];
	return kept;
}

/* Runs of some pages or blocks, of which many touch. Returns their bytes. */
static uint64_t random_runs(const struct instance *instance, struct pt_run *runs, size_t count)
{
	uint64_t page = instance->granule, block = instance_block(instance), total = 0;
	uint64_t oa_pages = (1ULL << (instance->oa_bits < 40 ? instance->oa_bits : 40)) / page;

	for (size_t i = 0; i < count; i++) {
		uint64_t length = random_below(4) ? page * (1 + random_below(5))
						  : block * (1 + random_below(2));

		if (i && random_below(2) &&
		    runs[i - 1].oa + runs[i - 1].length + length <= oa_pages * page)
			runs[i].oa = runs[i - 1].oa + runs[i - 1].length;
		else
			runs[i].oa = random_below(oa_pages - length / page) * page;
		runs[i].length = length;
		total += length;
	}
	return total;
}

/* The leaves that the model expects are there: by what translates, and by what unmap removes. */
static void holds(struct pagetable *table, const struct model *model)
{
	for (size_t i = 0; i < model->count; i++) {
		const struct model_leaf *leaf = &model->leaves[i];

		assert_int_equal(table->ops->iova_to_phys(table, leaf->iova), leaf->oa);
		assert_int_equal(table->ops->iova_to_phys(table, leaf->last),
				 leaf->oa + (leaf->last - leaf->iova));
	}
}

/* Unmap all of it with room for @room runs at a time; hands back @expected. */
static void unmap_by_and_by(const struct instance *instance, struct pagetable *table, uint64_t iova,
			    uint64_t length, size_t room, const struct pt_run *expected,
			    size_t expected_count)
{
	struct pt_run got[4 * RUNS];
	struct pt_gather gather = { .start = UINT64_MAX, .lazy = true };
	uint64_t end = iova + length, at = iova;
	size_t count = 0;

	while (at < end) {
		struct pt_run some[RUNS + 1];
		size_t used = 77;
		int64_t bytes =
			table->ops->unmap_batch(table, at, end - at, &gather, some, room, &used);

		assert_true(bytes > 0);
		assert_true(used <= room);
		assert_true(count + used <= sizeof(got) / sizeof(got[0]));
		memcpy(&got[count], some, used * sizeof(some[0]));
		count = join(got, count + used);
		assert_int_equal(table->ops->iova_to_phys(table, at), PT_NOT_MAPPED);
		assert_int_equal(table->ops->iova_to_phys(table, at + (uint64_t)bytes - 1),
				 PT_NOT_MAPPED);
		at += (uint64_t)bytes;
		assert_true(gather.start <= iova && gather.last >= at - 1);
	}
	pt_sync(table, &gather);
	assert_int_equal(count, expected_count);
	assert_memory_equal(got, expected, count * sizeof(got[0]));
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_int_equal(after.leaf_bytes, 0);
}

static void check_runs(const struct instance *instance)
{
	static const size_t rooms[] = { RUNS + 1, 1, 2, 3, RUNS };
	struct pagetable *table = instance_create(instance);
	uint64_t block = instance_block(instance);

	for (size_t round = 0; round < sizeof(rooms) / sizeof(rooms[0]); round++) {
		struct pt_run runs[RUNS], joined[RUNS];
		size_t count = instance_fits(instance, 256 * block) ? RUNS : 4;
		uint64_t length = random_runs(instance, runs, count), at;
		uint64_t iova = instance_middle(instance, length) + instance->granule;
		size_t joined_count;
		struct model model;

		memcpy(joined, runs, sizeof(runs));
		joined_count = join(joined, count);
		model_init(&model, instance->sizes);
		at = iova;
		for (size_t i = 0; i < joined_count; i++) {
			model_map(&model, at, joined[i].oa, joined[i].length, RW);
			at += joined[i].length;
		}
		assert_int_equal(table->ops->map_batch(table, iova, runs, count, RW), 0);
		holds(table, &model);
		snapshot_of(&after, instance->format, &instance->config, table);
		assert_int_equal(after.leaf_bytes, length);
		/* The same words as of one map a joined run. */
		snapshot_of(&before, instance->format, &instance->config, table);
		unmap_by_and_by(instance, table, iova, length, rooms[round], joined, joined_count);
		at = iova;
		for (size_t i = 0; i < joined_count; i++) {
			assert_int_equal(
				table->ops->map(table, at, joined[i].oa, joined[i].length, RW), 0);
			at += joined[i].length;
		}
		snapshot_of(&after, instance->format, &instance->config, table);
		assert_true(snapshot_same_leaves(&before, &after));
		unmap_by_and_by(instance, table, iova, length, RUNS, joined, joined_count);
		model_free(&model);
	}
	table->ops->destroy(table);
}

static void runs_there_and_back(void **state)
{
	(void)state;
	for_each_configuration(check_runs);
}

/* Pages that touch become one large leaf, as a caller with a list of pages wants it. */
static void check_joining(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t page = instance->granule, block = instance_large_size(instance);

	if (block && block / page <= 8192) {
		struct pt_run *runs = calloc(block / page, sizeof(*runs));
		uint64_t iova = instance_middle(instance, 2 * block);
		struct pt_gather gather = PT_GATHER_INIT;

		assert_non_null(runs);
		for (size_t i = 0; i < block / page; i++)
			runs[i] = (struct pt_run){ block + i * page, page };
		assert_int_equal(table->ops->map_batch(table, iova, runs, block / page, RW), 0);
		assert_int_equal(table->ops->unmap(table, iova, page, &gather), block);
		pt_sync(table, &gather);
		free(runs);
	}
	table->ops->destroy(table);
}

static void pages_join_to_a_leaf(void **state)
{
	(void)state;
	for_each_configuration(check_joining);
}

/* One bad run among good ones: refused as a whole. */
static void check_bad_runs(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t page = instance->granule, iova = instance_middle(instance, 64 * page);
	uint64_t outside = instance->oa_bits < 64 ? 1ULL << instance->oa_bits : 0;
	long live = instance_bytes_live(instance);

	for (size_t bad = 0; bad < 3; bad++) {
		struct pt_run runs[3] = { { 0, page }, { 8 * page, 2 * page }, { 4 * page, page } };

		runs[bad].length = 0;
		assert_int_equal(table->ops->map_batch(table, iova, runs, 3, RW), -EINVAL);
		runs[bad].length = page + page / 2;
		assert_int_equal(table->ops->map_batch(table, iova, runs, 3, RW), -EINVAL);
		runs[bad] = (struct pt_run){ page / 2, page };
		assert_int_equal(table->ops->map_batch(table, iova, runs, 3, RW), -EINVAL);
		if (outside) {
			runs[bad] = (struct pt_run){ outside - page, 2 * page };
			assert_int_equal(table->ops->map_batch(table, iova, runs, 3, RW), -ERANGE);
		}
		runs[bad] = (struct pt_run){ 0, -page };
		assert_int_equal(table->ops->map_batch(table, iova, runs, 3, RW), -ERANGE);
	}
	assert_int_equal(table->ops->map_batch(table, iova, NULL, 0, RW), -EINVAL);
	assert_int_equal(instance_bytes_live(instance), live);
	table->ops->destroy(table);
}

static void one_bad_run(void **state)
{
	(void)state;
	for_each_instance(check_bad_runs);
}

/* Nothing mapped, a hole, a start inside a leaf, no room at all. */
static void check_unmap_edges(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t page = instance->granule, large = instance_large_size(instance);
	uint64_t block = instance_block(instance), iova = instance_middle(instance, 8 * block);
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_run runs[4];
	size_t count = 9;

	assert_int_equal(table->ops->unmap_batch(table, iova, 4 * block, &gather, runs, 4, &count),
			 4 * block);
	assert_int_equal(count, 0);
	assert_int_equal(table->ops->unmap_batch(table, iova, page, &gather, runs, 0, &count),
			 -EINVAL);
	if (large) {
		assert_int_equal(table->ops->map(table, iova, 0, block, RW), 0);
		assert_int_equal(table->ops->unmap_batch(table, iova + page, block, &gather, runs,
							 4, &count),
				 0);
		assert_int_equal(count, 0);
		/* The whole leaf comes back although one page was asked for. */
		assert_int_equal(
			table->ops->unmap_batch(table, iova, page, &gather, runs, 4, &count),
			block);
		assert_int_equal(count, 1);
		assert_int_equal(runs[0].oa, 0);
		assert_int_equal(runs[0].length, block);
	}
	/* Two pages that touch physically, with a hole between their addresses: one run. */
	assert_int_equal(table->ops->map(table, iova + page, 8 * page, page, RW), 0);
	assert_int_equal(table->ops->map(table, iova + 2 * block, 9 * page, page, RW), 0);
	assert_int_equal(table->ops->unmap_batch(table, iova, 4 * block, &gather, runs, 1, &count),
			 4 * block);
	assert_int_equal(count, 1);
	assert_int_equal(runs[0].oa, 8 * page);
	assert_int_equal(runs[0].length, 2 * page);
	pt_sync(table, &gather);
	table->ops->destroy(table);
}

static void unmap_edges(void **state)
{
	(void)state;
	for_each_configuration(check_unmap_edges);
}

/*
 * Runs whose lengths add up to more than 64 bits hold, and what is left of the sum would fit. Each is as
 * long as the output width, with leaves of which there are many.
 */
static void check_wrapping_sum(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t page = instance->granule, longest = 1ULL << instance->oa_bits;
	uint64_t iova = instance->range[0].first;
	size_t count = 1UL << (64 - instance->oa_bits);
	struct pt_run *runs;

	if (64 - instance->oa_bits <= 16) {
		runs = calloc(count + 1, sizeof(*runs));
		assert_non_null(runs);
		for (size_t i = 0; i < count; i++)
			runs[i].length = longest;
		runs[count].length = page;
		/* Nothing left, and a page. */
		snapshot_of(&before, instance->format, &instance->config, table);
		assert_int_equal(table->ops->map_batch(table, iova, runs, count, RW), -ERANGE);
		assert_int_equal(table->ops->map_batch(table, iova, runs, count + 1, RW), -ERANGE);
		/* The page comes first, and the sum goes on after it has wrapped. */
		runs[0].length = page;
		runs[count].length = longest;
		assert_int_equal(table->ops->map_batch(table, iova, runs, count + 1, RW), -ERANGE);
		snapshot_of(&after, instance->format, &instance->config, table);
		assert_true(snapshot_same(&before, &after));
		free(runs);
	}
	table->ops->destroy(table);
}

static void lengths_that_wrap(void **state)
{
	(void)state;
	for_each_configuration(check_wrapping_sum);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(runs_there_and_back), INSTANCE_TEST(pages_join_to_a_leaf),
		INSTANCE_TEST(one_bad_run),	    INSTANCE_TEST(unmap_edges),
		INSTANCE_TEST(lengths_that_wrap),
	};
	int failures;

	random_seed_from_environment();
	arena_or_exit();
	failures = cmocka_run_group_tests_name("unit.batch", tests, NULL, NULL);
	snapshot_free(&before);
	snapshot_free(&after);
	return failures;
}
