/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * follow.h - reading a run of leaves that touch in memory: each word is the one
 * before it and a constant more, so that nothing has to be decoded.
 */
#ifndef PT_IOMMU_FOLLOW_H
#define PT_IOMMU_FOLLOW_H

#include "iommu/items.h"

/*
 * From item @index on, after the leaf @word: go over leaves of an item's own size that go on where
 * @word ends, with its attributes, marked dirty or not. Returns the first index up to @end that is none.
 * @dirty: is set where one is marked.
 */
PT_ALWAYS_INLINE unsigned int leaves_follow(const struct pt_state *state, const fmt_word *table,
					    unsigned int index, unsigned int end, fmt_word word,
					    unsigned int level, bool *dirty)
{
	fmt_word expected = fmt_make_clean(word, level);
	uint64_t span = (uint64_t)(end - index) << fmt_item_lg2(level);
	bool marked = false; /* not in memory: that would be the loop's longest chain */

	/* Adding must not carry out of the address: then it could meet another leaf's attributes. */
	if (fmt_leaf_lg2(word, level) != fmt_item_lg2(level) ||
	    ((fmt_leaf_oa(word, level) + span) & state->oa_outside) ||
	    !leaves_step(fmt_leaf_oa(word, level), span + lg2_bytes(fmt_item_lg2(level))))
		return index;
	for (; index < end; index++) {
		word = item_load(&table[index]);
		expected += FMT_LEAF_STEP(level);
		if (fmt_make_clean(word, level) != expected)
			break;
		marked |= FMT_DIRTY && fmt_is_dirty(word, level);
	}
	*dirty |= marked;
	return index;
}

#endif
