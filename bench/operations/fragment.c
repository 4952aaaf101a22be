// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* fragment.c - splitting leaves into the smallest, while they are in use. */
#include "sides.h"
#include "verify.h"

static char *describe(const struct bench_case *c, const char *pages)
{
	(void)c;
	return operation_text(
		"Turns ", pages,
		" into smallest pages while in use. The kernel's side unmaps and maps "
		"at the smaller size: in between nothing is mapped.");
}

static bool possible(const struct subject *subject)
{
	return subject->resize;
}

static struct hot_result run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	return hot_resize(subject->resize, handle, workload->ops, workload->op_count,
			  workload->layout.length, workload->c->facts->granule_lg2);
}

const struct bench_op op_fragment = {
	.name = "fragment",
	.effect = OP_KEEPS,
	.on_leaves = true,
	.resizes = true,
	.describe = describe,
	.possible = possible,
	.begin = side_map_round,
	.run = run,
	.check = operation_check_mapped,
	.end = side_unmap_round,
	.verify = verify_change,
};
