// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * twin_compare.c - a page table's items in memory against those of another one, made
 * from the model by mapping each leaf alone.
 */
#include <inttypes.h>

#include "twin.h"

/* The items of a page table that holds the model's leaves. */
static void take_expected(struct twin *twin)
{
	const struct instance *instance = twin->instance;
	struct pt_config config = instance->config;
	struct pagetable *table;

	config.freeing = PT_FREE_COVERED;
	table = instance_create_with(instance, &config);
	for (size_t i = 0; i < twin->model.count; i++) {
		const struct model_leaf *leaf = &twin->model.leaves[i];

		assert_int_equal(table->ops->map(table, leaf->iova, leaf->oa,
						 leaf->last - leaf->iova + 1,
						 twin->kinds.kind[leaf->prot].prot),
				 0);
	}
	snapshot_of(&twin->expected, instance->format, &config, table);
	table->ops->destroy(table);
}

static const struct pt_item *next_leaf_item(const struct snapshot *snapshot, size_t *at)
{
	while (*at < snapshot->count && snapshot->items[*at].is_table)
		++*at;
	return *at < snapshot->count ? &snapshot->items[(*at)++] : NULL;
}

static void compare_items(const struct twin *twin)
{
	uint64_t others = ~twin->kinds.dirty_bits;
	size_t i = 0, j = 0;

	for (;;) {
		const struct pt_item *actual = next_leaf_item(&twin->actual, &i);
		const struct pt_item *expected = next_leaf_item(&twin->expected, &j);

		if (!actual && !expected)
			return;
		if (!actual)
			fail_msg("no item at %#" PRIx64 " level %u", expected->iova,
				 expected->level);
		if (!expected || actual->iova != expected->iova ||
		    actual->level != expected->level ||
		    (actual->word & others) != (expected->word & others))
			fail_msg("item at %#" PRIx64 " level %u is %#" PRIx64
				 ", expected is one at %#" PRIx64 " level %u: %#" PRIx64,
				 actual->iova, actual->level, actual->word,
				 expected ? expected->iova : 0, expected ? expected->level : 0,
				 expected ? expected->word : 0);
	}
}

/* A leaf is dirty if any of its items is marked. */
static void compare_marks(const struct twin *twin)
{
	const struct model *model = &twin->model;
	size_t i = 0;
	const struct pt_item *item = next_leaf_item(&twin->actual, &i);

	for (size_t n = 0; n < model->count; n++) {
		const struct model_leaf *leaf = &model->leaves[n];
		uint64_t clean = twin->kinds.kind[leaf->prot].clean_bits;
		bool dirty = false;

		for (; item && item->iova <= leaf->last; item = next_leaf_item(&twin->actual, &i))
			dirty |= (item->word & twin->kinds.dirty_bits) != clean;
		if (dirty != leaf->dirty)
			fail_msg("the leaf at %#" PRIx64 "-%#" PRIx64
				 " is %s, expected the contrary",
				 leaf->iova, leaf->last, dirty ? "dirty" : "clean");
	}
}

/* The eager policy keeps no table without leaves; what once was the root, at address 0, it does. */
static void check_no_empty_table(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->count; i++) {
		const struct pt_item *item = &snapshot->items[i];

		if (item->is_table && item->iova &&
		    (i + 1 == snapshot->count || item[1].level >= item->level))
			fail_msg("the table at %#" PRIx64 " level %u is empty", item->iova,
				 item->level);
	}
}

void twin_compare(struct twin *twin)
{
	take_expected(twin);
	snapshot_of(&twin->actual, twin->instance->format, &twin->config, twin->table);
	compare_items(twin);
	compare_marks(twin);
	if (twin->config.freeing == PT_FREE_EAGER)
		check_no_empty_table(&twin->actual);
}
