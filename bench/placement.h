/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * placement.h - where code and data of a process lie, which is noise to whoever
 * compares two pieces of code: it differs from process to process on purpose.
 */
#ifndef PTBENCH_PLACEMENT_H
#define PTBENCH_PLACEMENT_H

#include <stdint.h>

#define PLACEMENT_STACK_BYTES 4096
#define PLACEMENT_HEAP_BYTES 4096
#define PLACEMENT_ARENA_PAGES 64

struct placement {
	unsigned int stack_bytes; /* skipped on the stack: below the most, a multiple of 16 */
	unsigned int heap_bytes; /* taken from the heap first: below the most, a multiple of 16 */
	unsigned int
		arena_pages; /* 4 KiB pages taken from the table memory first, below the most */
};

/* The placement of process number @process in a run of this @seed: the same whatever is measured. */
struct placement placement_of(uint64_t seed, uint64_t process);

/*
 * Take heap and table memory, for as long as the process lives, and call @run(@context) with the
 * stack moved. Table memory must be ready. Returns what @run returns, or an exit code after saying
 * what is missing.
 */
int placement_run(const struct placement *placement, int (*run)(void *context), void *context);

#endif
