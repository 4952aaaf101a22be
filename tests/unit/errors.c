// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * errors.c - shows which errno each bad argument gets from each operation, and that
 * a call which is refused changes no item and keeps no memory.
 */
#include "instance.h"

#include <errno.h>

#include "snapshot.h"
#include "table_pages.h"

static struct snapshot before, after;

/* Every way in is refused with @error. */
static void refused(struct pagetable *table, uint64_t iova, uint64_t oa, uint64_t length, int error)
{
	struct pt_run run = { .oa = oa, .length = length };

	assert_int_equal(table->ops->map(table, iova, oa, length, RW), error);
	assert_int_equal(table->ops->map_batch(table, iova, &run, 1, RW), error);
}

static void unmap_refused(struct pagetable *table, uint64_t iova, uint64_t length, int error)
{
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_run run;
	size_t count = 1;

	assert_int_equal(table->ops->unmap(table, iova, length, &gather), error);
	assert_int_equal(table->ops->unmap_batch(table, iova, length, &gather, &run, 1, &count),
			 error);
	assert_int_equal(count, 0);
	assert_null(gather.tables);
	pt_sync(table, &gather);
}

/* What is in the table while it refuses. */
static struct pagetable *start(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);

	assert_int_equal(table->ops->map(table, instance->range[0].first + 4 * instance->granule, 0,
					 instance->granule, RW),
			 0);
	snapshot_of(&before, instance->format, &instance->config, table);
	return table;
}

static void finish(const struct instance *instance, struct pagetable *table, long live)
{
	assert_int_equal(table_bytes_live(), live);
	snapshot_of(&after, instance->format, &instance->config, table);
	assert_true(snapshot_same(&before, &after));
	table->ops->destroy(table);
}

static void check_alignment(const struct instance *instance)
{
	struct pagetable *table = start(instance);
	uint64_t page = instance->granule, iova = instance_middle(instance, 16 * page);
	long live = table_bytes_live();

	for (uint64_t part = 1; part < page; part <<= 1) {
		refused(table, iova + part, 0, page, -EINVAL);
		refused(table, iova, part, page, -EINVAL);
		refused(table, iova, 0, page + part, -EINVAL);
		refused(table, iova, 0, part, -EINVAL);
		unmap_refused(table, iova + part, page, -EINVAL);
		unmap_refused(table, iova, page - part, -EINVAL);
	}
	refused(table, iova, 0, 0, -EINVAL);
	refused(table, instance->range[0].first, 0, 0, -EINVAL);
	unmap_refused(table, iova, 0, -EINVAL);
	finish(instance, table, live);
}

static void misaligned_or_empty(void **state)
{
	(void)state;
	for_each_configuration(check_alignment);
}

/* Around each end of each range, and over the end of 64 bits. */
static void check_input(const struct instance *instance)
{
	struct pagetable *table = start(instance);
	uint64_t page = instance->granule;
	long live = table_bytes_live();

	for (unsigned int i = 0; i < instance->ranges; i++) {
		uint64_t first = instance->range[i].first, last = instance->range[i].last;

		if (last != UINT64_MAX) {
			refused(table, last + 1, 0, page, -ERANGE);
			refused(table, last - (page - 1), 0, 2 * page, -ERANGE);
			refused(table, last - (4 * page - 1), page, 64 * page, -ERANGE);
			unmap_refused(table, last + 1, page, -ERANGE);
			unmap_refused(table, last - (page - 1), 2 * page, -ERANGE);
		} else {
			refused(table, -page, 0, 2 * page, -ERANGE);
			refused(table, -page, 0, -page, -ERANGE);
			unmap_refused(table, -page, 2 * page, -ERANGE);
			unmap_refused(table, -2 * page, -page, -ERANGE);
		}
		if (first) {
			refused(table, first - page, 0, page, -ERANGE);
			refused(table, first - page, 0, 2 * page, -ERANGE);
			unmap_refused(table, first - page, 2 * page, -ERANGE);
		}
		assert_int_equal(table->ops->iova_to_phys(table, first), PT_NOT_MAPPED);
		if (last != UINT64_MAX)
			assert_int_equal(table->ops->iova_to_phys(table, last + 1), PT_NOT_MAPPED);
	}
	/* Every single bit above the width, and all that lies between two halves. */
	for (uint64_t bit = page; bit; bit <<= 1) {
		bool inside = false;

		for (unsigned int i = 0; i < instance->ranges; i++)
			inside |= bit >= instance->range[i].first && bit <= instance->range[i].last;
		if (inside)
			continue;
		refused(table, bit, 0, page, -ERANGE);
		assert_int_equal(table->ops->iova_to_phys(table, bit), PT_NOT_MAPPED);
	}
	if (instance->ranges == 2) {
		uint64_t between = instance->range[1].first - instance->range[0].last - 1;

		refused(table, instance->range[0].last - (page - 1), 0, between + 2 * page,
			-ERANGE);
		unmap_refused(table, instance->range[0].last - (page - 1), between + 2 * page,
			      -ERANGE);
	}
	finish(instance, table, live);
}

static void outside_the_input(void **state)
{
	(void)state;
	for_each_configuration(check_input);
}

static void check_output(const struct instance *instance)
{
	struct pagetable *table = start(instance);
	uint64_t page = instance->granule, iova = instance_middle(instance, 64 * page);
	uint64_t last = ~0ULL >> (64 - instance->oa_bits);
	long live = table_bytes_live();

	if (last != UINT64_MAX) {
		refused(table, iova, last + 1, page, -ERANGE);
		refused(table, iova, last - (page - 1), 2 * page, -ERANGE);
		refused(table, iova, last - (2 * page - 1), 64 * page, -ERANGE);
		for (uint64_t bit = last + 1; bit; bit <<= 1)
			refused(table, iova, bit, page, -ERANGE);
	}
	refused(table, iova, -page, 2 * page, -ERANGE); /* over the end of 64 bits */
	finish(instance, table, live);
}

static void outside_the_output(void **state)
{
	(void)state;
	for_each_configuration(check_output);
}

static void check_prot(const struct instance *instance)
{
	struct pagetable *table = start(instance);
	uint64_t page = instance->granule, iova = instance_middle(instance, 64 * page);
	long live = table_bytes_live();

	for (unsigned int prot = 0; prot < 64; prot++) {
		struct pt_run run = { .length = 2 * page };

		if (prot & RW)
			continue;
		assert_int_equal(table->ops->map(table, iova, 0, page, prot), -EINVAL);
		assert_int_equal(table->ops->map_batch(table, iova, &run, 1, prot), -EINVAL);
	}
	finish(instance, table, live);
}

static void neither_read_nor_write(void **state)
{
	(void)state;
	for_each_configuration(check_prot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(misaligned_or_empty),
		INSTANCE_TEST(outside_the_input),
		INSTANCE_TEST(outside_the_output),
		INSTANCE_TEST(neither_read_nor_write),
	};
	int failures;

	arena_or_exit();
	failures = cmocka_run_group_tests_name("unit.errors", tests, NULL, NULL);
	snapshot_free(&before);
	snapshot_free(&after);
	return failures;
}
