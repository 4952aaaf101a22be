/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interruption.h - tells a round in which the scheduler took the CPU away from a slow one.
 *
 * On a busy machine another process gets the CPU for milliseconds, and a sample of some hundred
 * microseconds that contains this says nothing. Such a round is taken again. What is not the
 * scheduler's doing, such as a page fault or a cache miss, is never left out.
 */
#ifndef PTBENCH_INTERRUPTION_H
#define PTBENCH_INTERRUPTION_H

#include <stdbool.h>
#include <stdint.h>

struct interruption {
	uint64_t fastest; /* round so far, in ns; 0 before the first */
	long switches; /* involuntary context switches of this thread so far */
	unsigned long rounds; /* that were interrupted */
};

/* Forget what lies behind: a sample begins. Keeps the fastest round. */
void interruption_begin(struct interruption *interruption);

/* Whether a round that took @nanoseconds was interrupted; counts it then. */
bool interruption_happened(struct interruption *interruption, uint64_t nanoseconds);

#endif
