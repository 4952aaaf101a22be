// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* calibrate.c - see calibrate.h. */
#include "calibrate.h"

#include <stdlib.h>
#include <string.h>

#include "bandwidth.h"
#include "rounds.h"

#define REPEATS 200
#define FEW_READS 3
#define TRIAL_ROUNDS 3
#define ROUNDS_MOST (1u << 20)
/* No side's sample takes longer than so many times what was asked for, all in all. */
#define LONGEST_SAMPLE 20

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The mean of the middle half: clocks tick in steps, which a median would round to. */
static double middle(uint64_t *values, size_t count)
{
	uint64_t sum = 0;

	qsort(values, count, sizeof(*values), compare);
	for (size_t i = count / 4; i < count - count / 4; i++)
		sum += values[i];
	return (double)sum / (double)(count - count / 4 * 2);
}

static double empty_round(const struct workload *workload, const struct subject *subject)
{
	uint64_t empty[REPEATS];

	round_empty(workload, subject);
	for (size_t i = 0; i < REPEATS; i++)
		empty[i] = round_empty(workload, subject).nanoseconds;
	return middle(empty, REPEATS);
}

/* Do rounds of @a and of @b make the same calls? */
static bool same_loop(const struct workload *workload, const struct side *a, const struct side *b)
{
	return !workload->c->op->batches || a->subject->batches == b->subject->batches;
}

void calibrate_empty(const struct workload *workload, struct side *sides, unsigned int count,
		     struct calibration *calibration)
{
	uint64_t timer[REPEATS];

	for (size_t i = 0; i < REPEATS; i++)
		timer[i] = hot_map(hot_no_map, NULL, NULL, 0, 0).nanoseconds;
	calibration->timer_ns = middle(timer, REPEATS);
	for (unsigned int i = 0; i < count; i++) {
		unsigned int same = 0;

		/* Measured once for all that share it: its noise is no difference then. */
		while (same < i && !same_loop(workload, &sides[same], &sides[i]))
			same++;
		sides[i].empty_ns =
			same < i ? sides[same].empty_ns : empty_round(workload, sides[i].subject);
	}
	calibration->store_gb_per_s = store_bandwidth();
}

double calibrate_least(const struct calibration *calibration)
{
	return FEW_READS * calibration->timer_ns;
}

struct trial {
	double timed_ns; /* of a round, without what the measuring costs; at least what can be told */
	double whole_ns; /* of a round with all that is untimed in it */
};

static int try_rounds(struct workload *workload, struct side *side, double least,
		      struct trial *trial)
{
	uint64_t timed = UINT64_MAX, whole = UINT64_MAX;

	for (unsigned int i = 0; i < TRIAL_ROUNDS; i++) {
		uint64_t start = hot_now();
		struct hot_result result;
		int error = round_run(workload, side, &result);

		if (error)
			return error;
		start = hot_now() - start;
		timed = result.nanoseconds < timed ? result.nanoseconds : timed;
		whole = start < whole ? start : whole;
	}
	trial->timed_ns = (double)timed - side->empty_ns;
	/* Only the number of rounds depends on it, and even nothing takes a few. */
	if (trial->timed_ns < least)
		trial->timed_ns = least;
	trial->whole_ns = (double)whole;
	return 0;
}

int calibrate_rounds(struct workload *workload, struct side *sides, unsigned int count,
		     uint64_t sample_us, struct calibration *calibration)
{
	double fastest = 0, longest = 1, wanted = (double)sample_us * 1000, rounds;

	for (unsigned int i = 0; i < count; i++) {
		bool counts = count == 1 || strcmp(sides[i].subject->variant, "limit") != 0;
		struct trial trial;
		int error = try_rounds(workload, &sides[i], calibrate_least(calibration), &trial);

		if (error)
			return error;
		if (counts && (!fastest || trial.timed_ns < fastest))
			fastest = trial.timed_ns;
		longest = trial.whole_ns > longest ? trial.whole_ns : longest;
	}
	rounds = wanted / (fastest ? fastest : longest);
	if (rounds > wanted * LONGEST_SAMPLE / longest)
		rounds = wanted * LONGEST_SAMPLE / longest;
	calibration->rounds = rounds < ROUNDS_MOST ? (uint64_t)rounds + 1 : ROUNDS_MOST;
	return 0;
}
