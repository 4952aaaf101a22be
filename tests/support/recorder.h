/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * recorder.h - remembers the callbacks of a page table and how much table memory
 * there was in each, which is how a test sees that nothing is freed before its flush.
 */
#ifndef PTBENCH_TESTS_RECORDER_H
#define PTBENCH_TESTS_RECORDER_H

#include "pagetable.h"
#include "table_pages.h"

#define RECORDER_ROOM 64

struct recorded_flush {
	uint64_t start, last;
	bool tables;
	long live; /* table_bytes_live() at that time */
};

struct recorder {
	struct recorded_flush flushes[RECORDER_ROOM];
	unsigned int count; /* of flushes, those without room too */
	unsigned int roots; /* calls of root_changed */
	const void *root; /* what the last one said */
	unsigned int top_level;
};

static inline void recorder_flush(void *context, uint64_t start, uint64_t last, bool tables)
{
	struct recorder *recorder = context;

	if (recorder->count < RECORDER_ROOM)
		recorder->flushes[recorder->count] =
			(struct recorded_flush){ start, last, tables, table_bytes_live() };
	recorder->count++;
}

static inline void recorder_root_changed(void *context, const void *root, unsigned int top_level)
{
	struct recorder *recorder = context;

	recorder->roots++;
	recorder->root = root;
	recorder->top_level = top_level;
}

/* @config with the callbacks into @recorder. */
static inline struct pt_config recorder_config(struct pt_config config, struct recorder *recorder)
{
	config.flush = recorder_flush;
	config.root_changed = recorder_root_changed;
	config.context = recorder;
	return config;
}

#endif
