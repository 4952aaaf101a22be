// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map_batch.c - mapping scattered pages, given as a list of runs, in one call. */
#include <stdlib.h>

#include "fail.h"
#include "sides.h"
#include "verify.h"

static char *describe(const struct bench_case *c, const char *pages)
{
	(void)c;
	return operation_text(
		"Maps ", pages,
		" that are scattered in memory, given as a list of runs, in one call. "
		"The kernel's side maps each run by itself, as iommu_map_sg() and "
		"iommufd do.");
}

static bool possible(const struct subject *subject)
{
	return subject->map_runs;
}

/* Neighbours change places, so that no page follows the one before it. */
static uint64_t scattered(const struct workload *workload, const struct hot_op *op, uint64_t page)
{
	return op->oa + (page ^ 1) * workload->c->page_size;
}

static int init(struct workload *workload, const struct machine *machine)
{
	const struct bench_case *c = workload->c;
	size_t count = workload->op_count * c->count;
	struct pt_run *runs = calloc(count, sizeof(*runs));

	(void)machine;
	if (!runs)
		return fail(EXIT_BENCHMARK, "%s: no memory", c->name);
	for (size_t i = 0; i < count; i++)
		runs[i] = (struct pt_run){
			scattered(workload, &workload->ops[i / c->count], i % c->count),
			c->page_size,
		};
	workload->own = runs;
	return 0;
}

static void free_runs(struct workload *workload)
{
	free(workload->own);
}

static struct hot_result run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	return hot_map_runs(subject->map_runs, handle, workload->ops, workload->op_count,
			    workload->own, workload->c->count);
}

static int check(const struct workload *workload, struct side *side,
		 const struct hot_result *result)
{
	(void)result;
	return side_check_pages(workload, side, scattered);
}

const struct bench_op op_map_batch = {
	.name = "map_batch",
	.effect = OP_MAPS,
	.describe = describe,
	.possible = possible,
	.init = init,
	.free = free_runs,
	.run = run,
	.check = check,
	.end = side_unmap_round,
	.verify = verify_change,
};
