/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * follow.h - reading a run of leaves that touch in memory: each word is the one
 * before it and a constant more, so that nothing has to be decoded.
 */
#ifndef PT_IOMMU_FOLLOW_H
#define PT_IOMMU_FOLLOW_H

#include "iommu/items.h"

/* Are the words of leaves from @word on a constant apart, over @bytes behind its end? */
PT_ALWAYS_INLINE bool leaves_may_follow(const struct pt_state *state, fmt_word word, uint64_t bytes,
					unsigned int level)
{
	/* Adding must not carry out of the address: then it could meet another leaf's attributes. */
	return fmt_leaf_lg2(word, level) == fmt_item_lg2(level) &&
	       !((fmt_leaf_oa(word, level) + bytes) & state->oa_outside) &&
	       leaves_step(fmt_leaf_oa(word, level), bytes + lg2_bytes(fmt_item_lg2(level)));
}

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
	bool marked = false; /* not in memory: that would be the loop's longest chain */

	if (!leaves_may_follow(state, word, (uint64_t)(end - index) << fmt_item_lg2(level), level))
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

#define FOLLOW_STRIDE 8

/* The same for runs that are expected to be long: one branch for FOLLOW_STRIDE words. */
PT_NOINLINE unsigned int leaves_follow_far(const struct pt_state *state, const fmt_word *table,
					   unsigned int index, unsigned int end, fmt_word word,
					   unsigned int level, bool *dirty)
{
	fmt_word expected = fmt_make_clean(word, level), marked = fmt_make_dirty(expected, level);
	/* The bits that hardware may have changed, where that can be told from the words. */
	fmt_word mark = fmt_make_clean(marked, level) == expected ? marked ^ expected : 0;

	if (!leaves_may_follow(state, word, (uint64_t)(end - index) << fmt_item_lg2(level), level))
		return index;
	while (end - index >= FOLLOW_STRIDE) {
		fmt_word differs = 0, next = expected;

#pragma GCC unroll 8
		for (unsigned int i = 0; i < FOLLOW_STRIDE; i++) {
			next += FMT_LEAF_STEP(level);
			differs |= item_load(&table[index + i]) ^ next;
		}
		if (differs & ~mark)
			break;
		*dirty |= differs != 0;
		expected = next;
		index += FOLLOW_STRIDE;
	}
	return leaves_follow(state, table, index, end, expected, level, dirty);
}

#endif
