/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * changes.h - rounds of the operations that need something mapped in a certain
 * way, or runs of memory: map_batch, unmap_batch, fragment, reassemble, cut, read_dirty.
 */
#ifndef PTBENCH_CHANGES_H
#define PTBENCH_CHANGES_H

#include "workload.h"

static inline bool change_is(enum case_op op)
{
	return op >= OP_MAP_BATCH;
}

/* Does @subject have what @op needs? */
bool change_possible(enum case_op op, const struct subject *subject);

/* Memory for what the operations need besides addresses. Returns an exit code. */
int change_init(struct workload *workload);
void change_free(struct workload *workload);

/* Untimed: make what the operations change. */
int change_begin(const struct workload *workload, struct side *side);
/* Timed. */
struct hot_result change_run(const struct workload *workload, const struct subject *subject,
			     void *handle);
/* Untimed: is everything as the operations should leave it? */
int change_check(const struct workload *workload, struct side *side,
		 const struct hot_result *result);
/* Untimed: back to where a round begins. */
int change_end(const struct workload *workload, struct side *side);

#endif
