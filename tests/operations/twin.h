/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * twin.h - a page table and its model, always changed together. Every operation
 * here does the same to both and fails the test where they disagree: in the result, in
 * what is handed back, in translations, or in that the gather misses what has changed.
 */
#ifndef PTBENCH_TESTS_TWIN_H
#define PTBENCH_TESTS_TWIN_H

#include "instance.h"
#include "kinds.h"
#include "model.h"
#include "snapshot.h"

struct twin {
	const struct instance *instance;
	struct pt_config config; /* the instance's, with flush recorded */
	struct pagetable *table;
	struct model model; /* prot is an index into kinds */
	struct kinds kinds;
	struct pt_gather gather;
	bool keeps_gather; /* leave syncing to twin_sync() */
	bool keeps_inside; /* translate nothing outside the range of an operation */
	/* What was flushed since the last twin_sync(), and the model before the operation. */
	uint64_t flushed_first, flushed_last;
	struct model before;
	struct snapshot actual, expected;
	void (*flush)(void *context, uint64_t start, uint64_t last, bool tables); /* or NULL */
	void *flush_context;
};

void twin_open(struct twin *twin, const struct instance *instance);

/* The same with @config instead of the instance's own; only flush and context may differ. */
void twin_open_with(struct twin *twin, const struct instance *instance,
		    const struct pt_config *config);

/* Frees all; fails if table memory is left that was not there before twin_open(). */
void twin_close(struct twin *twin);

/* They return what the engine returns, which is what the model expects. */
int twin_map(struct twin *twin, uint64_t iova, uint64_t oa, uint64_t length, unsigned int kind);
int twin_map_batch(struct twin *twin, uint64_t iova, const struct pt_run *runs, size_t count,
		   unsigned int kind);
int64_t twin_unmap(struct twin *twin, uint64_t iova, uint64_t length);

/* In calls with room for @room runs, until all of the range is done. Returns the calls. */
unsigned int twin_unmap_batch(struct twin *twin, uint64_t iova, uint64_t length, size_t room);
void twin_cut(struct twin *twin, uint64_t iova, uint64_t length);
void twin_fragment(struct twin *twin, uint64_t iova, uint64_t length, unsigned int largest_lg2);
void twin_reassemble(struct twin *twin, uint64_t iova, uint64_t length, unsigned int largest_lg2);
/* The range is mapped to one run of memory, of one kind. */
void twin_collapse(struct twin *twin, uint64_t iova, uint64_t length, unsigned int largest_lg2);
void twin_set_dirty(struct twin *twin, uint64_t iova);
void twin_read_dirty(struct twin *twin, uint64_t iova, uint64_t length, unsigned int page_lg2,
		     bool clear);

/* Sync the gather of all operations since the last time. */
void twin_sync(struct twin *twin);

/*
 * Read the tables out of memory: exactly the model's leaves, word for word as mapping each by
 * itself writes them, but for their dirty marks, which are those of the model.
 */
void twin_compare(struct twin *twin);

#endif
