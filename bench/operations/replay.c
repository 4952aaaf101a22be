// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * replay.c - a recorded trace carried out on a subject: call by call, or with adjacent
 * calls in batches.
 */
#define _GNU_SOURCE
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "sides.h"
#include "verify.h"

/* A trace is stopped so many times to compare, besides at its end. */
#define STOPS 8

/* Of a workload. */
struct replay {
	struct trace_fit fit; /* the trace as calls that the format can express */
	/* In batches: */
	struct hot_batch *batches; /* what is one call */
	size_t batch_count;
	struct pt_run *runs; /* one for each recorded call */
	struct pt_run *returned; /* by unmaps of several calls */
	size_t returned_room;
};

static struct replay *replay_of(const struct workload *workload)
{
	return workload->own;
}

const struct trace_fit *replay_fit(const struct workload *workload)
{
	return &replay_of(workload)->fit;
}

const struct hot_batch *replay_batches(const struct workload *workload, size_t *count)
{
	*count = replay_of(workload)->batch_count;
	return replay_of(workload)->batches;
}

static char *describe_one(const struct bench_case *c, const char *pages)
{
	char *text;
	int length =
		asprintf(&text,
			 "Repeats %u recorded maps and unmaps, in order; the time is that of one "
			 "of them.",
			 c->count);

	(void)pages;
	return length < 0 ? NULL : text;
}

static char *describe_batches(const struct bench_case *c, const char *pages)
{
	char *text;
	int length =
		asprintf(&text,
			 "Repeats %u recorded maps and unmaps, in order; maps of adjacent "
			 "addresses, and unmaps of such, are up to %u in one call. The kernel's "
			 "side makes every call by itself. The time is that of one recorded "
			 "call.",
			 c->count, TRACE_BATCH_MOST);

	(void)pages;
	return length < 0 ? NULL : text;
}

static bool possible(const struct subject *subject)
{
	return subject->map && subject->unmap;
}

/*
 * Does @next go on where @event ends? Maps that touch in memory too would become one leaf, of which
 * the trace may unmap a part: they stay two calls.
 */
static bool goes_on(const struct trace_event *event, const struct trace_event *next)
{
	/* Nothing goes on at 0, where the last page ends. */
	return next->map == event->map && next->iova && next->iova == event->iova + event->length &&
	       (!event->map || next->oa != event->oa + event->length);
}

/* How many calls from @first on are one call. */
static size_t batch_of(const struct trace_fit *fit, size_t first)
{
	size_t count = 1, most = fit->call_count - first;

	if (most > TRACE_BATCH_MOST)
		most = TRACE_BATCH_MOST;
	while (count < most && goes_on(&fit->calls[first + count - 1], &fit->calls[first + count]))
		count++;
	return count;
}

static int take_batches(const struct bench_case *c, struct replay *replay)
{
	size_t calls = replay->fit.call_count, room = 1;

	replay->batches = malloc(calls * sizeof(*replay->batches));
	replay->runs = malloc(calls * sizeof(*replay->runs));
	if (!replay->batches || !replay->runs)
		return fail(EXIT_BENCHMARK, "%s: no memory", c->name);
	for (size_t i = 0; i < calls;) {
		struct hot_batch *batch = &replay->batches[replay->batch_count++];

		*batch = (struct hot_batch){ .first = &replay->fit.calls[i],
					     .runs = &replay->runs[i],
					     .count = batch_of(&replay->fit, i) };
		for (size_t k = 0; k < batch->count; k++, i++) {
			const struct trace_event *event = &replay->fit.calls[i];

			replay->runs[i] = (struct pt_run){ event->oa, event->length };
			batch->length += event->length;
		}
		if (!batch->first->map && batch->count > 1 &&
		    batch->length >> c->facts->granule_lg2 > room)
			room = batch->length >> c->facts->granule_lg2;
	}
	/* What unmaps of several calls hand back: no more runs than pages. */
	replay->returned = malloc(room * sizeof(*replay->returned));
	replay->returned_room = room;
	return replay->returned ? 0 : fail(EXIT_BENCHMARK, "%s: no memory", c->name);
}

static int init(struct workload *workload, const struct machine *machine)
{
	const struct bench_case *c = workload->c;
	struct trace_limits limits = case_trace_limits(c->facts);
	struct replay *replay = calloc(1, sizeof(*replay));

	(void)machine;
	workload->own = replay;
	if (!replay || !trace_fit(workload->trace, &limits, &replay->fit))
		return fail(EXIT_BENCHMARK, "%s: no memory", c->name);
	workload->window =
		(struct subject_window){ .end = replay->fit.iova_last + 1, .detaches = true };
	return c->op->batches ? take_batches(c, replay) : 0;
}

static void free_replay(struct workload *workload)
{
	struct replay *replay = workload->own;

	if (!replay)
		return;
	trace_fit_free(&replay->fit);
	free(replay->batches);
	free(replay->runs);
	free(replay->returned);
	free(replay);
}

static bool in_batches(const struct workload *workload, const struct subject *subject)
{
	return workload->c->op->batches && subject->batches;
}

static struct hot_result run_batches(const struct workload *workload, const struct subject *subject,
				     void *handle, const struct hot_batch *batches, size_t count)
{
	const struct replay *replay = replay_of(workload);

	return hot_replay_batch(subject, handle, batches, count, replay->returned,
				replay->returned_room);
}

static struct hot_result run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	const struct replay *replay = replay_of(workload);

	if (in_batches(workload, subject))
		return run_batches(workload, subject, handle, replay->batches, replay->batch_count);
	return hot_replay(subject->map, subject->unmap, handle, replay->fit.calls,
			  replay->fit.call_count);
}

static int event_fail(const struct workload *workload, const struct side *side,
		      const struct trace_event *event, int64_t failure)
{
	return side_fail(workload, side, event->map ? "map" : "unmap", event->iova, failure);
}

static int failed(const struct workload *workload, const struct side *side,
		  const struct hot_result *result)
{
	const struct replay *replay = replay_of(workload);

	return event_fail(workload, side,
			  in_batches(workload, side->subject) ? replay->batches[result->done].first
							      : &replay->fit.calls[result->done],
			  result->failure);
}

/* The first and the last page of @event. */
static int check_event(const struct workload *workload, const struct side *side,
		       const struct trace_event *event)
{
	uint64_t to_last = event->length - (1ULL << workload->c->facts->granule_lg2);
	int error;

	if (!event->map) {
		error = side_check(workload, side, event->iova, PT_NOT_MAPPED);
		return error ? error
			     : side_check(workload, side, event->iova + to_last, PT_NOT_MAPPED);
	}
	error = side_check(workload, side, event->iova, event->oa);
	return error ? error
		     : side_check(workload, side, event->iova + to_last, event->oa + to_last);
}

int replay_checked(const struct workload *workload, struct side *side, size_t *next, size_t end)
{
	const struct replay *replay = replay_of(workload);
	const struct subject *subject = side->subject;
	int error = 0;

	while (*next < end && !error) {
		const struct trace_event *event = &replay->fit.calls[*next];
		struct hot_batch batch = { .first = event,
					   .runs = replay->runs ? &replay->runs[*next] : NULL,
					   .length = event->length,
					   .count = 1 };
		struct hot_result result;

		if (in_batches(workload, subject)) {
			batch.count = batch_of(&replay->fit, *next);
			for (size_t i = 1; i < batch.count; i++)
				batch.length += event[i].length;
			result = run_batches(workload, subject, side->table.handle, &batch, 1);
		} else {
			result = hot_replay(subject->map, subject->unmap, side->table.handle, event,
					    1);
		}
		if (result.failure)
			return event_fail(workload, side, event, result.failure);
		for (size_t i = 0; i < batch.count && !error; i++)
			error = check_event(workload, side, &event[i]);
		*next += batch.count;
	}
	return error;
}

/* Unmap what the trace leaves behind. */
static int unmap_rest(const struct workload *workload, struct side *side)
{
	const struct trace_fit *fit = replay_fit(workload);
	struct hot_result result = hot_replay(side->subject->map, side->subject->unmap,
					      side->table.handle, fit->rest, fit->rest_count);

	return result.failure ? event_fail(workload, side, &fit->rest[result.done], result.failure)
			      : 0;
}

static int prepare(const struct workload *workload, struct side *side)
{
	size_t next = 0;
	int error = replay_checked(workload, side, &next, replay_fit(workload)->call_count);

	return error ? error : unmap_rest(workload, side);
}

static int verify(const struct workload *workload, struct side *sides, unsigned int count)
{
	size_t calls = replay_fit(workload)->call_count, next[VERIFY_MOST_SIDES] = { 0 };
	int error = 0;

	for (size_t stop = 1; stop <= STOPS && !error; stop++) {
		size_t end = calls * stop / STOPS;

		/* A batch may go beyond; the others follow it there. */
		for (unsigned int i = 0; i < count && !error; i++) {
			error = replay_checked(workload, &sides[i], &next[i], end);
			end = next[i] > end ? next[i] : end;
		}
		for (unsigned int i = 0; i < count && !error; i++)
			error = replay_checked(workload, &sides[i], &next[i], end);
		if (!error)
			error = verify_compare(workload, sides, count);
	}
	for (unsigned int i = 0; i < count && !error; i++)
		error = unmap_rest(workload, &sides[i]);
	return error;
}

static size_t recorded_events(const struct workload *workload)
{
	return replay_fit(workload)->counts.replayed;
}

/* What both ways to replay have in common. */
#define REPLAY                                                                                    \
	.effect = OP_KEEPS, .replays = true, .possible = possible, .init = init,                  \
	.free = free_replay, .prepare = prepare, .run = run, .failed = failed, .end = unmap_rest, \
	.verify = verify, .operations = recorded_events

const struct bench_op op_replay = { .name = "replay", .describe = describe_one, REPLAY };

const struct bench_op op_replay_batch = {
	.name = "replay_batch", .batches = true, .describe = describe_batches, REPLAY
};
