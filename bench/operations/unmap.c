// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* unmap.c - unmapping one range in one call, with its flush and the freeing of its tables. */
#include "sides.h"
#include "verify.h"

static char *describe(const struct bench_case *c, const char *pages)
{
	return operation_text(
		"Unmaps ", pages,
		c->mode == MODE_LAZY
			? " in one call, frees its tables and leaves the flush to a queue."
			: " in one call, flushes and frees.");
}

static bool possible(const struct subject *subject)
{
	return subject->unmap;
}

static int begin(const struct workload *workload, struct side *side)
{
	int error = side_map_round(workload, side);

	return error ? error : side_check_round(workload, side, true);
}

static struct hot_result run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	return hot_unmap(subject->unmap, handle, workload->ops, workload->op_count,
			 workload->layout.length, workload->c->mode == MODE_LAZY);
}

static int check(const struct workload *workload, struct side *side,
		 const struct hot_result *result)
{
	(void)result;
	return side_check_round(workload, side, false);
}

const struct bench_op op_unmap = {
	.name = "unmap",
	.effect = OP_UNMAPS,
	.describe = describe,
	.possible = possible,
	.begin = begin,
	.run = run,
	.check = check,
	.verify = verify_mapping,
};
