/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cases.h - what is measured: format x operation x page size x count x mode x state.
 *
 * To add a case, add a row to the table in cases.c; to add a recorded trace, a
 * row to the one in case_traces.c.
 */
#ifndef PTBENCH_CASES_H
#define PTBENCH_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats.h"
#include "subject.h"
#include "trace.h"

enum case_op {
	OP_MAP,
	OP_UNMAP,
	OP_IOVA_TO_PHYS,
	OP_REPLAY,
	OP_REPLAY_BATCH, /* where calls are adjacent, in batches */
	OP_MAP_UNMAP, /* by several threads at once */
	/* Those of changes.h. */
	OP_MAP_BATCH,
	OP_UNMAP_BATCH,
	OP_FRAGMENT,
	OP_REASSEMBLE,
	OP_CUT,
	OP_READ_DIRTY, /* the last */
};
enum case_mode { MODE_COHERENT, MODE_LAZY, MODE_INCOHERENT };
enum case_state { STATE_WARM, STATE_COLD, STATE_OUT_OF_CACHE };

struct bench_case {
	char name[128];
	const struct format_facts *facts;
	enum case_op op;
	uint64_t page_size; /* 0: several */
	unsigned int
		count; /* pages of an operation; events of a trace that are replayed; 1 for a mixed range */
	enum case_mode mode;
	enum case_state state;
	unsigned int threads;
	bool quick;
	char trace[64]; /* the trace's name, where case_is_replay() */
	uint64_t iova_last; /* of the trace */
	bool trace_read; /* its file is there, and so are: */
	struct trace_counts trace_counts;
	char *description;
};

struct case_list {
	struct bench_case *cases;
	size_t count;
};

/*
 * All cases of this build, and those of @traces, which take the place of recorded traces of the
 * same name. Returns an exit code; @list is to be freed with cases_free().
 */
int cases_all(const struct trace *traces, size_t trace_count, struct case_list *list);
void cases_free(struct case_list *list);

/* The case @name, or NULL after fail() has named what comes near. */
const struct bench_case *case_find(const struct case_list *list, const char *name);

/* Can @subject run @c? */
bool case_takes(const struct bench_case *c, const struct subject *subject);

/* What @facts' sides can express of a trace. */
struct trace_limits case_trace_limits(const struct format_facts *facts);

/* How all sides' page tables are made for @c. */
struct pt_config case_config(const struct bench_case *c);

static inline bool case_is_replay(const struct bench_case *c)
{
	return c->op == OP_REPLAY || c->op == OP_REPLAY_BATCH;
}

const char *case_op_name(enum case_op op);
const char *case_mode_name(enum case_mode mode);
const char *case_state_name(enum case_state state);

#endif
