// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * collapse.c - shows what becomes of a caller of collapse who is wrong: where nothing is mapped it is told so, and where
 * there are holes, other memory or other attributes the tables stay sound and are counted right (that all is freed is seen by for_each_configuration).
 */
#include "twin_sizes.h"

#include <errno.h>

static struct pagetable *table;

static uint64_t translated(uint64_t iova)
{
	return table->ops->iova_to_phys(table, iova);
}

static void unmap_all(uint64_t iova, uint64_t length)
{
	struct pt_gather gather = PT_GATHER_INIT;

	assert_true(table->ops->unmap(table, iova, length, &gather) > 0);
	pt_sync(table, &gather);
}

static int collapse(uint64_t iova, uint64_t length)
{
	struct pt_gather gather = PT_GATHER_INIT;
	int result = table->ops->collapse(table, iova, length, 63, &gather);

	pt_sync(table, &gather);
	return result;
}

static void check_not_mapped(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t iova = instance_middle(instance, 8 * block);

	table = instance_create(instance);
	assert_int_equal(collapse(iova, block), -ENOENT);
	assert_int_equal(table->ops->map(table, iova + page, page, page, RW), 0);
	assert_int_equal(collapse(iova, 2 * page), -ENOENT);
	assert_int_equal(translated(iova + page), page);
	assert_int_equal(translated(iova), PT_NOT_MAPPED);
	unmap_all(iova, block);
	table->ops->destroy(table);
}

static void not_mapped(void **state)
{
	(void)state;
	for_each_configuration(check_not_mapped);
}

/* Every page is where it was, or where the caller said; then all is unmapped, and mapped again by others. */
static void check_sound(const struct instance *instance, uint64_t iova, uint64_t oa,
			uint64_t length)
{
	uint64_t page = instance->granule;
	uint64_t before[4096];

	for (uint64_t at = 0; at < length; at += page)
		before[at / page % 4096] = translated(iova + at);
	assert_int_equal(collapse(iova, length), 0);
	for (uint64_t at = length > 4096 * page ? length - 4096 * page : 0; at < length;
	     at += page) {
		uint64_t now = translated(iova + at);

		assert_true(now == oa + at || now == before[at / page % 4096]);
	}
	unmap_all(iova, length);
	for (uint64_t at = 0; at < length; at += page)
		assert_int_equal(translated(iova + at), PT_NOT_MAPPED);
	assert_int_equal(table->ops->map(table, iova, oa, length, RW), 0);
	assert_int_equal(translated(iova + length - page), oa + length - page);
	unmap_all(iova, length);
}

static void check_wrong(const struct instance *instance)
{
	uint64_t page = instance->granule;
	uint64_t block = instance_block(instance) < 8 * page ? 8 * page : instance_block(instance);
	uint64_t iova = instance_middle(instance, 8 * block), oa = 4 * block;

	/* Every page is looked at again and again. */
	if (block / page > 512 ||
	    (!is_about_leaves(instance) && instance->config.freeing != PT_FREE_EAGER))
		return;
	table = instance_create(instance);
	for (unsigned int wrong = 0; wrong < 3; wrong++) {
		/* A page that is missing, one elsewhere, or half of it missing. */
		uint64_t odd = block + page;

		assert_int_equal(table->ops->map(table, iova, oa, odd, RW), 0);
		if (wrong == 1)
			assert_int_equal(table->ops->map(table, iova + odd, 3 * page, page, RW), 0);
		if (wrong < 2)
			assert_int_equal(table->ops->map(table, iova + odd + page, oa + odd + page,
							 2 * block - odd - page, RW),
					 0);
		check_sound(instance, iova, oa, 2 * block);
	}
	table->ops->destroy(table);
}

static void callers_who_are_wrong(void **state)
{
	(void)state;
	for_each_configuration(check_wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(not_mapped),
		INSTANCE_TEST(callers_who_are_wrong),
	};

	arena_or_exit();
	return cmocka_run_group_tests_name("operations.collapse", tests, NULL, NULL);
}
