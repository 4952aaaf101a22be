// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* rounds.c - one round of each kind of case, see workload.h. */
#include <stdlib.h>

#include "changes.h"
#include "crew.h"
#include "fail.h"
#include "replay.h"
#include "workload.h"

/*
 * Each operation is checked at one of its pages, another one from round to round:
 * checking all of them would leave the caches to the check.
 */
static int check_round(const struct workload *workload, struct side *side, bool mapped)
{
	const struct layout *layout = &workload->layout;
	uint64_t granule = 1ULL << workload->c->facts->granule_lg2;
	uint64_t pages = layout->length / granule;
	int error = 0;

	for (size_t i = 0; i < workload->op_count && !error; i++) {
		const struct hot_op *op = &workload->ops[i];
		uint64_t offset = (side->salt++ * 0x9e3779b97f4a7c15ULL >> 16) % pages * granule;

		if (mapped)
			error = side_check_mapped(workload, side, op->iova + offset,
						  op->oa + offset);
		else
			error = side_check_gone(workload, side, op->iova + offset);
	}
	return error;
}

/* What one thread of several does, and on what. */
struct share {
	const struct workload *workload;
	const struct subject *subject;
	void *handle;
};

static struct hot_result map_and_unmap(void *context, unsigned int first, unsigned int step)
{
	const struct share *share = context;
	const struct workload *workload = share->workload;

	return hot_map_unmap(share->subject->map, share->subject->unmap, share->handle,
			     workload->ops, workload->op_count, workload->layout.length, first,
			     step);
}

static struct hot_result by_crew(const struct workload *workload, const struct subject *subject,
				 void *handle)
{
	struct share share = { workload, subject, handle };
	struct hot_result result = crew_run(workload->crew, map_and_unmap, &share);

	if (!result.failure)
		result.done = round_operations(workload);
	return result;
}

static struct hot_result timed(const struct workload *workload, const struct subject *subject,
			       void *handle)
{
	const struct bench_case *c = workload->c;
	uint64_t length = workload->layout.length;

	switch (c->op) {
	case OP_MAP:
		return hot_map(subject->map, handle, workload->ops, workload->op_count, length);
	case OP_UNMAP:
		return hot_unmap(subject->unmap, handle, workload->ops, workload->op_count, length,
				 c->mode == MODE_LAZY);
	case OP_IOVA_TO_PHYS:
		return hot_iova_to_phys(subject->iova_to_phys, handle, workload->ops,
					workload->op_count, length, workload->layout.step);
	case OP_MAP_UNMAP:
		return by_crew(workload, subject, handle);
	case OP_REPLAY:
	case OP_REPLAY_BATCH:
		return replay_run(workload, subject, handle);
	default:
		return change_run(workload, subject, handle);
	}
}

__attribute__((noinline)) struct hot_result round_timed(const struct workload *workload,
							const struct subject *subject, void *handle)
{
	const struct watch *watch = workload->watch;
	struct hot_result result;

	if (watch)
		watch->begin(watch->context);
	result = timed(workload, subject, handle);
	if (watch)
		watch->end(watch->context);
	return result;
}

struct hot_result round_empty(const struct workload *workload, const struct subject *subject)
{
	const struct subject nothing = {
		.batches = subject->batches,
		.map = hot_no_map,
		.unmap = hot_no_unmap,
		.iova_to_phys = hot_no_iova_to_phys,
		.map_runs = hot_no_map_runs,
		.unmap_runs = hot_no_unmap_runs,
		.resize = hot_no_resize,
		.punch = hot_no_punch,
		.read_dirty = hot_no_read_dirty,
	};

	return round_timed(workload, &nothing, NULL);
}

size_t round_operations(const struct workload *workload)
{
	if (case_is_replay(workload->c))
		return workload->fit.counts.replayed;
	/* The threads work at the same time: one's share of the operations. */
	return workload->op_count / workload->c->threads;
}

/* A round's timed part, and what its return values say. */
static int run_timed(const struct workload *workload, const struct side *side,
		     struct hot_result *result)
{
	*result = round_timed(workload, side->subject, side->table.handle);
	if (!result->failure)
		return 0;
	if (case_is_replay(workload->c))
		return replay_fail(workload, side, result);
	return side_fail(workload, side, case_op_name(workload->c->op),
			 workload->ops[result->done].iova, result->failure);
}

/* All addresses at once, by their sum; only where that is wrong each is looked at. */
static int check_sum(const struct workload *workload, const struct side *side, uint64_t sum)
{
	const struct layout *layout = &workload->layout;
	uint64_t expected = 0;
	int error = 0;

	for (size_t i = 0; i < workload->op_count; i++)
		for (uint64_t offset = 0; offset < layout->length; offset += layout->step)
			expected = hot_sum(expected, workload->ops[i].oa + offset);
	for (size_t i = 0; i < workload->op_count && sum != expected && !error; i++)
		for (uint64_t offset = 0; offset < layout->length && !error; offset += layout->step)
			error = side_check_mapped(workload, side, workload->ops[i].iova + offset,
						  workload->ops[i].oa + offset);
	if (sum != expected && !error)
		error = fail(EXIT_BENCHMARK, "%s: %s: a translation was wrong, but is right now",
			     workload->c->name, side->name);
	return error;
}

static int warm_round(const struct workload *workload, struct side *side, struct hot_result *result)
{
	enum case_op op = workload->c->op;
	int error = 0;

	if (op == OP_IOVA_TO_PHYS) {
		error = run_timed(workload, side, result);
		return error ? error : check_sum(workload, side, result->sum);
	}
	if (op == OP_MAP_UNMAP) {
		error = run_timed(workload, side, result);
		return error ? error : check_round(workload, side, false);
	}
	error = op == OP_MAP ? run_timed(workload, side, result) : side_map_round(workload, side);
	if (!error)
		error = check_round(workload, side, true);
	if (!error)
		error = op == OP_UNMAP ? run_timed(workload, side, result)
				       : side_unmap_round(workload, side);
	return error ? error : check_round(workload, side, false);
}

/* A page table of its own, in which nothing but the anchor is mapped. */
static int make_fresh(const struct workload *workload, struct side *side)
{
	int error;

	side_destroy(side);
	error = side_create(workload, side);
	return error ? error : side_map_anchor(workload, side);
}

static int change_round(const struct workload *workload, struct side *side,
			struct hot_result *result)
{
	int error = workload->c->state == STATE_COLD ? make_fresh(workload, side) : 0;

	if (!error)
		error = change_begin(workload, side);
	if (error)
		return error;
	*result = round_timed(workload, side->subject, side->table.handle);
	error = change_check(workload, side, result);
	return error ? error : change_end(workload, side);
}

static int cold_round(const struct workload *workload, struct side *side, struct hot_result *result)
{
	int error = make_fresh(workload, side);

	if (!error)
		error = run_timed(workload, side, result);
	return error ? error : check_round(workload, side, true);
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

	if (workload->c->op == OP_MAP)
		for (uint64_t place = 0; place < side->place && !error;) {
			place = workload_spread(workload, place);
			error = side_unmap_round(workload, side);
		}
	else if (workload->c->op == OP_UNMAP)
		error = map_all_lines(workload, side);
	side->place = 0;
	return error;
}

static int spread_round(struct workload *workload, struct side *side, struct hot_result *result)
{
	int error = 0;

	if (side->place + workload->op_count > workload->lines)
		error = begin_pass(workload, side);
	if (error)
		return error;
	side->place = workload_spread(workload, side->place);
	error = run_timed(workload, side, result);
	if (error)
		return error;
	if (workload->c->op == OP_IOVA_TO_PHYS)
		return check_sum(workload, side, result->sum);
	return check_round(workload, side, workload->c->op == OP_MAP);
}

int side_prepare(struct workload *workload, struct side *side)
{
	const struct bench_case *c = workload->c;
	int error;

	if (case_is_replay(c)) {
		size_t next = 0;

		error = replay_checked(workload, side, &next, workload->fit.call_count);
		return error ? error : replay_rest(workload, side);
	}
	if (c->state == STATE_OUT_OF_CACHE)
		return c->op == OP_MAP ? map_all_tables(workload, side)
				       : map_all_lines(workload, side);
	if (c->state == STATE_WARM && c->op == OP_IOVA_TO_PHYS)
		return side_map_round(workload, side);
	return 0;
}

static int run_by_state(struct workload *workload, struct side *side, struct hot_result *result)
{
	int error;

	if (case_is_replay(workload->c)) {
		error = run_timed(workload, side, result);
		return error ? error : replay_rest(workload, side);
	}
	if (change_is(workload->c->op))
		return change_round(workload, side, result);
	switch (workload->c->state) {
	case STATE_COLD:
		return cold_round(workload, side, result);
	case STATE_OUT_OF_CACHE:
		return spread_round(workload, side, result);
	case STATE_WARM:
		break;
	}
	return warm_round(workload, side, result);
}

int round_run(struct workload *workload, struct side *side, struct hot_result *result)
{
	int error = run_by_state(workload, side, result);

	if (side->subject->settle)
		side->subject->settle();
	return error;
}
