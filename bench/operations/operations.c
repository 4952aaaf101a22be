// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* operations.c - the list of all operations, see operation.h. */
#define _GNU_SOURCE
#include "operation.h"

#include <stdio.h>
#include <string.h>

#include "sides.h"

const struct bench_op *const operations[] = {
	&op_map,	 &op_unmap,    &op_iova_to_phys, &op_map_unmap, &op_map_batch,
	&op_unmap_batch, &op_fragment, &op_reassemble,	 &op_collapse,	&op_cut,
	&op_read_dirty,	 &op_replay,   &op_replay_batch, NULL,
};

const struct bench_op *operation_find(const char *name)
{
	for (const struct bench_op *const *op = operations; *op; op++)
		if (strcmp((*op)->name, name) == 0)
			return *op;
	return NULL;
}

int operation_check_mapped(const struct workload *workload, struct side *side,
			   const struct hot_result *result)
{
	(void)result;
	return side_check_pages(workload, side, side_mapped_oa);
}

char *operation_text(const char *before, const char *pages, const char *after)
{
	char *text;

	return asprintf(&text, "%s%s%s", before, pages, after) < 0 ? NULL : text;
}
