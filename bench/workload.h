/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * workload.h - a case made ready to run: its operations, the page tables of its
 * sides, and rounds.
 *
 * A round is a number of operations between two clock reads, with what has to be
 * before and after them, untimed: the mapping of what is to be unmapped, the
 * check of every result, the way back to where the round began.
 */
#ifndef PTBENCH_WORKLOAD_H
#define PTBENCH_WORKLOAD_H

#include "cases.h"
#include "hot.h"
#include "layout.h"
#include "machine.h"

/* One variant that takes part; "inline" and "inline#2" are two sides. */
struct side {
	char name[64];
	const struct subject *subject;
	struct subject_table table;
	uint64_t place; /* out of cache: how far the pass through the order has come */
	bool scanned; /* what is scanned for dirty pages is mapped */
	uint64_t salt; /* varies which page of an operation is checked */
	double empty_ns; /* a round of this side's calls with nothing behind them, see calibrate.h */
};

struct crew;

/* Looks at the timed part of every round, from just outside its two clock reads. */
struct watch {
	void (*begin)(void *context);
	void (*end)(void *context);
	void *context;
};

struct workload {
	const struct bench_case *c;
	struct layout layout;
	struct subject_window window;
	struct hot_op *ops; /* of a round */
	size_t op_count;
	const struct trace *trace;
	struct trace_fit fit; /* the trace as calls that the format can express */
	struct hot_step *steps; /* replay in batches: what is one call */
	size_t step_count;
	struct pt_run *returned; /* by unmaps of batches */
	size_t returned_room;
	uint64_t seed;
	uint64_t lines; /* out of cache: operations in a pass, each a line of items */
	struct pt_run *runs; /* of the batch operations */
	unsigned long long *bitmap; /* of dirty pages */
	struct crew *crew; /* who map and unmap at once */
	uint64_t *order; /* room for a round's places in the pass */
	const struct watch *watch; /* NULL: nobody watches */
};

/*
 * Prepare @c. @trace: of a replay, else NULL. @side_count: how many sides have to share the
 * table memory. Returns an exit code.
 */
int workload_init(const struct bench_case *c, const struct trace *trace,
		  const struct machine *machine, unsigned int side_count, uint64_t seed,
		  struct workload *workload);
void workload_free(struct workload *workload);

/* Make @side's page table. */
int side_create(const struct workload *workload, struct side *side);
void side_destroy(struct side *side);

/* Bring @side's page table to where rounds begin, and check its results once. */
int side_prepare(struct workload *workload, struct side *side);

/* Run one round; @result is what was timed. */
int round_run(struct workload *workload, struct side *side, struct hot_result *result);

/*
 * The timed part alone; a function of its own, so that profiles can tell it from what surrounds
 * it.
 */
struct hot_result round_timed(const struct workload *workload, const struct subject *subject,
			      void *handle);

/*
 * The loop that round_timed() takes for @subject over the same operations, making as many calls, with
 * nothing behind the pointers.
 */
struct hot_result round_empty(const struct workload *workload, const struct subject *subject);

/* Operations of which the results are a figure: a round's calls, or a trace's events. */
size_t round_operations(const struct workload *workload);

/* Say that @side failed in @what at @iova with @failure, an errno or a count of bytes. */
int side_fail(const struct workload *workload, const struct side *side, const char *what,
	      uint64_t iova, int64_t failure);

/* Does @iova translate to @oa on @side, or to nothing? */
int side_check_mapped(const struct workload *workload, const struct side *side, uint64_t iova,
		      uint64_t oa);
int side_check_gone(const struct workload *workload, const struct side *side, uint64_t iova);

/* Map the page at @iova; the anchor: one beyond all operations, so that upper tables exist. */
int side_map_page(const struct workload *workload, struct side *side, uint64_t iova);
int side_map_anchor(const struct workload *workload, struct side *side);

/* Map, or unmap strictly, all of a round's operations. */
int side_map_round(const struct workload *workload, struct side *side);
int side_unmap_round(const struct workload *workload, struct side *side);

/* Fill in the operations of the next round out of cache, from @place on; returns the next place. */
uint64_t workload_spread(struct workload *workload, uint64_t place);

#endif
