// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sequences.c - random sequences of maps and of unmaps of what was mapped: after
 * each operation engine and driver hold the same words.
 *
 * PTBENCH_SEED and PTBENCH_STEPS (operations a configuration) in the environment.
 */
#include <stdio.h>
#include <stdlib.h>

#include "random.h"
#include "table_pages.h"
#include "trio.h"

#define LIVE 8 /* mappings at a time */
#define STEPS 10000

struct mapping {
	uint64_t iova, length;
};

struct sequence {
	struct trio trio;
	struct mapping live[LIVE];
	unsigned int count;
	uint64_t granule, window, base;
};

static bool overlaps(const struct sequence *sequence, uint64_t iova, uint64_t length)
{
	for (unsigned int i = 0; i < sequence->count; i++)
		if (iova < sequence->live[i].iova + sequence->live[i].length &&
		    sequence->live[i].iova < iova + length)
			return true;
	return false;
}

/* Mostly short; at times a run that larger pages take part in. */
static uint64_t random_length(const struct sequence *sequence)
{
	uint64_t pages = random_below(4) ? 1 + random_below(16) : 1 + random_below(600);

	return pages * sequence->granule;
}

static void step_map(struct sequence *sequence)
{
	static const unsigned int prots[] = { PT_READ, PT_READ | PT_WRITE,
					      PT_READ | PT_WRITE | PT_CACHE,
					      PT_READ | PT_WRITE | PT_MMIO,
					      PT_READ | PT_CACHE | PT_NOEXEC };
	uint64_t length = random_length(sequence), mask = sequence->granule - 1;
	uint64_t iova = sequence->base + (random_below(sequence->window - length) & ~mask);
	uint64_t oa_span = trio_oa_span(&sequence->trio);
	uint64_t oa = random_below(oa_span / 2) & ~mask;

	if (random_below(2)) /* congruent, so that larger pages fit */
		oa = (oa & ~(sequence->window - 1)) + (iova & (sequence->window - 1));
	if (overlaps(sequence, iova, length) || oa + length > oa_span)
		return;
	trio_map(&sequence->trio, iova, oa, length, prots[random_below(5)]);
	sequence->live[sequence->count++] = (struct mapping){ iova, length };
}

static void step_unmap(struct sequence *sequence)
{
	unsigned int at = (unsigned int)random_below(sequence->count);

	trio_unmap(&sequence->trio, sequence->live[at].iova, sequence->live[at].length);
	sequence->live[at] = sequence->live[--sequence->count];
}

static void run(const struct configuration *configuration, unsigned long steps)
{
	struct sequence sequence = { .count = 0 };
	uint64_t sizes, middle;

	trio_create(configuration, &sequence.trio);
	sizes = trio_page_sizes(&sequence.trio);
	sequence.granule = sizes & -sizes;
	sequence.window = sequence.granule << 11;
	while (sequence.window > trio_span(&sequence.trio) / 2)
		sequence.window /= 2;
	middle = trio_span(&sequence.trio) / 2;
	if (middle > 1ULL << 38)
		middle = 1ULL << 38;
	/* Across the middle, where upper tables meet. */
	sequence.base = trio_first(&sequence.trio) + middle - sequence.window / 2;
	for (unsigned long step = 0; step < steps; step++) {
		if (sequence.count == LIVE || (sequence.count && random_below(2)))
			step_unmap(&sequence);
		else
			step_map(&sequence);
		trio_compare(&sequence.trio);
	}
	trio_destroy(&sequence.trio);
}

/* Arguments: PART OF - every OF-th configuration from PART on, so that several run side by side. */
int main(int argc, char **argv)
{
	unsigned long part = argc > 2 ? strtoul(argv[1], NULL, 0) : 0;
	unsigned long parts = argc > 2 ? strtoul(argv[2], NULL, 0) : 1, at = 0;
	const char *text = getenv("PTBENCH_STEPS");
	unsigned long steps = text ? strtoul(text, NULL, 0) : STEPS, count = 0;

	if (!*baselines()) {
		printf("skipped: no kernel drivers in this build (package linux-source-6.12)\n");
		return 77;
	}
	random_seed_from_environment();
	if (table_pages_init(-1, 0))
		return 1;
	for (const struct configuration *c = configurations; c->format; c++)
		if (at++ % parts == part && trio_baseline(c->format)) {
			run(c, steps);
			count++;
		}
	printf("%lu configurations agree after each of %lu operations\n", count, steps);
	return baseline_warnings() != 0;
}
