// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * model.c - see model.h.
 */
#include "model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void model_init(struct model *model, uint64_t page_sizes)
{
	*model = (struct model){ .page_sizes = page_sizes };
}

void model_free(struct model *model)
{
	free(model->leaves);
	*model = (struct model){ 0 };
}

/* The first leaf that ends at or after @iova. */
static size_t first_from(const struct model *model, uint64_t iova)
{
	size_t low = 0, high = model->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (model->leaves[middle].last < iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Make room for @count leaves at @at. */
static void open_gap(struct model *model, size_t at, size_t count)
{
	size_t size = sizeof(*model->leaves);

	if (model->count + count > model->room) {
		model->room = 2 * (model->count + count);
		model->leaves = realloc(model->leaves, model->room * size);
		if (!model->leaves)
			abort();
	}
	memmove(&model->leaves[at + count], &model->leaves[at], (model->count - at) * size);
	model->count += count;
}

/* By trying every size from the largest. */
static uint64_t best_size(uint64_t sizes, uint64_t iova, uint64_t oa, uint64_t length)
{
	for (int bit = 63; bit >= 0; bit--) {
		uint64_t size = 1ULL << bit;

		if ((sizes & size) && size <= length && iova % size == 0 && oa % size == 0)
			return size;
	}
	abort();
}

int model_map(struct model *model, uint64_t iova, uint64_t oa, uint64_t length, unsigned int prot)
{
	size_t at = first_from(model, iova), count = 0;

	if (at < model->count && model->leaves[at].iova <= iova + (length - 1))
		return -EADDRINUSE;
	for (uint64_t done = 0; done < length; count++)
		done += best_size(model->page_sizes, iova + done, oa + done, length - done);
	open_gap(model, at, count);
	for (; length; at++) {
		uint64_t size = best_size(model->page_sizes, iova, oa, length);

		model->leaves[at] = (struct model_leaf){ iova, iova + (size - 1), oa, prot };
		iova += size;
		oa += size;
		length -= size;
	}
	return 0;
}

uint64_t model_unmap(struct model *model, uint64_t iova, uint64_t length)
{
	uint64_t last = iova + (length - 1), reached = last;
	size_t first = first_from(model, iova), end = first;

	if (first < model->count && model->leaves[first].iova < iova)
		return 0;
	while (end < model->count && model->leaves[end].iova <= last) {
		if (model->leaves[end].last > reached)
			reached = model->leaves[end].last;
		end++;
	}
	memmove(&model->leaves[first], &model->leaves[end],
		(model->count - end) * sizeof(*model->leaves));
	model->count -= end - first;
	return reached - iova + 1;
}

const struct model_leaf *model_find(const struct model *model, uint64_t iova)
{
	size_t at = first_from(model, iova);

	return at < model->count && model->leaves[at].iova <= iova ? &model->leaves[at] : NULL;
}

uint64_t model_translate(const struct model *model, uint64_t iova)
{
	const struct model_leaf *leaf = model_find(model, iova);

	return leaf ? leaf->oa + (iova - leaf->iova) : UINT64_MAX;
}
