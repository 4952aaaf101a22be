// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * reassemble.c - joining smallest leaves into the largest that fit, while they are in use: what may be
 * joined has to be found out.
 */
#include "sides.h"
#include "verify.h"

static char *describe(const struct bench_case *c, const char *pages)
{
	(void)c;
	return operation_text("Turns smallest pages into ", pages,
			      " while in use, after finding out that they are one run of memory. "
			      "The kernel's side "
			      "asks for the address of every smallest page, then unmaps and maps "
			      "at the larger size: "
			      "in between nothing is mapped, and dirty marks are lost.");
}

static bool possible(const struct subject *subject)
{
	return subject->reassemble && subject->resize;
}

static struct hot_result run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	return hot_reassemble(subject->reassemble, handle, workload->ops, workload->op_count,
			      workload->layout.length);
}

const struct bench_op op_reassemble = {
	.name = "reassemble",
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
