// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * coherency.c - for a walker that does not snoop, what a driver writes is written
 * back to memory: new tables whole, items that are set and items that are cleared.
 * For one that snoops, nothing is. The linker leads the flushes through here.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "baseline_cases.h"
#include "table_pages.h"
#include "walk.h"

#define MAX_FLUSHES 64

static struct {
	const char *start, *end;
} flushed[MAX_FLUSHES];
static unsigned int flush_count;

void __real_table_flush_lines(const void *address, unsigned long bytes);
void __wrap_table_flush_lines(const void *address, unsigned long bytes);

void __wrap_table_flush_lines(const void *address, unsigned long bytes)
{
	assert_in_range(flush_count, 0, MAX_FLUSHES - 1);
	flushed[flush_count].start = address;
	flushed[flush_count].end = (const char *)address + bytes;
	flush_count++;
	__real_table_flush_lines(address, bytes);
}

static int was_flushed(const void *address, unsigned long bytes)
{
	for (unsigned int i = 0; i < flush_count; i++)
		if (flushed[i].start <= (const char *)address &&
		    (const char *)address + bytes <= flushed[i].end)
			return 1;
	return 0;
}

static void check_incoherent(const struct baseline_case *test_case)
{
	const struct baseline *driver = baseline_find(test_case->format);
	unsigned long long page = test_case->sizes & -test_case->sizes;
	void *handle = baseline_make(test_case);
	unsigned int top_level;
	const void *item, *next;

	assert_true(was_flushed(driver->root(handle, &top_level), 8));

	flush_count = 0;
	assert_int_equal(driver->map(handle, MIB(64), page, page, RW), 0);
	item = walk_item_address(driver, handle, MIB(64), 0);
	next = walk_item_address(driver, handle, MIB(64) + page, 0);
	assert_true(was_flushed(item, 4));
	/* All of the new leaf table, so the neighbour as well; and the item that leads to it. */
	assert_true(was_flushed(next, 4));
	assert_true(was_flushed(walk_item_address(driver, handle, MIB(64), 1), 4));

	flush_count = 0;
	assert_int_equal(driver->map(handle, MIB(64) + page, 4 * page, page, RW), 0);
	assert_true(was_flushed(next, 4));
	assert_false(was_flushed(item, 4));

	flush_count = 0;
	assert_int_equal(driver->unmap(handle, MIB(64), page, 0), page);
	assert_true(was_flushed(item, 4));
	assert_false(was_flushed(next, 4));
	driver->destroy(handle);
}

static void check_coherent(const struct baseline_case *test_case)
{
	const struct baseline *driver = baseline_find(test_case->format);
	void *handle = baseline_make(test_case);

	assert_int_equal(driver->map(handle, MIB(64), MIB(64), MIB(1), RW), 0);
	assert_int_equal(driver->unmap(handle, MIB(64), MIB(1), 0), MIB(1));
	driver->destroy(handle);
	assert_int_equal(flush_count, 0);
}

static void incoherent(void **state)
{
	(void)state;
	for (const struct baseline_case *test_case = baseline_cases(); test_case->name; test_case++)
		if (test_case->config.incoherent) {
			print_message("%s\n", test_case->name);
			flush_count = 0;
			check_incoherent(test_case);
		}
}

static void coherent(void **state)
{
	(void)state;
	flush_count = 0;
	for (const struct baseline_case *test_case = baseline_cases(); test_case->name; test_case++)
		if (!test_case->config.incoherent)
			check_coherent(test_case);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(incoherent),
					    cmocka_unit_test(coherent) };

	baseline_test_start();
	return cmocka_run_group_tests_name("baseline.coherency", tests, NULL, NULL);
}
