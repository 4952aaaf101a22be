/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hot_loop.h - what the loops of hot.h have in common. */
#ifndef PTBENCH_HOT_LOOP_H
#define PTBENCH_HOT_LOOP_H

#include "hot.h"

/*
 * Time operations @FIRST, @FIRST + @STEP, ... of count: @CALL is an expression for operation i that is 0
 * for success. Declares and fills "result".
 */
#define HOT_LOOP_OVER(FIRST, STEP, CALL)                 \
	struct hot_result result = { 0 };                \
	uint64_t start = hot_now();                      \
	size_t i;                                        \
                                                         \
	for (i = (FIRST); i < count; i += (STEP)) {      \
		int64_t failure = CALL;                  \
                                                         \
		if (__builtin_expect(failure != 0, 0)) { \
			result.failure = failure;        \
			break;                           \
		}                                        \
	}                                                \
	result.nanoseconds = hot_now() - start;          \
	result.done = i

#define HOT_LOOP(CALL) HOT_LOOP_OVER(0, 1, CALL)

/* What an unmap of @length that returned @bytes counts as. */
static inline int64_t hot_unmap_failure(uint64_t bytes, uint64_t length)
{
	return bytes == length ? 0 : bytes ? (int64_t)bytes : -1;
}

#endif
