/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * counters.h - hardware events of this thread, all in one group, so that they
 * count at the same time or not at all.
 *
 * Authority: perf_event_open(2); libpfm4 knows how events are encoded. Only user
 * space is counted. An event that cannot be had is no error: its reason says why.
 */
#ifndef PTBENCH_COUNTERS_H
#define PTBENCH_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define COUNTERS_MOST 8

struct perf_event_attr;

/* An event that is wanted: our name and libpfm's. */
struct counter_wish {
	const char *name, *event;
};

struct counter {
	const char *name;
	int fd; /* -1: not counted */
	char reason[96]; /* why it is not; empty where it is */
	uint64_t value; /* after counters_read() */
};

struct counters {
	struct counter events[COUNTERS_MOST];
	unsigned int count;
	int leader; /* the group's first event; -1: nothing is counted */
};

/* As the system call; tests put something else in its place. */
typedef long (*counters_open_fn)(struct perf_event_attr *attr, pid_t pid, int cpu, int group,
				 unsigned long flags);
long counters_perf_event_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group,
			      unsigned long flags);

/* What the study wants to know, ended by an entry without a name. */
extern const struct counter_wish counters_usual[];

/* Open @wishes, at most COUNTERS_MOST, for this thread, disabled. Nothing fails: see reasons. */
void counters_open(const struct counter_wish *wishes, counters_open_fn open,
		   struct counters *counters);
void counters_close(struct counters *counters);

/* The group counts between these. Takes a system call each. */
void counters_enable(struct counters *counters);
void counters_disable(struct counters *counters);

/* Set all to 0. */
void counters_reset(struct counters *counters);

/*
 * Read the values. Returns NULL, or why there are none: a group that was counted for a part of the
 * time only, because others wanted the same registers, is worth nothing.
 */
const char *counters_read(struct counters *counters);

#endif
