// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * structure.c - the shape of what each driver builds: which level the root is at,
 * how a root grows, sizes that are one word repeated, sizes that share a range.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "baseline_cases.h"
#include "kernel.h"
#include "walk.h"

static void *make(const struct baseline *driver, const struct baseline_config *config)
{
	void *handle;

	assert_int_equal(driver->create(config, &handle), 0);
	return handle;
}

/* A size between two levels is one word, repeated. */
static void replicas(void **state)
{
	static const struct {
		const char *format;
		unsigned long long size, item_size, leaf;
		unsigned int level;
	} vectors[] = {
		{ "amdv1", KIB(64), KIB(4), 0x7000000000407e01, 0 },
		{ "amdv1", MIB(8), MIB(2), 0x70000000003ffe01 | MIB(8), 1 },
		{ "armv7s", KIB(64), KIB(4), 0x401c31, 0 },
		{ "armv7s", MIB(16), MIB(1), 0x1071c02, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct baseline *driver = baseline_find(vectors[i].format);
		const struct baseline_config config = { 0 };
		unsigned long long pa = vectors[i].size > MIB(4) ? vectors[i].size : MIB(4);
		unsigned long long iova = vectors[i].size * 5;
		void *handle = make(driver, &config);

		assert_int_equal(driver->map(handle, iova, pa, vectors[i].size, RW), 0);
		for (unsigned long long at = 0; at < vectors[i].size; at += vectors[i].item_size)
			assert_int_equal(walk_item(driver, handle, iova + at, vectors[i].level),
					 vectors[i].leaf);
		driver->destroy(handle);
	}
}

/* AMDv1 begins with three levels and grows on demand; the old root is item 0 of the new one. */
static void amdv1_grows(void **state)
{
	static const struct {
		unsigned long long iova;
		unsigned int top_level;
	} vectors[] = { { 0, 2 }, { TIB(1), 3 }, { TIB(256), 4 }, { TIB(256) << 9, 5 } };
	const struct baseline *driver = baseline_find("amdv1");
	const struct baseline_config config = { 0 };
	void *handle = make(driver, &config);

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		unsigned int top_level;

		assert_int_equal(driver->map(handle, vectors[i].iova, MIB(1), KIB(4), RW), 0);
		driver->root(handle, &top_level);
		assert_int_equal(top_level, vectors[i].top_level);
	}
	assert_int_equal(walk_table_attributes(driver, 3, walk_item(driver, handle, 0, 3)),
			 0x6000000000000601);
	assert_int_equal(walk_item(driver, handle, 0, 0), 0x7000000000100001);
	driver->destroy(handle);
}

/* Which level the root is at, by input width; stage 2 concatenates only below ARM's level 0. */
static void arm_roots(void **state)
{
	static const struct {
		const char *format;
		unsigned int ia_bits, top_level;
		int refused_later; /* 7.x concatenates where outputs of 40 bits demand it, and not so many */
	} vectors[] = {
		{ "armv8_4k_s1", 32, 2 },    { "armv8_4k_s1", 39, 2 },
		{ "armv8_4k_s1", 40, 3 },    { "armv8_4k_s1", 48, 3 },
		{ "armv8_4k_s2", 40, 2 },    { "armv8_4k_s2", 43, 2 },
		{ "armv8_4k_s2", 44, 3, 1 }, { "armv8_4k_s2", 48, 3, 1 },
		{ "armv8_16k_s1", 36, 1 },   { "armv8_16k_s1", 39, 2 },
		{ "armv8_16k_s1", 48, 3 },   { "armv8_16k_s2", 48, 2 },
		{ "armv8_64k_s1", 42, 1 },   { "armv8_64k_s1", 43, 2 },
		{ "armv8_64k_s2", 48, 2 },   { "arm_lpae32_s1", 32, 2 },
		{ "arm_lpae32_s2", 40, 2 },  { "arm_mali_lpae", 32, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct baseline *driver = baseline_find(vectors[i].format);
		const struct baseline_config config = { .ia_bits = vectors[i].ia_bits,
							.oa_bits = 40 };
		unsigned int top_level;
		void *handle;

		if (vectors[i].refused_later && test_kernel()->version >= 7000) {
/* The driver, up to 7.3, does not free its own structure when it refuses these widths. */
#ifndef PTBENCH_SANITIZED
			assert_true(driver->create(&config, &handle) < 0);
#endif
			continue;
		}
		handle = make(driver, &config);
		driver->root(handle, &top_level);
		if (top_level != vectors[i].top_level)
			fail_msg("%s of %u bits: top level %u instead of %u", vectors[i].format,
				 vectors[i].ia_bits, top_level, vectors[i].top_level);
		driver->destroy(handle);
	}
}

/* One range, the largest page of each kind in it: VT-d's driver finds the sizes itself. */
static void mixed_range(void **state)
{
	const struct baseline *driver = baseline_find("vtdss");
	const struct baseline_config config = { 0 };
	void *handle = make(driver, &config);

	(void)state;
	assert_int_equal(driver->map(handle, GIB(1), GIB(1), GIB(1) + MIB(2) + KIB(12), RW), 0);
	assert_int_equal(walk_item(driver, handle, GIB(1), 2), GIB(1) | 0x83);
	assert_int_equal(walk_item(driver, handle, GIB(2), 1), GIB(2) | 0x83);
	assert_int_equal(walk_item(driver, handle, GIB(2) + MIB(2) + KIB(8), 0),
			 (GIB(2) + MIB(2) + KIB(8)) | 3);
	assert_int_equal(walk_item(driver, handle, GIB(2) + MIB(2) + KIB(12), 0), 0);
	driver->destroy(handle);
}

/* The upper half of a split address space: the bits above the input width are all set. */
static void arm_upper_half(void **state)
{
	const unsigned long long base = -(1ULL << 48);
	const struct baseline_config config = { .quirks = BASELINE_QUIRK_TTBR1 };
	const struct baseline *driver = baseline_find("armv8_4k_s1");
	void *handle = make(driver, &config);
	long warnings = baseline_warnings();

	(void)state;
	assert_int_equal(driver->map(handle, base + GIB(1), MIB(6), MIB(6), RW), 0);
	assert_int_equal(driver->iova_to_phys(handle, base + GIB(1) + MIB(5)), MIB(11));
	assert_int_equal(driver->unmap(handle, base + GIB(1), MIB(6), 0), MIB(6));
	assert_int_equal(baseline_warnings(), warnings);
	assert_true(driver->map(handle, GIB(1), MIB(6), MIB(6), RW) < 0);
	driver->destroy(handle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replicas),    cmocka_unit_test(amdv1_grows),
		cmocka_unit_test(arm_roots),   cmocka_unit_test(arm_upper_half),
		cmocka_unit_test(mixed_range),
	};

	baseline_test_start();
	return cmocka_run_group_tests_name("baseline.structure", tests, NULL, NULL);
}
