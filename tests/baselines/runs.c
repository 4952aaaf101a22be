// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * runs.c - lists of physical runs: mapped one after the other, joined where they
 * touch, all or nothing; and handed back by an unmap as they lie in memory.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "baseline_cases.h"
#include "random.h"
#include "table_pages.h"
#include "walk.h"

#define MAX_RUNS 64
#define ROUNDS 8

struct list {
	struct baseline_run runs[MAX_RUNS];
	unsigned long count;
	unsigned long long size; /* of all */
};

/* Below 2 GiB, which every format can output, and never 0, which would read as unmapped. */
static unsigned long long random_pa(unsigned long long page)
{
	return page * (1 + random_below(GIB(2) / page - MAX_RUNS));
}

static void add_run(struct list *list, unsigned long long pa, unsigned long long size)
{
	list->runs[list->count++] = (struct baseline_run){ .pa = pa, .size = size };
	list->size += size;
}

/* Where the last run ends; 0 without one, which is no run's address. */
static unsigned long long list_end(const struct list *list)
{
	const struct baseline_run *last = &list->runs[list->count ? list->count - 1 : 0];

	return list->count ? last->pa + last->size : 0;
}

/* Of up to 40 pages each; every third or so begins where the one before ends. */
static void random_runs(struct list *list, unsigned long long page)
{
	unsigned long count = 1 + random_below(MAX_RUNS - 1);

	*list = (struct list){ 0 };
	while (list->count < count) {
		unsigned long long end = list_end(list);
		unsigned long long size = page * (1 + random_below(40));

		add_run(list, end && !random_below(3) ? end : random_pa(page), size);
	}
}

static void join(struct list *joined, const struct list *list)
{
	*joined = (struct list){ 0 };
	for (unsigned long i = 0; i < list->count; i++) {
		const struct baseline_run *run = &list->runs[i];

		if (run->pa != list_end(joined)) {
			add_run(joined, run->pa, run->size);
			continue;
		}
		joined->runs[joined->count - 1].size += run->size;
		joined->size += run->size;
	}
}

static void check_mapped(const struct baseline *driver, void *handle, unsigned long long iova,
			 const struct list *list, unsigned long long page)
{
	for (unsigned long i = 0; i < list->count; i++)
		for (unsigned long long at = 0; at < list->runs[i].size; at += page, iova += page)
			assert_int_equal(driver->iova_to_phys(handle, iova), list->runs[i].pa + at);
}

static void check_unmapped(const struct baseline *driver, void *handle, unsigned long long iova,
			   unsigned long long size, unsigned long long page)
{
	for (unsigned long long at = 0; at < size; at += page)
		assert_int_equal(driver->iova_to_phys(handle, iova + at), 0);
}

/* In portions of at most @room runs. */
static void unmap_in_portions(const struct baseline *driver, void *handle, unsigned long long iova,
			      const struct list *expected, unsigned long room)
{
	unsigned long long left = expected->size;
	unsigned long done = 0;

	while (left) {
		struct baseline_run runs[MAX_RUNS + 1];
		unsigned long count = 99;
		unsigned long long unmapped, size = 0;

		memset(runs, 0xff, sizeof(runs));
		unmapped = driver->unmap_runs(handle, iova, left, done & 1, runs, room, &count);
		assert_in_range(count, 1, room);
		assert_in_range(done + count, 1, expected->count);
		assert_memory_equal(runs, &expected->runs[done], count * sizeof(runs[0]));
		assert_int_equal(runs[room].pa, -1);
		for (unsigned long i = 0; i < count; i++)
			size += runs[i].size;
		assert_int_equal(unmapped, size);
		iova += unmapped;
		left -= unmapped;
		done += count;
	}
	assert_int_equal(done, expected->count);
}

static void there_and_back(const struct baseline_case *test_case, const struct baseline *driver,
			   void *handle)
{
	unsigned long long page = baseline_page(test_case);

	for (unsigned int round = 0; round < ROUNDS; round++) {
		/* Over boundaries of tables, whatever the page size. */
		unsigned long long iova = GIB(1) - page * random_below(300);
		struct list list, joined;

		random_runs(&list, page);
		join(&joined, &list);
		assert_int_equal(driver->map_runs(handle, iova, list.runs, list.count, RW), 0);
		check_mapped(driver, handle, iova, &list, page);
		check_unmapped(driver, handle, iova - page, page, page);
		check_unmapped(driver, handle, iova + list.size, page, page);
		unmap_in_portions(driver, handle, iova, &joined,
				  round & 1 ? MAX_RUNS : 1 + random_below(4));
		check_unmapped(driver, handle, iova, list.size, page);
	}
}

static void random_lists(void **state)
{
	(void)state;
	baseline_for_each(there_and_back, NULL, true);
}

/* Two halves that touch become one leaf, and one run again. */
static void check_join(const struct baseline_case *test_case, const struct baseline *driver,
		       unsigned long long size)
{
	const struct baseline_run halves[] = { { 2 * size, size / 2 },
					       { 2 * size + size / 2, size / 2 } };
	void *whole = baseline_make(test_case), *joined;
	struct baseline_run run;
	unsigned long count;
	long live = table_bytes_live(), bytes;

	assert_int_equal(driver->map(whole, size, 2 * size, size, RW), 0);
	bytes = table_bytes_live() - live;
	driver->destroy(whole);

	joined = baseline_make(test_case);
	live = table_bytes_live();
	assert_int_equal(driver->map_runs(joined, size, halves, 2, RW), 0);
	assert_int_equal(table_bytes_live() - live, bytes);
	assert_int_equal(driver->unmap_runs(joined, size, size, 0, &run, 1, &count), size);
	assert_int_equal(count, 1);
	assert_int_equal(run.pa, 2 * size);
	assert_int_equal(run.size, size);
	assert_int_equal(driver->iova_to_phys(joined, size), 0);
	driver->destroy(joined);
}

static void check_joins(const struct baseline_case *test_case, const struct baseline *driver,
			void *handle)
{
	(void)handle;
	/* The smallest too: two halves of a page are a page. */
	for (unsigned int lg2 = 0; lg2 <= 30; lg2++)
		if (test_case->sizes >> lg2 & 1)
			check_join(test_case, driver, 1ULL << lg2);
}

static void touching_runs(void **state)
{
	(void)state;
	baseline_for_each(check_joins, NULL, true);
}

/* The last run is impossible, so none of them is mapped. */
static void check_refusal(const struct baseline_case *test_case, const struct baseline *driver,
			  void *handle)
{
	unsigned long long page = baseline_page(test_case), iova = MIB(64) - 4 * page;
	const struct baseline_run runs[] = { { 16 * page, 3 * page },
					     { 32 * page, 4 * page },
					     { 64 * page + page / 2, page } };
	struct baseline_run back;
	unsigned long count = 99;

	assert_int_equal(driver->map_runs(handle, iova, runs, 3, RW),
			 -(int)(test_case->unaligned ? test_case->unaligned : EINVAL));
	check_unmapped(driver, handle, iova, 8 * page, page);
	assert_int_equal(driver->map_runs(handle, iova, runs, 0, RW), 0);
	check_unmapped(driver, handle, iova, 8 * page, page);
	assert_int_equal(driver->map_runs(handle, iova, runs, 2, RW), 0);
	assert_int_equal(driver->unmap_runs(handle, iova, page / 2, 0, &back, 1, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(driver->iova_to_phys(handle, iova), 16 * page);
}

static void refused_lists(void **state)
{
	(void)state;
	baseline_for_each(check_refusal, NULL, true);
}

/* Fail the first allocation, then the second, ... of runs in two leaf tables. */
static void run_out_of_memory(const struct baseline_case *test_case, const struct baseline *driver,
			      void *handle)
{
	unsigned long long page = baseline_page(test_case);
	struct list list = { 0 };
	unsigned long long iova;
	int result = -ENOMEM, attempts;

	/* A run begins at the tables' boundary: VT-d would not undo one that crosses it. */
	for (unsigned int i = 0; i < 16; i++)
		add_run(&list, page * (64 + 4 * i), 2 * page);
	iova = MIB(64) - list.size / 2;
	for (attempts = 0; result; attempts++) {
		table_fail_after(attempts);
		result = driver->map_runs(handle, iova, list.runs, list.count, RW);
		table_fail_after(-1);
		if (!result)
			break;
		assert_int_equal(result, -ENOMEM);
		assert_in_range(attempts, 0, 20);
		check_unmapped(driver, handle, iova, list.size, page);
	}
	assert_in_range(attempts, 2, 20);
	check_mapped(driver, handle, iova, &list, page);
}

static void out_of_memory(void **state)
{
	(void)state;
	baseline_for_each(run_out_of_memory, NULL, true);
}

/* A list is flushed as one operation. */
static void count_flushes(const struct baseline_case *test_case, const struct baseline *driver,
			  void *handle)
{
	unsigned long long page = baseline_page(test_case), iova = MIB(64);
	const struct baseline_run runs[] = { { 17 * page, page },
					     { 33 * page, page },
					     { 65 * page, page } };
	struct baseline_run back[3];
	unsigned long count, flushes = baseline_flushes(), of_map;

	assert_int_equal(driver->map(handle, iova - page, page, page, RW), 0);
	of_map = baseline_flushes() - flushes;
	for (int lazy = 0; lazy < 2; lazy++) {
		flushes = baseline_flushes();
		assert_int_equal(driver->map_runs(handle, iova, runs, 3, RW), 0);
		assert_int_equal(baseline_flushes(), flushes + of_map);
		flushes = baseline_flushes();
		assert_int_equal(driver->unmap_runs(handle, iova, 3 * page, lazy, back, 3, &count),
				 3 * page);
		assert_int_equal(baseline_flushes(), flushes + !lazy);
	}
}

static void flushes(void **state)
{
	(void)state;
	baseline_for_each(count_flushes, NULL, true);
}

/* The same words as map() writes, permissions and all. */
static void compare_words(const struct baseline_case *test_case, const struct baseline *driver,
			  void *handle)
{
	static const unsigned int prots[] = { BASELINE_READ, RW, RW | BASELINE_CACHE };
	unsigned long long page = baseline_page(test_case), iova = MIB(16);

	if (page == KIB(4) && strncmp(test_case->format, "dart", 4) == 0)
		return; /* walk.h knows the other page size */
	for (size_t i = 0; i < sizeof(prots) / sizeof(prots[0]); i++, iova += 2 * page) {
		const struct baseline_run run = { 33 * page, page };

		assert_int_equal(driver->map(handle, iova, run.pa, page, prots[i]), 0);
		assert_int_equal(driver->map_runs(handle, iova + page, &run, 1, prots[i]), 0);
		assert_int_equal(walk_item(driver, handle, iova, 0),
				 walk_item(driver, handle, iova + page, 0));
	}
}

static void permissions(void **state)
{
	(void)state;
	baseline_for_each(compare_words, NULL, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BASELINE_TEST(random_lists),  BASELINE_TEST(touching_runs),
		BASELINE_TEST(refused_lists), BASELINE_TEST(out_of_memory),
		BASELINE_TEST(flushes),	      BASELINE_TEST(permissions),
	};

	baseline_test_start();
	random_seed_from_environment();
	return cmocka_run_group_tests_name("baseline.runs", tests, NULL, NULL);
}
