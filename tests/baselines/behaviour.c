// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * behaviour.c - what the drivers and their callers do beyond the plain case: maps
 * over something mapped, unmaps of a part, bad arguments, lack of memory, flushes,
 * freed tables, refused configurations.
 */
#include <errno.h>
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

/* The page's address: what every driver answers, with or without the offset. */
static unsigned long long page_at(const struct baseline *driver, void *handle,
				  unsigned long long iova)
{
	return driver->iova_to_phys(handle, iova);
}

static void map_over_mapped(const struct baseline_case *test_case, const struct baseline *driver,
			    void *handle)
{
	unsigned long long page = baseline_page(test_case), old_pa = 64 * page, new_pa = 128 * page;
	unsigned long long iova = 16 * page;
	long warnings = baseline_warnings();
	int result;

	assert_int_equal(driver->map(handle, iova, old_pa, page, RW), 0);
	/* The page below is free: a refused map must not leave anything there. */
	result = driver->map(handle, iova - page, new_pa, 2 * page, RW);
	warnings = baseline_warnings() - warnings;
	switch (test_case->overlap) {
	case OVERLAP_REFUSED:
	case OVERLAP_IN_USE: /* the same without a word */
		assert_int_equal(result,
				 test_case->overlap == OVERLAP_REFUSED ? -EEXIST : -EADDRINUSE);
		assert_int_equal(warnings != 0, test_case->overlap == OVERLAP_REFUSED);
		assert_int_equal(page_at(driver, handle, iova - page), 0);
		assert_int_equal(page_at(driver, handle, iova), old_pa);
		break;
	case OVERLAP_COMPLAINED:
		assert_int_equal(result, 0);
		assert_int_not_equal(warnings, 0);
		assert_int_equal(page_at(driver, handle, iova), old_pa);
		break;
	case OVERLAP_REPLACED:
	case OVERLAP_REPLACED_LOUDLY:
		assert_int_equal(result, 0);
		assert_int_equal(warnings, test_case->overlap == OVERLAP_REPLACED ? 0 : 1);
		assert_int_equal(page_at(driver, handle, iova), new_pa + page);
		break;
	}
}

static void overlaps(void **state)
{
	(void)state;
	baseline_for_each(map_over_mapped, NULL, false);
}

/* Only the start: VT-d's code takes the page behind a superpage's middle for a table. */
static void unmap_first_page(const struct baseline_case *test_case, const struct baseline *driver,
			     void *handle)
{
	unsigned long long page = baseline_page(test_case);
	unsigned long long large = test_case->sizes ^ page;
	unsigned long long iova, unmapped;

	large &= -large;
	iova = 3 * large;
	if (test_case->partial == PARTIAL_IMPOSSIBLE)
		return;
	assert_int_equal(driver->map(handle, iova, large, large, RW), 0);
	unmapped = driver->unmap(handle, iova, page, 0);
	if (test_case->partial == PARTIAL_NOTHING) {
		assert_int_equal(unmapped, 0);
		assert_int_equal(page_at(driver, handle, iova), large);
		return;
	}
	assert_int_equal(page_at(driver, handle, iova), 0);
	if (test_case->partial == PARTIAL_SPLITS) {
		assert_int_equal(unmapped, page);
		assert_int_equal(page_at(driver, handle, iova + page), large + page);
		assert_int_equal(page_at(driver, handle, iova + large - page), 2 * large - page);
		assert_int_equal(driver->unmap(handle, iova + 2 * page, page, 0), page);
		assert_int_equal(page_at(driver, handle, iova + 2 * page), 0);
		assert_int_equal(page_at(driver, handle, iova + 3 * page), large + 3 * page);
	} else {
		assert_int_equal(unmapped, large);
		assert_int_equal(page_at(driver, handle, iova + page), 0);
	}
}

static void partial_unmaps(void **state)
{
	(void)state;
	baseline_for_each(unmap_first_page, NULL, false);
}

static void bad_arguments(const struct baseline_case *test_case, const struct baseline *driver,
			  void *handle)
{
	unsigned long long page = baseline_page(test_case);
	int unaligned = -(int)(test_case->unaligned ? test_case->unaligned : EINVAL);

	assert_int_equal(driver->map(handle, page / 2, page, page, RW), unaligned);
	assert_int_equal(driver->map(handle, page, page / 2, page, RW), unaligned);
	assert_int_equal(driver->map(handle, page, page, page / 2, RW), unaligned);
	assert_int_equal(driver->unmap(handle, page / 2, page, 0), 0);
	assert_int_equal(driver->map(handle, page, page, 0, RW),
			 test_kernel_is_generic(test_case->format) ? -EINVAL : 0);
	if (!test_case->takes_any_prot)
		assert_int_equal(driver->map(handle, page, page, page, BASELINE_CACHE), -EINVAL);
	assert_int_equal(page_at(driver, handle, 0), 0);
}

static void arguments(void **state)
{
	(void)state;
	baseline_for_each(bad_arguments, NULL, false);
}

/* Fail the first allocation, then the second, ... until a map over two leaf tables succeeds. */
static void run_out_of_memory(const struct baseline_case *test_case, const struct baseline *driver,
			      void *handle)
{
	unsigned long long page = baseline_page(test_case);
	/* A boundary of leaf tables in every format; the addresses never meet at a larger page. */
	unsigned long long length = 32 * page, iova = MIB(64) - length / 2, pa = MIB(32) + page;
	int result = -ENOMEM, attempts = 0;

	while (result) {
		table_fail_after(attempts);
		result = driver->map(handle, iova, pa, length, RW);
		table_fail_after(-1);
		if (!result)
			break;
		assert_int_equal(result, -ENOMEM);
		assert_in_range(++attempts, 1, 20);
		if (test_case->no_rollback)
			driver->unmap(handle, iova, length / 2, 0);
		for (unsigned long long at = 0; at < length; at += page)
			assert_int_equal(page_at(driver, handle, iova + at), 0);
	}
	assert_in_range(attempts, 2, 20);
	assert_int_equal(page_at(driver, handle, iova + length - page), pa + length - page);
}

static void out_of_memory(void **state)
{
	(void)state;
	baseline_for_each(run_out_of_memory, NULL, false);
}

static void count_flushes(const struct baseline_case *test_case, const struct baseline *driver,
			  void *handle)
{
	unsigned long long page = baseline_page(test_case);
	unsigned long flushes;

	/* Addresses that never meet at a larger page. */
	assert_int_equal(driver->map(handle, 16 * page, 33 * page, 8 * page, RW), 0);
	flushes = baseline_flushes();
	assert_int_equal(driver->unmap(handle, 16 * page, 4 * page, 1), 4 * page);
	assert_int_equal(baseline_flushes(), flushes);
	assert_int_equal(driver->unmap(handle, 20 * page, 4 * page, 0), 4 * page);
	assert_int_equal(baseline_flushes(), flushes + 1);
}

static void flushes(void **state)
{
	(void)state;
	baseline_for_each(count_flushes, NULL, false);
}

/* VT-d gives back the tables that an unmap covers, through the gather, lazily or not. */
static void freed_tables(void **state)
{
	const struct baseline *driver = baseline_find("vtdss");
	const struct baseline_config config = { 0 };
	void *handle;

	(void)state;
	assert_int_equal(driver->create(&config, &handle), 0);
	for (int lazy = 0; lazy < 2; lazy++) {
		long before = table_bytes_live();

		/* The level below the root stays; the leaf tables of 16 MiB and theirs go. */
		assert_int_equal(driver->map(handle, GIB(2) + MIB(2), KIB(4), MIB(16), RW), 0);
		assert_true(table_bytes_live() >= before + 8 * (long)KIB(4));
		before = table_bytes_live();
		assert_int_equal(driver->unmap(handle, GIB(2) + MIB(2), MIB(16), lazy), MIB(16));
		assert_int_equal(table_bytes_live(), before - 8 * (long)KIB(4));
	}
	driver->destroy(handle);
}

/* A large leaf takes the place of a table that is still there but empty. */
static void large_over_empty_table(const struct baseline_case *test_case,
				   const struct baseline *driver, void *handle)
{
	unsigned long long page = baseline_page(test_case);
	unsigned long long large = test_case->sizes ^ page;
	long warnings = baseline_warnings();

	large &= -large;
	if (test_case->partial == PARTIAL_IMPOSSIBLE)
		return;
	assert_int_equal(driver->map(handle, 3 * large, large, page, RW), 0);
	assert_int_equal(driver->unmap(handle, 3 * large, page, 0), page);
	assert_int_equal(driver->map(handle, 3 * large, large, large, RW), 0);
	assert_int_equal(page_at(driver, handle, 4 * large - page), 2 * large - page);
	assert_int_equal(baseline_warnings(), warnings);
}

static void promotion(void **state)
{
	(void)state;
	baseline_for_each(large_over_empty_table, NULL, false);
}

static void refused(const char *format, struct baseline_config config)
{
	const struct baseline *driver = baseline_find(format);
	void *handle = NULL;

	if (!driver)
		return;
	if (driver->create(&config, &handle) >= 0)
		fail_msg("%s takes a configuration that it should refuse", format);
	assert_null(handle);
}

static void refusals(void **state)
{
	long live = table_bytes_live();

	(void)state;
	/* Hardware that always snoops. */
	refused("amdv1", (struct baseline_config){ .incoherent = 1 });
	refused("x86_64", (struct baseline_config){ .incoherent = 1 });
	refused("dart_v1", (struct baseline_config){ .incoherent = 1 });
	refused("s390", (struct baseline_config){ .incoherent = 1 });
	/* Widths. */
	refused("x86_64", (struct baseline_config){ .ia_bits = 39 });
	refused("vtdss", (struct baseline_config){ .ia_bits = 30 });
	refused("arm_lpae32_s1", (struct baseline_config){ .ia_bits = 40 });
	refused("armv8_4k_s1", (struct baseline_config){ .oa_bits = 41 });
	/* Later up to 42 bits, in four levels. */
	if (test_kernel()->version < 7000) {
		refused("dart_v1", (struct baseline_config){ .oa_bits = 40 });
		refused("dart_v1", (struct baseline_config){ .page_sizes = KIB(4), .ia_bits = 36 });
	}
	refused("s390", (struct baseline_config){ .ia_bits = 48 });
	/* Page sizes and quirks. */
	refused("armv8_4k_s1", (struct baseline_config){ .page_sizes = MIB(2) });
	if (!test_kernel_is_generic("vtdss"))
		refused("vtdss", (struct baseline_config){ .page_sizes = KIB(4) | GIB(1) });
	refused("amdv1", (struct baseline_config){ .page_sizes = KIB(1) });
	refused("armv7s", (struct baseline_config){ .page_sizes = KIB(16) });
	refused("dart_v2", (struct baseline_config){ .page_sizes = KIB(64) });
	refused("armv8_4k_s2", (struct baseline_config){ .quirks = BASELINE_QUIRK_NON_SECURE });
	assert_int_equal(table_bytes_live(), live);
}

/* Guest tables of AMD have as many levels as the machine says, all of them; generic ones as they like. */
static void amd_levels(void **state)
{
	const struct baseline *driver = baseline_find("x86_64");
	const struct baseline_config four = { .ia_bits = 48 }, five = { .ia_bits = 57 };
	int generic = test_kernel_is_generic("x86_64");
	void *handle, *other = NULL;
	int result;

	(void)state;
	assert_int_equal(driver->create(&four, &handle), 0);
	result = driver->create(&five, &other);
	if (generic)
		assert_int_equal(result, 0);
	else
		assert_true(result == -EBUSY || result == -EOPNOTSUPP);
	driver->destroy(handle);
	if (generic)
		driver->destroy(other);
	if (result == -EBUSY) {
		assert_int_equal(driver->create(&five, &other), 0);
		driver->destroy(other);
	}
}

static void list_is_sane(void **state)
{
	(void)state;
	for (const struct baseline *const *entry = test_kernel()->baselines; *entry; entry++) {
		assert_string_equal((*entry)->version, test_kernel()->name);
		assert_int_equal(strncmp((*entry)->source, "drivers/iommu/", 14), 0);
		assert_ptr_equal(baseline_find((*entry)->format), *entry);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BASELINE_TEST(overlaps),	BASELINE_TEST(partial_unmaps),
		BASELINE_TEST(arguments),	BASELINE_TEST(out_of_memory),
		BASELINE_TEST(flushes),		BASELINE_TEST(promotion),
		cmocka_unit_test(freed_tables), cmocka_unit_test(refusals),
		cmocka_unit_test(amd_levels),	cmocka_unit_test(list_is_sane),
	};

	baseline_test_start();
	return cmocka_run_group_tests_name("baseline.behaviour", tests, NULL, NULL);
}
