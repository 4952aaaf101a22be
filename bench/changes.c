// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* changes.c - rounds of operations beyond map and unmap, see changes.h. */
#include "changes.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"

/* Of so many pages, one is written to before each scan: a guest that is mostly idle. */
#define DIRTY_STRIDE 64
/* As pieces: the largest leaves that fit. */
#define LARGEST 63

bool change_possible(enum case_op op, const struct subject *subject)
{
	switch (op) {
	case OP_MAP_BATCH:
		return subject->map_runs;
	case OP_UNMAP_BATCH:
		return subject->unmap_runs;
	case OP_FRAGMENT:
	case OP_REASSEMBLE:
		return subject->resize;
	case OP_CUT:
		return subject->punch;
	case OP_READ_DIRTY:
		return subject->read_dirty && subject->set_dirty;
	default:
		return true;
	}
}

static unsigned int granule_lg2(const struct workload *workload)
{
	return workload->c->facts->granule_lg2;
}

/* Scattered memory: neighbours change places, so that no page follows the one before it. */
static uint64_t scattered(const struct workload *workload, const struct hot_op *op, uint64_t page)
{
	return op->oa + (page ^ 1) * workload->c->page_size;
}

int change_init(struct workload *workload)
{
	const struct bench_case *c = workload->c;
	size_t runs = c->op == OP_MAP_BATCH ? workload->op_count * c->count : c->count;

	if (c->op == OP_MAP_BATCH || c->op == OP_UNMAP_BATCH) {
		workload->runs = calloc(runs, sizeof(*workload->runs));
		if (!workload->runs)
			return fail(EXIT_BENCHMARK, "%s: no memory", c->name);
	}
	for (size_t i = 0; c->op == OP_MAP_BATCH && i < runs; i++)
		workload->runs[i] = (struct pt_run){
			scattered(workload, &workload->ops[i / c->count], i % c->count),
			c->page_size,
		};
	if (c->op == OP_READ_DIRTY) {
		size_t pages = workload->layout.length >> granule_lg2(workload);

		workload->bitmap = calloc(pages / 64 + 1, sizeof(*workload->bitmap));
		if (!workload->bitmap)
			return fail(EXIT_BENCHMARK, "%s: no memory", c->name);
	}
	return 0;
}

void change_free(struct workload *workload)
{
	free(workload->runs);
	free(workload->bitmap);
}

static int failed(const struct workload *workload, const struct side *side, const char *what,
		  const struct hot_result *result)
{
	if (!result->failure)
		return 0;
	return side_fail(workload, side, what, workload->ops[result->done].iova, result->failure);
}

/* Write to one page in DIRTY_STRIDE. */
static int write_pages(const struct workload *workload, struct side *side)
{
	uint64_t step = (uint64_t)DIRTY_STRIDE << granule_lg2(workload);

	for (size_t i = 0; i < workload->op_count; i++)
		for (uint64_t at = 0; at < workload->layout.length; at += step) {
			uint64_t iova = workload->ops[i].iova + at;
			int error = side->subject->set_dirty(side->table.handle, iova);

			if (error)
				return side_fail(workload, side, "set_dirty", iova, error);
		}
	memset(workload->bitmap, 0,
	       ((workload->layout.length >> granule_lg2(workload)) / 64 + 1) *
		       sizeof(*workload->bitmap));
	return 0;
}

/* What is scanned stays mapped: ARM's leaves are dirty when they are new, so one scan cleans them. */
static int begin_scans(const struct workload *workload, struct side *side)
{
	struct hot_result result;
	int error;

	if (side->scanned)
		return 0;
	error = side_map_round(workload, side);
	if (error)
		return error;
	side->scanned = true;
	result = change_run(workload, side->subject, side->table.handle);
	return failed(workload, side, "read_dirty", &result);
}

int change_begin(const struct workload *workload, struct side *side)
{
	enum case_op op = workload->c->op;
	struct hot_result result;
	int error = 0;

	if (op == OP_MAP_BATCH)
		return 0;
	if (op == OP_READ_DIRTY) {
		error = begin_scans(workload, side);
		return error ? error : write_pages(workload, side);
	}
	error = side_map_round(workload, side);
	if (error || op != OP_REASSEMBLE)
		return error;
	result = hot_resize(side->subject->resize, side->table.handle, workload->ops,
			    workload->op_count, workload->layout.length, granule_lg2(workload));
	return failed(workload, side, "making small leaves", &result);
}

struct hot_result change_run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	const struct bench_case *c = workload->c;
	const struct hot_op *ops = workload->ops;
	size_t count = workload->op_count;
	uint64_t length = workload->layout.length;
	unsigned int lg2 = granule_lg2(workload);

	switch (c->op) {
	case OP_MAP_BATCH:
		return hot_map_runs(subject->map_runs, handle, ops, count, workload->runs,
				    c->count);
	case OP_UNMAP_BATCH:
		return hot_unmap_runs(subject->unmap_runs, handle, ops, count, length,
				      workload->runs, c->count);
	case OP_FRAGMENT:
		return hot_resize(subject->resize, handle, ops, count, length, lg2);
	case OP_REASSEMBLE:
		return hot_resize(subject->resize, handle, ops, count, length, LARGEST);
	case OP_CUT:
		return hot_punch(subject->punch, handle, ops, count, length, 1ULL << lg2);
	default:
		return hot_read_dirty(subject->read_dirty, handle, ops, count, length,
				      workload->bitmap, lg2);
	}
}

static int check_bitmap(const struct workload *workload, const struct side *side)
{
	uint64_t pages = workload->layout.length >> granule_lg2(workload);

	for (uint64_t page = 0; page < pages; page++) {
		bool expected = page % DIRTY_STRIDE == 0;
		bool found = workload->bitmap[page / 64] >> (page % 64) & 1;

		if (found != expected)
			return fail(EXIT_BENCHMARK, "%s: %s: page %llu is reported as %s",
				    workload->c->name, side->name, (unsigned long long)page,
				    found ? "dirty" : "clean");
	}
	return 0;
}

/* Some pages of each operation: is @iova where it should be? */
static int check_pages(const struct workload *workload, struct side *side)
{
	enum case_op op = workload->c->op;
	uint64_t pages = workload->layout.length >> granule_lg2(workload);
	int error = 0;

	for (size_t i = 0; i < workload->op_count; i++)
		for (unsigned int k = 0; k < 8 && !error; k++) {
			const struct hot_op *one = &workload->ops[i];
			uint64_t page = (side->salt++ * 0x9e3779b97f4a7c15ULL >> 16) % pages;
			uint64_t offset = page << granule_lg2(workload);

			if (op == OP_UNMAP_BATCH || (op == OP_CUT && page == pages / 2))
				error = side_check_gone(workload, side, one->iova + offset);
			else
				error = side_check_mapped(workload, side, one->iova + offset,
							  op == OP_MAP_BATCH
								  ? scattered(workload, one, page)
								  : one->oa + offset);
		}
	return error;
}

int change_check(const struct workload *workload, struct side *side,
		 const struct hot_result *result)
{
	int error = failed(workload, side, case_op_name(workload->c->op), result);

	if (error)
		return error;
	if (workload->c->op == OP_READ_DIRTY)
		return check_bitmap(workload, side);
	/* Each operation's memory is one run. */
	if (workload->c->op == OP_UNMAP_BATCH && result->sum != workload->op_count)
		return fail(EXIT_BENCHMARK, "%s: %s: %llu runs were handed back, not %zu",
			    workload->c->name, side->name, (unsigned long long)result->sum,
			    workload->op_count);
	return check_pages(workload, side);
}

/* With a hole in the middle, each operation is two ranges. */
static int unmap_around_hole(const struct workload *workload, struct side *side)
{
	uint64_t half = workload->layout.length / 2, granule = 1ULL << granule_lg2(workload);

	for (size_t i = 0; i < workload->op_count; i++) {
		struct hot_op rests[2] = { { .iova = workload->ops[i].iova },
					   { .iova = workload->ops[i].iova + half + granule } };

		for (unsigned int k = 0; k < 2; k++) {
			struct hot_result result =
				hot_unmap(side->subject->unmap, side->table.handle, &rests[k], 1,
					  half - k * granule, 0);

			if (result.failure)
				return side_fail(workload, side, "unmap", rests[k].iova,
						 result.failure);
		}
	}
	return 0;
}

int change_end(const struct workload *workload, struct side *side)
{
	switch (workload->c->op) {
	case OP_UNMAP_BATCH:
	case OP_READ_DIRTY:
		return 0;
	case OP_CUT:
		return unmap_around_hole(workload, side);
	default:
		return side_unmap_round(workload, side);
	}
}
