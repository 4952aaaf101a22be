// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* unmap_batch.c - unmapping a range and getting back the physical memory that was mapped there. */
#include <stdlib.h>

#include "fail.h"
#include "sides.h"
#include "verify.h"

static char *describe(const struct bench_case *c, const char *pages)
{
	(void)c;
	return operation_text("Unmaps ", pages,
			      " and hands back the physical memory. The kernel's side asks for the "
			      "address of every 4K, then unmaps, as iommufd and VFIO do.");
}

static bool possible(const struct subject *subject)
{
	return subject->unmap_runs;
}

static int init(struct workload *workload, const struct machine *machine)
{
	(void)machine;
	workload->own = calloc(workload->c->count, sizeof(struct pt_run));
	return workload->own ? 0 : fail(EXIT_BENCHMARK, "%s: no memory", workload->c->name);
}

static void free_runs(struct workload *workload)
{
	free(workload->own);
}

static struct hot_result run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	return hot_unmap_runs(subject->unmap_runs, handle, workload->ops, workload->op_count,
			      workload->layout.length, workload->own, workload->c->count);
}

static int check(const struct workload *workload, struct side *side,
		 const struct hot_result *result)
{
	/* Each operation's memory is one run. */
	if (result->sum != workload->op_count)
		return fail(EXIT_BENCHMARK, "%s: %s: %llu runs were handed back, not %zu",
			    workload->c->name, side->name, (unsigned long long)result->sum,
			    workload->op_count);
	return side_check_pages(workload, side, side_nothing_mapped);
}

const struct bench_op op_unmap_batch = {
	.name = "unmap_batch",
	.effect = OP_UNMAPS,
	.describe = describe,
	.possible = possible,
	.init = init,
	.free = free_runs,
	.begin = side_map_round,
	.run = run,
	.check = check,
	.verify = verify_change,
};
