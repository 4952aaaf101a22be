/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel_like.h - what a table costs in a kernel besides its memory.
 *
 * The arena's lists hand a table out in some 15 instructions and clear only what they are asked to.
 * In Linux an IOMMU driver's table comes from the page allocator: its per-CPU lists, zone and node counters, the
 * page's own fields, and always a clearing of the whole page. Counted in a kernel (6.12, by instructions): 4,737
 * for a table, of which 4,096 are the clearing's one byte at a time, and 478 to give it back.
 *
 * This is a stand-in: about as many instructions, a load and a store of allocator state every eight, over
 * KERNEL_LIKE_LINES cache lines of the calling thread's. It does not wait for locks, nor run out.
 */
#ifndef PTBENCH_KERNEL_LIKE_H
#define PTBENCH_KERNEL_LIKE_H

#define KERNEL_LIKE_LINES 16

/* The calling thread takes a table, or gives one back. */
void kernel_like_alloc(void);
void kernel_like_free(void);

#endif
