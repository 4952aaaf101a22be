// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * selftest.c - the boot-time self-tests of one kernel's drivers. They are in a second copy of the drivers,
 * with names of its own, so that the measured one holds no test code.
 */
#include "kernels.h"

/* Made by subsys_initcall() in device.h out of the drivers' own names. */
int ptbench_initcall_arm_lpae_do_selftests(void);
int ptbench_initcall_arm_v7s_do_selftests(void);

static const struct kernel_selftest tests[] = {
/* Later LPAE's are a KUnit module. */
#ifdef PTBENCH_HAVE_LPAE_SELFTEST
	{ "arm_lpae_do_selftests", ptbench_initcall_arm_lpae_do_selftests },
#endif
#ifdef PTBENCH_HAVE_V7S
	{ "arm_v7s_do_selftests", ptbench_initcall_arm_v7s_do_selftests },
#endif
	{ 0, 0 },
};

const struct kernel_selftests PTBENCH_SELFTEST_SYMBOL = { PTBENCH_BASELINE_VERSION, tests };
