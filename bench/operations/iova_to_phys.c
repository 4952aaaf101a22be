// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* iova_to_phys.c - asking for the physical address of every page, one call a page. */
#include "fail.h"
#include "sides.h"
#include "verify.h"

static char *describe(const struct bench_case *c, const char *pages)
{
	(void)c;
	return operation_text("Asks for the physical addresses of ", pages, ", one call a page.");
}

static bool possible(const struct subject *subject)
{
	return subject->iova_to_phys;
}

static struct hot_result run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	return hot_iova_to_phys(subject->iova_to_phys, handle, workload->ops, workload->op_count,
				workload->layout.length, workload->layout.lookup_stride);
}

/* All addresses at once, by their sum; only where that is wrong each is looked at. */
static int check(const struct workload *workload, struct side *side,
		 const struct hot_result *result)
{
	const struct layout *layout = &workload->layout;
	uint64_t expected = 0;
	int error;

	for (size_t i = 0; i < workload->op_count; i++)
		for (uint64_t offset = 0; offset < layout->length; offset += layout->lookup_stride)
			expected = hot_sum(expected, workload->ops[i].oa + offset);
	if (result->sum == expected)
		return 0;
	error = side_check_all(workload, side, true);
	if (error)
		return error;
	return fail(EXIT_BENCHMARK, "%s: %s: a translation was wrong, but is right now",
		    workload->c->name, side->name);
}

const struct bench_op op_iova_to_phys = {
	.name = "iova_to_phys",
	.effect = OP_KEEPS,
	.describe = describe,
	.possible = possible,
	.prepare = side_map_round,
	.run = run,
	.check = check,
	.verify = verify_mapping,
};
