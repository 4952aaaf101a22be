// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* kernels.c - the kernels of this build, and all their baselines in one list. */
#include "kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A format has one at most in each kernel. */
#define MAX_BASELINES 512

static const struct baseline *all[MAX_BASELINES + 1];

/* Before main(), so that no thread finds half a list. */
__attribute__((constructor)) static void join_lists(void)
{
	unsigned int count = 0;

	for (const struct baseline_kernel *const *kernel = ptbench_kernels; *kernel; kernel++)
		for (const struct baseline *const *b = (*kernel)->baselines; *b; b++) {
			if (count == MAX_BASELINES) {
				fprintf(stderr, "ptbench: more than %d baselines\n", MAX_BASELINES);
				abort();
			}
			all[count++] = *b;
		}
}

const struct baseline_kernel *const *baseline_kernels(void)
{
	return ptbench_kernels;
}

const struct baseline *const *baselines(void)
{
	return all;
}

const struct baseline_kernel *baseline_kernel(const struct baseline *baseline)
{
	const struct baseline_kernel *const *kernel = ptbench_kernels;

	while (strcmp((*kernel)->name, baseline->version) != 0)
		kernel++;
	return *kernel;
}

unsigned long baseline_flushes(void)
{
	unsigned long sum = 0;

	for (const struct baseline_kernel *const *kernel = ptbench_kernels; *kernel; kernel++)
		sum += (*kernel)->flushes();
	return sum;
}
