/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rounds.h - a round is a number of operations between two clock reads, with what has to be
 * before and after them, untimed: the mapping of what is to be unmapped, the check of
 * every result, the way back to where the round began.
 */
#ifndef PTBENCH_ROUNDS_H
#define PTBENCH_ROUNDS_H

#include "sides.h"

/* Bring @side's page table to where rounds begin. */
int side_prepare(struct workload *workload, struct side *side);

/* Run one round; @result is what was timed. */
int round_run(struct workload *workload, struct side *side, struct hot_result *result);

/*
 * The timed part alone; a function of its own, so that profiles can tell it from what surrounds
 * it.
 */
struct hot_result round_timed(const struct workload *workload, const struct subject *subject,
			      void *handle);

/* The timed part on @side and, if it failed, a word about it. */
int round_run_timed(const struct workload *workload, const struct side *side,
		    struct hot_result *result);

/*
 * The loop that round_timed() takes for @subject over the same operations, making as many calls, with
 * nothing behind the pointers.
 */
struct hot_result round_empty(const struct workload *workload, const struct subject *subject);

/* Operations of which the results are a figure: a round's calls, or a trace's events. */
size_t round_operations(const struct workload *workload);

#endif
