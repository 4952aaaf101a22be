/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * model.h - what a page table should hold, kept the simplest way: a sorted array
 * of leaves. Shares no code with the engine.
 */
#ifndef PTBENCH_TESTS_MODEL_H
#define PTBENCH_TESTS_MODEL_H

#include <stddef.h>
#include <stdint.h>

struct model_leaf {
	uint64_t iova, last; /* inclusive */
	uint64_t oa;
	unsigned int prot;
};

struct model {
	struct model_leaf *leaves; /* by iova */
	size_t count, room;
	uint64_t page_sizes;
};

void model_init(struct model *model, uint64_t page_sizes);
void model_free(struct model *model);

/* As the engine's map: 0 or -EADDRINUSE, with nothing changed. */
int model_map(struct model *model, uint64_t iova, uint64_t oa, uint64_t length, unsigned int prot);

/* As the engine's unmap: the bytes from @iova that translate no more. */
uint64_t model_unmap(struct model *model, uint64_t iova, uint64_t length);

/* The leaf that holds @iova, or NULL. */
const struct model_leaf *model_find(const struct model *model, uint64_t iova);

/* The output address of @iova, or UINT64_MAX. */
uint64_t model_translate(const struct model *model, uint64_t iova);

#endif
