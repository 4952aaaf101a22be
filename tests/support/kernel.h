/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel.h - which kernel's drivers a test is about: PTBENCH_TEST_KERNEL names one of the build,
 * without it the first is meant. ctest runs each such test once for every kernel.
 */
#ifndef PTBENCH_TEST_KERNEL_H
#define PTBENCH_TEST_KERNEL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"

/* NULL where the build has none; a name that is not there ends the program. */
static inline const struct baseline_kernel *test_kernel(void)
{
	const struct baseline_kernel *const *kernel = baseline_kernels();
	const char *wanted = getenv("PTBENCH_TEST_KERNEL");

	while (*kernel && wanted && strcmp((*kernel)->name, wanted) != 0)
		kernel++;
	if (!*kernel && wanted) {
		fprintf(stderr, "PTBENCH_TEST_KERNEL=%s: no such kernel in this build\n", wanted);
		exit(1);
	}
	return *kernel;
}

/* Its driver of @format, or NULL. */
static inline const struct baseline *test_kernel_find(const char *format)
{
	const struct baseline_kernel *kernel = test_kernel();
	const struct baseline *const *entry = kernel ? kernel->baselines : baselines();

	while (*entry && strcmp((*entry)->format, format) != 0)
		entry++;
	return *entry;
}

/* Does the generic page table write @format there? */
static inline int test_kernel_is_generic(const char *format)
{
	const struct baseline *baseline = test_kernel_find(format);

	return baseline && strstr(baseline->source, "generic_pt") != NULL;
}

#endif
