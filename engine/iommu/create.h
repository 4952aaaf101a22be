/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * create.h - making a page table, and freeing all of it.
 */
#ifndef PT_IOMMU_CREATE_H
#define PT_IOMMU_CREATE_H

#include "iommu/uses.h"

PT_COLD void PT_SYMBOL(destroy)(struct pagetable *pagetable)
{
	struct pt_state *state = pt_state(pagetable);
	uintptr_t top = pt_top_load(state);
	unsigned int level = pt_top_level(top);
	unsigned int items = table_items(state, level, true);
	fmt_word *root = pt_top_table(top);
	void *list = NULL;

	for (unsigned int i = 0; level && i < items; i++) {
		fmt_word word = item_load(&root[i]);

		if (fmt_is_table(word, level))
			collect_child(&list, word, level);
	}
	table_list_free(list);
	table_list_free(state->kept);
	table_free(root, state->root_lg2);
	platform_lock_destroy(&state->growing);
	platform_free(state);
}

/* The shape that @config asks for, with the rules that all formats share. */
PT_COLD int shape_of(const struct pt_config *config, struct pt_shape *shape)
{
	unsigned int oa_bits = config->oa_bits ? config->oa_bits : FMT_OA_BITS;

	if (config->quirks & ~(FMT_QUIRKS))
		return -EINVAL;
	if (config->freeing > PT_FREE_NEVER ||
	    (config->freeing == PT_FREE_EAGER && !config->rcu_readers))
		return -EINVAL;
	if (config->freeing == PT_FREE_EAGER && !pt_config_is_eager(config))
		return -EOPNOTSUPP;
	if (config->incoherent && !FMT_MAY_BE_INCOHERENT)
		return -EINVAL;
	if (oa_bits < FMT_GRANULE_LG2 || oa_bits > FMT_OA_BITS_MAX)
		return -EINVAL;
	shape->oa_last = ~0ULL >> (64 - oa_bits);
	shape->page_sizes = FMT_PAGE_SIZES;
	if (fmt_shape(config, shape))
		return -EINVAL;
	if (!FMT_DYNAMIC_TOP) /* no leaves above the root */
		shape->page_sizes &= lg2_mask(fmt_item_lg2(shape->top_level + 1));
	if (config->page_sizes & ~shape->page_sizes)
		return -EINVAL;
	if (config->page_sizes)
		shape->page_sizes = config->page_sizes;
	return 0;
}

/* Defined in instance.c, and known to the list that CMake writes. */
extern const struct pt_format PT_SYMBOL(format);

#define PT_OPS_OF_ALL_POLICIES                                                    \
	.map_batch = PT_SYMBOL(map_batch), .unmap_batch = PT_SYMBOL(unmap_batch), \
	.cut = PT_SYMBOL(cut), .fragment = PT_SYMBOL(fragment),                   \
	.reassemble = PT_SYMBOL(reassemble), .collapse = PT_SYMBOL(collapse),     \
	.read_dirty = PT_SYMBOL(read_dirty), .set_dirty = PT_SYMBOL(set_dirty),   \
	.iova_to_phys = PT_SYMBOL(iova_to_phys), .destroy = PT_SYMBOL(destroy)

static const struct pt_ops PT_SYMBOL(ops) = {
	.map = PT_SYMBOL(map),
	.unmap = PT_SYMBOL(unmap),
	PT_OPS_OF_ALL_POLICIES,
};

static const struct pt_ops PT_SYMBOL(eager_ops) = {
	.map = PT_SYMBOL(map_eager),
	.unmap = PT_SYMBOL(unmap_eager),
	PT_OPS_OF_ALL_POLICIES,
};

PT_COLD int PT_SYMBOL(create)(const struct pt_config *config, struct pagetable **result)
{
	struct pt_shape shape;
	struct pt_state *state;
	fmt_word *root;
	int error = shape_of(config, &shape);

	if (error)
		return error;
	state = platform_alloc(sizeof(*state));
	if (!state)
		return -ENOMEM;
	if (config->rcu_readers)
		platform_expect_readers();
	state->root_lg2 = shape.root_index_lg2 + (unsigned int)__builtin_ctz(sizeof(fmt_word));
	if (state->root_lg2 < fmt_table_lg2(shape.top_level))
		state->root_lg2 = fmt_table_lg2(shape.top_level);
	root = table_alloc(state->root_lg2, true);
	if (!root) {
		platform_free(state);
		return -ENOMEM;
	}
	for (unsigned int i = 0; fmt_empty(shape.top_level) && i < 1u << shape.root_index_lg2; i++)
		item_store(&root[i], fmt_empty(shape.top_level));
	table_uses_set(root, 1); /* being the root */
	state->api.ops = pt_config_is_eager(config) ? &PT_SYMBOL(eager_ops) : &PT_SYMBOL(ops);
	state->config = *config;
	state->format = &PT_SYMBOL(format);
	state->ia_bias = shape.ia_bias;
	state->ia_outside = shape.ia_outside;
	state->oa_outside = ~shape.oa_last;
	state->page_sizes = shape.page_sizes;
	state->granule_mask = (shape.page_sizes & -shape.page_sizes) - 1;
	state->root_index_mask = lg2_mask(shape.root_index_lg2);
	state->top = (uintptr_t)root | shape.top_level;
	platform_lock_init(&state->growing);
	if (is_incoherent(state))
		table_flush_lines(root, 1UL << state->root_lg2);
	*result = &state->api;
	return 0;
}

#endif
