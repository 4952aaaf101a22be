/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * model.h - what a page table should hold, kept the simplest way: a sorted array
 * of leaves. Shares no code with the engine.
 *
 * It takes leaves as equal in kind whose prot is: where a format cannot express a
 * difference, give both the same prot.
 */
#ifndef PTBENCH_TESTS_MODEL_H
#define PTBENCH_TESTS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct model_leaf {
	uint64_t iova, last; /* inclusive */
	uint64_t oa;
	unsigned int prot;
	bool dirty;
};

/* Physical memory that unmapping hands back. */
struct model_run {
	uint64_t oa, length;
};

struct model {
	struct model_leaf *leaves; /* by iova */
	size_t count, room;
	uint64_t page_sizes;
};

void model_init(struct model *model, uint64_t page_sizes);
void model_free(struct model *model);

/* As the engine's map: 0 or -EADDRINUSE, with nothing changed. The leaves are clean. */
int model_map(struct model *model, uint64_t iova, uint64_t oa, uint64_t length, unsigned int prot);

/* As the engine's unmap: the bytes from @iova that translate no more. */
uint64_t model_unmap(struct model *model, uint64_t iova, uint64_t length);

/*
 * As the engine's unmap_batch, with @room for @runs; returns @iova's distance to where the first
 * leaf begins that is left for want of room, or what unmap returns.
 */
uint64_t model_unmap_batch(struct model *model, uint64_t iova, uint64_t length,
			   struct model_run *runs, size_t room, size_t *count);

/* As the engine's cut, fragment and reassemble. Pieces of a leaf are as dirty as it was. */
void model_cut(struct model *model, uint64_t iova, uint64_t length);
void model_fragment(struct model *model, uint64_t iova, uint64_t length, unsigned int largest_lg2);
void model_reassemble(struct model *model, uint64_t iova, uint64_t length,
		      unsigned int largest_lg2);

/* Bytes from @iova on that are mapped to one run of memory, of one kind; 0 where it is not mapped. */
uint64_t model_run_length(const struct model *model, uint64_t iova);

/* Mark every leaf that overlaps the range, whole, as dirty. */
void model_mark(struct model *model, uint64_t iova, uint64_t length);

/* Make clean what read_dirty clears: the leaves that lie in the range as a whole. */
void model_clear_marks(struct model *model, uint64_t iova, uint64_t length);

/* Set a bit, counted from @iova, for each dirty page of 1 << @page_lg2 bytes in the range. */
void model_read_dirty(const struct model *model, uint64_t iova, uint64_t length,
		      unsigned int page_lg2, uint64_t *bits);

/* The index of the first leaf that ends at or after @iova; model->count without one. */
size_t model_first(const struct model *model, uint64_t iova);

/* The leaf that holds @iova, or NULL. */
const struct model_leaf *model_find(const struct model *model, uint64_t iova);

/* The output address of @iova, or UINT64_MAX. */
uint64_t model_translate(const struct model *model, uint64_t iova);

#endif
