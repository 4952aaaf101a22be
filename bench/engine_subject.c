// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * engine_subject.c - the adapter between cases and the engine: what a caller of
 * the engine does, and no more.
 *
 * A handle is the engine's page table itself. The flush is a call that counts,
 * as the drivers' flush callbacks are calls that do nothing.
 */
#include "engine_subject.h"

#include <stddef.h>

static unsigned long flushes;

static void count_flush(void *context, uint64_t start, uint64_t last, bool tables)
{
	(void)start, (void)last, (void)tables;
	++*(unsigned long *)context;
}

static int create(const struct subject *subject, const struct pt_config *config,
		  const struct subject_window *window, struct subject_table *table)
{
	const struct pt_format *format = subject->implementation;
	struct pt_config own = *config;
	struct pagetable *pagetable = NULL;
	int error;

	(void)window;
	own.flush = count_flush;
	own.context = &flushes;
	error = format->create(&own, &pagetable);
	*table = (struct subject_table){ subject, pagetable };
	return error;
}

static void destroy(struct subject_table *table)
{
	struct pagetable *pagetable = table->handle;

	pagetable->ops->destroy(pagetable);
	table->handle = NULL;
}

static int map(void *handle, unsigned long long iova, unsigned long long oa,
	       unsigned long long length, unsigned int prot)
{
	struct pagetable *pagetable = handle;

	return pagetable->ops->map(pagetable, iova, oa, length, prot);
}

static unsigned long long unmap(void *handle, unsigned long long iova, unsigned long long length,
				int lazy)
{
	struct pagetable *pagetable = handle;
	struct pt_gather gather = PT_GATHER_INIT;
	unsigned long long bytes;

	gather.lazy = lazy;
	bytes = (unsigned long long)pagetable->ops->unmap(pagetable, iova, length, &gather);
	if (lazy) {
		/* A queue flushes later, for many; what is left to do here is to free. */
		if (!gather.tables)
			return bytes;
		gather.start = UINT64_MAX;
		gather.last = 0;
	}
	pt_sync(pagetable, &gather);
	return bytes;
}

static int map_runs(void *handle, unsigned long long iova, const struct pt_run *runs,
		    unsigned long count, unsigned int prot)
{
	struct pagetable *pagetable = handle;

	return pagetable->ops->map_batch(pagetable, iova, runs, count, prot);
}

static unsigned long long unmap_runs(void *handle, unsigned long long iova,
				     unsigned long long length, int lazy, struct pt_run *runs,
				     unsigned long room, unsigned long *count)
{
	struct pagetable *pagetable = handle;
	struct pt_gather gather = PT_GATHER_INIT;
	unsigned long long bytes;

	gather.lazy = lazy;
	bytes = (unsigned long long)pagetable->ops->unmap_batch(pagetable, iova, length, &gather,
								runs, room, count);
	pt_sync(pagetable, &gather);
	return bytes;
}

static int resize(void *handle, unsigned long long iova, unsigned long long length,
		  unsigned int piece_lg2, unsigned int prot)
{
	struct pagetable *pagetable = handle;
	struct pt_gather gather = PT_GATHER_INIT;
	int error;

	(void)prot; /* attributes stay as they are */
	if (piece_lg2 == 63)
		error = pagetable->ops->reassemble(pagetable, iova, length, 63, &gather);
	else
		error = pagetable->ops->fragment(pagetable, iova, length, piece_lg2, &gather);
	pt_sync(pagetable, &gather);
	return error;
}

static int punch(void *handle, unsigned long long iova, unsigned long long length,
		 unsigned long long hole, unsigned long long hole_length, unsigned int prot)
{
	struct pagetable *pagetable = handle;
	struct pt_gather gather = PT_GATHER_INIT;
	int error = pagetable->ops->cut(pagetable, hole, hole_length, &gather);

	(void)iova, (void)length, (void)prot;
	if (!error &&
	    pagetable->ops->unmap(pagetable, hole, hole_length, &gather) != (int64_t)hole_length)
		error = -1;
	pt_sync(pagetable, &gather);
	return error;
}

static int read_dirty(void *handle, unsigned long long iova, unsigned long long length, int clear,
		      unsigned long long *bitmap, unsigned int page_lg2)
{
	struct pagetable *pagetable = handle;
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_dirty dirty = {
		.iova = iova,
		.page_lg2 = page_lg2,
		.clear = clear,
		.bits = (uint64_t *)(void *)bitmap,
	};
	int error = pagetable->ops->read_dirty(pagetable, &dirty, length, &gather);

	pt_sync(pagetable, &gather);
	return error;
}

static int set_dirty(void *handle, unsigned long long iova)
{
	struct pagetable *pagetable = handle;

	return pagetable->ops->set_dirty(pagetable, iova);
}

static unsigned long long iova_to_phys(void *handle, unsigned long long iova)
{
	struct pagetable *pagetable = handle;

	return pagetable->ops->iova_to_phys(pagetable, iova);
}

static const void *root(void *handle, unsigned int *top_level)
{
	return pt_root(handle, top_level);
}

struct subject engine_subject(const struct format_facts *facts, const struct pt_format *format,
			      const char *variant)
{
	return (struct subject){
		.format = facts->name,
		.variant = variant,
		.source = facts->header,
		.implementation = format,
		.create = create,
		.destroy = destroy,
		.map = map,
		.unmap = unmap,
		.map_runs = map_runs,
		.unmap_runs = unmap_runs,
		.resize = resize,
		.punch = punch,
		.read_dirty = format->has_dirty ? read_dirty : NULL,
		.set_dirty = format->has_dirty ? set_dirty : NULL,
		.iova_to_phys = iova_to_phys,
		.root = root,
	};
}
