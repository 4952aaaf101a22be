// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * snapshot.c - see snapshot.h.
 */
#include "snapshot.h"

#include <stdlib.h>

static int collect(void *context, const struct pt_item *item)
{
	struct snapshot *snapshot = context;

	if (snapshot->count == snapshot->room) {
		snapshot->room = snapshot->room ? 2 * snapshot->room : 64;
		snapshot->items =
			realloc(snapshot->items, snapshot->room * sizeof(*snapshot->items));
		if (!snapshot->items)
			abort();
	}
	snapshot->items[snapshot->count++] = *item;
	if (item->is_table)
		snapshot->tables++;
	else {
		snapshot->leaves++;
		snapshot->leaf_bytes += 1ULL << item->lg2;
	}
	return 0;
}

void snapshot_take(struct snapshot *snapshot, const struct pt_format *format,
		   const struct pt_config *config, const void *root, unsigned int top_level)
{
	snapshot->count = 0;
	snapshot->leaf_bytes = 0;
	snapshot->tables = 0;
	snapshot->leaves = 0;
	if (format->visit(config, root, top_level, collect, snapshot))
		abort();
}

void snapshot_of(struct snapshot *snapshot, const struct pt_format *format,
		 const struct pt_config *config, struct pagetable *table)
{
	unsigned int level;
	const void *root = pt_root(table, &level);

	snapshot_take(snapshot, format, config, root, level);
}

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->items);
	*snapshot = (struct snapshot){ 0 };
}

static bool same_item(const struct pt_item *one, const struct pt_item *other)
{
	return one->iova == other->iova && one->word == other->word && one->level == other->level;
}

bool snapshot_same(const struct snapshot *one, const struct snapshot *other)
{
	if (one->count != other->count)
		return false;
	for (size_t i = 0; i < one->count; i++)
		if (!same_item(&one->items[i], &other->items[i]))
			return false;
	return true;
}

bool snapshot_same_leaves(const struct snapshot *one, const struct snapshot *other)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < one->count && one->items[i].is_table)
			i++;
		while (j < other->count && other->items[j].is_table)
			j++;
		if (i == one->count || j == other->count)
			return i == one->count && j == other->count;
		if (!same_item(&one->items[i++], &other->items[j++]))
			return false;
	}
}
