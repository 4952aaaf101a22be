// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* rounds.c - one round of a case, in each of its states, see workload.h. */
#include "cold_code.h"
#include "fail.h"
#include "rounds.h"
#include "spread.h"

/* What @workload->ops says, between the eyes of who watches. */
static struct hot_result watched(const struct workload *workload, const struct subject *subject,
				 void *handle)
{
	const struct watch *watch = workload->watch;
	struct hot_result result;

	if (watch)
		watch->begin(watch->context);
	result = workload->c->op->run(workload, subject, handle);
	if (watch)
		watch->end(watch->context);
	return result;
}

/*
 * One operation at a time, each after code that is none of its own. Not for operations whose workload->own
 * goes by the operation's number: each of these is the first.
 */
static struct hot_result run_cold_code(const struct workload *workload,
				       const struct subject *subject, void *handle)
{
	uint64_t addresses = workload->layout.length / workload->layout.lookup_stride;
	struct workload one = *workload;
	struct hot_result all = { 0 };

	one.op_count = 1;
	for (; all.done < workload->op_count && !all.failure; one.ops++) {
		struct hot_result result;

		cold_code_displace();
		result = watched(&one, subject, handle);
		all.nanoseconds += result.nanoseconds;
		all.failure = result.failure;
		all.done += result.done;
		all.sum = hot_sum_join(all.sum, result.sum, addresses);
	}
	return all;
}

__attribute__((noinline)) struct hot_result round_timed(const struct workload *workload,
							const struct subject *subject, void *handle)
{
	return workload->c->state == STATE_COLD_CODE ? run_cold_code(workload, subject, handle)
						     : watched(workload, subject, handle);
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
		.reassemble = hot_no_reassemble,
		.punch = hot_no_punch,
		.read_dirty = hot_no_read_dirty,
	};

	return round_timed(workload, &nothing, NULL);
}

size_t round_operations(const struct workload *workload)
{
	const struct bench_case *c = workload->c;

	if (c->op->operations)
		return c->op->operations(workload);
	/* The threads work at the same time: one's share of the operations. */
	return workload->op_count / c->threads;
}

int round_run_timed(const struct workload *workload, const struct side *side,
		    struct hot_result *result)
{
	const struct bench_op *op = workload->c->op;

	*result = round_timed(workload, side->subject, side->table.handle);
	if (result->failure && op->failed)
		return op->failed(workload, side, result);
	return side_failed(workload, side, op->name, result);
}

/* A page table of its own, in which nothing but the anchor is mapped. */
static int make_fresh(const struct workload *workload, struct side *side)
{
	int error;

	side_destroy(side);
	error = side_create(workload, side);
	return error ? error : side_map_anchor(workload, side);
}

/* Does a side's page table stay, and every round leave it as it was? */
static bool is_steady(const struct bench_case *c)
{
	return c->state == STATE_WARM || c->state == STATE_COLD_CODE;
}

int side_prepare(struct workload *workload, struct side *side)
{
	const struct bench_case *c = workload->c;

	if (c->state == STATE_OUT_OF_CACHE)
		return spread_prepare(workload, side);
	return is_steady(c) && c->op->prepare ? c->op->prepare(workload, side) : 0;
}

static int begin(struct workload *workload, struct side *side)
{
	const struct bench_case *c = workload->c;
	int error;

	if (c->state == STATE_OUT_OF_CACHE)
		return spread_begin(workload, side);
	error = c->state == STATE_COLD ? make_fresh(workload, side) : 0;
	return error || !c->op->begin ? error : c->op->begin(workload, side);
}

/* A table that is thrown away, and one that a pass goes on with, stay as they are. */
static int end(const struct workload *workload, struct side *side)
{
	const struct bench_case *c = workload->c;

	return is_steady(c) && c->op->end ? c->op->end(workload, side) : 0;
}

int round_run(struct workload *workload, struct side *side, struct hot_result *result)
{
	const struct bench_op *op = workload->c->op;
	int error = begin(workload, side);

	if (!error)
		error = round_run_timed(workload, side, result);
	if (!error && op->check)
		error = op->check(workload, side, result);
	if (!error)
		error = end(workload, side);
	if (side->subject->drain)
		side->subject->drain();
	return error;
}
