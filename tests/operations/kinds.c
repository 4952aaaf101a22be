// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * kinds.c - see kinds.h.
 */
#include "kinds.h"

#include <errno.h>

#include "snapshot.h"

/* Some that all formats can express, most of them differently. */
static const unsigned int prots[] = {
	PT_READ | PT_WRITE | PT_CACHE,
	PT_READ | PT_CACHE,
	PT_READ | PT_WRITE | PT_NOEXEC,
	PT_READ | PT_WRITE | PT_MMIO,
};

/* The word of the only leaf of @table, in each of its items. */
static uint64_t only_word(const struct instance *instance, struct pagetable *table)
{
	struct snapshot snapshot = { 0 };
	uint64_t word = 0;

	snapshot_of(&snapshot, instance->format, &instance->config, table);
	for (size_t i = 0; i < snapshot.count; i++)
		if (!snapshot.items[i].is_table)
			word = snapshot.items[i].word;
	assert_int_equal(snapshot.leaf_bytes, instance->granule);
	snapshot_free(&snapshot);
	return word;
}

static void clear_marks(struct pagetable *table, uint64_t iova, uint64_t length)
{
	struct pt_gather gather = PT_GATHER_INIT;
	uint64_t bit = 0;
	struct pt_dirty dirty = { .iova = iova, .page_lg2 = 63, .clear = true, .bits = &bit };

	assert_int_equal(table->ops->read_dirty(table, &dirty, length, &gather), 0);
	pt_sync(table, &gather);
}

/* Describe a page with @prot, and return its word without marks. */
static uint64_t find_kind(struct kinds *kinds, struct kind *kind, const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t iova = instance->range[0].first, page = instance->granule;
	uint64_t born, clean, marked;

	assert_int_equal(table->ops->map(table, iova, 0, page, kind->prot), 0);
	born = clean = marked = only_word(instance, table);
	if (instance->format->has_dirty) {
		clear_marks(table, iova, page);
		clean = only_word(instance, table);
		assert_int_equal(table->ops->set_dirty(table, iova),
				 kind->prot & PT_WRITE ? 0 : -EACCES);
		marked = only_word(instance, table);
	}
	kinds->dirty_bits |= clean ^ marked;
	kind->takes_marks = clean != marked;
	kind->born_dirty = clean != born;
	kind->clean_bits = clean;
	table->ops->destroy(table);
	return clean;
}

void kinds_find(struct kinds *kinds, const struct instance *instance)
{
	uint64_t words[KINDS_MAX];

	*kinds = (struct kinds){ 0 };
	for (size_t i = 0; i < sizeof(prots) / sizeof(prots[0]); i++) {
		struct kind kind = { .prot = prots[i] };
		uint64_t word = find_kind(kinds, &kind, instance);
		bool known = false;

		for (unsigned int j = 0; j < kinds->count; j++)
			known |= words[j] == word;
		if (known)
			continue;
		words[kinds->count] = word;
		kinds->kind[kinds->count++] = kind;
	}
	for (unsigned int i = 0; i < kinds->count; i++)
		kinds->kind[i].clean_bits &= kinds->dirty_bits;
}
