/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * gather.h - collecting what must be flushed, and the tables that may be freed
 * only after it.
 */
#ifndef PT_IOMMU_GATHER_H
#define PT_IOMMU_GATHER_H

#include "iommu/state.h"

/*
 * Flush a strict gather if [start, last] lies apart from what it holds: with an address in between, where no sum
 * wraps at the ends of the address space.
 */
PT_COLD void gather_flush_apart(struct pt_state *state, struct pt_gather *gather, uint64_t start,
				uint64_t last)
{
	if (start > gather->last ? start - gather->last > 1
				 : gather->start > last && gather->start - last > 1)
		pt_sync(&state->api, gather);
}

/*
 * Add [start, last]. A strict gather covers one run of addresses: what lies apart
 * from it is flushed first, so that nothing is invalidated needlessly. A lazy one widens.
 */
PT_ALWAYS_INLINE void gather_add(struct pt_state *state, struct pt_gather *gather, uint64_t start,
				 uint64_t last)
{
	if (PT_UNLIKELY(gather->start <= gather->last)) {
		/* Also true at the ends of the address space, where the sums wrap. */
		if (!gather->lazy && (start - 1 > gather->last || last + 1 < gather->start))
			gather_flush_apart(state, gather, start, last);
		start = start < gather->start ? start : gather->start;
		last = last > gather->last ? last : gather->last;
	}
	gather->start = start;
	gather->last = last;
}

#endif
