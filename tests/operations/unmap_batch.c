// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * unmap_batch.c - shows that what was mapped comes back in order, joined where it
 * touches, through arrays of any size; that leaves which begin outside stay; and
 * that it leaves the page table as unmap does.
 */
#include "twin_sizes.h"

#include "table_pages.h"

static struct twin twin, other;
static const size_t rooms[] = { 1, 2, 3, 7, 64, 4096 };

#define ROOMS (sizeof(rooms) / sizeof(rooms[0]))

/* A page out of step, then leaves of all sizes, scattered and touching ones, with holes. */
static void fill(struct twin *filled, uint64_t iova, uint64_t block)
{
	uint64_t page = filled->instance->granule;

	twin_map(filled, iova - page, 5 * page, page, 0);
	twin_map(filled, iova, 8 * block, block, 0);
	twin_map(filled, iova + block, 9 * block, page, 1 % filled->kinds.count);
	twin_map(filled, iova + 2 * block + page, 4 * block + page, 3 * block, 0);
	for (unsigned int i = 0; i < 20 && i < block / page; i++)
		twin_map(filled, iova + 6 * block + i * page, i % 5 * page, page, 0);
}

static void check_rooms(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t iova = instance_middle(instance, 16 * block);
	unsigned int calls = 0;

	twin_open(&twin, instance);
	for (size_t i = 0; i < ROOMS; i++) {
		/* All; from in the middle; to the middle. */
		fill(&twin, iova, block);
		calls = twin_unmap_batch(&twin, iova - page, 8 * block + page, rooms[i]);
		assert_int_equal(twin.model.count, 0);
		fill(&twin, iova, block);
		twin_unmap_batch(&twin, iova + block, 7 * block, rooms[i]);
		twin_compare(&twin);
		twin_unmap_batch(&twin, iova - page, 2 * block, rooms[i]);
		assert_int_equal(twin.model.count, 0);
		twin_compare(&twin);
	}
	assert_int_equal(calls, 1);
	assert_int_equal(twin_unmap_batch(&twin, iova, 16 * block, 1), 1);
	twin_close(&twin);
}

static void arrays_of_any_size(void **state)
{
	(void)state;
	for_each_configuration(check_rooms);
}

/* The range begins or ends in a leaf. */
static void check_straddling(const struct instance *instance)
{
	uint64_t page = instance->granule;

	if (!is_about_leaves(instance))
		return;
	twin_open(&twin, instance);
	FOR_EACH_SIZE(size, instance)
	{
		uint64_t iova = size_iova(instance, size), oa = size_oa(instance, size);

		assert_int_equal(twin_map(&twin, iova, oa + 2 * size, 2 * size, 0), 0);
		assert_int_equal(twin_map(&twin, iova + 3 * size, oa + size, size, 0), 0);
		twin_fragment(&twin, iova, 2 * size, size_lg2(size));
		if (size > page) {
			twin_unmap_batch(&twin, iova + size - page, 2 * page, 4);
			twin_unmap_batch(&twin, iova + page, 4 * size - page, 4);
			twin_compare(&twin);
		}
		/* More bytes than asked for where the last leaf is larger. */
		twin_unmap_batch(&twin, iova + size, 2 * size + page, 1);
		twin_unmap_batch(&twin, iova, page, 1);
		twin_compare(&twin);
		assert_int_equal(twin.model.count, 0);
	}
	twin_close(&twin);
}

static void leaves_across_the_ends(void **state)
{
	(void)state;
	for_each_configuration(check_straddling);
}

/* Every physical byte comes back exactly once, as one run where it was mapped as one. */
static void check_one_run(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t iova = instance_middle(instance, 16 * block) + 3 * page, length = 9 * block + page;
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_run run;
	size_t count;

	twin_open(&twin, instance);
	assert_int_equal(twin_map(&twin, iova, page, length, 0), 0);
	/* As one even where the addresses are apart and the range is larger. */
	assert_int_equal(twin_map(&twin, iova + length + page, page + length, page, 0), 0);
	assert_int_equal(twin.table->ops->unmap_batch(twin.table, iova, length + 4 * page, &gather,
						      &run, 1, &count),
			 length + 4 * page);
	assert_int_equal(count, 1);
	assert_int_equal(run.oa, page);
	assert_int_equal(run.length, length + page);
	model_unmap(&twin.model, iova, length + 4 * page);
	pt_sync(twin.table, &gather);
	twin_compare(&twin);
	twin_close(&twin);
}

static void one_run(void **state)
{
	(void)state;
	for_each_configuration(check_one_run);
}

/* Around each power of two, where an output address may carry from one field of its word to another. */
static void check_carries(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance), length = 6 * page;
	uint64_t iova = instance_middle(instance, 4 * block);

	twin_open(&twin, instance);
	for (unsigned int bit = size_lg2(page) + 3; bit < instance->oa_bits; bit++) {
		uint64_t oa = (1ULL << bit) - 3 * page;

		/* Into tables that are made for it, then into those. */
		for (unsigned int round = 0; round < 2; round++) {
			assert_int_equal(twin_map(&twin, iova, oa, length, 0), 0);
			twin_compare(&twin);
			assert_int_equal(twin_unmap_batch(&twin, iova, length, 1), 1);
		}
		twin_unmap(&twin, iova, 4 * block);
	}
	twin_close(&twin);
}

static void carries_in_addresses(void **state)
{
	(void)state;
	for_each_configuration(check_carries);
}

/* The same tables are left as by unmap, whatever the policy. */
static void check_tables(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t iova = instance_middle(instance, 16 * block);

	twin_open(&twin, instance);
	twin_open(&other, instance);
	for (unsigned int ends = 0; ends < 4; ends++) {
		uint64_t from = iova - page + (ends & 1 ? 2 * page : 0);
		uint64_t length = 8 * block - (ends & 2 ? block / 2 : 0);

		length &= -page;
		fill(&twin, iova, block);
		fill(&other, iova, block);
		twin_unmap_batch(&twin, from, length, 4096);
		for (uint64_t done = 0; done < length;) {
			int64_t got = twin_unmap(&other, from + done, length - done);

			if (!got)
				break;
			done += (uint64_t)got;
		}
		twin_compare(&twin);
		twin_compare(&other);
		assert_int_equal(twin.actual.tables, other.actual.tables);
		assert_int_equal(twin.actual.count, other.actual.count);
		twin_unmap(&twin, iova - page, 8 * block + page);
		twin_unmap(&other, iova - page, 8 * block + page);
	}
	twin_close(&other);
	twin_close(&twin);
}

static void tables_as_after_unmap(void **state)
{
	(void)state;
	for_each_configuration(check_tables);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(arrays_of_any_size),
		INSTANCE_TEST(leaves_across_the_ends),
		INSTANCE_TEST(one_run),
		INSTANCE_TEST(carries_in_addresses),
		INSTANCE_TEST(tables_as_after_unmap),
	};

	arena_or_exit();
	return cmocka_run_group_tests_name("operations.unmap_batch", tests, NULL, NULL);
}
