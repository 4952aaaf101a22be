// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * measure.c - page tables for every side, calibration, and samples in the order
 * of the blocks; see measure.h.
 */
#include "measure.h"

#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "calibrate.h"
#include "context.h"
#include "events.h"
#include "fail.h"
#include "gbench.h"
#include "interruption.h"
#include "rounds.h"
#include "table_pages.h"

/* Table pages and heap bytes taken before each side's tables, at most. */
#define PLACE_PAGES 64
#define PLACE_HEAP 4096
/* So many rounds of a sample are taken again where the scheduler interrupted them, then no more. */
#define MOST_AGAIN(rounds) ((rounds) / 2 + 4)
/* Of an entry, besides the hardware's. */
#define OWN_COUNTERS 5

struct measurement {
	struct workload *workload;
	struct side *sides;
	unsigned int count;
	struct calibration calibration;
	void *heap[OPTIONS_MOST_VARIANTS]; /* taken before each side's page table, and */
	void *tables; /* table pages, linked through table_link() */
	struct side_events events[OPTIONS_MOST_VARIANTS]; /* all empty without --events */
};

struct sample {
	struct measurement *measurement;
	struct side *side;
	struct interruption interruption;
};

/* The first round after another side has run finds its caches and predictors: not counted. */
static int settle(struct workload *workload, struct side *side)
{
	struct hot_result result;

	return workload->c->state == STATE_WARM ? round_run(workload, side, &result) : 0;
}

static int take_sample(void *context, uint64_t operations, double *nanoseconds)
{
	struct sample *sample = context;
	struct measurement *measurement = sample->measurement;
	const struct calibration *calibration = &measurement->calibration;
	struct interruption *interruption = &sample->interruption;
	uint64_t total = 0, i = 0;
	int error = settle(measurement->workload, sample->side);

	(void)operations; /* the rounds' */
	interruption_begin(interruption);
	while (i < calibration->rounds && !error) {
		struct hot_result result;

		error = round_run(measurement->workload, sample->side, &result);
		if (error || (interruption->rounds < MOST_AGAIN(calibration->rounds) &&
			      interruption_happened(interruption, result.nanoseconds)))
			continue;
		total += result.nanoseconds;
		i++;
	}
	if (interruption->rounds)
		gbench_count("interrupted", (double)interruption->rounds);
	/* As it is, below 0 too: what is too small to be a figure, the reader tells by "least_ns". */
	*nanoseconds = (double)total - sample->side->empty_ns * (double)calibration->rounds;
	return error;
}

/*
 * Where a page table lies decides which of its lines collide with which. Each process puts them
 * elsewhere, by taking some memory before each.
 */
static int take_places(struct measurement *measurement, unsigned int side, uint64_t *random)
{
	uint64_t pages = next_random(random) % PLACE_PAGES;

	measurement->heap[side] = malloc(1 + next_random(random) % PLACE_HEAP);
	if (!measurement->heap[side])
		return fail(EXIT_BENCHMARK, "no memory");
	for (uint64_t i = 0; i < pages; i++) {
		void *table = table_alloc(TABLE_PAGE_LG2, 0);

		if (!table)
			return fail(EXIT_BENCHMARK, "no table memory");
		*table_link(table) = measurement->tables;
		measurement->tables = table;
	}
	return 0;
}

static void clean_up(struct measurement *measurement)
{
	for (unsigned int i = 0; i < measurement->count; i++) {
		side_destroy(&measurement->sides[i]);
		free(measurement->heap[i]);
	}
	while (measurement->tables) {
		void *next = *table_link(measurement->tables);

		table_free(measurement->tables, TABLE_PAGE_LG2);
		measurement->tables = next;
	}
}

/* Page tables for all sides, in an order of their own. */
static int create_sides(struct measurement *measurement, const struct options *options)
{
	uint64_t random = options->seed ^ options->process << 32;
	unsigned int first = (unsigned int)(next_random(&random) % measurement->count);
	int error = 0;

	for (unsigned int i = 0; i < measurement->count && !error; i++) {
		struct side *side = &measurement->sides[(first + i) % measurement->count];

		error = take_places(measurement, i, &random);
		if (!error)
			error = side_create(measurement->workload, side);
		if (!error)
			error = side_prepare(measurement->workload, side);
	}
	return error;
}

static void register_block(struct measurement *measurement, struct sample *samples,
			   const struct options *options, unsigned int block)
{
	const struct workload *workload = measurement->workload;
	unsigned int slots[2 * OPTIONS_MOST_VARIANTS], count = measurement->count;
	double of_round = (double)round_operations(workload);
	uint64_t operations = measurement->calibration.rounds * round_operations(workload);

	block_order(options->seed, (unsigned int)options->process, block, count, slots);
	for (unsigned int slot = 0; slot < 2 * count; slot++) {
		const struct side_events *events = &measurement->events[slots[slot]];
		const struct side *side = &measurement->sides[slots[slot]];
		struct gbench_counter counters[OWN_COUNTERS + COUNTERS_MOST] = {
			{ "process", (double)options->process },
			{ "block", block },
			{ "slot", slot },
			{ "empty_ns", side->empty_ns / of_round },
			{ "least_ns", calibrate_least(&measurement->calibration) / of_round },
		};
		struct sample *sample = &samples[slots[slot]];
		char name[sizeof(workload->c->name) + sizeof(side->name)];

		snprintf(name, sizeof(name), "%s/%s", workload->c->name, side->name);
		memcpy(&counters[OWN_COUNTERS], events->values, events->count * sizeof(*counters));
		gbench_register(name, take_sample, sample, operations, counters,
				OWN_COUNTERS + events->count, NULL);
	}
}

static int run(struct measurement *measurement, const struct options *options)
{
	struct sample samples[OPTIONS_MOST_VARIANTS];
	const char *error = NULL;
	int result;

	for (unsigned int i = 0; i < measurement->count; i++)
		samples[i] = (struct sample){ measurement, &measurement->sides[i], { 0 } };
	for (unsigned int block = 0; block < options->blocks; block++)
		register_block(measurement, samples, options, block);
	result = gbench_run(options->out, &error);
	return result < 0 ? fail(EXIT_BENCHMARK, "%s: %s", options->out, error) : result;
}

/* A group that others push aside is worth nothing; why it is not there goes into the file. */
static int count_events(struct measurement *measurement)
{
	struct counters counters;
	const char *lost;
	int error;

	counters_open(counters_usual, counters_perf_event_open, &counters);
	error = events_count(&counters, measurement->workload, measurement->sides,
			     measurement->count, measurement->calibration.rounds,
			     measurement->events, &lost);
	counters_close(&counters);
	gbench_context("events_lost", lost ? lost : "none");
	return error;
}

int measure(struct workload *workload, const struct machine *machine, struct side *sides,
	    unsigned int count, const struct options *options)
{
	struct measurement measurement = {
		.workload = workload,
		.sides = sides,
		.count = count,
	};
	int error;

	calibrate_empty(workload, sides, count, &measurement.calibration);
	error = create_sides(&measurement, options);
	if (!error)
		error = calibrate_rounds(workload, sides, count, options->sample_us,
					 &measurement.calibration);
	if (!error && options->events)
		error = count_events(&measurement);
	if (!error && subjects_warnings())
		error = fail(EXIT_BENCHMARK, "%s: the kernel's drivers warned %ld times",
			     workload->c->name, subjects_warnings());
	if (!error) {
		context_describe(workload, machine, &measurement.calibration, sides, options);
		if (workload->c->state == STATE_OUT_OF_CACHE)
			error = machine_evict_caches(machine);
	}
	if (!error)
		error = run(&measurement, options);
	clean_up(&measurement);
	return error;
}
