// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * engine_subject.c - the adapter between cases and the engine: what a caller of
 * the engine does, and no more.
 *
 * A handle is the engine's page table itself. The flush is a call that counts,
 * as the drivers' flush callbacks are calls that do nothing.
 */
#define _GNU_SOURCE
#define URCU_INLINE_SMALL_FUNCTIONS
#include "engine_subject.h"

#include <stddef.h>
#include <stdio.h>
#include <urcu/urcu-memb.h>

#include "table_pages.h"

/* With so much table memory in use, rounds wait for what is on its way back. */
#define DRAIN_BYTES (256L << 20)

static __thread unsigned long flushes;

static void count_flush(void *context, uint64_t start, uint64_t last, bool tables)
{
	(void)context, (void)start, (void)last, (void)tables;
	flushes++;
}

static int create(const struct subject *subject, const struct pt_config *config,
		  const struct subject_window *window, struct subject_table *table)
{
	const struct pt_format *format = subject->implementation;
	struct pt_config own = *config;
	struct pagetable *pagetable = NULL;
	int error;

	(void)window;
	own.quirks |= subject->option->quirks;
	own.freeing = subject->option->freeing;
	own.rcu_readers = subject->option->rcu_readers;
	own.flush = count_flush;
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
		error = pagetable->ops->collapse(pagetable, iova, length, 63, &gather);
	else
		error = pagetable->ops->fragment(pagetable, iova, length, piece_lg2, &gather);
	pt_sync(pagetable, &gather);
	return error;
}

static int reassemble(void *handle, unsigned long long iova, unsigned long long length,
		      unsigned int prot)
{
	struct pagetable *pagetable = handle;
	struct pt_gather gather = PT_GATHER_INIT;
	int error = pagetable->ops->reassemble(pagetable, iova, length, 63, &gather);

	(void)prot; /* as for resize */
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

/*
 * The same with readers: translations, and under the eager policy all operations, run in a read
 * section of liburcu's, which is two stores.
 */
#define IN_SECTION(type, call)           \
	do {                             \
		type result;             \
                                         \
		urcu_memb_read_lock();   \
		result = call;           \
		urcu_memb_read_unlock(); \
		return result;           \
	} while (0)

static int section_map(void *handle, unsigned long long iova, unsigned long long oa,
		       unsigned long long length, unsigned int prot)
{
	IN_SECTION(int, map(handle, iova, oa, length, prot));
}

static unsigned long long section_unmap(void *handle, unsigned long long iova,
					unsigned long long length, int lazy)
{
	IN_SECTION(unsigned long long, unmap(handle, iova, length, lazy));
}

static int section_map_runs(void *handle, unsigned long long iova, const struct pt_run *runs,
			    unsigned long count, unsigned int prot)
{
	IN_SECTION(int, map_runs(handle, iova, runs, count, prot));
}

static unsigned long long section_unmap_runs(void *handle, unsigned long long iova,
					     unsigned long long length, int lazy,
					     struct pt_run *runs, unsigned long room,
					     unsigned long *count)
{
	IN_SECTION(unsigned long long, unmap_runs(handle, iova, length, lazy, runs, room, count));
}

static int section_resize(void *handle, unsigned long long iova, unsigned long long length,
			  unsigned int piece_lg2, unsigned int prot)
{
	IN_SECTION(int, resize(handle, iova, length, piece_lg2, prot));
}

static int section_reassemble(void *handle, unsigned long long iova, unsigned long long length,
			      unsigned int prot)
{
	IN_SECTION(int, reassemble(handle, iova, length, prot));
}

static int section_punch(void *handle, unsigned long long iova, unsigned long long length,
			 unsigned long long hole, unsigned long long hole_length, unsigned int prot)
{
	IN_SECTION(int, punch(handle, iova, length, hole, hole_length, prot));
}

static unsigned long long section_iova_to_phys(void *handle, unsigned long long iova)
{
	IN_SECTION(unsigned long long, iova_to_phys(handle, iova));
}

/* Tables wait for a grace period of some milliseconds: many rounds. */
static void drain(void)
{
	if (table_bytes_live() > DRAIN_BYTES)
		pt_barrier();
}

/* "inline-eager" */
static const char *variant_name(const char *variant, const struct engine_option *option)
{
	char *name;

	if (!*option->name)
		return variant;
	return asprintf(&name, "%s-%s", variant, option->name) < 0 ? option->name : name;
}

static void take_sections(struct subject *subject)
{
	subject->drain = drain;
	subject->iova_to_phys = section_iova_to_phys;
	if (subject->option->freeing != PT_FREE_EAGER)
		return;
	subject->map = section_map;
	subject->unmap = section_unmap;
	subject->map_runs = section_map_runs;
	subject->unmap_runs = section_unmap_runs;
	subject->resize = section_resize;
	subject->reassemble = section_reassemble;
	subject->punch = section_punch;
}

struct subject engine_subject(const struct format_facts *facts, const struct pt_format *format,
			      const char *variant, const struct engine_option *option)
{
	struct subject subject = {
		.format = facts->name,
		.variant = variant_name(variant, option),
		.source = facts->header,
		.implementation = format,
		.option = option,
		.extra = *option->name,
		.batches = true,
		.create = create,
		.destroy = destroy,
		.map = map,
		.unmap = unmap,
		.map_runs = map_runs,
		.unmap_runs = unmap_runs,
		.resize = resize,
		.reassemble = reassemble,
		.punch = punch,
		.read_dirty = format->has_dirty ? read_dirty : NULL,
		.set_dirty = format->has_dirty ? set_dirty : NULL,
		.iova_to_phys = iova_to_phys,
		.root = root,
	};

	if (option->rcu_readers)
		take_sections(&subject);
	return subject;
}
