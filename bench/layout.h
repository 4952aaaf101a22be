/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * layout.h - the addresses of a case's operations.
 *
 * Operation i maps [base + i * stride, + length) to the same addresses plus
 * delta. All sides must end up with the same leaf sizes, whatever sizes a format
 * has: IOVA and OA differ by an odd multiple of the page size, so that no larger
 * size suits both. A mixed range has ends that are aligned to nothing but the
 * granule, and a delta that lets every size up to its largest be used.
 */
#ifndef PTBENCH_LAYOUT_H
#define PTBENCH_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "cases.h"

#define CACHE_LINE 64

struct layout {
	uint64_t base, stride, length, delta;
	uint64_t lookup_stride; /* between the addresses that are asked for with iova_to_phys */
	uint64_t ops; /* a round's; out of cache: the most there can be in all */
	uint64_t table_span; /* what the table that holds the leaves spans; 0 for a mixed range */
	uint64_t spare; /* left free behind the operations, for pages that are mapped beforehand */
};

/* Returns false where the format has no room for the case, or no such table. */
bool layout_find(const struct bench_case *c, struct layout *layout);

static inline uint64_t layout_iova(const struct layout *layout, uint64_t op)
{
	return layout->base + op * layout->stride;
}

/* The first address that is not used. */
static inline uint64_t layout_end(const struct layout *layout)
{
	return layout_iova(layout, layout->ops) + layout->spare;
}

/*
 * @n operations out of @total in an order that looks random: places @first to @first + @n - 1
 * of a permutation of 0 .. @total - 1 that @seed chooses.
 */
void layout_shuffled(uint64_t seed, uint64_t total, uint64_t first, unsigned int n,
		     uint64_t *operations);

#endif
