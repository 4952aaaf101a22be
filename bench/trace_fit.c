// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace_fit.c - the calls that replay a trace on a format, see trace.h.
 *
 * A tree holds what is mapped, in pieces that do not overlap, each of one map
 * call. Its order takes ranges that overlap for equal, so that looking up a range
 * finds a piece of it. An event costs the pieces that it touches.
 *
 * Where an unmap takes a part of a piece, the map is noted to be split there. Only
 * when the whole trace is known, maps are made in pieces at those of their splits
 * that a leaf would lie across.
 */
#define _GNU_SOURCE
#include "trace.h"

#include <search.h>
#include <stdlib.h>

/* [start, last] of what the call number @map mapped. */
struct piece {
	uint64_t start, last;
	size_t map;
};

/* An address inside of what the call number @map mapped, where an unmap begins or ends. */
struct split {
	size_t map;
	uint64_t address;
};

/* A growing array of anything. */
struct list {
	void *items;
	size_t count, room;
};

struct model {
	const struct trace_limits *limits;
	void *pieces; /* a tree */
	size_t piece_count;
	struct list calls; /* struct trace_event */
	struct list taken; /* struct piece: by one event */
	struct list splits; /* struct split */
	struct trace_counts counts;
	uint64_t iova_last;
	bool no_memory;
};

/* Room for one more item of @bytes; NULL without memory. */
static void *add(struct list *list, size_t bytes)
{
	if (list->count == list->room) {
		size_t more = list->room ? list->room * 2 : 64;
		void *items = realloc(list->items, more * bytes);

		if (!items)
			return NULL;
		list->items = items;
		list->room = more;
	}
	return (char *)list->items + list->count++ * bytes;
}

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return x->start > y->last ? 1 : x->last < y->start ? -1 : 0;
}

static int compare_splits(const void *a, const void *b)
{
	const struct split *x = a, *y = b;

	if (x->map != y->map)
		return x->map < y->map ? -1 : 1;
	return (x->address > y->address) - (x->address < y->address);
}

static void insert_piece(struct model *model, uint64_t start, uint64_t last, size_t map)
{
	struct piece *piece = malloc(sizeof(*piece));

	if (piece)
		*piece = (struct piece){ start, last, map };
	if (!piece || !tsearch(piece, &model->pieces, compare_pieces)) {
		free(piece);
		model->no_memory = true;
		return;
	}
	model->piece_count++;
}

static void note_split(struct model *model, size_t map, uint64_t address)
{
	struct split *split = add(&model->splits, sizeof(*split));

	if (split)
		*split = (struct split){ map, address };
	else
		model->no_memory = true;
}

static void note_taken(struct model *model, struct piece taken)
{
	struct piece *piece = add(&model->taken, sizeof(*piece));

	if (piece)
		*piece = taken;
	else
		model->no_memory = true;
}

/* Take what is mapped of [start, last] out of the model, into model->taken by address. */
static void take_out(struct model *model, uint64_t start, uint64_t last)
{
	const struct piece range = { .start = start, .last = last };
	struct piece **found;

	model->taken.count = 0;
	while (!model->no_memory && (found = tfind(&range, &model->pieces, compare_pieces))) {
		struct piece *piece = *found;

		tdelete(piece, &model->pieces, compare_pieces);
		model->piece_count--;
		if (piece->start < start) {
			insert_piece(model, piece->start, start - 1, piece->map);
			note_split(model, piece->map, start);
			piece->start = start;
		}
		if (piece->last > last) {
			insert_piece(model, last + 1, piece->last, piece->map);
			note_split(model, piece->map, last + 1);
			piece->last = last;
		}
		note_taken(model, *piece);
		free(piece);
	}
	if (model->taken.count)
		qsort(model->taken.items, model->taken.count, sizeof(struct piece), compare_pieces);
}

static void call(struct model *model, struct trace_event event)
{
	struct trace_event *next = add(&model->calls, sizeof(*next));
	uint64_t last = event.iova + event.length - 1;

	if (!next) {
		model->no_memory = true;
		return;
	}
	*next = event;
	model->iova_last = last > model->iova_last ? last : model->iova_last;
}

/* Unmap what take_out() found: a call for each run without a hole. Returns its bytes. */
static uint64_t unmap_taken(struct model *model)
{
	const struct piece *taken = model->taken.items;
	size_t count = model->taken.count;
	uint64_t bytes = 0;

	for (size_t i = 0, end; i < count; i = end) {
		uint64_t start = taken[i].start, last = taken[i].last;

		for (end = i + 1; end < count && taken[end].start == last + 1; end++)
			last = taken[end].last;
		call(model, (struct trace_event){ .iova = start, .length = last - start + 1 });
		bytes += last - start + 1;
	}
	return bytes;
}

/* The physical address without the bits that the format lacks, and so low that the range ends in its space. */
static uint64_t folded(uint64_t oa, uint64_t length, uint64_t oa_last)
{
	oa &= oa_last;
	while (length - 1 > oa_last - oa)
		oa &= ~(1ULL << (63 - __builtin_clzll(oa)));
	return oa;
}

static void take_map(struct model *model, const struct trace_event *event)
{
	uint64_t last = event->iova + event->length - 1;

	take_out(model, event->iova, last);
	if (model->taken.count) {
		model->counts.put_in++;
		unmap_taken(model);
	}
	call(model,
	     (struct trace_event){ .iova = event->iova,
				   .oa = folded(event->oa, event->length, model->limits->oa_last),
				   .length = event->length,
				   .map = true });
	insert_piece(model, event->iova, last, model->calls.count - 1);
	model->counts.replayed++;
}

static void take_unmap(struct model *model, const struct trace_event *event)
{
	take_out(model, event->iova, event->iova + event->length - 1);
	if (!model->taken.count) {
		model->counts.left_out[TRACE_NOT_MAPPED]++;
		return;
	}
	if (unmap_taken(model) < event->length)
		model->counts.in_part++;
	model->counts.replayed++;
}

static void take_event(struct model *model, const struct trace_event *event)
{
	const struct trace_limits *limits = model->limits;
	uint64_t bits = event->iova | event->length | (event->map ? event->oa : 0);

	if (!event->length)
		model->counts.left_out[TRACE_EMPTY]++;
	else if (bits & ((1ULL << limits->granule_lg2) - 1))
		model->counts.left_out[TRACE_UNALIGNED]++;
	else if (event->iova + event->length - 1 > limits->iova_last ||
		 (event->map && event->length - 1 > limits->oa_last))
		model->counts.left_out[TRACE_OUT_OF_REACH]++;
	else if (event->map)
		take_map(model, event);
	else
		take_unmap(model, event);
}

/*
 * Would some side hold the bytes before and at @address in one leaf of @map? The smallest leaf that
 * could decides, because larger ones contain it.
 */
static bool lies_across(uint64_t leaf_sizes, const struct trace_event *map, uint64_t address)
{
	uint64_t below = address & -address, above = leaf_sizes & ~(below | (below - 1));
	uint64_t leaf = above & -above, start = address & ~(leaf - 1);

	return leaf && !((map->iova ^ map->oa) & (leaf - 1)) && start >= map->iova &&
	       start + leaf - 1 <= map->iova + map->length - 1;
}

/* Put the calls into @fit, each map in pieces where a leaf would lie across one of its splits. */
static void cut_maps(struct model *model, struct trace_fit *fit)
{
	const struct trace_event *calls = model->calls.items;
	const struct split *splits = model->splits.items;
	size_t next = 0, cut_count = model->splits.count;

	fit->calls = malloc((model->calls.count + cut_count + 1) * sizeof(*fit->calls));
	if (!fit->calls) {
		model->no_memory = true;
		return;
	}
	if (cut_count)
		qsort(model->splits.items, cut_count, sizeof(*splits), compare_splits);
	for (size_t i = 0; i < model->calls.count; i++) {
		struct trace_event left = calls[i];

		for (; next < cut_count && splits[next].map == i; next++) {
			uint64_t bytes = splits[next].address - left.iova;

			if (!lies_across(model->limits->leaf_sizes, &left, splits[next].address))
				continue;
			fit->calls[fit->call_count] = left;
			fit->calls[fit->call_count++].length = bytes;
			left.iova += bytes;
			left.oa += bytes;
			left.length -= bytes;
		}
		fit->calls[fit->call_count++] = left;
	}
}

static void add_rest(const void *node, VISIT which, void *closure)
{
	const struct piece *piece = *(const struct piece *const *)node;
	struct trace_fit *fit = closure;

	if (which == postorder || which == leaf)
		fit->rest[fit->rest_count++] = (struct trace_event){
			.iova = piece->start,
			.length = piece->last - piece->start + 1,
		};
}

bool trace_is_within(const struct trace *trace, const struct trace_limits *limits)
{
	return limits->granule_lg2 <= trace->granule_lg2 && trace->highest <= limits->iova_last &&
	       (!trace->longest || trace->longest - 1 <= limits->oa_last);
}

bool trace_fit(const struct trace *trace, const struct trace_limits *limits, struct trace_fit *fit)
{
	struct model model = { .limits = limits, .counts = trace->counts };

	*fit = (struct trace_fit){ 0 };
	/* Those of reading stay, those of an earlier fit do not. */
	model.counts.replayed = model.counts.in_part = model.counts.put_in = 0;
	for (enum trace_reason reason = 0; reason < TRACE_REASONS; reason++)
		if (reason != TRACE_CUT_OFF)
			model.counts.left_out[reason] = 0;
	for (size_t i = 0; i < trace->count && !model.no_memory; i++)
		take_event(&model, &trace->events[i]);
	if (!model.no_memory && limits->leaf_sizes) {
		cut_maps(&model, fit);
		fit->rest = malloc((model.piece_count + 1) * sizeof(*fit->rest));
		model.no_memory |= !fit->rest;
		if (fit->rest)
			twalk_r(model.pieces, add_rest, fit);
	}
	fit->counts = model.counts;
	fit->iova_last = model.iova_last;
	tdestroy(model.pieces, free);
	free(model.calls.items);
	free(model.taken.items);
	free(model.splits.items);
	return !model.no_memory;
}

void trace_fit_free(struct trace_fit *fit)
{
	free(fit->calls);
	free(fit->rest);
	*fit = (struct trace_fit){ 0 };
}
