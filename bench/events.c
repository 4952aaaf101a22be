// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* events.c - a pass that counts, see events.h. */
#include "events.h"

static void begin(void *context)
{
	counters_enable(context);
}

static void end(void *context)
{
	counters_disable(context);
}

/* Let the counters run during so many rounds, of nothing where there is no side. */
static int count_rounds(struct counters *counters, struct workload *workload, struct side *side,
			uint64_t rounds)
{
	struct hot_result result;
	int error = 0;

	counters_reset(counters);
	for (uint64_t i = 0; i < rounds && !error; i++) {
		if (side)
			error = round_run(workload, side, &result);
		else
			round_empty(workload);
	}
	return error;
}

static void take_values(const struct counters *counters, const uint64_t *empty, uint64_t operations,
			struct side_events *events)
{
	for (unsigned int i = 0; i < counters->count; i++) {
		const struct counter *counter = &counters->events[i];
		/* The empty loop may by chance miss where the real one does not. */
		uint64_t own = counter->value > empty[i] ? counter->value - empty[i] : 0;

		if (counter->fd >= 0)
			events->values[events->count++] =
				(struct gbench_counter){ counter->name,
							 (double)own / (double)operations };
	}
}

int events_count(struct counters *counters, struct workload *workload, struct side *sides,
		 unsigned int count, uint64_t rounds, struct side_events *events, const char **lost)
{
	struct watch watch = { .begin = begin, .end = end, .context = counters };
	uint64_t empty[COUNTERS_MOST] = { 0 };
	int error;

	for (unsigned int i = 0; i < count; i++)
		events[i].count = 0;
	workload->watch = &watch;
	error = count_rounds(counters, workload, NULL, rounds);
	*lost = counters_read(counters);
	for (unsigned int i = 0; i < counters->count && !*lost; i++)
		empty[i] = counters->events[i].value;
	for (unsigned int i = 0; i < count && !error && !*lost; i++) {
		error = count_rounds(counters, workload, &sides[i], rounds);
		*lost = error ? NULL : counters_read(counters);
		if (!error && !*lost)
			take_values(counters, empty, rounds * round_operations(workload),
				    &events[i]);
	}
	workload->watch = NULL;
	return error;
}
