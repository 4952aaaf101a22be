// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * counters.c - a group of events counts what lies between enable and disable,
 * and what cannot be counted says why. Software events stand in for those of a
 * PMU, which virtual machines often lack.
 */
#define _GNU_SOURCE
#include "counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture.h"
#include "events.h"
#include "rounds.h"

#define PAGES 64
#define PAGE 4096

static const struct counter_wish software[] = {
	{ "task_clock", "PERF_COUNT_SW_TASK_CLOCK" },
	{ "page_faults", "PERF_COUNT_SW_PAGE_FAULTS" },
	{ NULL, NULL },
};

/* A sanitizer's shadow memory would have page faults of its own. */
__attribute__((no_sanitize("address"))) static void touch(char *memory, unsigned int pages)
{
	for (unsigned int i = 0; i < pages; i++)
		((volatile char *)memory)[i * PAGE] = 1;
}

static void only_what_is_between_is_counted(void **state)
{
	char *memory = mmap(NULL, 3 * PAGES * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct counters counters;

	(void)state;
	assert_ptr_not_equal(memory, MAP_FAILED);
	madvise(memory, 3 * PAGES * PAGE, MADV_NOHUGEPAGE);
	counters_open(software, counters_perf_event_open, &counters);
	if (counters.leader < 0) {
		print_message("%s\n", counters.events[0].reason);
		skip();
	}
	touch(memory, PAGES);
	counters_reset(&counters);
	for (unsigned int i = 0; i < 2; i++) {
		counters_enable(&counters);
		touch(memory + (1 + i) * PAGES * PAGE, PAGES / 2);
		counters_disable(&counters);
		touch(memory + (1 + i) * PAGES * PAGE, PAGES);
	}
	assert_null(counters_read(&counters));
	assert_int_equal(counters.events[1].value, PAGES);
	assert_true(counters.events[0].value > 0);
	counters_close(&counters);
	munmap(memory, 3 * PAGES * PAGE);
}

/* The error that refuse() gives for each event in turn. */
static const int *errors;

static long refuse(struct perf_event_attr *attr, pid_t pid, int cpu, int group, unsigned long flags)
{
	(void)attr, (void)pid, (void)cpu, (void)flags;
	assert_int_equal(group, -1);
	errno = *errors++;
	return -1;
}

static void every_refusal_has_its_reason(void **state)
{
	static const struct {
		int error;
		const char *name, *word;
	} refusals[] = {
		{ ENOENT, "ENOENT: ", "no such counter" },
		{ EOPNOTSUPP, "EOPNOTSUPP: ", "cannot count it" },
		{ EACCES, "EACCES: ", "perf_event_paranoid" },
		{ EINVAL, "EINVAL: ", "beside the other events" },
		{ ENOSYS, "ENOSYS: ", "no perf events" },
	};
	int list[COUNTERS_MOST];
	struct counters counters;

	(void)state;
	for (unsigned int i = 0; i < 5; i++)
		list[i] = refusals[i].error;
	errors = list;
	counters_open(counters_usual, refuse, &counters);
	assert_int_equal(counters.count, 5);
	assert_int_equal(counters.leader, -1);
	for (unsigned int i = 0; i < 5; i++) {
		const char *reason = counters.events[i].reason;

		assert_int_equal(counters.events[i].fd, -1);
		assert_int_equal(strncmp(reason, refusals[i].name, strlen(refusals[i].name)), 0);
		assert_non_null(strstr(reason, refusals[i].word));
	}
	counters_enable(&counters);
	counters_disable(&counters);
	assert_string_equal(counters_read(&counters), "nothing is counted");
	counters_close(&counters);
}

/* A group in which the second event is refused, and which reads as @group says. */
static const uint64_t *group_words;
static unsigned int opened;

static long open_some(struct perf_event_attr *attr, pid_t pid, int cpu, int group,
		      unsigned long flags)
{
	int ends[2];

	(void)pid, (void)cpu, (void)flags;
	assert_true(attr->exclude_kernel);
	assert_int_equal(attr->disabled, opened == 0);
	assert_true(opened == 0 ? group == -1 : group >= 0);
	if (++opened == 2) {
		errno = ENOENT;
		return -1;
	}
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], group_words, 5 * 8), 5 * 8);
	close(ends[1]);
	return ends[0];
}

static const struct counter_wish three[] = {
	{ "cycles", "PERF_COUNT_HW_CPU_CYCLES" },
	{ "instructions", "PERF_COUNT_HW_INSTRUCTIONS" },
	{ "branch_misses", "PERF_COUNT_HW_BRANCH_MISSES" },
	{ NULL, NULL },
};

static const char *read_group(const uint64_t *words, struct counters *counters)
{
	group_words = words;
	opened = 0;
	counters_open(three, open_some, counters);
	return counters_read(counters);
}

static void a_refused_event_leaves_the_others_in_their_places(void **state)
{
	static const uint64_t words[] = { 2, 1000, 1000, 11, 33 };
	struct counters counters;

	(void)state;
	assert_null(read_group(words, &counters));
	assert_int_equal(counters.events[0].value, 11);
	assert_int_equal(counters.events[1].fd, -1);
	assert_int_equal(counters.events[2].value, 33);
	counters_close(&counters);
}

static void a_group_that_was_pushed_aside_is_discarded(void **state)
{
	static const uint64_t partly[] = { 2, 1000, 999, 11, 33 }, never[] = { 2, 1000, 0, 0, 0 };
	struct counters counters;

	(void)state;
	assert_string_equal(read_group(partly, &counters),
			    "the group was multiplexed with other events");
	counters_close(&counters);
	assert_string_equal(read_group(never, &counters), "the group was never counted");
	counters_close(&counters);
}

static void events_of_an_operation(void **state)
{
	struct machine machine;
	struct case_list list;
	struct workload workload;
	struct side side = { .name = "inline" };
	struct side_events events;
	struct counters counters;
	const struct bench_case *c;
	const char *lost;

	(void)state;
	assert_int_equal(machine_init(MACHINE_ANY_CPU, false, &machine), 0);
	assert_int_equal(cases_all(NULL, 0, &list), 0);
	c = case_find(&list, "amdv1/map/4K/x256/coherent/warm");
	assert_non_null(c);
	side.subject = subject_find("amdv1", "inline");
	assert_int_equal(workload_init(c, NULL, &machine, 1, 1, &workload), 0);
	assert_int_equal(side_create(&workload, &side), 0);
	assert_int_equal(side_prepare(&workload, &side), 0);
	counters_open(software, counters_perf_event_open, &counters);
	if (counters.leader < 0)
		skip();
	assert_int_equal(events_count(&counters, &workload, &side, 1, 50, &events, &lost), 0);
	assert_null(lost);
	assert_null(workload.watch);
	assert_int_equal(events.count, 2);
	assert_string_equal(events.values[1].name, "page_faults");
	assert_true(events.values[1].value < 0.1);
	/* Nanoseconds of a map of 256 pages: more than a few, less than a second. */
	assert_true(events.values[0].value > 5 && events.values[0].value < 1e9);
	counters_close(&counters);
	side_destroy(&side);
	workload_free(&workload);
	cases_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_between_is_counted),
		cmocka_unit_test(every_refusal_has_its_reason),
		cmocka_unit_test(a_refused_event_leaves_the_others_in_their_places),
		cmocka_unit_test(a_group_that_was_pushed_aside_is_discarded),
		cmocka_unit_test(events_of_an_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
