// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* traits.c - see traits.h. */
#include "traits.h"

#include <string.h>

#include "pagetable.h"

static const struct trait traits[] = {
	{ .format = "amdv1", .grows = true, .keeps_tables = true, .removes_whole = true },
	{ .format = "x86_64",
	  .lower_half = true,
	  .keeps_tables = true,
	  .removes_whole = true,
	  .quirk_7_0 = PT_QUIRK_FIRST_STAGE,
	  .quirk_generic = true },
	{ .format = "vtdss",
	  .removes_whole = true,
	  .quirk_7_0 = PT_QUIRK_EXACT_PERMISSIONS,
	  .quirk_generic = true },
	{ .format = "armv8_4k_s1", .keeps_odd_tables = true },
	{ .format = "armv8_16k_s1", .keeps_odd_tables = true },
	{ .format = "armv8_64k_s1", .keeps_odd_tables = true },
	{ .format = "armv8_4k_s2", .keeps_odd_tables = true, .quirk_7_0 = PT_QUIRK_ONE_ROOT },
	{ .format = "armv8_16k_s2", .keeps_odd_tables = true, .quirk_7_0 = PT_QUIRK_ONE_ROOT },
	{ .format = "armv8_64k_s2", .keeps_odd_tables = true, .quirk_7_0 = PT_QUIRK_ONE_ROOT },
	{ .format = "arm_lpae32_s1", .keeps_odd_tables = true },
	{ .format = "arm_lpae32_s2", .keeps_odd_tables = true },
	{ .format = "arm_mali_lpae", .keeps_odd_tables = true },
	{ .format = "armv7s", .keeps_odd_tables = true, .narrow = true },
	{ .format = "dart_v1", .keeps_tables = true },
	{ .format = "dart_v2",
	  .keeps_tables = true,
	  .table_shift = 4,
	  .quirk_7_0 = PT_QUIRK_CACHED },
	{ .format = "riscv64", .lower_half = true, .table_shift = 2 },
	{ .format = "s390", .keeps_tables = true },
};

const struct trait *trait_of(const char *format)
{
	static const struct trait none;

	for (unsigned int i = 0; i < sizeof(traits) / sizeof(*traits); i++)
		if (!strcmp(traits[i].format, format))
			return &traits[i];
	return &none;
}
