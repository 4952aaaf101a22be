/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* events.h - hardware events of one operation of each side. */
#ifndef PTBENCH_EVENTS_H
#define PTBENCH_EVENTS_H

#include "counters.h"
#include "gbench.h"
#include "workload.h"

/* What one operation of a side causes: the events that could be counted. */
struct side_events {
	struct gbench_counter values[COUNTERS_MOST];
	unsigned int count;
};

/*
 * Count @rounds rounds of each side with @counters, in a pass of its own: switching counters on and
 * off takes microseconds and leaves traces in the caches, which no timed sample should have. What
 * the loop around the operations causes is subtracted. @events: one for each side. @lost is set to
 * the reason why there are none of some side, or NULL. Returns an exit code.
 */
int events_count(struct counters *counters, struct workload *workload, struct side *sides,
		 unsigned int count, uint64_t rounds, struct side_events *events,
		 const char **lost);

#endif
