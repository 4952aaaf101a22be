// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * configurations.c - what is compared: every width that Linux's drivers make a
 * root of its own for, and every quirk that engine and driver share.
 */
#include "trio.h"

#define SIZES_V7S (1ULL << 12 | 1ULL << 16 | 1ULL << 20)
#define SUPERSECTION (1ULL << 24)
#define MTK (PT_QUIRK_NO_PERMS | PT_QUIRK_MTK_EXT)

/* clang-format off: tables */

/* Each is another root: its level, the number of its items, or both. */
#define ARM_WIDTHS(name)                                                                       \
	{ name, { .ia_bits = 32 } }, { name, { .ia_bits = 36 } }, { name, { .ia_bits = 39 } }, \
		{ name, { .ia_bits = 40 } }, { name, { .ia_bits = 42 } },                      \
		{ name, { .ia_bits = 43 } }, { name, { .ia_bits = 44 } },                      \
		{ name, { .ia_bits = 47 } }, { name, { .ia_bits = 48 } },                      \
		{ name, { .ia_bits = 36, .oa_bits = 36 } },                                    \
	{                                                                                      \
		name,                                                                          \
		{                                                                              \
			.incoherent = true                                                     \
		}                                                                              \
	}

#define ARM_STAGE_1(name)                                                        \
	ARM_WIDTHS(name), { name, { .oa_bits = 36 } },                           \
		{ name, { .quirks = PT_QUIRK_NON_SECURE } },                     \
		{ name, { .quirks = PT_QUIRK_TTBR1 } },                          \
		{ name, { .quirks = PT_QUIRK_TTBR1, .ia_bits = 39 } },           \
		{ name, { .quirks = PT_QUIRK_HARDWARE_DIRTY } },                 \
	{                                                                        \
		name,                                                            \
		{                                                                \
			.quirks = PT_QUIRK_HARDWARE_DIRTY | PT_QUIRK_NON_SECURE, \
			.incoherent = true                                       \
		}                                                                \
	}

const struct configuration configurations[] = {
	{ "amdv1", { 0 } },
	{ "amdv1", { .page_sizes = 1 << 12 } },
	{ "amdv1", { .page_sizes = 1 << 12 | 1 << 21 | 1 << 30 } },
	{ "x86_64", { 0 } },
	{ "x86_64", { .ia_bits = 57 } },
	{ "x86_64", { .quirks = PT_QUIRK_FIRST_STAGE } },
	{ "x86_64", { .quirks = PT_QUIRK_FIRST_STAGE, .ia_bits = 57 } },
	{ "x86_64", { .quirks = PT_QUIRK_FIRST_STAGE, .incoherent = true } },
	{ "vtdss", { .ia_bits = 39 } },
	{ "vtdss", { .ia_bits = 48 } },
	{ "vtdss", { .ia_bits = 57 } },
	{ "vtdss", { .quirks = PT_QUIRK_FORCE_SNOOP } },
	{ "vtdss", { .incoherent = true } },
	{ "vtdss", { .incoherent = true, .ia_bits = 57 } },
	{ "vtdss", { .page_sizes = 1 << 12 | 1 << 21 } },
	{ "vtdss", { .page_sizes = 1 << 12 } },
	ARM_STAGE_1("armv8_4k_s1"),
	ARM_STAGE_1("armv8_16k_s1"),
	ARM_STAGE_1("armv8_64k_s1"),
	{ "armv8_64k_s1", { .ia_bits = 52, .oa_bits = 52 } },
	{ "armv8_4k_s1", { .page_sizes = 1 << 12 } },
	{ "armv8_4k_s1", { .page_sizes = 1 << 12 | 1 << 21 } },
	ARM_WIDTHS("armv8_4k_s2"),
	ARM_WIDTHS("armv8_16k_s2"),
	{ "armv8_16k_s2",
	  { .ia_bits = 40, .oa_bits = 40 },
	  "the driver starts at level 1, for which the manual wants outputs of 42 bits" },
	ARM_WIDTHS("armv8_64k_s2"),
	{ "armv8_64k_s2", { .ia_bits = 52, .oa_bits = 52 } },
	{ "arm_lpae32_s1", { 0 } },
	{ "arm_lpae32_s1", { .incoherent = true } },
	{ "arm_lpae32_s1", { .quirks = PT_QUIRK_NON_SECURE } },
	{ "arm_lpae32_s2", { 0 } },
	{ "arm_lpae32_s2", { .ia_bits = 32, .oa_bits = 32 } },
	{ "arm_mali_lpae", { 0 } },
	{ "arm_mali_lpae", { .incoherent = true } },
	{ "armv7s", { .page_sizes = SIZES_V7S } },
	{ "armv7s", { .page_sizes = SIZES_V7S | SUPERSECTION } },
	{ "armv7s", { .page_sizes = 1 << 12 } },
	{ "armv7s", { .page_sizes = SIZES_V7S | SUPERSECTION, .quirks = PT_QUIRK_NON_SECURE } },
	{ "armv7s", { .page_sizes = SIZES_V7S | SUPERSECTION, .quirks = PT_QUIRK_NO_PERMS } },
	{ "armv7s",
	  { .page_sizes = SIZES_V7S | SUPERSECTION, .quirks = MTK, .ia_bits = 34, .oa_bits = 35 } },
	{ "armv7s",
	  { .page_sizes = SIZES_V7S | SUPERSECTION,
	    .quirks = MTK | PT_QUIRK_MTK_TTBR_EXT,
	    .ia_bits = 34,
	    .oa_bits = 35 } },
	{ "armv7s", { .page_sizes = SIZES_V7S, .incoherent = true } },
	{ "dart_v1", { .ia_bits = 36 } },
	{ "dart_v1", { .page_sizes = 1 << 12, .ia_bits = 30 } },
	{ "dart_v2", { .ia_bits = 36 } },
	{ "riscv64", { .ia_bits = 39 } },
	{ "riscv64", { .ia_bits = 48 } },
	{ "riscv64", { .ia_bits = 57 } },
	{ "riscv64", { .ia_bits = 39, .quirks = PT_QUIRK_CONTIGUOUS } },
	{ "riscv64", { .ia_bits = 48, .quirks = PT_QUIRK_CONTIGUOUS } },
	{ "riscv64", { .ia_bits = 57, .quirks = PT_QUIRK_CONTIGUOUS } },
	{ "riscv64", { .page_sizes = 1 << 12 } },
	{ "s390", { 0 } },
	{ 0 },
};
