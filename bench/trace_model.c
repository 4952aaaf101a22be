// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace_model.c - which recorded events can be replayed, see trace.h.
 *
 * The addresses where any event begins or ends cut the address space into
 * segments that no event divides. The model holds, for each segment, the map
 * that it was last mapped by. Walking the trace once through it is exact.
 */
#include "trace.h"

#include <stdlib.h>

#define NOT_MAPPED SIZE_MAX

struct model {
	const struct trace_event *events;
	uint64_t *bounds; /* sorted; segment i is bounds[i] up to bounds[i + 1] */
	size_t bound_count;
	size_t *map_of; /* index of the event that mapped segment i, or NOT_MAPPED */
};

static int compare_bounds(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static size_t segment(const struct model *model, uint64_t address)
{
	const uint64_t *bound = bsearch(&address, model->bounds, model->bound_count,
					sizeof(address), compare_bounds);

	return (size_t)(bound - model->bounds);
}

/*
 * Might some format hold the bytes on both sides of @address in one leaf of
 * @map? Judged by the most generous format, where every power of two is a size:
 * the smallest block around @address decides, because larger ones contain it.
 */
static bool cuts_leaf(const struct trace_event *map, uint64_t address)
{
	uint64_t block = (address & -address) << 1, start = address & ~(block - 1);

	if (!block || ((map->iova ^ map->oa) & (block - 1)))
		return false;
	return start >= map->iova && start + block - 1 <= map->iova + map->length - 1;
}

static bool cuts_leaf_at(const struct model *model, size_t bound)
{
	size_t before = bound ? model->map_of[bound - 1] : NOT_MAPPED;
	size_t after = bound + 1 < model->bound_count ? model->map_of[bound] : NOT_MAPPED;

	return before != NOT_MAPPED && before == after &&
	       cuts_leaf(&model->events[before], model->bounds[bound]);
}

/* The counter of the reason why @event cannot be replayed, or NULL if it can. */
static size_t *reason_to_drop(struct trace *trace, const struct model *model,
			      const struct trace_event *event, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		if (event->map && model->map_of[i] != NOT_MAPPED)
			return &trace->mapped_already;
		if (!event->map && model->map_of[i] == NOT_MAPPED)
			return &trace->never_mapped;
	}
	if (!event->map && (cuts_leaf_at(model, first) || cuts_leaf_at(model, end)))
		return &trace->cuts_leaf;
	return NULL;
}

static void walk(struct trace *trace, struct model *model)
{
	size_t kept = 0;

	for (size_t i = 0; i < trace->count; i++) {
		struct trace_event event = trace->events[i];
		size_t first = segment(model, event.iova);
		size_t end = segment(model, event.iova + event.length);
		size_t *dropped = reason_to_drop(trace, model, &event, first, end);

		if (dropped) {
			++*dropped;
			continue;
		}
		/* kept <= i: only events that the model will not look at again are overwritten. */
		trace->events[kept] = event;
		for (size_t j = first; j < end; j++)
			model->map_of[j] = event.map ? kept : NOT_MAPPED;
		kept++;
	}
	trace->count = kept;
}

/* What is mapped at the end, each map's part for itself. */
static bool find_rest(struct trace *trace, const struct model *model)
{
	trace->rest = calloc(model->bound_count, sizeof(*trace->rest));
	if (!trace->rest)
		return false;
	for (size_t i = 0, end; i + 1 < model->bound_count; i = end) {
		end = i + 1;
		if (model->map_of[i] == NOT_MAPPED)
			continue;
		while (end + 1 < model->bound_count && model->map_of[end] == model->map_of[i])
			end++;
		trace->rest[trace->rest_count++] = (struct trace_event){
			.iova = model->bounds[i],
			.length = model->bounds[end] - model->bounds[i],
		};
	}
	return true;
}

static bool find_bounds(const struct trace *trace, struct model *model)
{
	size_t unique = 0;

	model->bounds = malloc(trace->count * 2 * sizeof(*model->bounds));
	if (!model->bounds)
		return false;
	for (size_t i = 0; i < trace->count; i++) {
		model->bounds[i * 2] = trace->events[i].iova;
		model->bounds[i * 2 + 1] = trace->events[i].iova + trace->events[i].length;
	}
	qsort(model->bounds, trace->count * 2, sizeof(*model->bounds), compare_bounds);
	for (size_t i = 0; i < trace->count * 2; i++)
		if (!unique || model->bounds[i] != model->bounds[unique - 1])
			model->bounds[unique++] = model->bounds[i];
	model->bound_count = unique;
	return true;
}

bool trace_drop_impossible(struct trace *trace)
{
	struct model model = { .events = trace->events };
	bool done;

	if (!find_bounds(trace, &model))
		return false;
	model.map_of = malloc(model.bound_count * sizeof(*model.map_of));
	done = model.map_of;
	if (done) {
		for (size_t i = 0; i < model.bound_count; i++)
			model.map_of[i] = NOT_MAPPED;
		walk(trace, &model);
		done = find_rest(trace, &model);
	}
	free(model.bounds);
	free(model.map_of);
	return done;
}
