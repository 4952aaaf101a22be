// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* workload.c - a case's operations and its sides' page tables, see workload.h. */
#include "workload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "crew.h"
#include "fail.h"
#include "replay.h"
#include "table_pages.h"

/* Out of cache, a round's operations fit the first-level cache themselves. */
#define SPREAD_OPS 1024
/* The lines touched, in last-level caches. */
#define SPREAD_CACHES 2
/* Besides the lines: one part in so many for upper levels, and what tables are moved by. */
#define SPREAD_UPPER 128
#define SPREAD_SPARE (64ULL << 20)

int side_fail(const struct workload *workload, const struct side *side, const char *what,
	      uint64_t iova, int64_t failure)
{
	if (failure < 0 && failure > -4096)
		return fail(EXIT_BENCHMARK, "%s: %s: %s at iova 0x%" PRIx64 " failed: %s",
			    workload->c->name, side->name, what, iova, strerror((int)-failure));
	return fail(EXIT_BENCHMARK, "%s: %s: %s at iova 0x%" PRIx64 " returned %" PRId64,
		    workload->c->name, side->name, what, iova, failure);
}

int side_check_mapped(const struct workload *workload, const struct side *side, uint64_t iova,
		      uint64_t oa)
{
	uint64_t found = side->subject->iova_to_phys(side->table.handle, iova);

	if (found == oa)
		return 0;
	return fail(EXIT_BENCHMARK,
		    "%s: %s: iova 0x%" PRIx64 " translates to 0x%" PRIx64 ", not to 0x%" PRIx64,
		    workload->c->name, side->name, iova, found, oa);
}

int side_check_gone(const struct workload *workload, const struct side *side, uint64_t iova)
{
	uint64_t found = side->subject->iova_to_phys(side->table.handle, iova);

	if (!subject_translated(found))
		return 0;
	return fail(EXIT_BENCHMARK,
		    "%s: %s: iova 0x%" PRIx64 " still translates to 0x%" PRIx64 " after unmap",
		    workload->c->name, side->name, iova, found);
}

static unsigned long long mib(uint64_t bytes)
{
	return bytes >> 20;
}

/* Table memory for all sides, @bytes each. */
static int reserve_tables(const struct workload *workload, const struct machine *machine,
			  unsigned int side_count, uint64_t bytes)
{
	uint64_t all = side_count * (bytes + bytes / SPREAD_UPPER) + SPREAD_SPARE;
	long kib = machine_available_kib();
	int error;

	if (kib >= 0 && all >> 10 > (uint64_t)kib)
		return fail(EXIT_ABSENT,
			    "%s: beyond a last-level cache of %llu MiB %u sides need %llu MiB of "
			    "memory; %llu MiB are free",
			    workload->c->name, mib(machine->llc_bytes), side_count, mib(all),
			    mib((uint64_t)kib << 10));
	error = table_pages_reserve(all);
	if (error)
		return fail(EXIT_ABSENT,
			    "%s: beyond a last-level cache of %llu MiB %u sides need %llu MiB of "
			    "table memory; there is room for %llu MiB",
			    workload->c->name, mib(machine->llc_bytes), side_count, mib(all),
			    mib(error == -E2BIG ? TABLE_MORE_BYTES : TABLE_ARENA_BYTES));
	return 0;
}

/* So many lines that each side's are beyond the cache; where that is impossible, there is no case. */
static int take_lines(struct workload *workload, const struct machine *machine,
		      unsigned int side_count)
{
	uint64_t bytes = machine->llc_bytes * SPREAD_CACHES;

	workload->lines = bytes / CACHE_LINE;
	if (workload->lines > workload->layout.ops)
		return fail(
			EXIT_ABSENT,
			"%s: beyond a last-level cache of %llu MiB are %llu MiB of leaf tables; "
			"the format's addresses reach over %llu MiB",
			workload->c->name, mib(machine->llc_bytes), mib(bytes),
			mib(workload->layout.ops * CACHE_LINE));
	workload->layout.ops = workload->lines;
	workload->op_count = SPREAD_OPS;
	return reserve_tables(workload, machine, side_count, bytes);
}

/* Is unmapping a part of what is timed? */
static bool unmaps(const struct bench_case *c)
{
	return c->op == OP_UNMAP || c->op == OP_UNMAP_BATCH || c->op == OP_MAP_UNMAP;
}

static int take_grid(struct workload *workload, const struct machine *machine,
		     unsigned int side_count)
{
	const struct bench_case *c = workload->c;
	struct layout *layout = &workload->layout;
	int error;

	if (!layout_find(c, layout))
		return fail(EXIT_NO_CASE, "%s: the format has no room for it", c->name);
	workload->op_count = layout->ops;
	error = c->state == STATE_OUT_OF_CACHE ? take_lines(workload, machine, side_count) : 0;
	if (error)
		return error;
	workload->window = (struct subject_window){
		.start = layout->base,
		.end = layout_end(layout),
		.page_size = c->page_size,
		.resizes = c->op == OP_FRAGMENT || c->op == OP_REASSEMBLE,
		.fresh_tables = c->state == STATE_COLD,
		.detaches = !c->page_size || (unmaps(c) && layout->length >= layout->table_span),
	};
	workload->ops = malloc(workload->op_count * sizeof(*workload->ops));
	workload->order = malloc(workload->op_count * sizeof(*workload->order));
	if (!workload->ops || !workload->order)
		return fail(EXIT_BENCHMARK, "%s: no memory", c->name);
	for (size_t i = 0; i < workload->op_count; i++)
		workload->ops[i] = (struct hot_op){ layout_iova(layout, i),
						    layout_iova(layout, i) + layout->delta };
	if (c->state == STATE_OUT_OF_CACHE)
		workload_spread(workload, 0);
	if (c->op == OP_MAP_UNMAP)
		return crew_init(&workload->crew, c->threads, machine->cpu);
	return change_init(workload);
}

int workload_init(const struct bench_case *c, const struct trace *trace,
		  const struct machine *machine, unsigned int side_count, uint64_t seed,
		  struct workload *workload)
{
	*workload = (struct workload){ .c = c, .trace = trace, .seed = seed };
	return case_is_replay(c) ? replay_init(workload) : take_grid(workload, machine, side_count);
}

void workload_free(struct workload *workload)
{
	free(workload->ops);
	free(workload->order);
	replay_free(workload);
	crew_free(workload->crew);
	change_free(workload);
	*workload = (struct workload){ 0 };
}

uint64_t workload_spread(struct workload *workload, uint64_t place)
{
	const struct layout *layout = &workload->layout;

	if (place + workload->op_count > workload->lines)
		place = 0;
	layout_shuffled(workload->seed, workload->lines, place, (unsigned int)workload->op_count,
			workload->order);
	for (size_t i = 0; i < workload->op_count; i++) {
		uint64_t iova = layout_iova(layout, workload->order[i]);

		workload->ops[i] = (struct hot_op){ iova, iova + layout->delta };
	}
	return place + workload->op_count;
}

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
	const struct layout *layout = &workload->layout;
	struct hot_result result = hot_map(side->subject->map, side->table.handle, workload->ops,
					   workload->op_count, layout->length);

	if (result.failure)
		return side_fail(workload, side, "map", workload->ops[result.done].iova,
				 result.failure);
	return 0;
}

int side_unmap_round(const struct workload *workload, struct side *side)
{
	struct hot_result result =
		hot_unmap(side->subject->unmap, side->table.handle, workload->ops,
			  workload->op_count, workload->layout.length, 0);

	if (result.failure)
		return side_fail(workload, side, "unmap", workload->ops[result.done].iova,
				 result.failure);
	return 0;
}
