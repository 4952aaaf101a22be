/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * baseline_cases.h - the drivers in the configurations that the tests use, and
 * how each driver behaves where they differ.
 */
#ifndef PTBENCH_TEST_BASELINE_CASES_H
#define PTBENCH_TEST_BASELINE_CASES_H

#include <stdbool.h>

#include "baseline.h"

#define KIB(n) ((unsigned long long)(n) << 10)
#define MIB(n) ((unsigned long long)(n) << 20)
#define GIB(n) ((unsigned long long)(n) << 30)
#define TIB(n) ((unsigned long long)(n) << 40)
#define RW (BASELINE_READ | BASELINE_WRITE)

/* What a map over something mapped does. */
enum overlap {
	OVERLAP_REFUSED, /* -EEXIST and a complaint */
	OVERLAP_COMPLAINED, /* a complaint, but success, and the old mapping stays */
	OVERLAP_REPLACED, /* success, without a word */
	OVERLAP_REPLACED_LOUDLY, /* success and a complaint */
	OVERLAP_IN_USE /* -EADDRINUSE, without a word */
};

/* What an unmap of one page out of a larger leaf does. */
enum partial_unmap {
	PARTIAL_SPLITS,
	PARTIAL_TAKES_ALL,
	PARTIAL_NOTHING, /* nothing is unmapped, and a complaint */
	PARTIAL_IMPOSSIBLE /* there is one page size only */
};

struct baseline_case {
	const char *name;
	const char *format;
	struct baseline_config config;
	unsigned long long sizes; /* page sizes that are to be tried */
	unsigned int ia_bits;
	enum overlap overlap;
	enum partial_unmap partial;
	unsigned int unaligned; /* the error of a map of less than a page, if it is not EINVAL */
	unsigned int no_page_offset : 1; /* iova_to_phys() answers with the page's address */
	unsigned int takes_any_prot : 1; /* also neither read nor write */
	unsigned int born_dirty : 1; /* what is mapped for writing is marked dirty at once */
	unsigned int no_rollback : 1; /* a map that fails in the middle stays half done */
};

/* Those whose driver is in this build, ended by an entry without a name. */
const struct baseline_case *baseline_cases(void);

/* The driver of @format, or NULL. */
const struct baseline *baseline_find(const char *format);

/* Make a table or fail the test. */
void *baseline_make(const struct baseline_case *test_case);

/* The smallest page size of @test_case. */
unsigned long long baseline_page(const struct baseline_case *test_case);

typedef void (*baseline_check)(const struct baseline_case *test_case, const struct baseline *driver,
			       void *handle);

/*
 * Run @check on each case that is @wanted (NULL: on all) with a fresh table, and see that no memory is
 * left of it; where @quiet, that no driver complained either.
 */
void baseline_for_each(baseline_check check, bool (*wanted)(const struct baseline_case *test_case),
		       bool quiet);

/* A test that uses baseline_for_each(): where it fails, it says in which case. */
#define BASELINE_TEST(test) cmocka_unit_test_teardown(test, baseline_name_failure)
int baseline_name_failure(void **state);

/*
 * The start of each test program: the arena, and exit code 77 where no driver is
 * built. Messages of the drivers are off.
 */
void baseline_test_start(void);

#endif
