// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * collapse.c - joining smallest leaves into the largest that fit, while they are in use, for a caller who vouches that
 * they are one run of memory with one set of attributes.
 */
#include "sides.h"
#include "verify.h"

/* As pieces: the largest leaves that fit. */
#define LARGEST 63

static char *describe(const struct bench_case *c, const char *pages)
{
	(void)c;
	return operation_text("Turns smallest pages into ", pages,
			      " while in use, for a caller who knows that they are one run of "
			      "memory. The kernel's side unmaps and maps at the larger size: in "
			      "between nothing is mapped, and dirty marks are lost.");
}

static bool possible(const struct subject *subject)
{
	return subject->resize;
}

static struct hot_result run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	return hot_resize(subject->resize, handle, workload->ops, workload->op_count,
			  workload->layout.length, LARGEST);
}

const struct bench_op op_collapse = {
	.name = "collapse",
	.effect = OP_KEEPS,
	.on_leaves = true,
	.resizes = true,
	.describe = describe,
	.possible = possible,
	.begin = side_map_smallest,
	.run = run,
	.check = operation_check_mapped,
	.end = side_unmap_round,
	.verify = verify_change,
};
