/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cpus.h - the CPUs that this process may measure on.
 *
 * Two things keep a process off a CPU. The kernel leaves isolated CPUs (isolcpus=) out of the
 * affinity that every process starts with, but runs there whoever asks for it. taskset or a cpuset
 * are somebody's decision, which is respected. They are told apart so: an affinity that has all
 * CPUs of the process's cpuset but isolated ones is the kernel's own, and the isolated ones of the
 * cpuset may be used too; a narrower one was chosen, and holds as it is.
 * scripts/ptbench_study/measure/cpus.py follows the same rule.
 */
#ifndef PTBENCH_CPUS_H
#define PTBENCH_CPUS_H

#include <hwloc.h>
#include <stdbool.h>

/* The rule, into @usable: of the process's @affinity, the CPUs its cpuset has, and isolated ones. */
void cpus_combine(hwloc_const_bitmap_t affinity, hwloc_const_bitmap_t cpuset,
		  hwloc_const_bitmap_t isolated, hwloc_bitmap_t usable);

/*
 * The CPUs that this process may use, by operating-system number in hwloc's order: @first at the front
 * (MACHINE_ANY_CPU: none), then those that are isolated as it is or as little, of its kind before
 * others of a hybrid machine. As many as there are of @room. What the process may use is looked up at the
 * first call, which has to be before anything is bound: machine_init() sees to it.
 */
unsigned int cpus_usable(int first, int *cpus, unsigned int room);

/* How many there are, and whether a CPU is one of them. */
unsigned int cpus_count(void);
bool cpus_has(int cpu);

/* The kernel's list of them, as in "0-3,8", into @text. */
void cpus_list(char *text, size_t size);

/* Bind the calling thread to a CPU of the machine. Returns 0 or an errno value. */
int cpus_bind_thread(int cpu);

#endif
