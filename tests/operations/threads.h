/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * threads.h - what tests with several threads need: random numbers for each, and the time.
 */
#ifndef PTBENCH_TESTS_THREADS_H
#define PTBENCH_TESTS_THREADS_H

#include <stdint.h>
#include <time.h>

/* xorshift64 (Marsaglia 2003), whose state, not 0, is the thread's own. */
static inline uint64_t thread_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static inline double seconds_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

#endif
