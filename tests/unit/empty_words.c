// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * empty_words.c - shows what an item without a translation holds on s390, where 0 would be
 * one: after create, in tables made for a part of their items, after unmap, and where a table
 * was. Tables are read as hardware reads them, all of their items.
 *
 * The words are those of z/Architecture Principles of Operation, SA22-7832, chapter 3, as Linux writes
 * them: bit 58 of region and segment table entries, bit 53 of page-table entries, which count from the left.
 */
#include "instance.h"

#include <errno.h>

#define TABLE_INVALID 0x20ULL
#define PAGE_INVALID 0x400ULL
#define UPPER_ITEMS 2048
#define PAGE_ITEMS 256
#define PAGE 4096ULL
#define SEGMENT (PAGE_ITEMS * PAGE)
#define REGION (UPPER_ITEMS * SEGMENT)

static struct pagetable *table;
static struct pt_gather gather;

static const uint64_t *root(void)
{
	unsigned int level;
	const uint64_t *words = pt_root(table, &level);

	assert_int_equal(level, 2);
	return words;
}

/* All items but @used, of which there may be none (-1), hold @word. */
static void holds_only(const uint64_t *words, unsigned int items, uint64_t word, int used)
{
	for (unsigned int i = 0; i < items; i++)
		if ((int)i != used)
			assert_int_equal(words[i], word);
}

static const uint64_t *below(uint64_t word, uint64_t mask)
{
	assert_false(word & TABLE_INVALID);
	return (const uint64_t *)(uintptr_t)(word & mask);
}

static const uint64_t *segment_table(uint64_t iova)
{
	return below(root()[iova / REGION], ~0x3fffULL);
}

static const uint64_t *page_table(uint64_t iova)
{
	return below(segment_table(iova)[iova % REGION / SEGMENT], ~0x7ffULL);
}

static void unmap(uint64_t iova, uint64_t length)
{
	assert_int_equal(table->ops->unmap(table, iova, length, &gather), length);
	pt_sync(table, &gather);
}

static void check(const char *variant, enum pt_freeing freeing)
{
	const struct pt_config config = { .freeing = freeing };
	const uint64_t iova = 3 * REGION + 5 * SEGMENT + 7 * PAGE, oa = 0x123450000;
	struct pt_run run;
	size_t count;

	gather = (struct pt_gather)PT_GATHER_INIT;
	assert_int_equal(pt_format_find("s390", variant)->create(&config, &table), 0);
	holds_only(root(), UPPER_ITEMS, TABLE_INVALID, -1);
	/* One page: each table has one item in use. */
	assert_int_equal(table->ops->map(table, iova, oa, PAGE, PT_READ), 0);
	holds_only(root(), UPPER_ITEMS, TABLE_INVALID, 3);
	holds_only(segment_table(iova), UPPER_ITEMS, TABLE_INVALID, 5);
	holds_only(page_table(iova), PAGE_ITEMS, PAGE_INVALID, 7);
	assert_int_equal(page_table(iova)[7], oa | 0x200);
	/* What is unmapped keeps its address and is not protected any more. */
	unmap(iova, PAGE);
	assert_int_equal(page_table(iova)[7], oa | PAGE_INVALID);
	assert_int_equal(table->ops->iova_to_phys(table, iova), PT_NOT_MAPPED);
	assert_int_equal(table->ops->map(table, iova, oa + PAGE, PAGE, RW), 0);
	assert_int_equal(page_table(iova)[7], oa + PAGE);
	assert_int_equal(table->ops->unmap_batch(table, iova, PAGE, &gather, &run, 1, &count),
			 PAGE);
	assert_int_equal(page_table(iova)[7], (oa + PAGE) | PAGE_INVALID);
	/* A range that begins in one page table and ends in the next. */
	assert_int_equal(table->ops->map(table, iova + SEGMENT, oa, SEGMENT, RW), 0);
	holds_only(segment_table(iova) + 8, UPPER_ITEMS - 8, TABLE_INVALID, -1);
	for (unsigned int i = 0; i < PAGE_ITEMS; i++) {
		uint64_t left = i < 7 ? PAGE_INVALID : oa + (i - 7) * PAGE;
		uint64_t right = i < 7 ? oa + (PAGE_ITEMS - 7 + i) * PAGE : PAGE_INVALID;

		assert_int_equal(page_table(iova + SEGMENT)[i], left);
		assert_int_equal(page_table(iova + 2 * SEGMENT)[i], right);
	}
	/* Whole page tables, then a whole segment table. */
	unmap(iova - 7 * PAGE, 3 * SEGMENT);
	if (freeing == PT_FREE_COVERED)
		holds_only(segment_table(iova), UPPER_ITEMS, TABLE_INVALID, -1);
	unmap(3 * REGION, REGION);
	if (freeing == PT_FREE_COVERED)
		holds_only(root(), UPPER_ITEMS, TABLE_INVALID, -1);
	pt_sync(table, &gather);
	table->ops->destroy(table);
}

static void invalid_wherever_nothing_is(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		check(i ? "inline" : "recursive", PT_FREE_COVERED);
		check(i ? "inline" : "recursive", PT_FREE_NEVER);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(invalid_wherever_nothing_is) };

	arena_or_exit();
	return cmocka_run_group_tests_name("unit.empty_words", tests, NULL, NULL);
}
