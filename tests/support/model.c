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

size_t model_first(const struct model *model, uint64_t iova)
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

/* Drop leaves [at, end). */
static void close_gap(struct model *model, size_t at, size_t end)
{
	if (at == end)
		return;
	memmove(&model->leaves[at], &model->leaves[end],
		(model->count - end) * sizeof(*model->leaves));
	model->count -= end - at;
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
	size_t at = model_first(model, iova), count = 0;

	if (at < model->count && model->leaves[at].iova <= iova + (length - 1))
		return -EADDRINUSE;
	for (uint64_t done = 0; done < length; count++)
		done += best_size(model->page_sizes, iova + done, oa + done, length - done);
	open_gap(model, at, count);
	for (; length; at++) {
		uint64_t size = best_size(model->page_sizes, iova, oa, length);

		model->leaves[at] = (struct model_leaf){
			.iova = iova, .last = iova + (size - 1), .oa = oa, .prot = prot
		};
		iova += size;
		oa += size;
		length -= size;
	}
	return 0;
}

uint64_t model_unmap(struct model *model, uint64_t iova, uint64_t length)
{
	uint64_t last = iova + (length - 1), reached = last;
	size_t first = model_first(model, iova), end = first;

	if (first < model->count && model->leaves[first].iova < iova)
		return 0;
	while (end < model->count && model->leaves[end].iova <= last) {
		if (model->leaves[end].last > reached)
			reached = model->leaves[end].last;
		end++;
	}
	close_gap(model, first, end);
	return reached - iova + 1;
}

uint64_t model_unmap_batch(struct model *model, uint64_t iova, uint64_t length,
			   struct model_run *runs, size_t room, size_t *count)
{
	uint64_t last = iova + (length - 1);
	size_t at = model_first(model, iova);

	*count = 0;
	if (at < model->count && model->leaves[at].iova < iova)
		return 0;
	for (; at < model->count && model->leaves[at].iova <= last; at++) {
		const struct model_leaf *leaf = &model->leaves[at];
		uint64_t bytes = leaf->last - leaf->iova + 1;

		if (*count && runs[*count - 1].oa + runs[*count - 1].length == leaf->oa) {
			runs[*count - 1].length += bytes;
		} else if (*count < room) {
			runs[(*count)++] = (struct model_run){ leaf->oa, bytes };
		} else {
			uint64_t reached = leaf->iova - iova;

			model_unmap(model, iova, reached);
			return reached;
		}
	}
	return model_unmap(model, iova, length);
}

/* Put leaves of the best @sizes in the place of leaves [at, end), which are one run. */
static void replace_run(struct model *model, size_t at, size_t end, uint64_t sizes)
{
	const struct model_leaf *old = &model->leaves[at], *old_end = &model->leaves[end];
	uint64_t iova = old->iova, oa = old->oa, length = old_end[-1].last - iova + 1;
	struct model pieces = { 0 };

	while (length) {
		uint64_t size = best_size(sizes, iova, oa, length);
		struct model_leaf leaf = {
			.iova = iova, .last = iova + (size - 1), .oa = oa, .prot = old->prot
		};

		/* Dirty if any old leaf that shares an address with it was. */
		while (old->last < leaf.iova)
			old++;
		for (const struct model_leaf *o = old; o < old_end && o->iova <= leaf.last; o++)
			leaf.dirty |= o->dirty;
		open_gap(&pieces, pieces.count, 1);
		pieces.leaves[pieces.count - 1] = leaf;
		iova += size;
		oa += size;
		length -= size;
	}
	close_gap(model, at, end);
	open_gap(model, at, pieces.count);
	memcpy(&model->leaves[at], pieces.leaves, pieces.count * sizeof(*pieces.leaves));
	model_free(&pieces);
}

/* No leaf straddles @boundary any more. */
static void cut_at(struct model *model, uint64_t boundary)
{
	size_t at = model_first(model, boundary);
	struct model_leaf upper;

	if (at == model->count || model->leaves[at].iova >= boundary)
		return;
	open_gap(model, at + 1, 1);
	upper = model->leaves[at];
	upper.oa += boundary - upper.iova;
	upper.iova = boundary;
	model->leaves[at].last = boundary - 1;
	model->leaves[at + 1] = upper;
	replace_run(model, at + 1, at + 2, model->page_sizes);
	replace_run(model, at, at + 1, model->page_sizes);
}

void model_cut(struct model *model, uint64_t iova, uint64_t length)
{
	cut_at(model, iova);
	if (iova + length)
		cut_at(model, iova + length);
}

static uint64_t leaf_bytes(const struct model_leaf *leaf)
{
	return leaf->last - leaf->iova + 1;
}

static uint64_t sizes_up_to(uint64_t sizes, unsigned int largest_lg2)
{
	return sizes & (~0ULL >> (63 - largest_lg2));
}

void model_fragment(struct model *model, uint64_t iova, uint64_t length, unsigned int largest_lg2)
{
	uint64_t sizes = sizes_up_to(model->page_sizes, largest_lg2), largest = 1ULL << largest_lg2;
	uint64_t piece = best_size(sizes, 0, 0, largest), last = iova + (length - 1);
	const uint64_t ends[] = { iova & -piece, (last | (piece - 1)) + 1 };

	/* What a larger leaf has before and behind whole pieces is cut off. */
	for (size_t i = 0; i < 2; i++) {
		const struct model_leaf *leaf = model_find(model, ends[i] - 1);

		if (leaf && leaf_bytes(leaf) > largest)
			cut_at(model, ends[i]);
	}
	for (size_t at = model_first(model, iova);
	     at < model->count && model->leaves[at].iova <= last; at++)
		if (leaf_bytes(&model->leaves[at]) > largest)
			replace_run(model, at, at + 1, sizes);
}

void model_reassemble(struct model *model, uint64_t iova, uint64_t length, unsigned int largest_lg2)
{
	uint64_t sizes = sizes_up_to(model->page_sizes, largest_lg2), largest = 1ULL << largest_lg2;
	uint64_t last = iova + (length - 1);
	size_t at = model_first(model, iova);

	for (; at < model->count && model->leaves[at].last <= last; at++) {
		size_t end = at, count = model->count;

		if (model->leaves[at].iova < iova || leaf_bytes(&model->leaves[at]) > largest)
			continue;
		for (end++; end < count; end++) {
			const struct model_leaf *leaf = &model->leaves[end], *before = leaf - 1;

			if (leaf->last > last || leaf_bytes(leaf) > largest ||
			    leaf->prot != before->prot || leaf->iova != before->last + 1 ||
			    leaf->oa != before->oa + leaf_bytes(before))
				break;
		}
		replace_run(model, at, end, sizes);
		at = end - (count - model->count) - 1;
	}
}

uint64_t model_run_length(const struct model *model, uint64_t iova)
{
	size_t at = model_first(model, iova);
	const struct model_leaf *leaf = &model->leaves[at];

	if (at == model->count || leaf->iova > iova)
		return 0;
	for (at++; at < model->count; at++, leaf++)
		if (leaf[1].iova != leaf->last + 1 || leaf[1].prot != leaf->prot ||
		    leaf[1].oa != leaf->oa + leaf_bytes(leaf))
			break;
	return leaf->last - iova + 1;
}

void model_mark(struct model *model, uint64_t iova, uint64_t length)
{
	for (size_t at = model_first(model, iova);
	     at < model->count && model->leaves[at].iova <= iova + (length - 1); at++)
		model->leaves[at].dirty = true;
}

void model_clear_marks(struct model *model, uint64_t iova, uint64_t length)
{
	for (size_t at = model_first(model, iova);
	     at < model->count && model->leaves[at].last <= iova + (length - 1); at++)
		if (model->leaves[at].iova >= iova)
			model->leaves[at].dirty = false;
}

void model_read_dirty(const struct model *model, uint64_t iova, uint64_t length,
		      unsigned int page_lg2, uint64_t *bits)
{
	uint64_t last = iova + (length - 1);

	for (size_t at = model_first(model, iova);
	     at < model->count && model->leaves[at].iova <= last; at++) {
		const struct model_leaf *leaf = &model->leaves[at];
		uint64_t from = leaf->iova < iova ? iova : leaf->iova;
		uint64_t to = leaf->last < last ? leaf->last : last;

		if (leaf->dirty)
			for (uint64_t bit = (from - iova) >> page_lg2;
			     bit <= (to - iova) >> page_lg2; bit++)
				bits[bit / 64] |= 1ULL << (bit % 64);
	}
}

const struct model_leaf *model_find(const struct model *model, uint64_t iova)
{
	size_t at = model_first(model, iova);

	return at < model->count && model->leaves[at].iova <= iova ? &model->leaves[at] : NULL;
}

uint64_t model_translate(const struct model *model, uint64_t iova)
{
	const struct model_leaf *leaf = model_find(model, iova);

	return leaf ? leaf->oa + (iova - leaf->iova) : UINT64_MAX;
}
