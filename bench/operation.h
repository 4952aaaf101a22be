/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * operation.h - an operation as the bench knows it: one row, which its file in operations/ fills in.
 *
 * Nobody asks which operation it is. What others have to know of it, the limit, the layout or the
 * order of a round, is a member of its row.
 *
 * A round is begin, run, check and end; only run is timed. Functions that may fail return an exit
 * code and have said why (fail.h).
 */
#ifndef PTBENCH_OPERATION_H
#define PTBENCH_OPERATION_H

#include <stdbool.h>
#include <stddef.h>

#include "formats.h"
#include "hot.h"
#include "subject.h"

struct bench_case;
struct machine;
struct side;
struct workload;

/* What running an operation leaves of the pages it was given. */
enum op_effect { OP_MAPS, OP_UNMAPS, OP_KEEPS };

struct bench_op {
	const char *name; /* in names of cases and on command lines: lower-case letters and _ */
	enum op_effect effect;
	/* It changes or reads leaves that were mapped otherwise before; takes longer than the clock by far, and tables. */
	bool on_leaves;
	bool resizes; /* it splits or joins leaves */
	bool threaded; /* by 1, 2, 4 ... threads at once */
	bool replays; /* a trace */
	bool batches; /* its calls differ from subject to subject, by subject->batches */
	unsigned int quirks; /* PT_QUIRK_* that page tables have where their format has them */

	/* What is timed, in sentences; @pages: "256 pages of 4K". To be freed; NULL without memory. */
	char *(*describe)(const struct bench_case *c, const char *pages);
	/* Has @facts' format what it needs? NULL: all have. */
	bool (*exists)(const struct format_facts *facts);
	/* Has @subject what it needs? */
	bool (*possible)(const struct subject *subject);

	/* NULL where there is nothing to do, but for run and verify: */
	/* Make what the operation needs besides addresses: workload->own. */
	int (*init)(struct workload *workload, const struct machine *machine);
	void (*free)(struct workload *workload);
	/* Once for each side, before its first round. */
	int (*prepare)(const struct workload *workload, struct side *side);
	int (*begin)(const struct workload *workload, struct side *side);
	/* Timed; says in its result where it failed. */
	struct hot_result (*run)(const struct workload *workload, const struct subject *subject,
				 void *handle);
	/* Say where @side failed in what run() returned. NULL: in the operation's own call at an address. */
	int (*failed)(const struct workload *workload, const struct side *side,
		      const struct hot_result *result);
	/* Is everything as the operations should leave it? */
	int (*check)(const struct workload *workload, struct side *side,
		     const struct hot_result *result);
	/* Back to where a round begins. */
	int (*end)(const struct workload *workload, struct side *side);
	/* Carry it out on all @sides' page tables, which are new, and compare their words: verify.h. */
	int (*verify)(const struct workload *workload, struct side *sides, unsigned int count);
	/* Operations of which a round's results are a figure. NULL: its calls, of one thread. */
	size_t (*operations)(const struct workload *workload);
};

/* All operations, in the order that cases are listed in, ended by NULL. */
extern const struct bench_op *const operations[];

/* The operation @name, or NULL. */
const struct bench_op *operation_find(const char *name);

extern const struct bench_op op_map, op_unmap, op_iova_to_phys, op_map_unmap;
extern const struct bench_op op_map_batch, op_unmap_batch;
extern const struct bench_op op_fragment, op_reassemble, op_collapse, op_cut, op_read_dirty;
extern const struct bench_op op_replay, op_replay_batch;

/* For .check: smallest pages are mapped where they were before, however large their leaves are. */
int operation_check_mapped(const struct workload *workload, struct side *side,
			   const struct hot_result *result);

/* A sentence about @pages: "Maps ", "256 pages of 4K", " in one call."; to be freed, NULL without memory. */
char *operation_text(const char *before, const char *pages, const char *after);

#endif
