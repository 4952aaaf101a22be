/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snapshot.h - all items of a page table as they are in memory, read through the
 * format's visit(): the engine's tables or a kernel driver's.
 */
#ifndef PTBENCH_TESTS_SNAPSHOT_H
#define PTBENCH_TESTS_SNAPSHOT_H

#include "pagetable.h"

struct snapshot {
	struct pt_item *items; /* in the order of visit() */
	size_t count, room;
	uint64_t leaf_bytes; /* that its leaves span */
	size_t tables; /* table items, that is tables without the root */
	size_t leaves; /* leaf items: more than leaves where one has several */
};

/* Take one of the table at @root; @snapshot is zero or was used before, and keeps its memory. */
void snapshot_take(struct snapshot *snapshot, const struct pt_format *format,
		   const struct pt_config *config, const void *root, unsigned int top_level);

/* The same of an engine's page table that was made with @config. */
void snapshot_of(struct snapshot *snapshot, const struct pt_format *format,
		 const struct pt_config *config, struct pagetable *table);

void snapshot_free(struct snapshot *snapshot);

/* Word for word, table addresses included. */
bool snapshot_same(const struct snapshot *one, const struct snapshot *other);

/* The same leaf items, whatever tables there are. */
bool snapshot_same_leaves(const struct snapshot *one, const struct snapshot *other);

#endif
