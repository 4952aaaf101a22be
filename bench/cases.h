/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cases.h - what is measured: format x operation x page size x count x mode x state.
 *
 * To add a case, add a row to the table in cases.c; to add a recorded trace, a
 * row to the one in case_traces.c; to add an operation, see operation.h.
 */
#ifndef PTBENCH_CASES_H
#define PTBENCH_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats.h"
#include "operation.h"
#include "subject.h"
#include "trace.h"

enum case_mode { MODE_COHERENT, MODE_LAZY, MODE_INCOHERENT };
enum case_state { STATE_WARM, STATE_COLD, STATE_OUT_OF_CACHE, STATE_COLD_CODE };

struct bench_case {
	char name[128];
	const struct format_facts *facts;
	const struct bench_op *op;
	uint64_t page_size; /* 0: several */
	unsigned int
		count; /* pages of an operation; events of a trace that are replayed; 1 for a mixed range */
	enum case_mode mode;
	enum case_state state;
	unsigned int threads;
	bool quick;
	char trace[64]; /* the trace's name, where the operation replays one */
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

const char *case_mode_name(enum case_mode mode);
const char *case_state_name(enum case_state state);

#endif
