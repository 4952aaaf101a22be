// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sequences.c - random sequences of maps and of unmaps of what was mapped: after each
 * operation engine and driver hold the same words where it was, after many everywhere.
 *
 * Usage: sequences [PART OF]: every OF-th configuration from PART on, so that several run
 * side by side. PTBENCH_SEED and PTBENCH_STEPS (of a configuration) in the environment.
 */
#include <stdio.h>
#include <stdlib.h>

#include "random.h"
#include "trio.h"

#define LIVE 16 /* mappings at a time */
#define STEPS 10000
#define STEPS_BETWEEN_WHOLE 64

struct mapping {
	uint64_t iova, length;
};

struct sequence {
	struct trio trio;
	struct mapping live[LIVE];
	unsigned int count;
	uint64_t granule, block, window, base;
};

static bool overlaps(const struct sequence *sequence, uint64_t iova, uint64_t length)
{
	for (unsigned int i = 0; i < sequence->count; i++)
		if (iova <= sequence->live[i].iova + (sequence->live[i].length - 1) &&
		    sequence->live[i].iova <= iova + (length - 1))
			return true;
	return false;
}

/* Mostly short; at times a run that larger pages take part in, at times only those. */
static uint64_t random_length(const struct sequence *sequence)
{
	uint64_t kind = random_below(16);
	uint64_t length = kind < 11   ? (1 + random_below(16)) * sequence->granule
			  : kind < 14 ? (1 + random_below(1200)) * sequence->granule
				      : (1 + random_below(3)) * sequence->block;

	return length <= sequence->window / 4 ? length : sequence->granule;
}

static void step_map(struct sequence *sequence)
{
	static const unsigned int prots[] = { PT_READ, PT_READ | PT_WRITE,
					      PT_READ | PT_WRITE | PT_CACHE,
					      PT_READ | PT_WRITE | PT_MMIO,
					      PT_READ | PT_CACHE | PT_NOEXEC };
	uint64_t length = random_length(sequence), page = sequence->granule;
	uint64_t offset = random_below(sequence->window - length) & -page;
	uint64_t oa_span = trio_oa_span(&sequence->trio), oa = random_below(oa_span / 2) & -page;
	uint64_t iova;

	if (length % sequence->block == 0 || random_below(4) == 0)
		offset &= -sequence->block;
	iova = sequence->base + offset;
	if (random_below(2)) /* congruent, so that larger pages fit */
		oa = (oa & -sequence->window) + (iova & (sequence->window - 1));
	if (overlaps(sequence, iova, length) || oa > oa_span - length)
		return;
	trio_map(&sequence->trio, iova, oa, length, prots[random_below(5)]);
	trio_compare_range(&sequence->trio, iova, length);
	sequence->live[sequence->count++] = (struct mapping){ iova, length };
}

static void step_unmap(struct sequence *sequence)
{
	struct mapping *mapping = &sequence->live[random_below(sequence->count)];

	trio_unmap(&sequence->trio, mapping->iova, mapping->length, mapping->length);
	trio_compare_range(&sequence->trio, mapping->iova, mapping->length);
	*mapping = sequence->live[--sequence->count];
}

/* False where this kernel's driver lacks the configuration. */
static bool run(const struct configuration *configuration, unsigned long steps)
{
	struct sequence sequence = { .count = 0 };
	uint64_t sizes, middle;

	if (!trio_create(configuration, &sequence.trio))
		return false;
	sizes = trio_page_sizes(&sequence.trio);
	sequence.granule = sizes & -sizes;
	sizes ^= sequence.granule;
	sequence.block = sizes ? sizes & -sizes : 256 * sequence.granule;
	sequence.window = sequence.granule << 15;
	while (sequence.window > trio_span(&sequence.trio) / 2)
		sequence.window /= 2;
	if (sequence.block > sequence.window / 16)
		sequence.block = sequence.window / 16;
	middle = trio_span(&sequence.trio) / 2;
	if (middle > 1ULL << 39)
		middle = 1ULL << 39;
	/* Across the middle, where upper tables meet, and AMD's root has to grow. */
	sequence.base = trio_first(&sequence.trio) + middle - sequence.window / 2;
	for (unsigned long step = 0; step < steps; step++) {
		if (sequence.count == LIVE || (sequence.count && random_below(2)))
			step_unmap(&sequence);
		else
			step_map(&sequence);
		if (step % STEPS_BETWEEN_WHOLE == 0)
			trio_compare(&sequence.trio);
	}
	while (sequence.count)
		step_unmap(&sequence);
	trio_compare(&sequence.trio);
	trio_destroy(&sequence.trio);
	return true;
}

int main(int argc, char **argv)
{
	unsigned long part = argc > 2 ? strtoul(argv[1], NULL, 0) : 0;
	unsigned long parts = argc > 2 ? strtoul(argv[2], NULL, 0) : 1, at = 0;
	const char *text = getenv("PTBENCH_STEPS");
	unsigned long steps = text ? strtoul(text, NULL, 0) : STEPS, count = 0;

	trio_start();
	random_seed_from_environment();
	for (const struct configuration *c = configurations; c->format; c++)
		if (at++ % parts == part && trio_baseline(c->format))
			count += run(c, steps);
	printf("%lu configurations agree after each of %lu operations\n", count, steps);
	return baseline_warnings() != 0;
}
