// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* baseline_cases.c - see baseline_cases.h. */
#include "baseline_cases.h"

#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kernel.h"
#include "table_pages.h"

#define SKIPPED 77
#define SIZES_4K (KIB(4) | MIB(2) | GIB(1))
#define SIZES_V7S (KIB(4) | KIB(64) | MIB(1) | MIB(16))
#define ARM .overlap = OVERLAP_REFUSED, .partial = PARTIAL_SPLITS
#define ONE_SIZE .overlap = OVERLAP_REFUSED, .partial = PARTIAL_IMPOSSIBLE
#define AMD .overlap = OVERLAP_REPLACED, .partial = PARTIAL_TAKES_ALL
#define INTEL .overlap = OVERLAP_COMPLAINED, .partial = PARTIAL_TAKES_ALL, .no_rollback = 1

/* clang-format off */
static const struct baseline_case all_cases[] = {
	{ "amdv1", "amdv1", { 0 }, SIZES_4K | KIB(8) | KIB(64) | MIB(1) | MIB(4) | MIB(256), 64,
	  AMD },
	{ "amdv1 of 4K only", "amdv1", { .page_sizes = KIB(4) }, KIB(4), 64,
	  .overlap = OVERLAP_REPLACED, .partial = PARTIAL_IMPOSSIBLE },
	{ "x86_64", "x86_64", { 0 }, SIZES_4K, 47, AMD },
	{ "x86_64 of 5 levels", "x86_64", { .ia_bits = 57 }, SIZES_4K, 56, AMD },
	{ "x86_64 first stage", "x86_64", { .quirks = BASELINE_QUIRK_FIRST_STAGE }, SIZES_4K, 47,
	  INTEL },
	{ "x86_64 first stage, incoherent", "x86_64",
	  { .quirks = BASELINE_QUIRK_FIRST_STAGE, .incoherent = 1 }, SIZES_4K, 47, INTEL },
	{ "vtdss", "vtdss", { 0 }, SIZES_4K, 48, INTEL },
	{ "vtdss of 3 levels", "vtdss", { .ia_bits = 39 }, SIZES_4K, 39, INTEL },
	{ "vtdss of 5 levels", "vtdss", { .ia_bits = 57 }, SIZES_4K, 57, INTEL },
	{ "vtdss, incoherent", "vtdss", { .incoherent = 1 }, SIZES_4K, 48, INTEL },
	{ "vtdss without 1G", "vtdss", { .page_sizes = KIB(4) | MIB(2) }, KIB(4) | MIB(2), 48,
	  INTEL },
	{ "armv8_4k_s1", "armv8_4k_s1", { 0 }, SIZES_4K, 48, ARM },
	{ "armv8_4k_s1, incoherent", "armv8_4k_s1", { .incoherent = 1 }, SIZES_4K, 48, ARM },
	{ "armv8_4k_s1 of 39 bits", "armv8_4k_s1", { .ia_bits = 39, .oa_bits = 40 }, SIZES_4K, 39,
	  ARM },
	{ "armv8_16k_s1", "armv8_16k_s1", { 0 }, KIB(16) | MIB(32), 48, ARM },
	{ "armv8_64k_s1", "armv8_64k_s1", { 0 }, KIB(64) | MIB(512), 48, ARM },
	{ "armv8_4k_s1, dirty", "armv8_4k_s1", { .quirks = BASELINE_QUIRK_HARDWARE_DIRTY },
	  SIZES_4K, 48, ARM, .born_dirty = 1 },
	{ "armv8_16k_s1, dirty", "armv8_16k_s1", { .quirks = BASELINE_QUIRK_HARDWARE_DIRTY },
	  KIB(16) | MIB(32), 48, ARM, .born_dirty = 1 },
	{ "armv8_64k_s1, dirty", "armv8_64k_s1", { .quirks = BASELINE_QUIRK_HARDWARE_DIRTY },
	  KIB(64) | MIB(512), 48, ARM, .born_dirty = 1 },
	{ "armv8_64k_s1 of 52 bits", "armv8_64k_s1", { .ia_bits = 52, .oa_bits = 52 },
	  KIB(64) | MIB(512) | TIB(4), 52, ARM },
	{ "armv8_4k_s2", "armv8_4k_s2", { 0 }, SIZES_4K, 48, ARM },
	{ "armv8_4k_s2, concatenated", "armv8_4k_s2", { .ia_bits = 40, .oa_bits = 40 }, SIZES_4K,
	  40, ARM },
	{ "armv8_16k_s2", "armv8_16k_s2", { 0 }, KIB(16) | MIB(32), 48, ARM },
	{ "armv8_64k_s2", "armv8_64k_s2", { 0 }, KIB(64) | MIB(512), 48, ARM },
	{ "arm_lpae32_s1", "arm_lpae32_s1", { 0 }, SIZES_4K, 32, ARM },
	{ "arm_lpae32_s2", "arm_lpae32_s2", { 0 }, SIZES_4K, 40, ARM },
	{ "arm_mali_lpae", "arm_mali_lpae", { 0 }, SIZES_4K, 48, ARM },
	{ "arm_mali_lpae, incoherent", "arm_mali_lpae", { .incoherent = 1 }, SIZES_4K, 48, ARM },
	{ "armv7s", "armv7s", { 0 }, SIZES_V7S, 32, ARM },
	{ "armv7s, incoherent", "armv7s", { .incoherent = 1 }, SIZES_V7S, 32, ARM },
	{ "armv7s by MediaTek", "armv7s",
	  { .ia_bits = 34, .oa_bits = 35,
	    .quirks = BASELINE_QUIRK_NO_PERMS | BASELINE_QUIRK_MTK_EXT }, SIZES_V7S, 34, ARM },
	{ "dart_v1", "dart_v1", { 0 }, KIB(16), 36, ONE_SIZE },
	{ "dart_v1 of 4K", "dart_v1", { .page_sizes = KIB(4) }, KIB(4), 32, ONE_SIZE },
	{ "dart_v2", "dart_v2", { 0 }, KIB(16), 36, ONE_SIZE },
	{ "riscv64", "riscv64", { 0 }, SIZES_4K, 47, ARM },
	{ "riscv64 of 3 levels", "riscv64", { .ia_bits = 39 }, SIZES_4K, 38, ARM },
	{ "riscv64 of 5 levels", "riscv64", { .ia_bits = 57 }, SIZES_4K, 56, ARM },
	{ "riscv64 with Svnapot", "riscv64", { .quirks = BASELINE_QUIRK_CONTIGUOUS },
	  SIZES_4K | KIB(64), 47, ARM },
	{ "s390", "s390", { 0 }, KIB(4), 42, .overlap = OVERLAP_REPLACED_LOUDLY,
	  .partial = PARTIAL_IMPOSSIBLE, .no_page_offset = 1, .takes_any_prot = 1 },
};
/* clang-format on */

const struct baseline *baseline_find(const char *format)
{
	return test_kernel_find(format);
}

static int linux_6_1(void)
{
	return test_kernel()->version == 6001;
}

/* After 6.1: guest tables of five levels, and dirty marks. */
static int came_later(const struct baseline_case *test_case)
{
	return strcmp(test_case->name, "x86_64 of 5 levels") == 0 ||
	       test_case->config.quirks & BASELINE_QUIRK_HARDWARE_DIRTY;
}

/* The table above is of 6.12. The generic page table has one behaviour for all its formats... */
static void make_generic(struct baseline_case *test_case)
{
	test_case->overlap = OVERLAP_IN_USE;
	if (test_case->partial != PARTIAL_IMPOSSIBLE)
		test_case->partial = PARTIAL_TAKES_ALL;
	test_case->unaligned = ENXIO;
	test_case->no_rollback = 0;
}

/* ... and ARM's drivers beside it split no leaves any more. */
static void adjust_to_version(struct baseline_case *test_case)
{
	if (test_kernel_is_generic(test_case->format))
		make_generic(test_case);
	else if (test_kernel()->version >= 7000 && test_case->partial == PARTIAL_SPLITS)
		test_case->partial = PARTIAL_NOTHING;
}

const struct baseline_case *baseline_cases(void)
{
	static struct baseline_case built[sizeof(all_cases) / sizeof(all_cases[0]) + 1];
	size_t count = 0;

	if (built[0].name)
		return built;
	for (size_t i = 0; i < sizeof(all_cases) / sizeof(all_cases[0]); i++) {
		if (!baseline_find(all_cases[i].format))
			continue;
		if (linux_6_1() && came_later(&all_cases[i]))
			continue;
		built[count] = all_cases[i];
		adjust_to_version(&built[count++]);
	}
	return built;
}

void *baseline_make(const struct baseline_case *test_case)
{
	void *handle = NULL;
	int error = baseline_find(test_case->format)->create(&test_case->config, &handle);

	if (error)
		fail_msg("%s: create returns %d", test_case->name, error);
	return handle;
}

unsigned long long baseline_page(const struct baseline_case *test_case)
{
	return test_case->sizes & -test_case->sizes;
}

/* What baseline_for_each() is at: assertions do not say which driver they were about. */
static const struct baseline_case *current;

void baseline_for_each(baseline_check check, bool (*wanted)(const struct baseline_case *test_case),
		       bool quiet)
{
	for (const struct baseline_case *test_case = baseline_cases(); test_case->name;
	     test_case++) {
		long live = table_bytes_live(), warnings = baseline_warnings();
		const struct baseline *driver = baseline_find(test_case->format);
		void *handle;

		if (wanted && !wanted(test_case))
			continue;
		current = test_case;
		handle = baseline_make(test_case);
		check(test_case, driver, handle);
		driver->destroy(handle);
		assert_int_equal(table_bytes_live(), live);
		if (quiet)
			assert_int_equal(baseline_warnings(), warnings);
	}
	current = NULL;
}

int baseline_name_failure(void **state)
{
	(void)state;
	if (current)
		print_error("in %s\n", current->name);
	current = NULL;
	return 0;
}

void baseline_test_start(void)
{
	int error;

	if (!test_kernel()) {
		fprintf(stderr, "skipped: no kernel tree, so no drivers are built\n");
		exit(SKIPPED);
	}
	error = table_pages_init(-1, 1);
	if (error) {
		fprintf(stderr, "table_pages_init returns %d\n", error);
		exit(1);
	}
	baseline_messages(0);
}
