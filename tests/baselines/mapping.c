// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * mapping.c - every driver maps, translates and unmaps what it is told, of each of
 * its page sizes and of mixtures, to the last address; keeps nothing; and has
 * nothing to complain about.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "baseline_cases.h"
#include "table_pages.h"

#define PROT (RW | BASELINE_CACHE)

struct fixture {
	const struct baseline_case *test_case;
	const struct baseline *driver;
	void *handle;
	long live;
	long warnings;
};

static int set_up(void **state)
{
	const struct baseline_case *test_case = *state;
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->test_case = test_case;
	fixture->driver = baseline_find(test_case->format);
	fixture->live = table_bytes_live();
	fixture->warnings = baseline_warnings();
	fixture->handle = baseline_make(test_case);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	const char *name = fixture->test_case->name;

	fixture->driver->destroy(fixture->handle);
	if (table_bytes_live() != fixture->live)
		fail_msg("%s leaks %ld bytes", name, table_bytes_live() - fixture->live);
	if (baseline_warnings() != fixture->warnings)
		fail_msg("%s complained %ld times", name, baseline_warnings() - fixture->warnings);
	free(fixture);
	return 0;
}

/* Every address of interest in a mapping, and the ones around it, translate as they must. */
static void check_translation(struct fixture *fixture, unsigned long long iova,
			      unsigned long long pa, unsigned long long length, int mapped)
{
	unsigned long long page = baseline_page(fixture->test_case);
	unsigned long long step = length / 16 > page ? length / 16 & -page : page;
	unsigned long long offset = fixture->test_case->no_page_offset ? 0 : page / 2 + 3;

	for (unsigned long long at = 0; at < length; at += step)
		assert_int_equal(fixture->driver->iova_to_phys(fixture->handle, iova + at + offset),
				 mapped ? pa + at + offset : 0);
	if (!fixture->test_case->no_page_offset)
		assert_int_equal(fixture->driver->iova_to_phys(fixture->handle, iova + length - 1),
				 mapped ? pa + length - 1 : 0);
}

static void map_check_unmap(struct fixture *fixture, unsigned long long iova, unsigned long long pa,
			    unsigned long long length)
{
	const struct baseline *driver = fixture->driver;

	assert_int_equal(driver->map(fixture->handle, iova, pa, length, PROT), 0);
	check_translation(fixture, iova, pa, length, 1);
	assert_int_equal(driver->unmap(fixture->handle, iova, length, 0), length);
	check_translation(fixture, iova, pa, length, 0);
}

static void each_page_size(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int lg2 = 0; lg2 < 48; lg2++) {
		unsigned long long size = 1ULL << lg2;

		if (!(fixture->test_case->sizes & size) || lg2 >= 30)
			continue;
		map_check_unmap(fixture, size, 2 * size, size);
		map_check_unmap(fixture, 3 * size, size, 5 * size);
	}
}

/* A range that is not aligned to any but the smallest page, over several tables. */
static void mixed_sizes(void **state)
{
	struct fixture *fixture = *state;
	unsigned long long page = baseline_page(fixture->test_case);

	map_check_unmap(fixture, MIB(64) + 5 * page, MIB(128) + 5 * page, MIB(96) + 9 * page);
	/* The addresses never meet at a larger page. */
	map_check_unmap(fixture, MIB(64) + 5 * page, MIB(128) + 6 * page, MIB(4) + 9 * page);
}

static void last_page(void **state)
{
	struct fixture *fixture = *state;
	unsigned int bits = fixture->test_case->ia_bits;
	unsigned long long page = baseline_page(fixture->test_case);
	unsigned long long end = bits == 64 ? 0 : 1ULL << bits;

	/* AMD's root grows to 64 bits, but its arithmetic ends there: one table below. */
	if (bits == 64)
		end = -GIB(1);
	map_check_unmap(fixture, end - page, page, page);
	map_check_unmap(fixture, end - MIB(64), MIB(64), MIB(64));
}

static void neighbours_stay(void **state)
{
	struct fixture *fixture = *state;
	const struct baseline *driver = fixture->driver;
	unsigned long long page = baseline_page(fixture->test_case), iova = MIB(64);

	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(driver->map(fixture->handle, iova + i * page,
					     MIB(16) + 2 * i * page, page, PROT),
				 0);
	assert_int_equal(driver->unmap(fixture->handle, iova + 3 * page, 2 * page, 1), 2 * page);
	for (unsigned int i = 0; i < 8; i++)
		check_translation(fixture, iova + i * page, MIB(16) + 2 * i * page, page,
				  i != 3 && i != 4);
}

static void destroyed_while_mapped(void **state)
{
	struct fixture *fixture = *state;
	unsigned long long page = baseline_page(fixture->test_case);

	assert_int_equal(fixture->driver->map(fixture->handle, MIB(64) + page, MIB(64) + page,
					      MIB(32), PROT),
			 0);
	assert_true(table_bytes_live() > fixture->live);
}

static void root_is_a_table(void **state)
{
	struct fixture *fixture = *state;
	unsigned int top_level = 99;
	unsigned long root = (unsigned long)fixture->driver->root(fixture->handle, &top_level);

	assert_in_range(root, TABLE_ARENA_START, TABLE_ARENA_START + TABLE_ARENA_BYTES - 1);
	assert_int_equal(root & 1023, 0);
	assert_in_range(top_level, 1, 5);
}

static const struct {
	const char *name;
	CMUnitTestFunction function;
} checks[] = {
	{ "each page size", each_page_size },
	{ "mixed sizes", mixed_sizes },
	{ "last page", last_page },
	{ "neighbours stay", neighbours_stay },
	{ "destroyed while mapped", destroyed_while_mapped },
	{ "root is a table", root_is_a_table },
};

int main(void)
{
	const size_t check_count = sizeof(checks) / sizeof(checks[0]);
	static struct CMUnitTest tests[256];
	static char names[256][80];
	size_t count = 0;

	baseline_test_start();
	for (const struct baseline_case *test_case = baseline_cases(); test_case->name; test_case++)
		for (size_t i = 0; i < check_count; i++) {
			snprintf(names[count], sizeof(names[count]), "%s: %s", test_case->name,
				 checks[i].name);
			tests[count] = (struct CMUnitTest){ names[count], checks[i].function,
							    set_up, tear_down, (void *)test_case };
			count++;
		}
	return _cmocka_run_group_tests("baseline.mapping", tests, count, NULL, NULL);
}
