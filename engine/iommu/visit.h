/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * visit.h - reading tables back out of memory, whoever has written them. Needs
 * no page table of the engine's, only the root that hardware would get.
 */
#ifndef PT_IOMMU_VISIT_H
#define PT_IOMMU_VISIT_H

#include "iommu/create.h"

struct visit_walk {
	struct pt_shape shape;
	int (*visit)(void *context, const struct pt_item *item);
	void *context;
};

PT_COLD int visit_table(const struct visit_walk *walk, const fmt_word *table, unsigned int level,
			unsigned int items, uint64_t iova)
{
	for (unsigned int i = 0; i < items; i++) {
		struct pt_item item = {
			.iova = iova + ((uint64_t)i << fmt_item_lg2(level)),
			.word = item_load(&table[i]),
			.level = level,
			.lg2 = fmt_item_lg2(level),
		};
		int result;

		if (fmt_is_empty((fmt_word)item.word, level))
			continue;
		item.is_table = fmt_is_table((fmt_word)item.word, level);
		/* An upper half or sign-extended address has all bits above its width set. */
		if ((item.iova + walk->shape.ia_bias) & walk->shape.ia_outside)
			item.iova |= walk->shape.ia_outside;
		if (fmt_is_leaf((fmt_word)item.word, level))
			item.oa = fmt_leaf_oa((fmt_word)item.word, level) |
				  (item.iova & lg2_mask(fmt_leaf_lg2((fmt_word)item.word, level)));
		result = walk->visit(walk->context, &item);
		if (!result && item.is_table)
			result = visit_table(walk, fmt_table_address((fmt_word)item.word, level),
					     level - 1, 1u << fmt_index_lg2(level - 1), item.iova);
		if (result)
			return result;
	}
	return 0;
}

PT_COLD int PT_SYMBOL(visit)(const struct pt_config *config, const void *root,
			     unsigned int top_level,
			     int (*visit)(void *context, const struct pt_item *item), void *context)
{
	struct visit_walk walk = { .visit = visit, .context = context };
	int error = shape_of(config, &walk.shape);

	if (error)
		return error;
	if (top_level > FMT_TOP_LEVEL_MAX ||
	    (!FMT_DYNAMIC_TOP && top_level != walk.shape.top_level))
		return -EINVAL;
	return visit_table(&walk, root, top_level,
			   FMT_DYNAMIC_TOP ? 1u << fmt_index_lg2(top_level)
					   : 1u << walk.shape.root_index_lg2,
			   0);
}

/* Items of equal tables differ in the table's address and in what software notes there: take them out. */
PT_COLD uint64_t PT_SYMBOL(comparable)(const struct pt_config *config, const struct pt_item *item)
{
	fmt_word word = (fmt_word)item->word;
	void *table;

	if (!item->is_table)
		return word;
	table = fmt_table_address(word, item->level);
	return (word ^ fmt_table(config->quirks, table, item->level) ^
		fmt_table(config->quirks, NULL, item->level)) &
	       ~(fmt_word)FMT_WRITTEN_BACK;
}

#endif
