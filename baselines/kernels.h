/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernels.h - what the generated lists hold: one constant for each kernel of the
 * build, the only global name of all that was compiled from its tree.
 */
#ifndef PTBENCH_KERNELS_H
#define PTBENCH_KERNELS_H

#include "baseline.h"

/* The boot-time self-tests of one kernel. */
struct kernel_selftest {
	const char *name; /* the initcall's */
	int (*run)(void); /* 0 for a pass */
};

struct kernel_selftests {
	const char *kernel;
	const struct kernel_selftest *tests; /* ended by one without a name */
};

/* Both ended by NULL, and written by CMake. */
extern const struct baseline_kernel *const ptbench_kernels[];
extern const struct kernel_selftests *const ptbench_selftests[];

#endif
