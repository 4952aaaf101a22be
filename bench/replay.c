// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* replay.c - see replay.h. */
#include "replay.h"

#include <stdlib.h>

#include "fail.h"

static int take_calls(struct workload *workload)
{
	struct trace_limits limits = case_trace_limits(workload->c->facts);

	return trace_fit(workload->trace, &limits, &workload->fit)
		       ? 0
		       : fail(EXIT_BENCHMARK, "%s: no memory", workload->c->name);
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
static size_t batch_of(const struct workload *workload, size_t first)
{
	size_t count = 1, most = workload->fit.call_count - first;

	if (most > TRACE_BATCH_MOST)
		most = TRACE_BATCH_MOST;
	while (count < most && goes_on(&workload->fit.calls[first + count - 1],
				       &workload->fit.calls[first + count]))
		count++;
	return count;
}

static int take_steps(struct workload *workload)
{
	unsigned int granule_lg2 = workload->c->facts->granule_lg2;
	size_t calls = workload->fit.call_count, room = 1;

	workload->steps = malloc(calls * sizeof(*workload->steps));
	workload->runs = malloc(calls * sizeof(*workload->runs));
	if (!workload->steps || !workload->runs)
		return fail(EXIT_BENCHMARK, "%s: no memory", workload->c->name);
	for (size_t i = 0; i < calls;) {
		struct hot_step *step = &workload->steps[workload->step_count++];

		*step = (struct hot_step){ .first = &workload->fit.calls[i],
					   .runs = &workload->runs[i],
					   .count = batch_of(workload, i) };
		for (size_t k = 0; k < step->count; k++, i++) {
			const struct trace_event *event = &workload->fit.calls[i];

			workload->runs[i] = (struct pt_run){ event->oa, event->length };
			step->length += event->length;
		}
		if (!step->first->map && step->count > 1 && step->length >> granule_lg2 > room)
			room = step->length >> granule_lg2;
	}
	/* What unmaps of several calls hand back: no more runs than pages. */
	workload->returned = malloc(room * sizeof(*workload->returned));
	workload->returned_room = room;
	return workload->returned ? 0 : fail(EXIT_BENCHMARK, "%s: no memory", workload->c->name);
}

int replay_init(struct workload *workload)
{
	int error = take_calls(workload);

	workload->window =
		(struct subject_window){ .end = workload->fit.iova_last + 1, .detaches = true };
	return error || workload->c->op != OP_REPLAY_BATCH ? error : take_steps(workload);
}

void replay_free(struct workload *workload)
{
	trace_fit_free(&workload->fit);
	free(workload->steps);
	free(workload->returned);
}

static bool in_batches(const struct workload *workload, const struct subject *subject)
{
	return workload->steps && subject->batches;
}

static struct hot_result run_steps(const struct workload *workload, const struct subject *subject,
				   void *handle, const struct hot_step *steps, size_t count)
{
	return hot_replay_batch(subject, handle, steps, count, workload->returned,
				workload->returned_room);
}

struct hot_result replay_run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	if (in_batches(workload, subject))
		return run_steps(workload, subject, handle, workload->steps, workload->step_count);
	return hot_replay(subject->map, subject->unmap, handle, workload->fit.calls,
			  workload->fit.call_count);
}

static int event_fail(const struct workload *workload, const struct side *side,
		      const struct trace_event *event, int64_t failure)
{
	return side_fail(workload, side, event->map ? "map" : "unmap", event->iova, failure);
}

int replay_fail(const struct workload *workload, const struct side *side,
		const struct hot_result *result)
{
	return event_fail(workload, side,
			  in_batches(workload, side->subject) ? workload->steps[result->done].first
							      : &workload->fit.calls[result->done],
			  result->failure);
}

/* The first and the last page of @event. */
static int check_event(const struct workload *workload, const struct side *side,
		       const struct trace_event *event)
{
	uint64_t to_last = event->length - (1ULL << workload->c->facts->granule_lg2);
	int error;

	if (!event->map) {
		error = side_check_gone(workload, side, event->iova);
		return error ? error : side_check_gone(workload, side, event->iova + to_last);
	}
	error = side_check_mapped(workload, side, event->iova, event->oa);
	return error ? error
		     : side_check_mapped(workload, side, event->iova + to_last,
					 event->oa + to_last);
}

int replay_checked(const struct workload *workload, struct side *side, size_t *next, size_t end)
{
	const struct subject *subject = side->subject;
	int error = 0;

	while (*next < end && !error) {
		const struct trace_event *event = &workload->fit.calls[*next];
		struct hot_step step = { .first = event,
					 .runs = &workload->runs[*next],
					 .length = event->length,
					 .count = 1 };
		struct hot_result result;

		if (in_batches(workload, subject)) {
			step.count = batch_of(workload, *next);
			for (size_t i = 1; i < step.count; i++)
				step.length += event[i].length;
			result = run_steps(workload, subject, side->table.handle, &step, 1);
		} else {
			result = hot_replay(subject->map, subject->unmap, side->table.handle, event,
					    1);
		}
		if (result.failure)
			return event_fail(workload, side, event, result.failure);
		for (size_t i = 0; i < step.count && !error; i++)
			error = check_event(workload, side, &event[i]);
		*next += step.count;
	}
	return error;
}

int replay_rest(const struct workload *workload, struct side *side)
{
	const struct trace_fit *fit = &workload->fit;
	struct hot_result result = hot_replay(side->subject->map, side->subject->unmap,
					      side->table.handle, fit->rest, fit->rest_count);

	return result.failure ? event_fail(workload, side, &fit->rest[result.done], result.failure)
			      : 0;
}
