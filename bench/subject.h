/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * subject.h - what a case measures: an engine variant and a kernel driver look alike.
 *
 * A case calls a subject through one function pointer. Behind it stands one
 * adapter, which makes one more indirect call into the page table's own ops:
 * the same two steps on every side. The operations have exactly the types of
 * baseline.h, so that a driver's adapter is the subject's function, with nothing
 * in between.
 */
#ifndef PTBENCH_SUBJECT_H
#define PTBENCH_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "pagetable.h"

struct subject;

/* One page table of a subject. */
struct subject_table {
	const struct subject *subject;
	void *handle;
};

/* What a case will do with a page table: only the limit, which walks nothing, has to know. */
struct subject_window {
	uint64_t start, end; /* the addresses it will use */
	uint64_t page_size; /* the one leaf size that results; 0: several */
	bool resizes; /* leaves of that size are split into the smallest, and joined */
	bool fresh_tables; /* every map fills a leaf table that was not there */
	bool detaches; /* what is unmapped may cover whole tables */
};

struct subject {
	const char *format; /* "amdv1" */
	const char *variant; /* "inline", "recursive", "linux-6.12", "limit" */
	const char *source; /* what it is, for list: a file name */
	const void *implementation;
	/* Of an engine: what it does as nobody else; NULL of others. */
	const struct engine_option *option;
	uint64_t own_bits; /* of items, that comparisons leave out: see baseline.h */
	bool extra; /* measured only where it is named */
	/* Replays in batches hand it adjacent calls as one; drivers' callers make each by itself. */
	bool batches;
	int (*create)(const struct subject *subject, const struct pt_config *config,
		      const struct subject_window *window, struct subject_table *table);
	void (*destroy)(struct subject_table *table);
	/* 0 or a negative errno. */
	int (*map)(void *handle, unsigned long long iova, unsigned long long oa,
		   unsigned long long length, unsigned int prot);
	/* Unmap, flush (or only collect, where lazy) and free. Anything but @length is a failure. */
	unsigned long long (*unmap)(void *handle, unsigned long long iova,
				    unsigned long long length, int lazy);
	/*
	 * The operations below are NULL where a subject has no way to do them; what stands in for
	 * them in the kernel is told by baseline.h.
	 */
	int (*map_runs)(void *handle, unsigned long long iova, const struct pt_run *runs,
			unsigned long count, unsigned int prot);
	unsigned long long (*unmap_runs)(void *handle, unsigned long long iova,
					 unsigned long long length, int lazy, struct pt_run *runs,
					 unsigned long room, unsigned long *count);
	/*
	 * Leaves of 1 << @piece_lg2 bytes; or 63, for a caller who knows that all is one run of memory: the
	 * largest that fit.
	 */
	int (*resize)(void *handle, unsigned long long iova, unsigned long long length,
		      unsigned int piece_lg2, unsigned int prot);
	/* The largest leaves that fit, for a caller who does not know that. */
	int (*reassemble)(void *handle, unsigned long long iova, unsigned long long length,
			  unsigned int prot);
	/* Unmap a hole out of the larger leaf [iova, iova + length). */
	int (*punch)(void *handle, unsigned long long iova, unsigned long long length,
		     unsigned long long hole, unsigned long long hole_length, unsigned int prot);
	/* Bit 0 of @bitmap stands for the 1 << @page_lg2 bytes at @iova. */
	int (*read_dirty)(void *handle, unsigned long long iova, unsigned long long length,
			  int clear, unsigned long long *bitmap, unsigned int page_lg2);
	int (*set_dirty)(void *handle, unsigned long long iova);
	/* PT_NOT_MAPPED or 0, the drivers' word for nothing, where nothing is mapped. */
	unsigned long long (*iova_to_phys)(void *handle, unsigned long long iova);
	/* Untimed, after a round: let memory come back that waits for readers. May be NULL. */
	void (*drain)(void);
	/* NULL where there are no tables that anybody could walk. */
	const void *(*root)(void *handle, unsigned int *top_level);
};

/* All subjects of this build, ended by an entry with a NULL format. */
const struct subject *subjects(void);

/* The subject @variant of @format, or NULL. */
const struct subject *subject_find(const char *format, const char *variant);

/* The kernel version of the drivers in this build ("linux-6.12"), or NULL. */
const char *subjects_kernel(void);

/* PT_QUIRK_* that @subject adds to a case's. */
unsigned int subject_quirks(const struct subject *subject);

/* Warnings and errors that the kernel's drivers have raised so far; 0 expected. */
long subjects_warnings(void);

/* Is it a variant of the engine, not a driver or the limit? */
static inline bool subject_is_engine(const struct subject *subject)
{
	return subject->option;
}

/* Did iova_to_phys() find a translation? */
static inline bool subject_translated(unsigned long long oa)
{
	return oa && oa != PT_NOT_MAPPED;
}

#endif
