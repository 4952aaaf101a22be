/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* replay.h - what operations/replay.c has made of a workload's trace. */
#ifndef PTBENCH_REPLAY_H
#define PTBENCH_REPLAY_H

#include "sides.h"

/* The trace as calls that the format can express. */
const struct trace_fit *replay_fit(const struct workload *workload);

/* Replay in batches: what is one call; @count is set to how many there are. */
const struct hot_batch *replay_batches(const struct workload *workload, size_t *count);

/*
 * Carry out calls [*@next, @end) on @side one by one, or batch by batch, checking each; @next moves on, beyond @end where
 * a batch reaches so far. Returns an exit code.
 */
int replay_checked(const struct workload *workload, struct side *side, size_t *next, size_t end);

#endif
