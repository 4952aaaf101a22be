// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* selftests.c - the drivers' own boot-time self-tests pass behind the shim. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "baseline_cases.h"
#include "table_pages.h"

static int count;

static void report(const char *kernel, const char *name, int result)
{
	if (result)
		fail_msg("%s: %s returns %d", kernel, name, result);
	count++;
}

/* v7s's in every kernel; LPAE's until they became a KUnit module. */
static int expected(void)
{
	int tests = 0;

	for (const struct baseline_kernel *const *kernel = baseline_kernels(); *kernel; kernel++)
		tests += (*kernel)->version < 6019 ? 2 : 1;
	return tests;
}

static void pass(void **state)
{
	long live = table_bytes_live();

	(void)state;
	assert_int_equal(baseline_selftests(report), expected());
	assert_int_equal(count, expected());
	assert_int_equal(baseline_warnings(), 0);
	assert_int_equal(table_bytes_live(), live);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pass) };

	baseline_test_start();
	return cmocka_run_group_tests_name("baseline.selftests", tests, NULL, NULL);
}
