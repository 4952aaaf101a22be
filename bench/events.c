// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* events.c - a pass that counts, see events.h. */
#include "events.h"

#include "rounds.h"

static void begin(void *context)
{
	counters_enable(context);
}

static void end(void *context)
{
	counters_disable(context);
}

static int count_rounds(struct counters *counters, struct workload *workload, struct side *side,
			uint64_t rounds)
{
	struct hot_result result;
	int error = 0;

	counters_reset(counters);
	for (uint64_t i = 0; i < rounds && !error; i++)
		error = round_run(workload, side, &result);
	return error;
}

/* The same with nothing behind the side's calls, into @empty; returns what counters_read() does. */
static const char *count_empty(struct counters *counters, struct workload *workload,
			       const struct side *side, uint64_t rounds, uint64_t *empty)
{
	const char *lost;

	counters_reset(counters);
	for (uint64_t i = 0; i < rounds; i++)
		round_empty(workload, side->subject);
	lost = counters_read(counters);
	for (unsigned int i = 0; i < counters->count && !lost; i++)
		empty[i] = counters->events[i].value;
	return lost;
}

static void take_values(const struct counters *counters, const uint64_t *empty, uint64_t operations,
			struct side_events *events)
{
	for (unsigned int i = 0; i < counters->count; i++) {
		const struct counter *counter = &counters->events[i];
		/* A little below 0 where the empty loop by chance missed more often. */
		double own = (double)counter->value - (double)empty[i];

		if (counter->fd >= 0)
			events->values[events->count++] =
				(struct gbench_counter){ counter->name, own / (double)operations };
	}
}

int events_count(struct counters *counters, struct workload *workload, struct side *sides,
		 unsigned int count, uint64_t rounds, struct side_events *events, const char **lost)
{
	struct watch watch = { .begin = begin, .end = end, .context = counters };
	uint64_t empty[COUNTERS_MOST] = { 0 };
	int error = 0;

	for (unsigned int i = 0; i < count; i++)
		events[i].count = 0;
	workload->watch = &watch;
	*lost = NULL;
	for (unsigned int i = 0; i < count && !error && !*lost; i++) {
		*lost = count_empty(counters, workload, &sides[i], rounds, empty);
		error = *lost ? 0 : count_rounds(counters, workload, &sides[i], rounds);
		if (!error && !*lost)
			*lost = counters_read(counters);
		if (!error && !*lost)
			take_values(counters, empty, rounds * round_operations(workload),
				    &events[i]);
	}
	workload->watch = NULL;
	return error;
}
