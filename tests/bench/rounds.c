// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rounds.c - rounds can be repeated for ever, leave nothing behind, and notice a
 * subject that fails while it is timed.
 */
#include "rounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <urcu/urcu-memb.h>

#include "calibrate.h"
#include "capture.h"
#include "fail.h"
#include "sabotage.h"
#include "small_machine.h"
#include "table_pages.h"

#define ROUNDS 12

static struct machine machine;
static struct case_list list;

static int begin(void **state)
{
	int result = small_machine_init(&machine) || cases_all(NULL, 0, &list);

	(void)state;
	urcu_memb_register_thread();
	return result;
}

static int end(void **state)
{
	(void)state;
	cases_free(&list);
	return 0;
}

static void run_rounds(const struct bench_case *c, const struct subject *subject)
{
	struct side side = { .subject = subject };
	long live = table_bytes_live();
	struct workload workload;

	snprintf(side.name, sizeof(side.name), "%s", subject->variant);
	assert_int_equal(workload_init(c, NULL, &machine, 1, 3, &workload), 0);
	assert_int_equal(side_create(&workload, &side), 0);
	assert_int_equal(side_prepare(&workload, &side), 0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct hot_result result;

		assert_int_equal(round_run(&workload, &side, &result), 0);
		assert_int_equal(result.done, round_operations(&workload));
		/* What is subtracted makes as many calls as what it is subtracted from. */
		assert_int_equal(round_empty(&workload, subject).done, result.done);
	}
	side_destroy(&side);
	workload_free(&workload);
	if (subject->drain)
		pt_barrier();
	assert_int_equal(table_bytes_live(), live);
}

static void rounds_of_every_kind_repeat_and_leave_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < list.count; i++) {
		const struct bench_case *c = &list.cases[i];

		if (c->op->replays || (!c->quick && !c->facts->main))
			continue;
		for (const struct subject *s = subjects(); s->format; s++)
			if (case_takes(c, s))
				run_rounds(c, s);
	}
}

/* What round_run() returns for @how, and that it printed one line that names case and side. */
static int sabotaged_round(const char *name, enum sabotage how)
{
	const struct bench_case *c = case_find(&list, name);
	struct subject wrong = saboteur("amdv1", HONEST);
	struct side side = { .subject = &wrong, .name = "side" };
	struct workload workload;
	struct hot_result result;
	const char *line;
	int code;

	assert_non_null(c);
	assert_int_equal(workload_init(c, NULL, &machine, 1, 3, &workload), 0);
	assert_int_equal(side_create(&workload, &side), 0);
	assert_int_equal(side_prepare(&workload, &side), 0);
	sabotage = how;
	capture_begin();
	code = round_run(&workload, &side, &result);
	line = capture_end();
	if (code) {
		assert_non_null(strstr(line, name));
		assert_non_null(strstr(line, ": side: "));
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	}
	side_destroy(&side);
	workload_free(&workload);
	return code;
}

static void a_round_notices_what_goes_wrong_in_it(void **state)
{
	static const char *const states[] = {
		"amdv1/map/4K/x256/coherent/warm",	    "amdv1/unmap/4K/x256/coherent/warm",
		"amdv1/unmap/4K/x256/coherent+lazy/warm",   "amdv1/map/4K/x256/coherent/cold",
		"amdv1/iova_to_phys/4K/x256/coherent/warm",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (enum sabotage how = MAP_WRONG; how <= LOOKUP_WRONG; how++)
			assert_int_equal(sabotaged_round(states[i], how),
					 how == MAP_READ_ONLY ? 0 : EXIT_BENCHMARK);
	assert_int_equal(sabotaged_round(states[2], UNMAP_SHORT), EXIT_BENCHMARK);
	assert_int_equal(sabotaged_round(states[3], MAP_WRONG), EXIT_BENCHMARK);
	assert_int_equal(sabotaged_round(states[3], MAP_FAILS), EXIT_BENCHMARK);
	assert_int_equal(sabotaged_round(states[4], LOOKUP_WRONG), EXIT_BENCHMARK);
	assert_int_equal(sabotaged_round("amdv1/map/4K/x1/coherent/out-of-cache", MAP_WRONG),
			 EXIT_BENCHMARK);
	assert_int_equal(sabotaged_round("amdv1/unmap/4K/x1/coherent/out-of-cache", UNMAP_NOTHING),
			 EXIT_BENCHMARK);
}

static void a_sample_is_as_long_as_asked_for(void **state)
{
	const struct bench_case *c = case_find(&list, "amdv1/map/4K/x256/coherent/warm");
	struct side sides[] = {
		{ .subject = subject_find("amdv1", "inline"), .name = "side" },
		{ .subject = subject_find("amdv1", "recursive"), .name = "other" },
	};
	struct calibration small = { 0 }, large = { 0 };
	struct workload workload;

	(void)state;
	assert_int_equal(workload_init(c, NULL, &machine, 1, 3, &workload), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(side_create(&workload, &sides[i]), 0);
	calibrate_empty(&workload, sides, 2, &small);
	assert_true(small.timer_ns > 0);
	assert_true(sides[0].empty_ns >= small.timer_ns / 2);
	/* Measured once for both: its noise must not become a difference between them. */
	assert_true(sides[0].empty_ns == sides[1].empty_ns);
	large = small;
	assert_int_equal(calibrate_rounds(&workload, sides, 2, 10, &small), 0);
	assert_int_equal(calibrate_rounds(&workload, sides, 2, 100000, &large), 0);
	assert_true(small.rounds >= 1);
	assert_true(large.rounds > small.rounds * 100);
	for (size_t i = 0; i < 2; i++)
		side_destroy(&sides[i]);
	workload_free(&workload);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rounds_of_every_kind_repeat_and_leave_nothing),
		cmocka_unit_test(a_round_notices_what_goes_wrong_in_it),
		cmocka_unit_test(a_sample_is_as_long_as_asked_for),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
