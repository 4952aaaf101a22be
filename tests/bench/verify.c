// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * verify.c - all subjects of every case build the same tables; a subject that does
 * not is found out.
 */
#include "verify.h"

#include <stdio.h>

#include "capture.h"
#include "fail.h"
#include "sabotage.h"
#include "small_machine.h"

#define MOST_SIDES 16

static struct machine machine;
static struct case_list list;

static int begin(void **state)
{
	(void)state;
	return small_machine_init(&machine) || cases_all(NULL, 0, &list);
}

static int end(void **state)
{
	(void)state;
	cases_free(&list);
	return 0;
}

/* The engine's options double the work: in one case of each kind, and where nobody else takes part. */
static bool with_extras(const struct bench_case *c)
{
	return c->quick || (c->page_size & c->facts->contiguous_sizes && c->count == 1);
}

static unsigned int all_sides(const struct bench_case *c, struct side *sides)
{
	unsigned int count = 0;

	for (const struct subject *s = subjects(); s->format; s++)
		if (case_takes(c, s) && (!s->extra || with_extras(c)) && count < MOST_SIDES)
			sides[count++] = (struct side){ .subject = s };
	return count;
}

static void all_subjects_of_every_case_agree(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < list.count; i++) {
		const struct bench_case *c = &list.cases[i];
		struct side sides[MOST_SIDES];
		unsigned int count = all_sides(c, sides);
		struct workload workload;

		if (c->op->replays)
			continue;
		assert_true(count >= 2);
		assert_int_equal(workload_init(c, NULL, &machine, count, 1, &workload), 0);
		failed += verify_sides(&workload, sides, count) != 0;
		workload_free(&workload);
	}
	assert_int_equal(failed, 0);
}

static int verify_against(const char *name, enum sabotage how)
{
	const struct bench_case *c = case_find(&list, name);
	struct subject wrong = saboteur("amdv1", how);
	struct side sides[2] = { { .subject = subject_find("amdv1", "inline") },
				 { .subject = &wrong } };
	struct workload workload;
	int result;

	assert_non_null(c);
	assert_int_equal(workload_init(c, NULL, &machine, 2, 1, &workload), 0);
	capture_begin();
	result = verify_sides(&workload, sides, 2);
	printf("%s", capture_end());
	workload_free(&workload);
	return result;
}

static void whoever_does_it_wrong_is_found_out(void **state)
{
	const char *name = "amdv1/map/4K/x256/coherent/warm";

	(void)state;
	assert_int_equal(verify_against(name, HONEST), 0);
	for (enum sabotage how = MAP_SHORT; how <= LOOKUP_WRONG; how++)
		assert_int_equal(verify_against(name, how), EXIT_BENCHMARK);
	assert_int_equal(verify_against("amdv1/map/4K/x1/coherent/out-of-cache", MAP_READ_ONLY),
			 EXIT_BENCHMARK);
	assert_int_equal(verify_against("amdv1/map/mixed/x1/coherent/warm", UNMAP_NOTHING),
			 EXIT_BENCHMARK);
}

static void a_disagreement_names_place_and_words(void **state)
{
	const struct bench_case *c = case_find(&list, "amdv1/map/4K/x1/coherent/warm");
	struct subject wrong = saboteur("amdv1", MAP_READ_ONLY);
	struct side sides[2] = { { .subject = subject_find("amdv1", "recursive") },
				 { .subject = &wrong } };
	struct workload workload;
	const char *line;

	(void)state;
	assert_int_equal(workload_init(c, NULL, &machine, 2, 1, &workload), 0);
	capture_begin();
	assert_int_equal(verify_sides(&workload, sides, 2), EXIT_BENCHMARK);
	line = capture_end();
	/* 4 GiB and the page behind it, AMDv1's read and write bits. */
	assert_string_equal(line,
			    "ptbench-bench: amdv1/map/4K/x1/coherent/warm: tables disagree at "
			    "level 0, iova 0x100000000: recursive has leaf "
			    "0x7000000100001001, saboteur has leaf 0x3000000100001001\n");
	workload_free(&workload);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_subjects_of_every_case_agree),
		cmocka_unit_test(whoever_does_it_wrong_is_found_out),
		cmocka_unit_test(a_disagreement_names_place_and_words),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
