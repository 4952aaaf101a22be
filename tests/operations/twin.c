// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * twin.c - see twin.h. How the two are compared in whole is in twin_compare.c.
 */
#include "twin.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "table_pages.h"

static void twin_flush(void *context, uint64_t start, uint64_t last, bool tables)
{
	struct twin *twin = context;

	if (start < twin->flushed_first)
		twin->flushed_first = start;
	if (last > twin->flushed_last)
		twin->flushed_last = last;
	if (twin->flush)
		twin->flush(twin->flush_context, start, last, tables);
}

void twin_open_with(struct twin *twin, const struct instance *instance,
		    const struct pt_config *config)
{
	*twin = (struct twin){ .instance = instance,
			       .config = *config,
			       .gather = PT_GATHER_INIT,
			       .flushed_first = UINT64_MAX };
	twin->flush = config->flush;
	twin->flush_context = config->context;
	twin->config.flush = twin_flush;
	twin->config.context = twin;
	kinds_find(&twin->kinds, instance);
	twin->table = instance_create_with(instance, &twin->config);
	model_init(&twin->model, instance->sizes);
}

void twin_open(struct twin *twin, const struct instance *instance)
{
	twin_open_with(twin, instance, &instance->config);
}

void twin_close(struct twin *twin)
{
	twin_sync(twin);
	twin->table->ops->destroy(twin->table);
	model_free(&twin->model);
	model_free(&twin->before);
	snapshot_free(&twin->actual);
	snapshot_free(&twin->expected);
}

void twin_sync(struct twin *twin)
{
	pt_sync(twin->table, &twin->gather);
	twin->flushed_first = UINT64_MAX;
	twin->flushed_last = 0;
}

static void end_operation(struct twin *twin)
{
	if (!twin->keeps_gather)
		twin_sync(twin);
}

/* Is [first, last] in what was flushed or is about to be? */
static void check_gathered(const struct twin *twin, uint64_t first, uint64_t last)
{
	const struct pt_gather *gather = &twin->gather;
	uint64_t from = twin->flushed_first, to = twin->flushed_last;

	if (gather->start <= gather->last) {
		from = gather->start < from ? gather->start : from;
		to = gather->last > to ? gather->last : to;
	}
	if (from > first || to < last)
		fail_msg("%#" PRIx64 "-%#" PRIx64 " has changed, gathered is %#" PRIx64
			 "-%#" PRIx64,
			 first, last, from, to);
}

static void check_point(const struct twin *twin, uint64_t iova)
{
	uint64_t got = twin->table->ops->iova_to_phys(twin->table, iova);
	uint64_t expected = model_translate(&twin->model, iova);

	if (got != expected)
		fail_msg("%#" PRIx64 " translates to %#" PRIx64 ", expected %#" PRIx64, iova, got,
			 expected);
}

/* Ends, neighbours and a few addresses in between. */
static void check_around(const struct twin *twin, uint64_t iova, uint64_t length)
{
	if (!twin->keeps_inside) {
		check_point(twin, iova - 1);
		check_point(twin, iova + length);
	}
	for (unsigned int i = 0; i <= 8; i++)
		check_point(twin, iova + (length - 1) / 8 * i);
	check_point(twin, iova + length - 1);
}

/* Remember the leaves that overlap the range. */
static void remember(struct twin *twin, uint64_t iova, uint64_t length)
{
	const struct model *model = &twin->model;
	size_t first = model_first(model, iova), end = first;

	while (end < model->count && model->leaves[end].iova <= iova + (length - 1))
		end++;
	if (twin->before.room < end - first) {
		twin->before.room = 2 * (end - first);
		free(twin->before.leaves);
		twin->before.leaves = malloc(twin->before.room * sizeof(*model->leaves));
		assert_non_null(twin->before.leaves);
	}
	twin->before.count = end - first;
	if (end > first)
		memcpy(twin->before.leaves, &model->leaves[first],
		       (end - first) * sizeof(*model->leaves));
}

/* What was remembered and is not a leaf any more, or changed its mark, must be gathered. */
static void check_changes_gathered(const struct twin *twin)
{
	for (size_t i = 0; i < twin->before.count; i++) {
		const struct model_leaf *old = &twin->before.leaves[i];
		const struct model_leaf *leaf = model_find(&twin->model, old->iova);

		if (!leaf || leaf->iova != old->iova || leaf->last != old->last ||
		    (old->dirty && !leaf->dirty))
			check_gathered(twin, old->iova, old->last);
	}
}

static void mark_born(struct twin *twin, uint64_t iova, uint64_t length, unsigned int kind)
{
	if (twin->kinds.kind[kind].born_dirty)
		model_mark(&twin->model, iova, length);
}

static void check_result(const char *what, uint64_t iova, uint64_t length, int64_t got,
			 int64_t expected)
{
	if (got != expected)
		fail_msg("%s of %#" PRIx64 " + %#" PRIx64 " returns %" PRId64 ", expected %" PRId64,
			 what, iova, length, got, expected);
}

int twin_map(struct twin *twin, uint64_t iova, uint64_t oa, uint64_t length, unsigned int kind)
{
	int expected = model_map(&twin->model, iova, oa, length, kind);
	int got = twin->table->ops->map(twin->table, iova, oa, length, twin->kinds.kind[kind].prot);

	check_result("map", iova, length, got, expected);
	if (!expected)
		mark_born(twin, iova, length, kind);
	check_around(twin, iova, length);
	return got;
}

/* One model_map() for each physical run that is left when those that touch are joined. */
static int model_map_batch(struct model *model, uint64_t iova, const struct pt_run *runs,
			   size_t count, unsigned int kind)
{
	uint64_t at = iova;

	for (size_t i = 0; i < count;) {
		uint64_t oa = runs[i].oa, length = 0;
		int error;

		do
			length += runs[i++].length;
		while (i < count && runs[i].oa == oa + length);
		error = model_map(model, at, oa, length, kind);
		if (error) {
			if (at != iova)
				model_unmap(model, iova, at - iova);
			return error;
		}
		at += length;
	}
	return 0;
}

int twin_map_batch(struct twin *twin, uint64_t iova, const struct pt_run *runs, size_t count,
		   unsigned int kind)
{
	int expected = model_map_batch(&twin->model, iova, runs, count, kind);
	int got = twin->table->ops->map_batch(twin->table, iova, runs, count,
					      twin->kinds.kind[kind].prot);
	uint64_t length = 0;

	for (size_t i = 0; i < count; i++)
		length += runs[i].length;
	check_result("map_batch", iova, length, got, expected);
	if (!expected)
		mark_born(twin, iova, length, kind);
	check_around(twin, iova, length);
	return got;
}

int64_t twin_unmap(struct twin *twin, uint64_t iova, uint64_t length)
{
	int64_t expected, got;

	remember(twin, iova, length);
	expected = (int64_t)model_unmap(&twin->model, iova, length);
	got = twin->table->ops->unmap(twin->table, iova, length, &twin->gather);
	check_result("unmap", iova, length, got, expected);
	check_changes_gathered(twin);
	end_operation(twin);
	check_around(twin, iova, length);
	return got;
}

/* One call; returns what the engine does. */
static int64_t unmap_some(struct twin *twin, uint64_t iova, uint64_t length, struct pt_run *runs,
			  struct model_run *expected_runs, size_t room)
{
	size_t count = SIZE_MAX, expected_count;
	int64_t expected, got;

	remember(twin, iova, length);
	expected = (int64_t)model_unmap_batch(&twin->model, iova, length, expected_runs, room,
					      &expected_count);
	got = twin->table->ops->unmap_batch(twin->table, iova, length, &twin->gather, runs, room,
					    &count);
	check_result("unmap_batch", iova, length, got, expected);
	assert_int_equal(count, expected_count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(runs[i].oa, expected_runs[i].oa);
		assert_int_equal(runs[i].length, expected_runs[i].length);
	}
	check_changes_gathered(twin);
	end_operation(twin);
	check_around(twin, iova, length);
	return got;
}

unsigned int twin_unmap_batch(struct twin *twin, uint64_t iova, uint64_t length, size_t room)
{
	struct pt_run *runs = malloc(room * sizeof(*runs));
	struct model_run *expected = malloc(room * sizeof(*expected));
	uint64_t done = 0;
	unsigned int calls = 0;

	assert_true(runs && expected);
	while (done < length) {
		int64_t got = unmap_some(twin, iova + done, length - done, runs, expected, room);

		calls++;
		if (!got)
			break;
		done += (uint64_t)got;
	}
	free(runs);
	free(expected);
	return calls;
}

void twin_cut(struct twin *twin, uint64_t iova, uint64_t length)
{
	remember(twin, iova, length + (iova + length ? 1 : 0));
	model_cut(&twin->model, iova, length);
	check_result("cut", iova, length,
		     twin->table->ops->cut(twin->table, iova, length, &twin->gather), 0);
	check_changes_gathered(twin);
	end_operation(twin);
	check_around(twin, iova, length);
}

void twin_fragment(struct twin *twin, uint64_t iova, uint64_t length, unsigned int largest_lg2)
{
	remember(twin, iova, length);
	model_fragment(&twin->model, iova, length, largest_lg2);
	check_result(
		"fragment", iova, length,
		twin->table->ops->fragment(twin->table, iova, length, largest_lg2, &twin->gather),
		0);
	check_changes_gathered(twin);
	end_operation(twin);
	check_around(twin, iova, length);
}

typedef int (*join_op)(struct pagetable *table, uint64_t iova, uint64_t length,
		       unsigned int largest_lg2, struct pt_gather *gather);

static void twin_join(struct twin *twin, const char *name, join_op op, uint64_t iova,
		      uint64_t length, unsigned int largest_lg2)
{
	remember(twin, iova, length);
	model_reassemble(&twin->model, iova, length, largest_lg2);
	check_result(name, iova, length, op(twin->table, iova, length, largest_lg2, &twin->gather),
		     0);
	check_changes_gathered(twin);
	end_operation(twin);
	check_around(twin, iova, length);
}

void twin_reassemble(struct twin *twin, uint64_t iova, uint64_t length, unsigned int largest_lg2)
{
	twin_join(twin, "reassemble", twin->table->ops->reassemble, iova, length, largest_lg2);
}

void twin_collapse(struct twin *twin, uint64_t iova, uint64_t length, unsigned int largest_lg2)
{
	assert_true(model_run_length(&twin->model, iova) >= length);
	twin_join(twin, "collapse", twin->table->ops->collapse, iova, length, largest_lg2);
}

void twin_set_dirty(struct twin *twin, uint64_t iova)
{
	const struct model_leaf *leaf = model_find(&twin->model, iova);
	bool written = leaf && (twin->kinds.kind[leaf->prot].prot & PT_WRITE);
	int expected = written ? 0 : leaf ? -EACCES : -ENOENT;

	check_result("set_dirty", iova, 1, twin->table->ops->set_dirty(twin->table, iova),
		     twin->instance->format->has_dirty ? expected : -EOPNOTSUPP);
	if (leaf && twin->kinds.kind[leaf->prot].takes_marks)
		model_mark(&twin->model, iova, 1);
}

void twin_read_dirty(struct twin *twin, uint64_t iova, uint64_t length, unsigned int page_lg2,
		     bool clear)
{
	/* One more, which stays as it is. */
	size_t words = ((length - 1) >> page_lg2) / 64 + 2;
	uint64_t *bits = calloc(words, 8), *expected = calloc(words, 8);
	struct pt_dirty dirty = {
		.iova = iova, .page_lg2 = page_lg2, .clear = clear, .bits = bits
	};

	assert_true(bits && expected);
	model_read_dirty(&twin->model, iova, length, page_lg2, expected);
	remember(twin, iova, length);
	if (clear)
		model_clear_marks(&twin->model, iova, length);
	check_result("read_dirty", iova, length,
		     twin->table->ops->read_dirty(twin->table, &dirty, length,
						  clear ? &twin->gather : NULL),
		     twin->instance->format->has_dirty ? 0 : -EOPNOTSUPP);
	for (size_t i = 0; i < words; i++)
		if (bits[i] != expected[i])
			fail_msg("read_dirty of %#" PRIx64 " + %#" PRIx64 ": word %zu is %#" PRIx64
				 ", expected %#" PRIx64,
				 iova, length, i, bits[i], expected[i]);
	check_changes_gathered(twin);
	end_operation(twin);
	free(bits);
	free(expected);
}
