/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trace.h - recorded maps and unmaps, as the kernel's iommu:map and iommu:unmap
 * tracepoints print them, and what of them a format can replay.
 *
 * A replay keeps to what the kernel did: an unmap takes away what it took away
 * then, which may be more or less than it was asked for. No event is dropped
 * without being counted.
 */
#ifndef PTBENCH_TRACE_H
#define PTBENCH_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The page of the machines that recorded bench/traces, and of /proc/PID/pagemap. */
#define TRACE_GRANULE_LG2 12
/* Calls that one batch takes: as many pages as VFIO pins at a time. */
#define TRACE_BATCH_MOST 512

struct trace_event {
	uint64_t iova, oa, length; /* oa: of a map */
	bool map;
};

/* Why an event is left out. */
enum trace_reason {
	TRACE_NOT_MAPPED, /* unmaps what was mapped before the recording, or by a map that it lacks */
	TRACE_EMPTY, /* mapped or unmapped nothing */
	TRACE_UNALIGNED, /* to the format's granule */
	TRACE_OUT_OF_REACH, /* addresses or sizes beyond the format's */
	TRACE_CUT_OFF, /* the recording ends in the middle of it */
	TRACE_REASONS
};

/* As results have it: "not_mapped". */
const char *trace_reason_name(enum trace_reason reason);

struct trace_counts {
	size_t recorded; /* maps and unmaps in the file: those replayed and those left out */
	size_t replayed;
	size_t left_out[TRACE_REASONS];
	size_t in_part; /* of those replayed: unmaps of which some was not known to be mapped */
	size_t put_in; /* unmaps that the recording lacks: of what it maps anew */
	uint64_t lost; /* events that the recorder says it lost, of any kind */
	bool lost_more; /* and it says that it does not know how many more */
	size_t other_lines; /* neither events of ours nor comments */
};

struct trace {
	char *name, *file;
	struct trace_event
		*events; /* in order; of an unmap: what it took away, which may be nothing */
	size_t count;
	struct trace_counts counts; /* where no limit of a format leaves out any */
	uint64_t iova_last; /* the highest address that is replayed then */
	/* Of all events: */
	uint64_t highest, longest; /* address; bytes of a map */
	unsigned int granule_lg2; /* what addresses and sizes are multiples of */
};

/*
 * Read @file as the trace @name. Returns an exit code; for a line that is no
 * sound event fail() has named it as FILE:LINE.
 */
int trace_load(const char *name, const char *file, struct trace *trace);
void trace_free(struct trace *trace);

/* What a format can express. */
struct trace_limits {
	unsigned int granule_lg2;
	uint64_t iova_last, oa_last;
	uint64_t leaf_sizes; /* that any side may choose; 0: only the counts are wanted */
};

/* A trace as a format replays it. */
struct trace_fit {
	struct trace_event *calls; /* in order; an event is one of them, or several */
	size_t call_count;
	struct trace_event *rest; /* unmaps of what they leave mapped, in address order */
	size_t rest_count;
	uint64_t iova_last; /* the highest address that they use */
	struct trace_counts counts;
};

/* Do no limits but the kinds of leaves matter to @trace? Then trace->counts is what is replayed. */
bool trace_is_within(const struct trace *trace, const struct trace_limits *limits);

/*
 * Find the calls that replay @trace within @limits so that every side can carry
 * them out, with the same translations:
 *
 *   an unmap takes away what is known to be mapped of its range, run by run
 *   a map over something mapped is preceded by the unmap that the recording lacks
 *   a map of which a later unmap takes a part is made in pieces, so that no leaf
 *     that @limits has lies across that part's ends
 *   physical addresses lose the bits that the format does not have
 *
 * Returns false without memory; @fit is to be freed with trace_fit_free() in any case.
 */
bool trace_fit(const struct trace *trace, const struct trace_limits *limits, struct trace_fit *fit);
void trace_fit_free(struct trace_fit *fit);

/* Write one event to @file as tracefs prints it. */
void trace_print(FILE *file, const struct trace_event *event);

#endif
