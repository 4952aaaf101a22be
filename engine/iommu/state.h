/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * state.h - what a page table remembers, the same for all formats, and the
 * checks that every operation begins with.
 */
#ifndef PT_IOMMU_STATE_H
#define PT_IOMMU_STATE_H

#include "generic/bits.h"
#include "generic/hooks.h"
#include "generic/platform.h"
#include "generic/shape.h"
#include "generic/table_list.h"
#include "pagetable.h"

struct pt_state {
	struct pagetable api;
	/*
	 * The root's address with its level in the low bits, so that both change
	 * together when the root grows. Written by compare-and-swap.
	 */
	uintptr_t top;
	uint64_t ia_bias, ia_outside;
	uint64_t oa_outside; /* bits that no output address has */
	uint64_t page_sizes;
	uint64_t granule_mask;
	uint64_t root_index_mask;
	unsigned int root_lg2; /* log2 of the first root's bytes */
	platform_lock growing; /* held from telling hardware of a new root until others see it */
	void *kept; /* detached tables that only destroy may free; a list, pushed to by compare-and-swap */
	struct pt_config config;
	const struct pt_format *format;
};

/*
 * Does @config ask for the eager policy? A build with PT_WITHOUT_EAGER has none: the same counts of
 * instructions show that the others do not pay for it.
 */
PT_ALWAYS_INLINE bool pt_config_is_eager(const struct pt_config *config)
{
#ifdef PT_WITHOUT_EAGER
	return false;
#else
	return config->freeing == PT_FREE_EAGER;
#endif
}

#define PT_TOP_LEVEL_MASK 15UL

PT_ALWAYS_INLINE struct pt_state *pt_state(struct pagetable *table)
{
	return (struct pt_state *)table;
}

PT_ALWAYS_INLINE uintptr_t pt_top_load(const struct pt_state *state)
{
	return __atomic_load_n(&state->top, __ATOMIC_ACQUIRE);
}

PT_ALWAYS_INLINE void *pt_top_table(uintptr_t top)
{
	return (void *)(top & ~PT_TOP_LEVEL_MASK);
}

PT_ALWAYS_INLINE unsigned int pt_top_level(uintptr_t top)
{
	return top & PT_TOP_LEVEL_MASK;
}

/* Bits of @iova and @last that show them to be outside the input width. */
PT_ALWAYS_INLINE uint64_t pt_outside(const struct pt_state *state, uint64_t iova, uint64_t last)
{
	return ((iova + state->ia_bias) | (last + state->ia_bias)) & state->ia_outside;
}

/* What is wrong with a range that is not whole granules within the input width, or 0. */
PT_ALWAYS_INLINE int pt_check_range(const struct pt_state *state, uint64_t iova, uint64_t length)
{
	uint64_t last = iova + length - 1;

	if (PT_UNLIKELY(((iova | length) & state->granule_mask) || !length))
		return -EINVAL;
	if (last < iova) /* the end of the address space */
		return -ERANGE;
	/* Both ends may be inside and the middle not: no range reaches from a lower to an upper half. */
	if (PT_UNLIKELY(pt_outside(state, iova, last) | ((last - iova) & state->ia_outside)))
		return -ERANGE;
	return 0;
}

/*
 * The same for a range whose length is returned as a signed number. @all_bits: the format takes every address,
 * so that there is nothing else to test; the others take none so long.
 */
PT_ALWAYS_INLINE int pt_check_unmap(const struct pt_state *state, uint64_t iova, uint64_t length,
				    bool all_bits)
{
	if (!all_bits)
		return pt_check_range(state, iova, length);
	if (PT_UNLIKELY(((iova | length) & state->granule_mask) || !length))
		return -EINVAL;
	return PT_UNLIKELY((int64_t)length < 0 || iova + length - 1 < iova) ? -ERANGE : 0;
}

/* The same for a range and where it is to be mapped. */
PT_ALWAYS_INLINE int pt_check_mapping(const struct pt_state *state, uint64_t iova, uint64_t oa,
				      uint64_t length)
{
	uint64_t last = iova + length - 1;

	if (PT_UNLIKELY((iova | oa | length) & state->granule_mask))
		return -EINVAL;
	if (last < iova)
		return length ? -ERANGE : -EINVAL;
	/* Of no wider a sum than its parts, the last output address cannot wrap unseen. */
	if (PT_UNLIKELY(pt_outside(state, iova, last) |
			((oa | (length - 1) | (oa + length - 1)) & state->oa_outside)))
		return length ? -ERANGE : -EINVAL;
	return 0;
}

#endif
