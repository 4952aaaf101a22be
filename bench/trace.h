/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trace.h - recorded maps and unmaps, as the kernel's iommu:map and iommu:unmap
 * tracepoints print them.
 *
 * Authority for the text: include/trace/events/iommu.h in Linux. Whatever stands
 * before "map:" or "unmap:" is the recorder's (tracefs: task, CPU, flags, time;
 * perf script: the same and "iommu:") and is not read.
 */
#ifndef PTBENCH_TRACE_H
#define PTBENCH_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Every granule that replays traces is this: the recording kernels' page. */
#define TRACE_GRANULE_LG2 12
/* Calls that one batch takes: as many pages as VFIO pins at a time. */
#define TRACE_BATCH_MOST 512

struct trace_event {
	uint64_t iova, oa, length; /* oa: of a map */
	bool map;
};

struct trace {
	char *name, *file;
	struct trace_event *events; /* those that can be replayed, in order */
	size_t count;
	uint64_t iova_last; /* the highest address that they use */
	struct trace_event *rest; /* unmaps of what they leave mapped, in address order */
	size_t rest_count;
	/* Events that were left out because no page table could take them, by reason. */
	size_t never_mapped; /* unmaps of what was mapped before the recording began */
	size_t mapped_already; /* maps over something mapped */
	size_t cuts_leaf; /* unmaps of part of what a format may hold as one leaf */
};

/*
 * Read @file as the trace @name. Returns an exit code; for a line that is
 * malformed or truncated fail() has named it as FILE:LINE.
 */
int trace_load(const char *name, const char *file, struct trace *trace);
void trace_free(struct trace *trace);

/*
 * Drop the events that cannot be replayed and count them, and find the rest. Exact: an event stays
 * iff every format can carry it out on the page table that the events before it
 * left, with the same translations on every side. Returns false without memory.
 */
bool trace_drop_impossible(struct trace *trace);

/* Write one event to @file as tracefs prints it. */
void trace_print(FILE *file, const struct trace_event *event);

#endif
