// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* read_dirty.c - scanning for dirty marks, which are cleared and noted in a bitmap. */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "sides.h"
#include "verify.h"

/* Of so many pages, one is written to before each scan: a guest that is mostly idle. */
#define DIRTY_STRIDE 64

static char *describe(const struct bench_case *c, const char *pages)
{
	(void)c;
	return operation_text(
		"Scans ", pages,
		" for dirty marks, of which one in 64 has one, into a bitmap, and clears "
		"them. The kernel's side is the driver's own read_and_clear_dirty.");
}

static bool exists(const struct format_facts *facts)
{
	return facts->format->has_dirty;
}

static bool possible(const struct subject *subject)
{
	return subject->read_dirty && subject->set_dirty;
}

static unsigned int granule_lg2(const struct workload *workload)
{
	return workload->c->facts->granule_lg2;
}

static uint64_t pages_of(const struct workload *workload)
{
	return workload->layout.length >> granule_lg2(workload);
}

static size_t bitmap_words(const struct workload *workload)
{
	return pages_of(workload) / 64 + 1;
}

static int init(struct workload *workload, const struct machine *machine)
{
	(void)machine;
	workload->own = calloc(bitmap_words(workload), sizeof(unsigned long long));
	return workload->own ? 0 : fail(EXIT_BENCHMARK, "%s: no memory", workload->c->name);
}

static void free_bitmap(struct workload *workload)
{
	free(workload->own);
}

static struct hot_result run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	return hot_read_dirty(subject->read_dirty, handle, workload->ops, workload->op_count,
			      workload->layout.length, workload->own, granule_lg2(workload));
}

/* What is scanned stays mapped: ARM's leaves are dirty when they are new, so one scan cleans them. */
static int prepare(const struct workload *workload, struct side *side)
{
	int error = side_map_round(workload, side);
	struct hot_result result;

	if (error)
		return error;
	result = run(workload, side->subject, side->table.handle);
	return side_failed(workload, side, "read_dirty", &result);
}

/* Write to one page in DIRTY_STRIDE. */
static int begin(const struct workload *workload, struct side *side)
{
	uint64_t stride = (uint64_t)DIRTY_STRIDE << granule_lg2(workload);

	for (size_t i = 0; i < workload->op_count; i++)
		for (uint64_t at = 0; at < workload->layout.length; at += stride) {
			uint64_t iova = workload->ops[i].iova + at;
			int error = side->subject->set_dirty(side->table.handle, iova);

			if (error)
				return side_fail(workload, side, "set_dirty", iova, error);
		}
	memset(workload->own, 0, bitmap_words(workload) * sizeof(unsigned long long));
	return 0;
}

static int check(const struct workload *workload, struct side *side,
		 const struct hot_result *result)
{
	const unsigned long long *bitmap = workload->own;

	(void)result;
	for (uint64_t page = 0; page < pages_of(workload); page++) {
		bool expected = page % DIRTY_STRIDE == 0;
		bool found = bitmap[page / 64] >> (page % 64) & 1;

		if (found != expected)
			return fail(EXIT_BENCHMARK, "%s: %s: page %llu is reported as %s",
				    workload->c->name, side->name, (unsigned long long)page,
				    found ? "dirty" : "clean");
	}
	return 0;
}

const struct bench_op op_read_dirty = {
	.name = "read_dirty",
	.effect = OP_KEEPS,
	.on_leaves = true,
	.quirks = PT_QUIRK_HARDWARE_DIRTY,
	.describe = describe,
	.exists = exists,
	.possible = possible,
	.init = init,
	.free = free_bitmap,
	.prepare = prepare,
	.begin = begin,
	.run = run,
	.check = check,
	.verify = verify_reports,
};
