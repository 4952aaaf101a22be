/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* calibrate.h - what the measuring itself costs, and how many rounds make a sample. */
#ifndef PTBENCH_CALIBRATE_H
#define PTBENCH_CALIBRATE_H

#include "workload.h"

struct calibration {
	double timer_ns; /* two clock reads with nothing in between */
	double store_gb_per_s; /* of plain stores to table memory */
	uint64_t rounds; /* in a sample, the same number for every side */
};

/*
 * What is to be subtracted from a round of each side (its empty_ns, clock reads included), and how
 * fast stores are.
 */
void calibrate_empty(const struct workload *workload, struct side *sides, unsigned int count,
		     struct calibration *calibration);

/*
 * What a round's timed part has to be longer than, once the empty loop is subtracted, to be a
 * figure at all: a few clock reads, whose own time varies by about as much.
 */
double calibrate_least(const struct calibration *calibration);

/*
 * So many rounds that even the fastest of @sides, the limit aside, is timed for @sample_us;
 * fewer where another side, or what is untimed, would take many times as long. Returns an exit
 * code.
 */
int calibrate_rounds(struct workload *workload, struct side *sides, unsigned int count,
		     uint64_t sample_us, struct calibration *calibration);

#endif
