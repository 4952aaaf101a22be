// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dirty.c - dirty marks: what hardware marks is what a driver reads, bit by bit,
 * of single pages and of larger leaves, and what it clears and what it leaves.
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
#include "random.h"
#include "kernel.h"
#include "table_pages.h"

#define PAGES 600
/* The largest leaf of the tests in its smallest pages, three times. */
#define MAX_BITS (3 * (GIB(1) / KIB(4)))
#define GUARD 0xfeedfacefeedfaceULL

struct bits {
	unsigned long long words[MAX_BITS / 64 + 1]; /* the last is for the guard */
};

static int linux_6_1(void)
{
	return test_kernel()->version == 6001;
}

static int is_arm(const struct baseline_case *test_case)
{
	return strncmp(test_case->format, "armv8", 5) == 0;
}

/* ARM's driver marks nothing dirty unless it was told to. */
static bool tracks(const struct baseline_case *test_case)
{
	return baseline_find(test_case->format)->read_dirty &&
	       (!is_arm(test_case) || test_case->config.quirks & BASELINE_QUIRK_HARDWARE_DIRTY);
}

static unsigned int lg2_of(unsigned long long size)
{
	return (unsigned int)__builtin_ctzll(size);
}

static int bit_of(const struct bits *bits, unsigned long long bit)
{
	return bits->words[bit / 64] >> (bit % 64) & 1;
}

static void set_bit(struct bits *bits, unsigned long long bit)
{
	bits->words[bit / 64] |= 1ULL << (bit % 64);
}

/* Read [@iova, @iova + @size) and see that exactly the bits of @expected from @first on are set. */
static void check_read(const struct baseline *driver, void *handle, unsigned long long iova,
		       unsigned long long size, int clear, unsigned int page_lg2,
		       const struct bits *expected, unsigned long long first)
{
	static struct bits found;
	unsigned long long count = size >> page_lg2, word_count = (count + 63) / 64;

	memset(&found, 0, sizeof(found));
	assert_in_range(count, 1, MAX_BITS);
	/* The word behind the bitmap is not the driver's to write. */
	found.words[word_count] = GUARD;
	assert_int_equal(driver->read_dirty(handle, iova, size, clear, found.words, page_lg2), 0);
	for (unsigned long long bit = 0; bit < word_count * 64; bit++)
		if (bit_of(&found, bit) != (bit < count && bit_of(expected, first + bit)))
			fail_msg("bit %llu of %llu is %d", bit, count, bit_of(&found, bit));
	assert_true(found.words[word_count] == GUARD);
}

static void forget_first_marks(const struct baseline_case *test_case, const struct baseline *driver,
			       void *handle, unsigned long long iova, unsigned long long size)
{
	unsigned int lg2 = lg2_of(test_case->sizes);
	static struct bits expected;

	memset(&expected, test_case->born_dirty ? 0xff : 0, sizeof(expected));
	check_read(driver, handle, iova, size, 1, lg2, &expected, 0);
}

/* Single pages over two leaf tables, about a quarter of which is written to. */
static void random_pages_of(const struct baseline_case *test_case, const struct baseline *driver,
			    void *handle)
{
	unsigned long long page = baseline_page(test_case), size = PAGES * page;
	unsigned long long iova = GIB(1) - size / 2, pa = MIB(32) + page;
	unsigned long long first = 64 + random_below(100), count = 1 + random_below(300);
	unsigned int lg2 = lg2_of(page);
	static struct bits dirty, none;
	long warnings = baseline_warnings();

	memset(&dirty, 0, sizeof(dirty));
	assert_int_equal(driver->map(handle, iova, pa, size, RW), 0);
	forget_first_marks(test_case, driver, handle, iova, size);
	for (unsigned int i = 0; i < PAGES / 4; i++) {
		unsigned long long bit = random_below(PAGES);

		assert_int_equal(driver->set_dirty(handle, iova + bit * page + random_below(page)),
				 0);
		set_bit(&dirty, bit);
	}
	check_read(driver, handle, iova, size, 0, lg2, &dirty, 0);
	check_read(driver, handle, iova, size, 0, lg2, &dirty, 0);
	/* A part, which alone is cleared. */
	check_read(driver, handle, iova + first * page, count * page, 1, lg2, &dirty, first);
	check_read(driver, handle, iova + first * page, count * page, 0, lg2, &none, 0);
	for (unsigned long long bit = first; bit < first + count; bit++)
		dirty.words[bit / 64] &= ~(1ULL << (bit % 64));
	check_read(driver, handle, iova, size, 1, lg2, &dirty, 0);
	check_read(driver, handle, iova, size, 1, lg2, &none, 0);
	for (unsigned int i = 0; i < PAGES; i++)
		assert_int_equal(driver->iova_to_phys(handle, iova + i * page), pa + i * page);
	assert_int_equal(driver->unmap(handle, iova, size, 0), size);
	assert_int_equal(baseline_warnings(), warnings);
}

static void random_pages(void **state)
{
	(void)state;
	baseline_for_each(random_pages_of, tracks, false);
}

/* Three leaves of @size; a write anywhere in the second makes all of it dirty, and only it. */
static void one_of_three(const struct baseline_case *test_case, const struct baseline *driver,
			 void *handle, unsigned long long size)
{
	/* Input and output addresses never meet at a larger page. */
	unsigned long long iova = 5 * size, middle = 6 * size;
	unsigned int lg2 = lg2_of(test_case->sizes);
	unsigned long long pages = size >> lg2;
	static struct bits dirty, none, coarse = { .words = { 2 } }, one = { .words = { 1 } };

	memset(&dirty, 0, sizeof(dirty));
	for (unsigned long long bit = pages; bit < 2 * pages; bit++)
		set_bit(&dirty, bit);
	assert_int_equal(driver->map(handle, iova, 8 * size, 3 * size, RW), 0);
	forget_first_marks(test_case, driver, handle, iova, 3 * size);
	/* Several, so that several items of a leaf that has more than one carry the mark. */
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(driver->set_dirty(handle, middle + random_below(size)), 0);
	check_read(driver, handle, iova, 3 * size, 0, lg2, &dirty, 0);
	/* A bit for a leaf, a bit for two. */
	check_read(driver, handle, iova, 3 * size, 0, lg2_of(size), &coarse, 0);
	check_read(driver, handle, middle, 2 * size, 0, lg2_of(size) + 1, &one, 0);
	/* The leaf reaches beyond the range and the bitmap. */
	if (pages > 1)
		check_read(driver, handle, middle, size / 2, 0, lg2, &dirty, pages);
	check_read(driver, handle, iova, 3 * size, 1, lg2, &dirty, 0);
	check_read(driver, handle, iova, 3 * size, 0, lg2, &none, 0);
	assert_int_equal(driver->unmap(handle, iova, 3 * size, 0), 3 * size);
}

/* Up to 7.2 the generic page table reports of a leaf of several items only those from the range's start on. */
static bool reported_in_part(const struct baseline_case *test_case, unsigned int lg2)
{
	return test_kernel_is_generic(test_case->format) && test_kernel()->version < 7003 &&
	       lg2 != 12 && lg2 != 21 && lg2 != 30;
}

static void each_page_size(const struct baseline_case *test_case, const struct baseline *driver,
			   void *handle)
{
	long warnings = baseline_warnings();

	for (unsigned int lg2 = 0; lg2 <= 30; lg2++)
		if (test_case->sizes >> lg2 & 1 && !reported_in_part(test_case, lg2))
			one_of_three(test_case, driver, handle, 1ULL << lg2);
	assert_int_equal(baseline_warnings(), warnings);
}

static void large_leaves(void **state)
{
	(void)state;
	baseline_for_each(each_page_size, tracks, false);
}

/* Bits of others in the same bitmap stay. */
static void keep_bits(const struct baseline_case *test_case, const struct baseline *driver,
		      void *handle)
{
	unsigned long long page = baseline_page(test_case), bitmap = 1ULL << 5 | 1ULL << 40;

	assert_int_equal(driver->map(handle, MIB(64), MIB(32) + page, 64 * page, RW), 0);
	forget_first_marks(test_case, driver, handle, MIB(64), 64 * page);
	assert_int_equal(driver->set_dirty(handle, MIB(64) + 63 * page), 0);
	assert_int_equal(driver->read_dirty(handle, MIB(64), 64 * page, 1, &bitmap, lg2_of(page)),
			 0);
	assert_true(bitmap == (1ULL << 5 | 1ULL << 40 | 1ULL << 63));
}

static void bits_stay(void **state)
{
	(void)state;
	baseline_for_each(keep_bits, tracks, false);
}

static void no_write(const struct baseline_case *test_case, const struct baseline *driver,
		     void *handle)
{
	unsigned long long page = baseline_page(test_case), bitmap = 0;
	unsigned int lg2 = lg2_of(page);

	assert_int_equal(driver->map(handle, MIB(64), MIB(32), page, BASELINE_READ), 0);
	assert_int_equal(driver->set_dirty(handle, MIB(64)), -ENOENT);
	assert_int_equal(driver->set_dirty(handle, MIB(64) + page), -ENOENT);
	assert_int_equal(driver->set_dirty(handle, MIB(64) + GIB(1)), -ENOENT);
	assert_int_equal(driver->set_dirty(handle, -page), -ENOENT);
	assert_int_equal(driver->read_dirty(handle, MIB(64), page, 0, &bitmap, lg2), 0);
	assert_true(bitmap == 0);
	assert_int_equal(driver->read_dirty(handle, MIB(64), 0, 0, &bitmap, lg2), -EINVAL);
	assert_int_equal(driver->read_dirty(handle, MIB(64), page / 2, 0, &bitmap, 0), -EINVAL);
	assert_int_equal(driver->read_dirty(handle, MIB(64) + page, page, 0, &bitmap, lg2 + 1),
			 -EINVAL);
}

static void nothing_to_write(void **state)
{
	(void)state;
	baseline_for_each(no_write, tracks, false);
}

/* A hole: ARM's driver refuses it, and complains until 6.18; the others step over it. */
static void read_hole(const struct baseline_case *test_case, const struct baseline *driver,
		      void *handle)
{
	unsigned long long page = baseline_page(test_case), bitmap = 0;
	long warnings = baseline_warnings();
	int result;

	assert_int_equal(driver->map(handle, MIB(64), MIB(32) + page, 8 * page, RW), 0);
	forget_first_marks(test_case, driver, handle, MIB(64), 8 * page);
	assert_int_equal(driver->unmap(handle, MIB(64) + 4 * page, page, 0), page);
	assert_int_equal(driver->set_dirty(handle, MIB(64) + 2 * page), 0);
	assert_int_equal(driver->set_dirty(handle, MIB(64) + 6 * page), 0);
	result = driver->read_dirty(handle, MIB(64), 8 * page, 0, &bitmap, lg2_of(page));
	assert_int_equal(result, is_arm(test_case) ? -EINVAL : 0);
	assert_int_equal(baseline_warnings() != warnings,
			 is_arm(test_case) && test_kernel()->version < 7000);
	assert_true(bitmap == (is_arm(test_case) ? 1ULL << 2 : 1ULL << 2 | 1ULL << 6));
}

static void holes(void **state)
{
	(void)state;
	baseline_for_each(read_hole, tracks, false);
}

/*
 * Cleared marks are flushed, or hardware would not set them again. But arm-smmu-v3
 * flushes nothing without a page size in the gather, and reading dirty marks puts
 * none there.
 */
static void count_flushes(const struct baseline_case *test_case, const struct baseline *driver,
			  void *handle)
{
	unsigned long long page = baseline_page(test_case), bitmap = 0;
	unsigned long flushes;

	assert_int_equal(driver->map(handle, MIB(64), MIB(32) + page, page, RW), 0);
	assert_int_equal(driver->set_dirty(handle, MIB(64)), 0);
	flushes = baseline_flushes();
	assert_int_equal(driver->read_dirty(handle, MIB(64), page, 0, &bitmap, lg2_of(page)), 0);
	assert_int_equal(baseline_flushes(), flushes);
	assert_int_equal(driver->read_dirty(handle, MIB(64), page, 1, &bitmap, lg2_of(page)), 0);
	assert_int_equal(baseline_flushes(), flushes + !is_arm(test_case));
}

static void flushes(void **state)
{
	(void)state;
	baseline_for_each(count_flushes, tracks, false);
}

/* Who can: nobody in 6.1; ARM in 64-bit stage 1, where the table was made for it. */
static void abilities(void **state)
{
	static const char *const able[] = { "amdv1", "vtdss", "armv8_4k_s1", "armv8_16k_s1",
					    "armv8_64k_s1" };
	const struct baseline_config config = { 0 };
	unsigned int count = 0;

	(void)state;
	for (const struct baseline *const *entry = test_kernel()->baselines; *entry; entry++)
		count += !!(*entry)->read_dirty;
	assert_int_equal(count, linux_6_1() ? 0 : sizeof(able) / sizeof(able[0]));
	for (size_t i = 0; i < sizeof(able) / sizeof(able[0]) && !linux_6_1(); i++) {
		const struct baseline *driver = baseline_find(able[i]);
		unsigned long long bitmap = 0;
		void *handle;
		int result;

		assert_int_equal(driver->create(&config, &handle), 0);
		assert_int_equal(driver->map(handle, MIB(64), MIB(32), KIB(64), RW), 0);
		result = driver->read_dirty(handle, MIB(64), KIB(64), 0, &bitmap, 16);
		assert_int_equal(result, strncmp(able[i], "arm", 3) ? 0 : -EOPNOTSUPP);
		driver->destroy(handle);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BASELINE_TEST(random_pages), BASELINE_TEST(large_leaves),
		BASELINE_TEST(bits_stay),    BASELINE_TEST(nothing_to_write),
		BASELINE_TEST(holes),	     BASELINE_TEST(flushes),
		cmocka_unit_test(abilities),
	};

	baseline_test_start();
	random_seed_from_environment();
	return cmocka_run_group_tests_name("baseline.dirty", tests, NULL, NULL);
}
