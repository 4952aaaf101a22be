/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * iova_to_phys.h - translate one address.
 */
#ifndef PT_IOMMU_IOVA_TO_PHYS_H
#define PT_IOMMU_IOVA_TO_PHYS_H

#include "iommu/items.h"

/* The address behind @word if it is a leaf. */
PT_ALWAYS_INLINE uint64_t leaf_translate(fmt_word word, uint64_t iova, unsigned int level)
{
	if (PT_UNLIKELY(!fmt_is_leaf(word, level)))
		return PT_NOT_MAPPED;
	return fmt_leaf_oa(word, level) | (iova & lg2_mask(fmt_leaf_lg2(word, level)));
}

#ifdef PT_INLINE

/* One load a level. Leaves above level 0 share their code, where the level is a variable. */
PT_ALWAYS_INLINE uint64_t translate(const fmt_word *table, unsigned int index, uint64_t iova,
				    unsigned int level)
{
	fmt_word word;

	PT_KNOWN_LEVEL(level);
	switch (level) {
#define TRANSLATE_STEP(OP, LEVEL, BELOW)                \
	case LEVEL:                                     \
		word = item_load(&table[index]);        \
		if (!fmt_is_table(word, LEVEL)) {       \
			level = LEVEL;                  \
			goto large;                     \
		}                                       \
		table = fmt_table_address(word, LEVEL); \
		index = item_index(iova, BELOW);        \
		PT_FALLTHROUGH;
		PT_DOWN(TRANSLATE_STEP, translate)
	case 0:
		return leaf_translate(item_load(&table[index]), iova, 0);
	default:
		__builtin_unreachable();
	}
large:
	return leaf_translate(word, iova, level);
}

#else

PT_ALWAYS_INLINE uint64_t translate(const fmt_word *table, unsigned int index, uint64_t iova,
				    unsigned int level)
{
	fmt_word word;

	while (fmt_is_table(word = item_load(&table[index]), level)) {
		table = fmt_table_address(word, level);
		index = item_index(iova, --level);
	}
	return leaf_translate(word, iova, level);
}

#endif

static uint64_t PT_SYMBOL(iova_to_phys)(struct pagetable *pagetable, uint64_t iova)
{
	struct pt_state *state = pt_state(pagetable);
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top);

	if (PT_UNLIKELY(((iova + state->ia_bias) & state->ia_outside) || !root_spans(iova, level)))
		return PT_NOT_MAPPED;
	return translate(pt_top_table(top), root_index(state, iova, level), iova, level);
}

#endif
