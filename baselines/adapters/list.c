// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* list.c - the registration of one kernel: the baselines that its tree has, and why it lacks others. */
#include "adapters/list.h"

#include "adapters/flush.h"

#if defined(PTBENCH_HAVE_AMD) && defined(PTBENCH_HAVE_INTEL)
#define PTBENCH_HAVE_OWN_X86 1
#endif

static const struct baseline *const list[] = {
#if defined(PTBENCH_HAVE_OWN_X86) || defined(PTBENCH_HAVE_GENERIC_AMDV1)
	&baseline_amdv1,
#endif
#if defined(PTBENCH_HAVE_OWN_X86) || defined(PTBENCH_HAVE_GENERIC_X86_64)
	&baseline_x86_64,
#endif
#if defined(PTBENCH_HAVE_OWN_X86) || defined(PTBENCH_HAVE_GENERIC_VTDSS)
	&baseline_vtdss,
#endif
#ifdef PTBENCH_HAVE_LPAE
	&baseline_armv8_4k_s1,
	&baseline_armv8_16k_s1,
	&baseline_armv8_64k_s1,
	&baseline_armv8_4k_s2,
	&baseline_armv8_16k_s2,
	&baseline_armv8_64k_s2,
	&baseline_arm_lpae32_s1,
	&baseline_arm_lpae32_s2,
	&baseline_arm_mali_lpae,
#endif
#ifdef PTBENCH_HAVE_V7S
	&baseline_armv7s,
#endif
#ifdef PTBENCH_HAVE_DART
	&baseline_dart_v1,
	&baseline_dart_v2,
#endif
#ifdef PTBENCH_HAVE_GENERIC_RISCV64
	&baseline_riscv64,
#endif
#ifdef PTBENCH_HAVE_S390
	&baseline_s390,
#endif
	0,
};

#define NO_LPAE "io-pgtable-arm.c is not in this tree"
#define NO_DART "io-pgtable-dart.c is not in this tree"
#define NO_ROCKCHIP "its driver has no adapter here: docs/adding-a-kernel-version.md"
#if PTBENCH_LINUX >= 6019
#define NO_X86(format) "moved to generic_pt in 6.19, and iommu_" format ".c is not in this tree"
#else
#define NO_X86(format) "amd/io_pgtable.c or intel/iommu.c is not what 6.1 to 6.18 have"
#endif

static const struct baseline_missing missing[] = {
#if !defined(PTBENCH_HAVE_OWN_X86) && !defined(PTBENCH_HAVE_GENERIC_AMDV1)
	{ "amdv1", NO_X86("amdv1") },
#endif
#if !defined(PTBENCH_HAVE_OWN_X86) && !defined(PTBENCH_HAVE_GENERIC_X86_64)
	{ "x86_64", NO_X86("x86_64") },
#endif
#if !defined(PTBENCH_HAVE_OWN_X86) && !defined(PTBENCH_HAVE_GENERIC_VTDSS)
	{ "vtdss", NO_X86("vtdss") },
#endif
#ifndef PTBENCH_HAVE_LPAE
	{ "armv8_4k_s1", NO_LPAE },
	{ "armv8_16k_s1", NO_LPAE },
	{ "armv8_64k_s1", NO_LPAE },
	{ "armv8_4k_s2", NO_LPAE },
	{ "armv8_16k_s2", NO_LPAE },
	{ "armv8_64k_s2", NO_LPAE },
	{ "arm_lpae32_s1", NO_LPAE },
	{ "arm_lpae32_s2", NO_LPAE },
	{ "arm_mali_lpae", NO_LPAE },
#endif
#ifndef PTBENCH_HAVE_V7S
	{ "armv7s", "io-pgtable-arm-v7s.c is not in this tree" },
#endif
#ifndef PTBENCH_HAVE_DART
	{ "dart_v1", NO_DART },
	{ "dart_v2", NO_DART },
#endif
#ifndef PTBENCH_HAVE_GENERIC_RISCV64
	{ "riscv64", "no page-table file of its own before 7.0 (generic_pt)" },
#endif
	{ "rockchip_v1", NO_ROCKCHIP },
	{ "rockchip_v2", NO_ROCKCHIP },
#ifndef PTBENCH_HAVE_S390
	{ "s390", "until 6.6 spread over the architecture's PCI code" },
#endif
	{ 0, 0 },
};

const struct baseline_kernel PTBENCH_KERNEL_SYMBOL = {
	.name = PTBENCH_BASELINE_VERSION,
	.version = PTBENCH_LINUX,
	.baselines = list,
	.missing = missing,
	.flushes = adapter_flushes,
};
