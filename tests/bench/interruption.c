// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* interruption.c - a round without the CPU is told from one that is only slow. */
#define _GNU_SOURCE
#include "interruption.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "hot.h"

#define TRIES 1000
#define ROUND_NS 30000
#define PATIENCE_NS 20000000000ULL

static uint64_t spin(uint64_t nanoseconds)
{
	uint64_t start = hot_now(), now;

	do
		now = hot_now();
	while (now - start < nanoseconds);
	return now - start;
}

static void a_slow_round_with_the_cpu_counts(void **state)
{
	unsigned int taken = 0;

	(void)state;
	for (unsigned int i = 0; i < TRIES; i++) {
		struct interruption interruption = { .fastest = 100 };

		interruption_begin(&interruption);
		taken += interruption_happened(&interruption, 10000000);
		assert_int_equal(interruption.rounds <= 1, 1);
	}
	/* The scheduler may come in between now and then. */
	assert_true(taken < TRIES / 2);
}

static void a_usual_round_counts_whatever_the_scheduler_did(void **state)
{
	struct interruption interruption = { .fastest = 0 };

	(void)state;
	interruption_begin(&interruption);
	interruption.switches = -1; /* as if there had been one since */
	assert_false(interruption_happened(&interruption, 5000000));
	assert_false(interruption_happened(&interruption, 6000000));
	assert_false(interruption_happened(&interruption, 4000000));
	assert_int_equal(interruption.fastest, 4000000);
	assert_true(interruption_happened(&interruption, 40000000));
	assert_int_equal(interruption.rounds, 1);
}

static void a_round_that_another_process_interrupts_is_found(void **state)
{
	struct interruption interruption = { .fastest = 0 };
	uint64_t start = hot_now();
	cpu_set_t one;
	pid_t child;

	(void)state;
	CPU_ZERO(&one);
	CPU_SET((unsigned int)sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		for (;;)
			hot_now();
	interruption_begin(&interruption);
	while (!interruption.rounds && hot_now() - start < PATIENCE_NS)
		interruption_happened(&interruption, spin(ROUND_NS));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_true(interruption.rounds > 0);
	interruption_begin(&interruption);
	assert_int_equal(interruption.rounds, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_round_with_the_cpu_counts),
		cmocka_unit_test(a_usual_round_counts_whatever_the_scheduler_did),
		cmocka_unit_test(a_round_that_another_process_interrupts_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
