// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * common.c - what is the same for every format and outside every hot path.
 */
#include "iommu/state.h"

const void *pt_root(const struct pagetable *table, unsigned int *top_level)
{
	uintptr_t top = pt_top_load((const struct pt_state *)table);

	*top_level = pt_top_level(top);
	return pt_top_table(top);
}

/* Tables that a leaf has taken the place of, where only destroy frees: readers may still be in them. */
PT_COLD void keep_tables(struct pt_state *state, void *tables)
{
	void **end = &tables, *kept = __atomic_load_n(&state->kept, __ATOMIC_RELAXED);

	while (*end)
		end = table_list_next(*end);
	do
		*end = kept;
	while (!__atomic_compare_exchange_n(&state->kept, &kept, tables, true, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
}

void pt_sync(struct pagetable *table, struct pt_gather *gather)
{
	struct pt_state *state = pt_state(table);
	void *tables = gather->tables;

	if (gather->start <= gather->last && state->config.flush)
		state->config.flush(state->config.context, gather->start, gather->last, tables);
	gather->start = UINT64_MAX;
	gather->last = 0;
	gather->tables = NULL;
	if (!tables)
		return;
	if (state->config.freeing == PT_FREE_NEVER)
		keep_tables(state, tables);
	else if (state->config.rcu_readers)
		platform_free_tables_after_readers(tables);
	else
		table_list_free(tables);
}

void pt_barrier(void)
{
	platform_wait_for_freeing();
}

const struct pt_format *pt_format_find(const char *name, const char *variant)
{
	const struct pt_format *const *formats = pt_formats(variant);

	for (; formats && *formats; formats++)
		if (same_text((*formats)->name, name))
			return *formats;
	return NULL;
}
