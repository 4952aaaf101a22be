// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* hot.c - the loops that time, see hot.h. Compiled with the flags of what they call. */
#include "hot_loop.h"

#include <time.h>

uint64_t hot_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

struct hot_result hot_map(hot_map_fn map, void *handle, const struct hot_op *ops, size_t count,
			  uint64_t length)
{
	HOT_LOOP(map(handle, ops[i].iova, ops[i].oa, length, HOT_PROT));
	return result;
}

struct hot_result hot_unmap(hot_unmap_fn unmap, void *handle, const struct hot_op *ops,
			    size_t count, uint64_t length, int lazy)
{
	HOT_LOOP(hot_unmap_failure(unmap(handle, ops[i].iova, length, lazy), length));
	return result;
}

struct hot_result hot_map_unmap(hot_map_fn map, hot_unmap_fn unmap, void *handle,
				const struct hot_op *ops, size_t count, uint64_t length,
				size_t first, size_t stride)
{
	int error;

	HOT_LOOP_OVER(first, stride,
		      (error = map(handle, ops[i].iova, ops[i].oa, length, HOT_PROT))
			      ? error
			      : hot_unmap_failure(unmap(handle, ops[i].iova, length, 0), length));
	return result;
}

struct hot_result hot_iova_to_phys(hot_iova_to_phys_fn iova_to_phys, void *handle,
				   const struct hot_op *ops, size_t count, uint64_t length,
				   uint64_t stride)
{
	struct hot_result result = { .done = count };
	uint64_t start = hot_now(), sum = 0;

	for (size_t i = 0; i < count; i++)
		for (uint64_t offset = 0; offset < length; offset += stride)
			sum = hot_sum(sum, iova_to_phys(handle, ops[i].iova + offset));
	result.nanoseconds = hot_now() - start;
	result.sum = sum;
	return result;
}

struct hot_result hot_replay(hot_map_fn map, hot_unmap_fn unmap, void *handle,
			     const struct trace_event *events, size_t count)
{
	HOT_LOOP(events[i].map
			 ? map(handle, events[i].iova, events[i].oa, events[i].length, HOT_PROT)
			 : hot_unmap_failure(unmap(handle, events[i].iova, events[i].length, 0),
					     events[i].length));
	return result;
}

int hot_no_map(void *handle, unsigned long long iova, unsigned long long oa,
	       unsigned long long length, unsigned int prot)
{
	(void)handle, (void)iova, (void)oa, (void)length, (void)prot;
	return 0;
}

unsigned long long hot_no_unmap(void *handle, unsigned long long iova, unsigned long long length,
				int lazy)
{
	(void)handle, (void)iova, (void)lazy;
	return length;
}

unsigned long long hot_no_iova_to_phys(void *handle, unsigned long long iova)
{
	(void)handle;
	return iova;
}
