// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* sides.c - see sides.h. */
#include "sides.h"

#include <inttypes.h>
#include <string.h>

#include "fail.h"

/* Pages of an operation that are looked at after a change of its leaves. */
#define PAGES_CHECKED 8

int side_create(const struct workload *workload, struct side *side)
{
	struct pt_config config = case_config(workload->c);
	int error = side->subject->create(side->subject, &config, &workload->window, &side->table);

	if (error) {
		side->table.handle = NULL;
		return fail(EXIT_BENCHMARK, "%s: %s: no page table: %s", workload->c->name,
			    side->name, strerror(-error));
	}
	return 0;
}

void side_destroy(struct side *side)
{
	if (side->table.handle)
		side->subject->destroy(&side->table);
}

int side_fail(const struct workload *workload, const struct side *side, const char *what,
	      uint64_t iova, int64_t failure)
{
	if (failure < 0 && failure > -4096)
		return fail(EXIT_BENCHMARK, "%s: %s: %s at iova 0x%" PRIx64 " failed: %s",
			    workload->c->name, side->name, what, iova, strerror((int)-failure));
	return fail(EXIT_BENCHMARK, "%s: %s: %s at iova 0x%" PRIx64 " returned %" PRId64,
		    workload->c->name, side->name, what, iova, failure);
}

int side_failed(const struct workload *workload, const struct side *side, const char *what,
		const struct hot_result *result)
{
	if (!result->failure)
		return 0;
	return side_fail(workload, side, what, workload->ops[result->done].iova, result->failure);
}

int side_map_page(const struct workload *workload, struct side *side, uint64_t iova)
{
	struct hot_op op = { iova, iova + workload->layout.delta };
	struct hot_result result =
		hot_map(side->subject->map, side->table.handle, &op, 1, workload->c->page_size);

	return result.failure ? side_fail(workload, side, "map", iova, result.failure) : 0;
}

int side_map_anchor(const struct workload *workload, struct side *side)
{
	return side_map_page(workload, side, layout_iova(&workload->layout, workload->layout.ops));
}

int side_map_round(const struct workload *workload, struct side *side)
{
	struct hot_result result = hot_map(side->subject->map, side->table.handle, workload->ops,
					   workload->op_count, workload->layout.length);

	return side_failed(workload, side, "map", &result);
}

int side_map_smallest(const struct workload *workload, struct side *side)
{
	int error = side_map_round(workload, side);
	struct hot_result result;

	if (error)
		return error;
	result = hot_resize(side->subject->resize, side->table.handle, workload->ops,
			    workload->op_count, workload->layout.length,
			    workload->c->facts->granule_lg2);
	return side_failed(workload, side, "making small leaves", &result);
}

int side_unmap_round(const struct workload *workload, struct side *side)
{
	struct hot_result result =
		hot_unmap(side->subject->unmap, side->table.handle, workload->ops,
			  workload->op_count, workload->layout.length, 0);

	return side_failed(workload, side, "unmap", &result);
}

int side_unmap(const struct workload *workload, struct side *side, uint64_t iova, uint64_t length)
{
	struct hot_op op = { .iova = iova };
	struct hot_result result =
		hot_unmap(side->subject->unmap, side->table.handle, &op, 1, length, 0);

	return result.failure ? side_fail(workload, side, "unmap", iova, result.failure) : 0;
}

int side_check(const struct workload *workload, const struct side *side, uint64_t iova, uint64_t oa)
{
	uint64_t found = side->subject->iova_to_phys(side->table.handle, iova);

	if (oa != PT_NOT_MAPPED && found != oa)
		return fail(EXIT_BENCHMARK,
			    "%s: %s: iova 0x%" PRIx64 " translates to 0x%" PRIx64
			    ", not to 0x%" PRIx64,
			    workload->c->name, side->name, iova, found, oa);
	if (oa == PT_NOT_MAPPED && subject_translated(found))
		return fail(EXIT_BENCHMARK,
			    "%s: %s: iova 0x%" PRIx64 " still translates to 0x%" PRIx64
			    " after unmap",
			    workload->c->name, side->name, iova, found);
	return 0;
}

static int check_at(const struct workload *workload, const struct side *side,
		    const struct hot_op *op, uint64_t offset, bool mapped)
{
	return side_check(workload, side, op->iova + offset,
			  mapped ? op->oa + offset : PT_NOT_MAPPED);
}

int side_check_all(const struct workload *workload, const struct side *side, bool mapped)
{
	const struct layout *layout = &workload->layout;
	int error = 0;

	for (size_t i = 0; i < workload->op_count && !error; i++)
		for (uint64_t offset = 0; offset < layout->length && !error;
		     offset += layout->lookup_stride)
			error = check_at(workload, side, &workload->ops[i], offset, mapped);
	return error;
}

/* One of the smallest pages of an operation, another one each time. */
static uint64_t next_page(const struct workload *workload, struct side *side)
{
	uint64_t pages = workload->layout.length >> workload->c->facts->granule_lg2;

	return (side->salt++ * 0x9e3779b97f4a7c15ULL >> 16) % pages;
}

int side_check_round(const struct workload *workload, struct side *side, bool mapped)
{
	int error = 0;

	for (size_t i = 0; i < workload->op_count && !error; i++)
		error = check_at(workload, side, &workload->ops[i],
				 next_page(workload, side) << workload->c->facts->granule_lg2,
				 mapped);
	return error;
}

uint64_t side_mapped_oa(const struct workload *workload, const struct hot_op *op, uint64_t page)
{
	return op->oa + (page << workload->c->facts->granule_lg2);
}

uint64_t side_nothing_mapped(const struct workload *workload, const struct hot_op *op,
			     uint64_t page)
{
	(void)workload, (void)op, (void)page;
	return PT_NOT_MAPPED;
}

int side_check_pages(const struct workload *workload, struct side *side, side_oa_fn expected)
{
	int error = 0;

	for (size_t i = 0; i < workload->op_count; i++)
		for (unsigned int k = 0; k < PAGES_CHECKED && !error; k++) {
			const struct hot_op *op = &workload->ops[i];
			uint64_t page = next_page(workload, side);

			error = side_check(workload, side,
					   op->iova + (page << workload->c->facts->granule_lg2),
					   expected(workload, op, page));
		}
	return error;
}
