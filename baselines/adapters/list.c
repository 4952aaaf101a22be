// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* list.c - the baselines of this build: none without a kernel tree, s390 where the tree has it. */
#include "adapters/list.h"

static const struct baseline *const list[] = {
#ifdef PTBENCH_HAVE_KERNEL
	&baseline_amdv1,
	&baseline_x86_64,
	&baseline_vtdss,
	&baseline_armv8_4k_s1,
	&baseline_armv8_16k_s1,
	&baseline_armv8_64k_s1,
	&baseline_armv8_4k_s2,
	&baseline_armv8_16k_s2,
	&baseline_armv8_64k_s2,
	&baseline_arm_lpae32_s1,
	&baseline_arm_lpae32_s2,
	&baseline_arm_mali_lpae,
	&baseline_armv7s,
	&baseline_dart_v1,
	&baseline_dart_v2,
#endif
#ifdef PTBENCH_HAVE_S390
	&baseline_s390,
#endif
	0,
};

#ifndef PTBENCH_HAVE_KERNEL
unsigned long baseline_flushes(void)
{
	return 0;
}
#endif

const struct baseline *const *baselines(void)
{
	return list;
}
