// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * golden.c - the words that each driver writes, bit by bit. They follow from the
 * formats' manuals and the drivers' choices of attributes, and were seen in the
 * tables of Linux 6.12, and where they differ of 7.3.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "baseline_cases.h"
#include "kernel.h"
#include "table_pages.h"
#include "walk.h"

#define R BASELINE_READ
#define W BASELINE_WRITE
#define C BASELINE_CACHE
#define X BASELINE_NOEXEC
#define M BASELINE_MMIO
#define P BASELINE_PRIV
#define XN 0x0060000000000000

/* clang-format off */
#define FIRST_STAGE { .quirks = BASELINE_QUIRK_FIRST_STAGE }
#define NON_SECURE { .quirks = BASELINE_QUIRK_NON_SECURE }
#define DIRTY { .quirks = BASELINE_QUIRK_HARDWARE_DIRTY }
#define MTK \
	{ .ia_bits = 34, .oa_bits = 35, .quirks = BASELINE_QUIRK_NO_PERMS | BASELINE_QUIRK_MTK_EXT }
/* clang-format on */

/* Map one page of @size to @pa: the leaf that its walk ends in must be @leaf. */
struct leaf_vector {
	const char *format;
	struct baseline_config config;
	unsigned long long size;
	unsigned int level;
	unsigned long long pa;
	unsigned int prot;
	unsigned long long leaf;
	unsigned int since, until; /* versions, where the word is not that of all */
};

/* The drivers of 6.12 and before, and those of 7.x. */
#define OLD .until = 6018
#define NEW .since = 6019

/* clang-format off */
static const struct leaf_vector leaf_vectors[] = {
	{ "amdv1", { 0 }, KIB(4), 0, 0x123456789000, R, 0x3000123456789001 },
	{ "amdv1", { 0 }, KIB(4), 0, 0x123456789000, W, 0x5000123456789001 },
	{ "amdv1", { 0 }, KIB(4), 0, 0x123456789000, R | W | C | X | M | P, 0x7000123456789001 },
	{ "amdv1", { 0 }, KIB(8), 0, 0x40000, R | W, 0x7000000000040e01 },
	{ "amdv1", { 0 }, KIB(16), 0, 0x40000, R | W, 0x7000000000041e01 },
	{ "amdv1", { 0 }, KIB(32), 0, 0x40000, R | W, 0x7000000000043e01 },
	{ "amdv1", { 0 }, KIB(64), 0, 0x40000, R | W, 0x7000000000047e01 },
	{ "amdv1", { 0 }, MIB(1), 0, MIB(1), R | W, 0x700000000017fe01 },
	{ "amdv1", { 0 }, MIB(2), 1, MIB(2), R | W, 0x7000000000200001 },
	{ "amdv1", { 0 }, GIB(1), 2, GIB(1), R | W, 0x7000000040000001 },

	{ "x86_64", { 0 }, KIB(4), 0, 0x123456789000, R, 0x123456789065, OLD },
	{ "x86_64", { 0 }, KIB(4), 0, 0x123456789000, R, 0x123456789025, NEW },
	{ "x86_64", { 0 }, KIB(4), 0, 0x123456789000, W, 0x123456789067 },
	{ "x86_64", { 0 }, KIB(4), 0, 0x123456789000, R | W | C | X | M | P, 0x123456789067 },
	{ "x86_64", { 0 }, MIB(2), 1, MIB(2), R, 0x2000e5, OLD },
	{ "x86_64", { 0 }, MIB(2), 1, MIB(2), R, 0x2000a5, NEW },
	{ "x86_64", { 0 }, GIB(1), 2, GIB(1), R | W, 0x400000e7 },

	{ "vtdss", { 0 }, KIB(4), 0, 0x123456789000, R, 0x123456789001 },
	{ "vtdss", { 0 }, KIB(4), 0, 0x123456789000, W, 0x123456789003, OLD },
	{ "vtdss", { 0 }, KIB(4), 0, 0x123456789000, W, 0x123456789002, NEW },
	{ "vtdss", { 0 }, KIB(4), 0, 0x123456789000, R | W | C | X | M | P, 0x123456789003 },
	{ "vtdss", { 0 }, MIB(2), 1, MIB(2), R, 0x200081 },
	{ "vtdss", { 0 }, GIB(1), 2, GIB(1), R | W, 0x40000083 },
	{ "vtdss", { .quirks = BASELINE_QUIRK_FORCE_SNOOP }, KIB(4), 0, MIB(2), R | W, 0x200803 },

	{ "armv8_4k_s1", { 0 }, KIB(4), 0, 0x123456789000, R, 0x123456789ec3 },
	{ "armv8_4k_s1", { 0 }, KIB(4), 0, 0x123456789000, W, 0x123456789e43 },
	{ "armv8_4k_s1", { 0 }, KIB(4), 0, 0x123456789000, R | W, 0x123456789e43 },
	{ "armv8_4k_s1", { 0 }, KIB(4), 0, 0x123456789000, R | C, 0x123456789fc7 },
	{ "armv8_4k_s1", { 0 }, KIB(4), 0, 0x123456789000, R | W | C, 0x123456789f47 },
	{ "armv8_4k_s1", { 0 }, KIB(4), 0, 0x123456789000, R | W | M, 0x123456789e4b },
	{ "armv8_4k_s1", { 0 }, KIB(4), 0, 0x123456789000, R | W | C | M, 0x123456789f4b },
	{ "armv8_4k_s1", { 0 }, KIB(4), 0, 0x123456789000, R | W | P, 0x123456789e03 },
	{ "armv8_4k_s1", { 0 }, KIB(4), 0, 0x123456789000, R | W | X, XN | 0x123456789e43 },
	{ "armv8_4k_s1", { 0 }, MIB(2), 1, MIB(2), R | W, 0x200e41 },
	{ "armv8_4k_s1", { 0 }, GIB(1), 2, GIB(1), R | W, 0x40000e41 },
	{ "armv8_4k_s1", NON_SECURE, KIB(4), 0, MIB(2), R | W, 0x200e63 },
	{ "armv8_4k_s1", DIRTY, KIB(4), 0, MIB(2), R | W, 0x0008000000200e43 },
	{ "armv8_4k_s1", DIRTY, KIB(4), 0, MIB(2), R, 0x200ec3 },
	{ "armv8_16k_s1", { 0 }, KIB(16), 0, 0x123456784000, R | W | C, 0x123456784f47 },
	{ "armv8_16k_s1", { 0 }, MIB(32), 1, MIB(32), R | W | C, 0x2000f45 },
	{ "armv8_64k_s1", { 0 }, KIB(64), 0, 0x123456780000, R | W | C, 0x123456780f47 },
	{ "armv8_64k_s1", { 0 }, MIB(512), 1, MIB(512), R | W | C, 0x20000f45 },
	{ "armv8_64k_s1", { .ia_bits = 52, .oa_bits = 52 }, KIB(64), 0, 0x1579bc0000000, R | W,
	  0x579bc0001e43 },

	{ "armv8_4k_s2", { 0 }, KIB(4), 0, MIB(2), R, 0x200657 },
	{ "armv8_4k_s2", { 0 }, KIB(4), 0, MIB(2), W, 0x200697 },
	{ "armv8_4k_s2", { 0 }, KIB(4), 0, MIB(2), R | W, 0x2006d7 },
	{ "armv8_4k_s2", { 0 }, KIB(4), 0, MIB(2), R | C, 0x20077f },
	{ "armv8_4k_s2", { 0 }, KIB(4), 0, MIB(2), R | W | C | P, 0x2007ff },
	{ "armv8_4k_s2", { 0 }, KIB(4), 0, MIB(2), R | W | M, 0x2006c7 },
	{ "armv8_4k_s2", { 0 }, KIB(4), 0, MIB(2), R | W | C | M, 0x2007c7 },
	{ "armv8_4k_s2", { 0 }, KIB(4), 0, MIB(2), R | W | X, XN | 0x2006d7 },
	{ "armv8_16k_s2", { 0 }, KIB(16), 0, MIB(2), R | W | C, 0x2007ff },
	{ "armv8_64k_s2", { 0 }, KIB(64), 0, MIB(2), R | W | C, 0x2007ff },
	{ "arm_lpae32_s1", { 0 }, KIB(4), 0, MIB(2), R | W | C, 0x200f47 },
	{ "arm_lpae32_s2", { 0 }, KIB(4), 0, MIB(2), R | W | C, 0x2007ff },
	/* Mali: no AF, outer shareable, and pages are blocks too. */
	{ "arm_mali_lpae", { 0 }, KIB(4), 0, MIB(2), R | W | C, 0x2002c5 },
	{ "arm_mali_lpae", { 0 }, MIB(2), 1, MIB(2), R, 0x200241 },

	{ "armv7s", { 0 }, KIB(4), 0, 0x12340000, R | W, 0x12340c72 },
	{ "armv7s", { 0 }, KIB(4), 0, 0x12340000, W, 0x12340c72 },
	{ "armv7s", { 0 }, KIB(4), 0, 0x12340000, R, 0x12340e72 },
	{ "armv7s", { 0 }, KIB(4), 0, 0x12340000, R | W | C, 0x12340c7e },
	{ "armv7s", { 0 }, KIB(4), 0, 0x12340000, R | W | X, 0x12340c73 },
	{ "armv7s", { 0 }, KIB(4), 0, 0x12340000, R | W | C | M, 0x12340c36 },
	{ "armv7s", { 0 }, KIB(4), 0, 0x12340000, R | W | P, 0x12340c52 },
	{ "armv7s", { 0 }, KIB(64), 0, 0x12340000, R | W, 0x12341c31 },
	{ "armv7s", { 0 }, KIB(64), 0, 0x12340000, R, 0x12341e31 },
	{ "armv7s", { 0 }, KIB(64), 0, 0x12340000, R | W | C, 0x12341c3d },
	{ "armv7s", { 0 }, KIB(64), 0, 0x12340000, R | W | X, 0x12349c31 },
	{ "armv7s", { 0 }, KIB(64), 0, 0x12340000, R | W | M, 0x12340c35 },
	{ "armv7s", { 0 }, MIB(1), 1, 0x12300000, R | W, 0x12331c02 },
	{ "armv7s", { 0 }, MIB(1), 1, 0x12300000, R, 0x12339c02 },
	{ "armv7s", { 0 }, MIB(1), 1, 0x12300000, R | W | C, 0x12331c0e },
	{ "armv7s", { 0 }, MIB(1), 1, 0x12300000, R | W | X, 0x12331c12 },
	{ "armv7s", { 0 }, MIB(1), 1, 0x12300000, R | W | M, 0x12330c06 },
	{ "armv7s", { 0 }, MIB(16), 1, 0x12000000, R | W, 0x12071c02 },
	{ "armv7s", NON_SECURE, MIB(1), 1, 0x12300000, R | W, 0x123b1c02 },
	{ "armv7s", NON_SECURE, KIB(4), 0, 0x12300000, R | W, 0x12300c72 },
	{ "armv7s", { .quirks = BASELINE_QUIRK_NO_PERMS }, KIB(4), 0, 0, R | W, 0xc42 },
	{ "armv7s", { .quirks = BASELINE_QUIRK_NO_PERMS }, KIB(64), 0, 0, R | W, 0x1c01 },
	{ "armv7s", { .quirks = BASELINE_QUIRK_NO_PERMS }, MIB(1), 1, 0, R | W, 0x31002 },
	{ "armv7s", MTK, KIB(4), 0, 0x700003000, R | W, 0x3e72 },

	{ "dart_v1", { 0 }, KIB(16), 0, 0x123454000, R | W, 0x000fff0123454003 },
	{ "dart_v1", { 0 }, KIB(16), 0, 0x123454000, R, 0x000fff0123454083 },
	{ "dart_v1", { 0 }, KIB(16), 0, 0x123454000, W, 0x000fff0123454103 },
	/* Always without cache: the bit means something else in version 1, and is set for both. */
	{ "dart_v2", { 0 }, KIB(16), 0, 0x23456780000, R | W | C, 0x000fff2345678003, OLD },
	{ "dart_v2", { 0 }, KIB(16), 0, 0x23456780000, R | W | C, 0xfff2345678001, NEW },
	{ "dart_v2", { 0 }, KIB(16), 0, 0x23456780000, R, 0x000fff2345678007 },
	{ "dart_v2", { 0 }, KIB(16), 0, 0x23456780000, W, 0x000fff234567800b },

	{ "s390", { 0 }, KIB(4), 0, 0x123456789000, R | W, 0x123456789000 },
	{ "s390", { 0 }, KIB(4), 0, 0x123456789000, R, 0x123456789200 },
};
/* clang-format on */

/* The attributes of a table item of @level above a mapped page. */
struct table_vector {
	const char *format;
	struct baseline_config config;
	unsigned int level;
	unsigned long long attributes;
};

/* clang-format off */
static const struct table_vector table_vectors[] = {
	{ "amdv1", { 0 }, 1, 0x6000000000000201 },
	{ "amdv1", { 0 }, 2, 0x6000000000000401 },
	{ "x86_64", { 0 }, 1, 0x27 },
	{ "x86_64", { 0 }, 3, 0x27 },
	{ "vtdss", { 0 }, 1, 3 },
	{ "vtdss", { .quirks = BASELINE_QUIRK_FORCE_SNOOP }, 3, 3 },
	{ "armv8_4k_s1", { 0 }, 1, 3 },
	{ "armv8_4k_s1", { 0 }, 3, 3 },
	{ "armv8_4k_s1", NON_SECURE, 1, 0x8000000000000003 },
	/* The software bit that says "written back". */
	{ "armv8_4k_s1", { .incoherent = 1 }, 1, 0x0080000000000003 },
	{ "armv8_16k_s1", { 0 }, 1, 3 },
	{ "armv8_64k_s1", { 0 }, 1, 3 },
	{ "armv8_4k_s2", { 0 }, 1, 3 },
	{ "arm_mali_lpae", { 0 }, 3, 3 },
	{ "armv7s", { 0 }, 1, 1 },
	{ "armv7s", NON_SECURE, 1, 9 },
	{ "dart_v1", { 0 }, 1, 1 },
	{ "dart_v2", { 0 }, 1, 1 },
	{ "s390", { 0 }, 1, 0 },
	{ "s390", { 0 }, 2, 7 },
};
/* clang-format on */

static int linux_6_1(void)
{
	return test_kernel()->version == 6001;
}

/* Drivers and quirks that this build's kernel does not have. */
static int absent(const char *format, const struct baseline_config *config)
{
	return !baseline_find(format) ||
	       (linux_6_1() && config->quirks & BASELINE_QUIRK_HARDWARE_DIRTY);
}

static int of_version(unsigned int since, unsigned int until)
{
	unsigned int version = test_kernel()->version;

	return version >= since && (!until || version <= until);
}

static void *make(const struct baseline *driver, const struct baseline_config *config)
{
	void *handle;

	assert_int_equal(driver->create(config, &handle), 0);
	return handle;
}

static void check_leaf(const struct leaf_vector *vector)
{
	const struct baseline *driver = baseline_find(vector->format);
	/* Not the first item of a table. */
	unsigned long long iova = vector->size * 3, leaf;
	void *handle = make(driver, &vector->config);

	assert_int_equal(driver->map(handle, iova, vector->pa, vector->size, vector->prot), 0);
	leaf = walk_item(driver, handle, iova, vector->level);
	if (leaf != vector->leaf)
		fail_msg("%s, %llu bytes at %#llx, prot %#x: leaf %#llx instead of %#llx",
			 vector->format, vector->size, vector->pa, vector->prot, leaf,
			 vector->leaf);
	driver->destroy(handle);
}

static void leaves(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(leaf_vectors) / sizeof(leaf_vectors[0]); i++)
		if (!absent(leaf_vectors[i].format, &leaf_vectors[i].config) &&
		    of_version(leaf_vectors[i].since, leaf_vectors[i].until))
			check_leaf(&leaf_vectors[i]);
}

static void tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table_vectors) / sizeof(table_vectors[0]); i++) {
		const struct table_vector *vector = &table_vectors[i];
		const struct baseline *driver = baseline_find(vector->format);
		unsigned long long item;
		void *handle;

		if (!driver)
			continue;
		handle = make(driver, &vector->config);
		assert_int_equal(driver->map(handle, 0, 0, KIB(64), RW), 0);
		item = walk_item(driver, handle, 0, vector->level);
		item = walk_table_attributes(driver, vector->level, item);
		if (item != vector->attributes)
			fail_msg("%s, level %u: table attributes %#llx instead of %#llx",
				 vector->format, vector->level, item, vector->attributes);
		driver->destroy(handle);
	}
}

/* VT-d's first stage: 6.1 forbids execution, in leaves and tables; 6.12 does not. */
static void first_stage(void **state)
{
	const struct baseline *driver = baseline_find("x86_64");
	const struct baseline_config config = FIRST_STAGE;
	unsigned long long execute_disable = linux_6_1() ? 1ULL << 63 : 0;
	void *handle = make(driver, &config);

	(void)state;
	assert_int_equal(driver->map(handle, KIB(4), MIB(4), KIB(4), R), 0);
	assert_int_equal(driver->map(handle, KIB(8), MIB(4), KIB(4), R | W), 0);
	assert_int_equal(driver->map(handle, MIB(2), MIB(4), MIB(2), R | W), 0);
	assert_int_equal(walk_item(driver, handle, KIB(4), 0), execute_disable | 0x400025);
	assert_int_equal(walk_item(driver, handle, KIB(8), 0), execute_disable | 0x400067);
	assert_int_equal(walk_item(driver, handle, MIB(2), 1), execute_disable | 0x4000e7);
	assert_int_equal(walk_table_attributes(driver, 1, walk_item(driver, handle, KIB(4), 1)),
			 execute_disable | 0x27);
	driver->destroy(handle);
}

/* Unmapped items are zero, except on s390, where they keep their address and lose the rest. */
static void cleared(void **state)
{
	const struct baseline_config config = { 0 };

	(void)state;
	for (const struct baseline *const *entry = test_kernel()->baselines; *entry; entry++) {
		int s390 = strcmp((*entry)->format, "s390") == 0;
		void *handle = make(*entry, &config);

		assert_int_equal((*entry)->map(handle, 0, 0, KIB(64), RW), 0);
		assert_int_equal((*entry)->map(handle, KIB(64), MIB(1), KIB(64), R), 0);
		assert_int_equal((*entry)->unmap(handle, KIB(64), KIB(64), 0), KIB(64));
		assert_int_equal(walk_item(*entry, handle, KIB(64), 0), s390 ? MIB(1) | 0x400 : 0);
		(*entry)->destroy(handle);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves),
		cmocka_unit_test(tables),
		cmocka_unit_test(first_stage),
		cmocka_unit_test(cleared),
	};

	baseline_test_start();
	return cmocka_run_group_tests_name("baseline.golden", tests, NULL, NULL);
}
