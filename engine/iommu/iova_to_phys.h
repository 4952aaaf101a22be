/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * iova_to_phys.h - translate one address.
 */
#ifndef PT_IOMMU_IOVA_TO_PHYS_H
#define PT_IOMMU_IOVA_TO_PHYS_H

#include "iommu/items.h"

PT_LEVEL_TYPES(translate);

struct translate_walk {
	uint64_t iova;
	uint64_t phys;
};

PT_ALWAYS_INLINE bool translate_step(struct translate_walk *walk, void **table, unsigned int *index,
				     unsigned int level)
{
	fmt_word word = item_load(&((fmt_word *)*table)[*index]);

	if (PT_UNLIKELY(!fmt_is_table(word, level)))
		return false;
	*table = fmt_table_address(word, level);
	*index = item_index(walk->iova, level - 1);
	return true;
}

PT_ALWAYS_INLINE int translate_body(struct translate_walk *walk, void *table, unsigned int index,
				    unsigned int level, translate_fn below)
{
	fmt_word word;

	if (below && level && translate_step(walk, &table, &index, level))
		return below(walk, table, index, level - 1);
	word = item_load(&((fmt_word *)table)[index]);
	if (PT_LIKELY(fmt_is_leaf(word, level)))
		walk->phys = fmt_leaf_oa(word, level) |
			     (walk->iova & lg2_mask(fmt_leaf_lg2(word, level)));
	return 0;
}

PT_LEVELS(translate)

static uint64_t PT_SYMBOL(iova_to_phys)(struct pagetable *pagetable, uint64_t iova)
{
	struct pt_state *state = pt_state(pagetable);
	struct translate_walk walk = { .iova = iova, .phys = PT_NOT_MAPPED };
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top);

	if (PT_LIKELY(!((iova + state->ia_bias) & state->ia_outside) && root_spans(iova, level)))
		translate_enter(&walk, pt_top_table(top), root_index(state, iova, level), level);
	return walk.phys;
}

#endif
