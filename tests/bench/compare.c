// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* compare.c - which differences between two tables count. */
#include <stdbool.h>

#include "capture.h"
#include "verify.h"

#define TABLE(iova, level, word) ((struct verify_item){ iova, word, level, true })
#define LEAF(iova, level, word) ((struct verify_item){ iova, word, level, false })
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct verify_item usual[] = {
	TABLE(0, 2, 0x11),     TABLE(0, 1, 0x12),	LEAF(0x1000, 0, 0xaa),
	LEAF(0x2000, 0, 0xbb), LEAF(0x200000, 1, 0xcc),
};

static bool differ(const struct verify_item *items, size_t count)
{
	const struct verify_item *a, *b;
	bool one = verify_differ(usual, COUNT(usual), items, count, &a, &b);
	bool other = verify_differ(items, count, usual, COUNT(usual), &a, &b);

	assert_int_equal(one, other);
	return one;
}

static void equal_tables_do_not_differ(void **state)
{
	(void)state;
	assert_false(differ(usual, COUNT(usual)));
}

static void an_empty_table_more_does_not_count(void **state)
{
	static const struct verify_item items[] = {
		TABLE(0, 3, 0x10),	  TABLE(0, 2, 0x11),	 TABLE(0, 1, 0x12),
		LEAF(0x1000, 0, 0xaa),	  LEAF(0x2000, 0, 0xbb), LEAF(0x200000, 1, 0xcc),
		TABLE(0x400000, 1, 0x12),
	};

	(void)state;
	assert_false(differ(items, COUNT(items)));
}

static void a_leaf_more_or_other_counts(void **state)
{
	static const struct verify_item more[] = {
		TABLE(0, 2, 0x11),     TABLE(0, 1, 0x12),     LEAF(0x1000, 0, 0xaa),
		LEAF(0x2000, 0, 0xbb), LEAF(0x3000, 0, 0xbb), LEAF(0x200000, 1, 0xcc),
	};
	static const struct verify_item other[] = {
		TABLE(0, 2, 0x11),     TABLE(0, 1, 0x12),	LEAF(0x1000, 0, 0xab),
		LEAF(0x2000, 0, 0xbb), LEAF(0x200000, 1, 0xcc),
	};
	static const struct verify_item smaller[] = {
		TABLE(0, 2, 0x11),     TABLE(0, 1, 0x12),	 LEAF(0x1000, 0, 0xaa),
		LEAF(0x2000, 0, 0xbb), TABLE(0x200000, 1, 0x12), LEAF(0x200000, 0, 0xcc),
	};

	(void)state;
	assert_true(differ(more, COUNT(more)));
	assert_true(differ(other, COUNT(other)));
	assert_true(differ(smaller, COUNT(smaller)));
	assert_true(differ(usual, COUNT(usual) - 1));
	assert_true(differ(NULL, 0));
}

static void another_word_in_a_table_item_counts(void **state)
{
	static const struct verify_item items[] = {
		TABLE(0, 2, 0x11),     TABLE(0, 1, 0x13),	LEAF(0x1000, 0, 0xaa),
		LEAF(0x2000, 0, 0xbb), LEAF(0x200000, 1, 0xcc),
	};

	(void)state;
	assert_true(differ(items, COUNT(items)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_tables_do_not_differ),
		cmocka_unit_test(an_empty_table_more_does_not_count),
		cmocka_unit_test(a_leaf_more_or_other_counts),
		cmocka_unit_test(another_word_in_a_table_item_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
