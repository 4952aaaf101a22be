// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* spread.c - see spread.h. */
#include "spread.h"

#include <errno.h>

#include "fail.h"
#include "sides.h"
#include "table_pages.h"

/* A round's operations fit the first-level cache themselves. */
#define SPREAD_OPS 1024
/* The lines touched, in last-level caches. */
#define SPREAD_CACHES 2
/* Besides the lines: one part in so many for upper levels, and what tables are moved by. */
#define SPREAD_UPPER 128
#define SPREAD_SPARE (64ULL << 20)

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

int spread_init(struct workload *workload, const struct machine *machine, unsigned int side_count)
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

uint64_t spread_take(struct workload *workload, uint64_t place)
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

/* Map the page of every line, in address order. */
static int map_all_lines(struct workload *workload, struct side *side)
{
	const struct layout *layout = &workload->layout;
	size_t round = workload->op_count;
	int error = 0;

	for (uint64_t line = 0; line < workload->lines && !error; line += round) {
		uint64_t left = workload->lines - line;

		workload->op_count = left < round ? left : round;
		for (size_t i = 0; i < workload->op_count; i++) {
			uint64_t iova = layout_iova(layout, line + i);

			workload->ops[i] = (struct hot_op){ iova, iova + layout->delta };
		}
		error = side_map_round(workload, side);
	}
	workload->op_count = round;
	return error;
}

/* Map the last page of every leaf table, which no operation uses: now all tables exist. */
static int map_all_tables(const struct workload *workload, struct side *side)
{
	const struct layout *layout = &workload->layout;
	uint64_t last_page = layout->table_span - workload->c->page_size;
	uint64_t end = layout_iova(layout, workload->lines);
	int error = 0;

	for (uint64_t at = layout->base; at < end && !error; at += layout->table_span)
		error = side_map_page(workload, side, at + last_page);
	return error;
}

/* A pass through the order has ended: back to where the next one begins. */
static int begin_pass(struct workload *workload, struct side *side)
{
	int error = 0;

	switch (workload->c->op->effect) {
	case OP_MAPS:
		for (uint64_t place = 0; place < side->place && !error;) {
			place = spread_take(workload, place);
			error = side_unmap_round(workload, side);
		}
		break;
	case OP_UNMAPS:
		error = map_all_lines(workload, side);
		break;
	case OP_KEEPS:
		break;
	}
	side->place = 0;
	return error;
}

int spread_prepare(struct workload *workload, struct side *side)
{
	return workload->c->op->effect == OP_MAPS ? map_all_tables(workload, side)
						  : map_all_lines(workload, side);
}

int spread_begin(struct workload *workload, struct side *side)
{
	int error = 0;

	if (side->place + workload->op_count > workload->lines)
		error = begin_pass(workload, side);
	if (!error)
		side->place = spread_take(workload, side->place);
	return error;
}
