/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * uses.h - the eager policy: giving a table back as soon as nothing is left in it,
 * while neighbours may be about to map there.
 *
 * A table's descriptor counts its uses: one for each item that is not empty, and
 * one for each operation that is inside. At 0 the table is dead for good: nobody
 * can enter any more, and its item above is emptied, by whoever comes first. The
 * one that took the last use puts it on its gather. Callers run inside an RCU
 * read section, so that a table does not become another one between the load
 * of its address and the attempt to enter.
 *
 * Whoever asks has the answer in the walk: a constant on the straight paths, which only the other policies have.
 */
#ifndef PT_IOMMU_USES_H
#define PT_IOMMU_USES_H

#include "iommu/items.h"

/* The count of @table; sub-page tables share a descriptor. */
PT_ALWAYS_INLINE uint32_t *table_uses(const void *table)
{
	uint32_t *counts = (uint32_t *)(void *)table_page_of(table)->owner;

	return &counts[((uintptr_t)table >> TABLE_MIN_LG2) & 3];
}

PT_ALWAYS_INLINE void table_uses_set(const void *table, uint32_t uses)
{
	__atomic_store_n(table_uses(table), uses, __ATOMIC_RELAXED);
}

/* More items are in use; the caller is inside. */
PT_ALWAYS_INLINE void table_uses_add(const void *table, uint32_t items)
{
	__atomic_fetch_add(table_uses(table), items, __ATOMIC_RELAXED);
}

/* Go inside. False if the table is dead. */
PT_ALWAYS_INLINE bool table_hold(const void *table)
{
	uint32_t uses;

	PT_HOOK(PT_HOOK_ENTER);
	uses = __atomic_load_n(table_uses(table), __ATOMIC_RELAXED);
	while (uses)
		if (__atomic_compare_exchange_n(table_uses(table), &uses, uses + 1, true,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
	return false;
}

/* Give up @uses, whose items are cleared. True for the last one: the table is the caller's to free. */
PT_ALWAYS_INLINE bool table_put(const void *table, uint32_t uses)
{
	/* Release: what was cleared is so before the table dies; acquire: for the one that frees it. */
	return __atomic_fetch_sub(table_uses(table), uses, __ATOMIC_ACQ_REL) == uses;
}

/*
 * Empty @item of @table, which the caller is inside of, if it still points to @dead. Afterwards no walker finds @dead
 * there: if another thread was faster, it may not have written the item back yet.
 */
PT_COLD void table_unlink(const struct pt_state *state, fmt_word *table, fmt_word *item,
			  const fmt_word *dead, unsigned int level)
{
	fmt_word word = item_load(item);
	bool emptied = false;

	PT_HOOK(PT_HOOK_LAST_USE);
	/* The word changes when it is marked as written back, too. */
	while (!emptied && fmt_is_table(word, level) && fmt_table_address(word, level) == dead) {
		emptied = item_install(item, word, fmt_empty(level));
		word = item_load(item);
	}
	items_flush(state, item, 1);
	if (emptied)
		table_put(table, 1);
}

#endif
