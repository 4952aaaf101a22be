/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hot.h - the loops that time: two clock reads around many calls of one function
 * pointer, and nothing of libc in between.
 *
 * Every loop stops at the first call that fails. The functions that do nothing
 * stand in for a subject's, to find out what the loop itself costs.
 */
#ifndef PTBENCH_HOT_H
#define PTBENCH_HOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "subject.h"
#include "trace.h"

/* What all cases map with. */
#define HOT_PROT (PT_READ | PT_WRITE | PT_CACHE)

struct hot_op {
	uint64_t iova, oa;
};

struct hot_result {
	uint64_t nanoseconds;
	uint64_t done; /* operations that succeeded */
	int64_t failure; /* what the failed one returned, 0 if none did */
	uint64_t sum; /* of the physical addresses, by hot_sum() */
};

/* Add @oa to @sum: cheap, and errors that cancel each other out in a plain sum do not here. */
static inline uint64_t hot_sum(uint64_t sum, uint64_t oa)
{
	return sum * 3 + oa;
}

/* The sum over what gave @sum, and then over @count addresses that gave @more. */
static inline uint64_t hot_sum_join(uint64_t sum, uint64_t more, uint64_t count)
{
	for (; count; count--)
		sum *= 3;
	return sum + more;
}

typedef int (*hot_map_fn)(void *handle, unsigned long long iova, unsigned long long oa,
			  unsigned long long length, unsigned int prot);
typedef unsigned long long (*hot_unmap_fn)(void *handle, unsigned long long iova,
					   unsigned long long length, int lazy);
typedef unsigned long long (*hot_iova_to_phys_fn)(void *handle, unsigned long long iova);

struct hot_result hot_map(hot_map_fn map, void *handle, const struct hot_op *ops, size_t count,
			  uint64_t length);
struct hot_result hot_unmap(hot_unmap_fn unmap, void *handle, const struct hot_op *ops,
			    size_t count, uint64_t length, int lazy);
/* Map, then unmap, operations @first, @first + @stride, ... of @count. */
struct hot_result hot_map_unmap(hot_map_fn map, hot_unmap_fn unmap, void *handle,
				const struct hot_op *ops, size_t count, uint64_t length,
				size_t first, size_t stride);
/* An operation asks for every address of [iova, iova + length) that is a multiple of @stride on. */
struct hot_result hot_iova_to_phys(hot_iova_to_phys_fn iova_to_phys, void *handle,
				   const struct hot_op *ops, size_t count, uint64_t length,
				   uint64_t stride);

/* Recorded calls that are made as one: events [first, first + count), all maps or all unmaps. */
struct hot_batch {
	const struct trace_event *first;
	const struct pt_run *runs; /* of a map */
	uint64_t length; /* of all together */
	size_t count;
};

/* @returned: room for what one batch unmaps. Here, what is done are batches. */
struct hot_result hot_replay_batch(const struct subject *subject, void *handle,
				   const struct hot_batch *batches, size_t count,
				   struct pt_run *returned, size_t room);
struct hot_result hot_replay(hot_map_fn map, hot_unmap_fn unmap, void *handle,
			     const struct trace_event *events, size_t count);

typedef int (*hot_map_runs_fn)(void *handle, unsigned long long iova, const struct pt_run *runs,
			       unsigned long count, unsigned int prot);
typedef unsigned long long (*hot_unmap_runs_fn)(void *handle, unsigned long long iova,
						unsigned long long length, int lazy,
						struct pt_run *runs, unsigned long room,
						unsigned long *count);
typedef int (*hot_resize_fn)(void *handle, unsigned long long iova, unsigned long long length,
			     unsigned int piece_lg2, unsigned int prot);
typedef int (*hot_reassemble_fn)(void *handle, unsigned long long iova, unsigned long long length,
				 unsigned int prot);
typedef int (*hot_punch_fn)(void *handle, unsigned long long iova, unsigned long long length,
			    unsigned long long hole, unsigned long long hole_length,
			    unsigned int prot);
typedef int (*hot_read_dirty_fn)(void *handle, unsigned long long iova, unsigned long long length,
				 int clear, unsigned long long *bitmap, unsigned int page_lg2);

/* Operation i maps the @per_op runs from @runs + i * @per_op on. */
struct hot_result hot_map_runs(hot_map_runs_fn map_runs, void *handle, const struct hot_op *ops,
			       size_t count, const struct pt_run *runs, size_t per_op);
/* Each operation hands its runs back into @runs, with @room for all of them; sum: of their number. */
struct hot_result hot_unmap_runs(hot_unmap_runs_fn unmap_runs, void *handle,
				 const struct hot_op *ops, size_t count, uint64_t length,
				 struct pt_run *runs, size_t room);
struct hot_result hot_resize(hot_resize_fn resize, void *handle, const struct hot_op *ops,
			     size_t count, uint64_t length, unsigned int piece_lg2);
struct hot_result hot_reassemble(hot_reassemble_fn reassemble, void *handle,
				 const struct hot_op *ops, size_t count, uint64_t length);
/* A hole of @hole_length in the middle of each operation's @length. */
struct hot_result hot_punch(hot_punch_fn punch, void *handle, const struct hot_op *ops,
			    size_t count, uint64_t length, uint64_t hole_length);
struct hot_result hot_read_dirty(hot_read_dirty_fn read_dirty, void *handle,
				 const struct hot_op *ops, size_t count, uint64_t length,
				 unsigned long long *bitmap, unsigned int page_lg2);

int hot_no_map_runs(void *handle, unsigned long long iova, const struct pt_run *runs,
		    unsigned long count, unsigned int prot);
unsigned long long hot_no_unmap_runs(void *handle, unsigned long long iova,
				     unsigned long long length, int lazy, struct pt_run *runs,
				     unsigned long room, unsigned long *count);
int hot_no_resize(void *handle, unsigned long long iova, unsigned long long length,
		  unsigned int piece_lg2, unsigned int prot);
int hot_no_reassemble(void *handle, unsigned long long iova, unsigned long long length,
		      unsigned int prot);
int hot_no_punch(void *handle, unsigned long long iova, unsigned long long length,
		 unsigned long long hole, unsigned long long hole_length, unsigned int prot);
int hot_no_read_dirty(void *handle, unsigned long long iova, unsigned long long length, int clear,
		      unsigned long long *bitmap, unsigned int page_lg2);

int hot_no_map(void *handle, unsigned long long iova, unsigned long long oa,
	       unsigned long long length, unsigned int prot);
unsigned long long hot_no_unmap(void *handle, unsigned long long iova, unsigned long long length,
				int lazy);
unsigned long long hot_no_iova_to_phys(void *handle, unsigned long long iova);

/* The clock that all of them read, in nanoseconds. */
uint64_t hot_now(void);

#endif
