/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* bandwidth.h - how fast this CPU stores words to table memory: what no page table can beat. */
#ifndef PTBENCH_BANDWIDTH_H
#define PTBENCH_BANDWIDTH_H

/*
 * Bytes a nanosecond (GB/s) of 64-bit stores to one table of 64 KiB that is in the cache: the
 * median of several. 0 where there is no table memory.
 */
double store_bandwidth(void);

#endif
