// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map.c - mapping one range in one call. */
#include "sides.h"
#include "verify.h"

static char *describe(const struct bench_case *c, const char *pages)
{
	(void)c;
	return operation_text("Maps ", pages, " in one call.");
}

static bool possible(const struct subject *subject)
{
	return subject->map;
}

static struct hot_result run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	return hot_map(subject->map, handle, workload->ops, workload->op_count,
		       workload->layout.length);
}

static int check(const struct workload *workload, struct side *side,
		 const struct hot_result *result)
{
	(void)result;
	return side_check_round(workload, side, true);
}

static int end(const struct workload *workload, struct side *side)
{
	int error = side_unmap_round(workload, side);

	return error ? error : side_check_round(workload, side, false);
}

const struct bench_op op_map = {
	.name = "map",
	.effect = OP_MAPS,
	.describe = describe,
	.possible = possible,
	.run = run,
	.check = check,
	.end = end,
	.verify = verify_mapping,
};
