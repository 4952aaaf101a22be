/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bits.h - arithmetic on addresses and sizes: which page size fits, and how far
 * it goes on fitting. Knows no format.
 */
#ifndef PT_GENERIC_BITS_H
#define PT_GENERIC_BITS_H

#include "generic/platform.h"

/* Bits high..low, as manuals write a field. */
#define PT_FIELD(high, low) ((~0ULL >> (63 - (high))) & (~0ULL << (low)))
#define PT_BIT(bit) (1ULL << (bit))

PT_ALWAYS_INLINE uint64_t lg2_bytes(unsigned int lg2)
{
	return 1ULL << lg2;
}

PT_ALWAYS_INLINE uint64_t lg2_mask(unsigned int lg2)
{
	return (1ULL << lg2) - 1;
}

/* log2 of the largest power of two that is not above @value, which is not 0. */
PT_ALWAYS_INLINE unsigned int floor_lg2(uint64_t value)
{
	return 63 ^ (unsigned int)__builtin_clzll(value);
}

/*
 * log2 of the largest size in the bitmap @sizes with which a mapping of @bytes at
 * @iova to @oa may begin. The smallest size divides all three.
 */
PT_ALWAYS_INLINE unsigned int best_size_lg2(uint64_t sizes, uint64_t iova, uint64_t oa,
					    uint64_t bytes)
{
	uint64_t address = iova | oa;
	/* Up to and with the lowest bit set; all bits for address 0. */
	uint64_t aligned = address ^ (address - 1);

	return floor_lg2(sizes & aligned & ((2ULL << floor_lg2(bytes)) - 1));
}

/*
 * For how many of @bytes pages of 1 << @lg2, the best size at this point, stay
 * the best: to where a larger size of @sizes becomes aligned, or to the last whole page.
 */
PT_ALWAYS_INLINE uint64_t best_size_run(uint64_t sizes, uint64_t iova, uint64_t oa, uint64_t bytes,
					unsigned int lg2)
{
	uint64_t run = bytes & ~lg2_mask(lg2);
	uint64_t larger = sizes & ~((2ULL << lg2) - 1);
	uint64_t mask = (larger & -larger) - 1, to_larger = (~iova & mask) + 1;

	/* One page only, or both addresses never aligned to the larger size at once. */
	if (run == lg2_bytes(lg2) || !larger || ((iova ^ oa) & mask))
		return run;
	return to_larger < run ? to_larger : run;
}

static inline bool same_text(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

#endif
