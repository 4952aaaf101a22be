// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* selftests.c - runs the self-tests that kernels run at boot when they are configured so. */
#include "kernels.h"

int baseline_selftests(void (*report)(const char *kernel, const char *name, int result))
{
	int count = 0;

	for (const struct kernel_selftests *const *of = ptbench_selftests; *of; of++)
		for (const struct kernel_selftest *test = (*of)->tests; test->name; test++) {
			report((*of)->kernel, test->name, test->run());
			count++;
		}
	return count;
}
