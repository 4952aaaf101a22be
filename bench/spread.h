/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * spread.h - rounds out of cache: one page for each cache line of leaf items, in an order that looks
 * random, over more lines than the last-level cache holds. A pass takes each of them once; what a
 * pass needs mapped, or leaves mapped, is put right between passes, untimed.
 */
#ifndef PTBENCH_SPREAD_H
#define PTBENCH_SPREAD_H

#include "workload.h"

/*
 * Choose how many lines, and reserve table memory for @side_count sides. Where they cannot be beyond the cache there
 * is no case: an exit code, after the reason was told.
 */
int spread_init(struct workload *workload, const struct machine *machine, unsigned int side_count);

/* Fill in the operations of the next round, from @place on; returns the next place. */
uint64_t spread_take(struct workload *workload, uint64_t place);

/* All tables are there, and where the operation does not map, all pages. */
int spread_prepare(struct workload *workload, struct side *side);

/* Untimed: the operations of the next round of @side, behind a new pass where one has ended. */
int spread_begin(struct workload *workload, struct side *side);

#endif
