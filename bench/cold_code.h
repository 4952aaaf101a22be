/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cold_code.h - what a caller runs before it calls: other code, and much of it.
 *
 * In a loop that does nothing else an operation's instructions, and what the CPU has learnt of its
 * branches, are always at hand. A driver calls from the middle of a network or storage stack and
 * of the programs that it works for, which have just put their own there. cold_code_displace() does so: it
 * reads twice what the second-level cache holds, which takes code as well as data out of it and of
 * the first level's data, and jumps through COLD_CODE_BYTES of code, one taken branch in each line and every page,
 * which is several times what a first-level instruction cache, a micro-op cache, first-level TLBs and branch
 * target buffers hold. So an operation finds its code, and its tables, in the last-level cache.
 *
 * Evicting its lines by CLFLUSH instead would have them come from memory: what happens to no code that
 * runs thousands of times a second. It would also have to know which lines are an operation's, and
 * leave the branch predictors as they are.
 */
#ifndef PTBENCH_COLD_CODE_H
#define PTBENCH_COLD_CODE_H

#define COLD_CODE_BYTES (256UL << 10)

/*
 * Get ready for CPUs whose second-level cache has @bytes; before any thread displaces. Returns 0 or -ENOMEM.
 */
int cold_code_init(unsigned long bytes);

/* Any thread may call it. */
void cold_code_displace(void);

#endif
