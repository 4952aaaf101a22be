// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * walk.c - see walk.h. Geometry and address fields come from the formats' manuals;
 * the root is only told by the driver, so concatenated roots need nothing special:
 * its index is not masked.
 */
#include "walk.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define BITS(high, low) ((~0ULL << (low)) & (~0ULL >> (63 - (high))))
#define MAX_LEVELS 6

struct geometry {
	const char *format;
	unsigned int item_bytes;
	/* Of each level: first IOVA bit of its index, number of bits, table address in its items. */
	struct {
		unsigned int shift, bits;
		unsigned long long address;
	} levels[MAX_LEVELS];
	unsigned int address_shift; /* the field holds the address shifted right by this */
};

/* clang-format off */
#define NINE_BITS(address) \
	{ { 12, 9, address }, { 21, 9, address }, { 30, 9, address }, { 39, 9, address }, \
	  { 48, 9, address }, { 57, 7, address } }
#define ARM_16K \
	{ { 14, 11, 0 }, { 25, 11, BITS(47, 14) }, { 36, 11, BITS(47, 14) }, { 47, 1, BITS(47, 14) } }
#define ARM_64K { { 16, 13, 0 }, { 29, 13, BITS(47, 16) }, { 42, 10, BITS(47, 16) } }
/* clang-format on */

static const struct geometry geometries[] = {
	{ "amdv1", 8, NINE_BITS(BITS(51, 12)), 0 },
	{ "x86_64", 8, NINE_BITS(BITS(51, 12)), 0 },
	{ "vtdss", 8, NINE_BITS(BITS(51, 12)), 0 },
	{ "armv8_4k_s1", 8, NINE_BITS(BITS(47, 12)), 0 },
	{ "armv8_4k_s2", 8, NINE_BITS(BITS(47, 12)), 0 },
	{ "armv8_16k_s1", 8, ARM_16K, 0 },
	{ "armv8_16k_s2", 8, ARM_16K, 0 },
	{ "armv8_64k_s1", 8, ARM_64K, 0 },
	{ "armv8_64k_s2", 8, ARM_64K, 0 },
	{ "arm_lpae32_s1", 8, NINE_BITS(BITS(39, 12)), 0 },
	{ "arm_lpae32_s2", 8, NINE_BITS(BITS(39, 12)), 0 },
	{ "arm_mali_lpae", 8, NINE_BITS(BITS(39, 12)), 0 },
	{ "armv7s", 4, { { 12, 8, 0 }, { 20, 14, BITS(31, 10) } }, 0 },
	{ "dart_v1", 8, { { 14, 11, 0 }, { 25, 11, BITS(35, 12) } }, 0 },
	{ "dart_v2", 8, { { 14, 11, 0 }, { 25, 11, BITS(37, 10) } }, 4 },
	{ "riscv64", 8, NINE_BITS(BITS(53, 10)), 2 },
	{ "s390", 8, { { 12, 8, 0 }, { 20, 11, BITS(63, 11) }, { 31, 11, BITS(63, 14) } }, 0 },
};

static const struct geometry *geometry_of(const struct baseline *driver)
{
	for (size_t i = 0; i < sizeof(geometries) / sizeof(geometries[0]); i++)
		if (strcmp(geometries[i].format, driver->format) == 0)
			return &geometries[i];
	fail_msg("%s: no geometry", driver->format);
	return NULL;
}

static unsigned long long load(const struct geometry *geometry, const void *at)
{
	unsigned long long item = 0;

	memcpy(&item, at, geometry->item_bytes);
	return item;
}

const void *walk_item_address(const struct baseline *driver, void *handle, unsigned long long iova,
			      unsigned int level)
{
	const struct geometry *geometry = geometry_of(driver);
	unsigned int at;
	const char *table = driver->root(handle, &at);
	unsigned long long index = iova >> geometry->levels[at].shift;

	for (;;) {
		const char *item = table + index * geometry->item_bytes;

		if (at == level)
			return item;
		table = (const char *)(uintptr_t)((load(geometry, item) &
						   geometry->levels[at].address)
						  << geometry->address_shift);
		assert_non_null(table);
		at--;
		index = iova >> geometry->levels[at].shift &
			((1ULL << geometry->levels[at].bits) - 1);
	}
}

unsigned long long walk_item(const struct baseline *driver, void *handle, unsigned long long iova,
			     unsigned int level)
{
	return load(geometry_of(driver), walk_item_address(driver, handle, iova, level));
}

unsigned long long walk_table_attributes(const struct baseline *driver, unsigned int level,
					 unsigned long long item)
{
	return item & ~geometry_of(driver)->levels[level].address;
}
