// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* hot_changes.c - the timed loops of operations beyond map and unmap, see hot.h. */
#include "hot_loop.h"

struct hot_result hot_map_runs(hot_map_runs_fn map_runs, void *handle, const struct hot_op *ops,
			       size_t count, const struct pt_run *runs, size_t per_op)
{
	HOT_LOOP(map_runs(handle, ops[i].iova, &runs[i * per_op], per_op, HOT_PROT));
	return result;
}

struct hot_result hot_unmap_runs(hot_unmap_runs_fn unmap_runs, void *handle,
				 const struct hot_op *ops, size_t count, uint64_t length,
				 struct pt_run *runs, size_t room)
{
	uint64_t sum = 0;
	unsigned long used;

	HOT_LOOP(unmap_runs(handle, ops[i].iova, length, 0, runs, room, &used) == length
			 ? (sum += used, 0)
			 : -1);
	result.sum = sum;
	return result;
}

struct hot_result hot_resize(hot_resize_fn resize, void *handle, const struct hot_op *ops,
			     size_t count, uint64_t length, unsigned int piece_lg2)
{
	HOT_LOOP(resize(handle, ops[i].iova, length, piece_lg2, HOT_PROT));
	return result;
}

struct hot_result hot_reassemble(hot_reassemble_fn reassemble, void *handle,
				 const struct hot_op *ops, size_t count, uint64_t length)
{
	HOT_LOOP(reassemble(handle, ops[i].iova, length, HOT_PROT));
	return result;
}

struct hot_result hot_punch(hot_punch_fn punch, void *handle, const struct hot_op *ops,
			    size_t count, uint64_t length, uint64_t hole_length)
{
	HOT_LOOP(punch(handle, ops[i].iova, length, ops[i].iova + length / 2, hole_length,
		       HOT_PROT));
	return result;
}

struct hot_result hot_read_dirty(hot_read_dirty_fn read_dirty, void *handle,
				 const struct hot_op *ops, size_t count, uint64_t length,
				 unsigned long long *bitmap, unsigned int page_lg2)
{
	HOT_LOOP(read_dirty(handle, ops[i].iova, length, 1, bitmap, page_lg2));
	return result;
}

/* 0, or why @batch failed. */
static int64_t replay_one(const struct subject *subject, void *handle,
			  const struct hot_batch *batch, struct pt_run *returned, size_t room)
{
	const struct trace_event *event = batch->first;
	unsigned long used;
	uint64_t bytes;

	if (event->map)
		return batch->count == 1 ? subject->map(handle, event->iova, event->oa,
							event->length, HOT_PROT)
					 : subject->map_runs(handle, event->iova, batch->runs,
							     batch->count, HOT_PROT);
	if (batch->count == 1)
		bytes = subject->unmap(handle, event->iova, event->length, 0);
	else
		bytes = subject->unmap_runs(handle, event->iova, batch->length, 0, returned, room,
					    &used);
	return hot_unmap_failure(bytes, batch->length);
}

struct hot_result hot_replay_batch(const struct subject *subject, void *handle,
				   const struct hot_batch *batches, size_t count,
				   struct pt_run *returned, size_t room)
{
	HOT_LOOP(replay_one(subject, handle, &batches[i], returned, room));
	return result;
}

int hot_no_map_runs(void *handle, unsigned long long iova, const struct pt_run *runs,
		    unsigned long count, unsigned int prot)
{
	(void)handle, (void)iova, (void)runs, (void)count, (void)prot;
	return 0;
}

unsigned long long hot_no_unmap_runs(void *handle, unsigned long long iova,
				     unsigned long long length, int lazy, struct pt_run *runs,
				     unsigned long room, unsigned long *count)
{
	(void)handle, (void)iova, (void)lazy, (void)runs, (void)room;
	*count = 1;
	return length;
}

int hot_no_resize(void *handle, unsigned long long iova, unsigned long long length,
		  unsigned int piece_lg2, unsigned int prot)
{
	(void)handle, (void)iova, (void)length, (void)piece_lg2, (void)prot;
	return 0;
}

int hot_no_reassemble(void *handle, unsigned long long iova, unsigned long long length,
		      unsigned int prot)
{
	(void)handle, (void)iova, (void)length, (void)prot;
	return 0;
}

int hot_no_punch(void *handle, unsigned long long iova, unsigned long long length,
		 unsigned long long hole, unsigned long long hole_length, unsigned int prot)
{
	(void)handle, (void)iova, (void)length, (void)hole, (void)hole_length, (void)prot;
	return 0;
}

int hot_no_read_dirty(void *handle, unsigned long long iova, unsigned long long length, int clear,
		      unsigned long long *bitmap, unsigned int page_lg2)
{
	(void)handle, (void)iova, (void)length, (void)clear, (void)bitmap, (void)page_lg2;
	return 0;
}
