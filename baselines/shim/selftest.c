// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * selftest.c - runs the self-tests that the kernel runs at boot when it is
 * configured so. They are in a second copy of the drivers, see selftest_names.h.
 */
#include "baseline.h"

#ifdef PTBENCH_HAVE_KERNEL
/* Made by subsys_initcall() in device.h out of the drivers' own names. */
int ptbench_initcall_arm_lpae_do_selftests(void);
int ptbench_initcall_arm_v7s_do_selftests(void);

static const struct {
	const char *name;
	int (*run)(void);
} selftests[] = {
	{ "arm_lpae_do_selftests", ptbench_initcall_arm_lpae_do_selftests },
	{ "arm_v7s_do_selftests", ptbench_initcall_arm_v7s_do_selftests },
};

int baseline_selftests(void (*report)(const char *name, int result))
{
	int count = sizeof(selftests) / sizeof(selftests[0]);

	for (int i = 0; i < count; i++)
		report(selftests[i].name, selftests[i].run());
	return count;
}
#else
int baseline_selftests(void (*report)(const char *name, int result))
{
	(void)report;
	return 0;
}
#endif
