/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * random.h - seeded random numbers for tests (splitmix64, Steele et al. 2014).
 * The seed comes from PTBENCH_SEED or a fixed default, and is printed.
 */
#ifndef PTBENCH_TESTS_RANDOM_H
#define PTBENCH_TESTS_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t random_state;

static inline void random_seed_from_environment(void)
{
	const char *text = getenv("PTBENCH_SEED");

	random_state = text ? strtoull(text, NULL, 0) : 20240801;
	printf("seed: PTBENCH_SEED=%llu\n", (unsigned long long)random_state);
}

/* The next number of a state of one's own, as every thread needs it. */
static inline uint64_t random_next_of(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static inline uint64_t random_next(void)
{
	return random_next_of(&random_state);
}

/* 0 .. limit - 1 */
static inline uint64_t random_below(uint64_t limit)
{
	return limit ? random_next() % limit : 0;
}

#endif
