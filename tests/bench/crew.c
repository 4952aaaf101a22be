// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* crew.c - a crew's threads share the work, start together, and report what failed. */
#include "crew.h"

#include <string.h>

#include "capture.h"
#include "fail.h"
#include "machine.h"

#define ITEMS 1000
#define ROUNDS 50

struct tally {
	unsigned char done[ITEMS];
	unsigned int fail_at; /* ITEMS: nowhere */
};

static struct hot_result count(void *context, unsigned int first, unsigned int stride)
{
	struct tally *tally = context;

	for (unsigned int i = first; i < ITEMS; i += stride) {
		if (i == tally->fail_at)
			return (struct hot_result){ .done = i, .failure = -5 };
		tally->done[i]++;
	}
	return (struct hot_result){ .done = ITEMS };
}

static void every_item_is_done_once_a_round(void **state)
{
	struct crew *crew;

	(void)state;
	for (unsigned int threads = 1; threads <= crew_most(); threads++) {
		struct tally tally = { .fail_at = ITEMS };

		assert_int_equal(crew_init(&crew, threads, MACHINE_ANY_CPU), 0);
		for (unsigned int round = 1; round <= ROUNDS; round++) {
			struct hot_result result = crew_run(crew, count, &tally);

			assert_int_equal(result.failure, 0);
			assert_true(result.nanoseconds > 0);
			for (unsigned int i = 0; i < ITEMS; i++)
				assert_int_equal(tally.done[i], round);
		}
		crew_free(crew);
	}
}

static void a_failure_of_any_thread_is_reported(void **state)
{
	unsigned int threads = crew_most();
	struct crew *crew;

	(void)state;
	assert_int_equal(crew_init(&crew, threads, MACHINE_ANY_CPU), 0);
	for (unsigned int who = 0; who < threads; who++) {
		struct tally tally = { .fail_at = 10 * threads + who };
		struct hot_result result = crew_run(crew, count, &tally);

		assert_int_equal(result.failure, -5);
		assert_int_equal(result.done, 10 * threads + who);
	}
	crew_free(crew);
}

static void more_threads_than_cpus_are_refused(void **state)
{
	struct crew *crew;

	(void)state;
	capture_begin();
	assert_int_equal(crew_init(&crew, crew_most() + 1, MACHINE_ANY_CPU), EXIT_ABSENT);
	assert_non_null(strstr(capture_end(), "need as many CPUs"));
	crew_free(crew);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_is_done_once_a_round),
		cmocka_unit_test(a_failure_of_any_thread_is_reported),
		cmocka_unit_test(more_threads_than_cpus_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
