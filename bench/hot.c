// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* hot.c - the loops that time, see hot.h. Compiled with the flags of what they call. */
#include "hot.h"

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
	struct hot_result result = { 0 };
	uint64_t start = hot_now();
	size_t i;

	for (i = 0; i < count; i++) {
		int error = map(handle, ops[i].iova, ops[i].oa, length, HOT_PROT);

		if (__builtin_expect(error, 0)) {
			result.failure = error;
			break;
		}
	}
	result.nanoseconds = hot_now() - start;
	result.done = i;
	return result;
}

struct hot_result hot_unmap(hot_unmap_fn unmap, void *handle, const struct hot_op *ops,
			    size_t count, uint64_t length, int lazy)
{
	struct hot_result result = { 0 };
	uint64_t start = hot_now();
	size_t i;

	for (i = 0; i < count; i++) {
		uint64_t bytes = unmap(handle, ops[i].iova, length, lazy);

		if (__builtin_expect(bytes != length, 0)) {
			result.failure = bytes ? (int64_t)bytes : -1;
			break;
		}
	}
	result.nanoseconds = hot_now() - start;
	result.done = i;
	return result;
}

struct hot_result hot_map_unmap(hot_map_fn map, hot_unmap_fn unmap, void *handle,
				const struct hot_op *ops, size_t count, uint64_t length,
				size_t first, size_t step)
{
	struct hot_result result = { 0 };
	uint64_t start = hot_now();
	size_t i;

	for (i = first; i < count; i += step) {
		int64_t failure = map(handle, ops[i].iova, ops[i].oa, length, HOT_PROT);

		if (!failure && unmap(handle, ops[i].iova, length, 0) != length)
			failure = -1;
		if (__builtin_expect(failure != 0, 0)) {
			result.failure = failure;
			break;
		}
	}
	result.nanoseconds = hot_now() - start;
	result.done = i;
	return result;
}

struct hot_result hot_iova_to_phys(hot_iova_to_phys_fn iova_to_phys, void *handle,
				   const struct hot_op *ops, size_t count, uint64_t length,
				   uint64_t step)
{
	struct hot_result result = { .done = count };
	uint64_t start = hot_now(), sum = 0;

	for (size_t i = 0; i < count; i++)
		for (uint64_t offset = 0; offset < length; offset += step)
			sum = hot_sum(sum, iova_to_phys(handle, ops[i].iova + offset));
	result.nanoseconds = hot_now() - start;
	result.sum = sum;
	return result;
}

struct hot_result hot_replay(hot_map_fn map, hot_unmap_fn unmap, void *handle,
			     const struct trace_event *events, size_t count)
{
	struct hot_result result = { 0 };
	uint64_t start = hot_now();
	size_t i;

	for (i = 0; i < count; i++) {
		const struct trace_event *event = &events[i];
		int64_t failure;

		if (event->map) {
			failure = map(handle, event->iova, event->oa, event->length, HOT_PROT);
		} else {
			uint64_t bytes = unmap(handle, event->iova, event->length, 0);

			failure = bytes == event->length ? 0 : bytes ? (int64_t)bytes : -1;
		}
		if (__builtin_expect(failure != 0, 0)) {
			result.failure = failure;
			break;
		}
	}
	result.nanoseconds = hot_now() - start;
	result.done = i;
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
