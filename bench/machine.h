/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* machine.h - the CPU that a measurement runs on: pinning, its caches, its memory. */
#ifndef PTBENCH_MACHINE_H
#define PTBENCH_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

struct machine {
	int cpu; /* pinned to, as the operating system numbers it; -1: not pinned */
	int numa_node; /* where table memory is bound to; -1: nowhere */
	uint64_t llc_bytes; /* the last-level cache that the CPU sees */
	bool llc_known; /* false: a guess */
	uint64_t l2_bytes; /* the second-level cache; a guess where the CPU says nothing */
	bool small_pages; /* no huge pages behind tables */
	bool kernel_allocator; /* tables cost what they do in a kernel */
};

#define MACHINE_ANY_CPU (-1)

/*
 * Pin this process to @cpu, or to none, find what surrounds it, and reserve the table memory.
 * Returns an exit code: EXIT_USAGE for a CPU that does not exist.
 */
int machine_init(int cpu, bool small_pages, struct machine *machine);

/* From now on tables cost what they do in a kernel. */
void machine_kernel_allocator(struct machine *machine);

/* Huge pages that the kernel has given to table memory so far, in KiB; -1 if it does not say. */
long machine_huge_kib(void);

/* What could be allocated without swapping, in KiB; -1 if the kernel does not say. */
long machine_available_kib(void);

/* Walk through so much memory that nothing else is left in the caches. Returns an exit code. */
int machine_evict_caches(const struct machine *machine);

#endif
