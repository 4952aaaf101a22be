// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rounds.c - rounds can be repeated for ever, leave nothing behind, and notice a
 * subject that fails while it is timed.
 */
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <urcu/urcu-memb.h>

#include "calibrate.h"
#include "capture.h"
#include "fail.h"
#include "sabotage.h"
#include "table_pages.h"

#define SMALL_CACHE (256ULL << 10)
#define ROUNDS 12

static struct machine machine;
static struct case_list list;

static int begin(void **state)
{
	int result = machine_init(MACHINE_ANY_CPU, false, &machine) || cases_all(NULL, 0, &list);

	(void)state;
	urcu_memb_register_thread();
	/* So that a pass out of cache ends, and begins anew, within a few rounds. */
	machine.llc_bytes = SMALL_CACHE;
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
	}
	side_destroy(&side);
	workload_free(&workload);
	if (subject->settle)
		pt_barrier();
	assert_int_equal(table_bytes_live(), live);
}

static void rounds_of_every_kind_repeat_and_leave_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < list.count; i++) {
		const struct bench_case *c = &list.cases[i];

		if (case_is_replay(c) || (!c->quick && !c->facts->main))
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
	struct side side = { .subject = subject_find("amdv1", "inline"), .name = "side" };
	struct calibration small = { 0 }, large = { 0 };
	struct workload workload;

	(void)state;
	assert_int_equal(workload_init(c, NULL, &machine, 1, 3, &workload), 0);
	assert_int_equal(side_create(&workload, &side), 0);
	calibrate_empty(&workload, &small);
	assert_true(small.timer_ns > 0);
	assert_true(small.empty_ns >= small.timer_ns / 2);
	large = small;
	assert_int_equal(calibrate_rounds(&workload, &side, 1, 10, &small), 0);
	assert_int_equal(calibrate_rounds(&workload, &side, 1, 100000, &large), 0);
	assert_true(small.rounds >= 1);
	assert_true(large.rounds > small.rounds * 100);
	side_destroy(&side);
	workload_free(&workload);
}

static const char trace_text[] =
	"t-1 [0] ..... 1.0: unmap: IOMMU: iova=0x9000 - 0xa000 size=4096 unmapped_size=4096\n"
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x1000 - 0x3000 paddr=0x100001000 size=8192\n"
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x8000000 - 0x8200000 paddr=0x200000 size=2097152\n"
	"t-1 [0] ..... 1.0: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 unmapped_size=4096\n"
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x7000 size=4096\n";

static void traces_are_replayed_on_every_format_that_can(void **state)
{
	unsigned int replayed = 0;
	struct case_list with_trace;
	struct trace trace;

	(void)state;
	assert_int_equal(
		trace_load("t", temporary_file(trace_text, sizeof(trace_text) - 1), &trace), 0);
	assert_int_equal(trace.count, 4);
	assert_int_equal(cases_all(&trace, 1, &with_trace), 0);
	for (size_t i = 0; i < with_trace.count; i++) {
		const struct bench_case *c = &with_trace.cases[i];

		if (strcmp(c->trace, "t") != 0)
			continue;
		for (const struct subject *s = subjects(); s->format; s++) {
			struct side side = { .subject = s, .name = "side" };
			struct workload workload;
			struct hot_result result;

			if (!case_takes(c, s))
				continue;
			assert_int_equal(workload_init(c, &trace, &machine, 1, 3, &workload), 0);
			assert_int_equal(side_create(&workload, &side), 0);
			assert_int_equal(side_prepare(&workload, &side), 0);
			for (unsigned int round = 0; round < 3; round++)
				assert_int_equal(round_run(&workload, &side, &result), 0);
			assert_int_equal(side_check_gone(&workload, &side, 0x8000000), 0);
			side_destroy(&side);
			workload_free(&workload);
			replayed++;
		}
	}
	assert_true(replayed >= 3);
	cases_free(&with_trace);
	trace_free(&trace);
}

static const char adjacent_text[] =
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x100000 size=4096\n"
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x2000 - 0x3000 paddr=0x300000 size=4096\n"
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x3000 - 0x4000 paddr=0x301000 size=4096\n"
	"t-1 [0] ..... 1.0: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 unmapped_size=4096\n"
	"t-1 [0] ..... 1.0: unmap: IOMMU: iova=0x2000 - 0x3000 size=4096 unmapped_size=4096\n"
	"t-1 [0] ..... 1.0: unmap: IOMMU: iova=0x3000 - 0x4000 size=4096 unmapped_size=4096\n"
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x9000 - 0xa000 paddr=0x100000 size=4096\n";

/* Not where memory touches too: what the engine would join, the trace unmaps in parts. */
static void adjacent_calls_become_one(void **state)
{
	static const size_t expected[] = { 2, 1, 3, 1 };
	struct case_list with_trace;
	const struct bench_case *c;
	struct workload workload;
	struct trace trace;

	(void)state;
	assert_int_equal(
		trace_load("t", temporary_file(adjacent_text, sizeof(adjacent_text) - 1), &trace),
		0);
	assert_int_equal(cases_all(&trace, 1, &with_trace), 0);
	c = case_find(&with_trace, "amdv1/replay_batch/t/x7/coherent/warm");
	assert_non_null(c);
	assert_int_equal(workload_init(c, &trace, &machine, 1, 3, &workload), 0);
	assert_int_equal(workload.step_count, sizeof(expected) / sizeof(*expected));
	for (size_t i = 0; i < workload.step_count; i++)
		assert_int_equal(workload.steps[i].count, expected[i]);
	assert_int_equal(workload.steps[2].length, 0x3000);
	assert_int_equal(round_operations(&workload), 7);
	workload_free(&workload);
	cases_free(&with_trace);
	trace_free(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rounds_of_every_kind_repeat_and_leave_nothing),
		cmocka_unit_test(a_round_notices_what_goes_wrong_in_it),
		cmocka_unit_test(a_sample_is_as_long_as_asked_for),
		cmocka_unit_test(traces_are_replayed_on_every_format_that_can),
		cmocka_unit_test(adjacent_calls_become_one),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
