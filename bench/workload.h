/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* workload.h - a case made ready to run: its operations and the sides that take part. */
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
	uint64_t salt; /* varies which page of an operation is checked */
	double empty_ns; /* a round of this side's calls with nothing behind them, see calibrate.h */
};

/* Looks at the timed part of every round, from just outside its two clock reads. */
struct watch {
	void (*begin)(void *context);
	void (*end)(void *context);
	void *context;
};

struct workload {
	const struct bench_case *c;
	const struct trace *trace; /* of a replay, else NULL */
	uint64_t seed;
	struct layout layout;
	struct subject_window window;
	struct hot_op *ops; /* of a round */
	size_t op_count;
	void *own; /* the operation's, see struct bench_op */
	/* Out of cache: */
	uint64_t lines; /* operations in a pass, each a line of items */
	uint64_t *order; /* room for a round's places in the pass */
	const struct watch *watch; /* NULL: nobody watches */
};

/*
 * Prepare @c. @trace: of a replay, else NULL. @side_count: how many sides have to share the
 * table memory. Returns an exit code; workload_free() it either way.
 */
int workload_init(const struct bench_case *c, const struct trace *trace,
		  const struct machine *machine, unsigned int side_count, uint64_t seed,
		  struct workload *workload);
void workload_free(struct workload *workload);

#endif
