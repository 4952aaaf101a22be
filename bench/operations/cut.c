// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* cut.c - a hole of one page in the middle of a leaf whose rest stays mapped. */
#include "sides.h"
#include "verify.h"

static char *describe(const struct bench_case *c, const char *pages)
{
	(void)c;
	return operation_text("Removes the smallest page in the middle of ", pages,
			      ", the rest stays mapped. On the kernel's side ARM's drivers split "
			      "the leaf; with the "
			      "others all is unmapped and the two rests are mapped again.");
}

static bool possible(const struct subject *subject)
{
	return subject->punch;
}

static uint64_t granule(const struct workload *workload)
{
	return 1ULL << workload->c->facts->granule_lg2;
}

static struct hot_result run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	return hot_punch(subject->punch, handle, workload->ops, workload->op_count,
			 workload->layout.length, granule(workload));
}

static uint64_t oa_around_hole(const struct workload *workload, const struct hot_op *op,
			       uint64_t page)
{
	uint64_t hole = workload->layout.length / 2 / granule(workload);

	return page == hole ? PT_NOT_MAPPED : side_mapped_oa(workload, op, page);
}

static int check(const struct workload *workload, struct side *side,
		 const struct hot_result *result)
{
	(void)result;
	return side_check_pages(workload, side, oa_around_hole);
}

/* With a hole in the middle, each operation is two ranges. */
static int unmap_rests(const struct workload *workload, struct side *side)
{
	uint64_t half = workload->layout.length / 2;
	int error = 0;

	for (size_t i = 0; i < workload->op_count && !error; i++) {
		uint64_t iova = workload->ops[i].iova, after = half + granule(workload);

		error = side_unmap(workload, side, iova, half);
		if (!error)
			error = side_unmap(workload, side, iova + after,
					   workload->layout.length - after);
	}
	return error;
}

const struct bench_op op_cut = {
	.name = "cut",
	.effect = OP_KEEPS,
	.on_leaves = true,
	.describe = describe,
	.possible = possible,
	.begin = side_map_round,
	.run = run,
	.check = check,
	.end = unmap_rests,
	.verify = verify_change,
};
