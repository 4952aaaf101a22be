/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * follow.h - reading a run of leaves that touch in memory: each word is the one
 * before it and a constant more, so that nothing has to be decoded.
 */
#ifndef PT_IOMMU_FOLLOW_H
#define PT_IOMMU_FOLLOW_H

#include "iommu/items.h"

/* One branch for so many words, once a run has shown to be longer than FOLLOW_SINGLY. */
#define FOLLOW_STRIDE 8
#define FOLLOW_SINGLY 16

/*
 * From item @index on, after the leaf @word: go over leaves of an item's own size that go on where
 * @word ends, with its attributes, marked dirty or not. Returns the first index up to @end that is none.
 * @dirty: is set where one is marked.
 */
PT_ALWAYS_INLINE unsigned int leaves_follow(const struct pt_state *state, const fmt_word *table,
					    unsigned int index, unsigned int end, fmt_word word,
					    unsigned int level, bool *dirty)
{
	const fmt_word clean = fmt_make_clean(word, level),
		       marked_word = fmt_make_dirty(clean, level);
	/* The bits that hardware may have changed, where that can be told from the words. */
	const fmt_word mark = fmt_make_clean(marked_word, level) == clean ? marked_word ^ clean : 0;
	fmt_word expected = clean;
	uint64_t span = (uint64_t)(end - index) << fmt_item_lg2(level);
	unsigned int soon = end - index < FOLLOW_SINGLY ? end : index + FOLLOW_SINGLY;
	bool marked = false; /* not in memory: that would be the loop's longest chain */

	/* Adding must not carry out of the address: then it could meet another leaf's attributes. */
	if (fmt_leaf_lg2(word, level) != fmt_item_lg2(level) ||
	    ((fmt_leaf_oa(word, level) + span) & state->oa_outside) ||
	    !leaves_step(fmt_leaf_oa(word, level), span + lg2_bytes(fmt_item_lg2(level))))
		return index;
	for (;;) {
		for (; index < soon; index++) {
			word = item_load(&table[index]);
			expected += FMT_LEAF_STEP(level);
			if (fmt_make_clean(word, level) != expected)
				goto end;
			marked |= FMT_DIRTY && fmt_is_dirty(word, level);
		}
		if (soon == end)
			break;
		soon = end;
		while (end - index >= FOLLOW_STRIDE) {
			fmt_word differs = 0, next = expected;

#pragma GCC unroll 8
			for (unsigned int i = 0; i < FOLLOW_STRIDE; i++) {
				next += FMT_LEAF_STEP(level);
				differs |= item_load(&table[index + i]) ^ next;
			}
			if (differs & ~mark)
				break;
			marked |= differs != 0;
			expected = next;
			index += FOLLOW_STRIDE;
		}
	}
end:
	*dirty |= marked;
	return index;
}

/* The same in one function for all levels. */
PT_NOINLINE unsigned int leaves_follow_any(const struct pt_state *state, const fmt_word *table,
					   unsigned int index, unsigned int end, fmt_word word,
					   unsigned int level, bool *dirty)
{
	return leaves_follow(state, table, index, end, word, level, dirty);
}

#endif
