/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * replay.h - a recorded trace carried out on a subject: call by call, or with
 * adjacent calls in batches.
 */
#ifndef PTBENCH_REPLAY_H
#define PTBENCH_REPLAY_H

#include "workload.h"

/* The trace as calls that the format can express, see trace_fit(). Returns an exit code. */
int replay_init(struct workload *workload);
void replay_free(struct workload *workload);

/* Timed: the whole trace on @subject's @handle, in batches where the case and the subject do that. */
struct hot_result replay_run(const struct workload *workload, const struct subject *subject,
			     void *handle);

/* Say where @side failed in what replay_run() returned. */
int replay_fail(const struct workload *workload, const struct side *side,
		const struct hot_result *result);

/*
 * Carry out events [*next, @end) one by one, or batch by batch, checking each;
 * @next moves on, beyond @end where a batch reaches so far.
 */
int replay_checked(const struct workload *workload, struct side *side, size_t *next, size_t end);

/* Unmap what the trace leaves behind. */
int replay_rest(const struct workload *workload, struct side *side);

#endif
