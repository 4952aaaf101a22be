// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* blocks.c - blocks are palindromes, and no side is always first. */
#include "blocks.h"

#include "capture.h"

#define MOST_SIDES 6

static void a_block_is_a_palindrome_of_all_sides(void **state)
{
	(void)state;
	for (unsigned int sides = 1; sides <= MOST_SIDES; sides++)
		for (unsigned int block = 0; block < 20; block++) {
			unsigned int slots[2 * MOST_SIDES], seen = 0;

			block_order(7, 3, block, sides, slots);
			for (unsigned int i = 0; i < sides; i++) {
				assert_true(slots[i] < sides);
				assert_int_equal(slots[i], slots[2 * sides - 1 - i]);
				seen |= 1u << slots[i];
			}
			assert_int_equal(seen, (1u << sides) - 1);
		}
}

static void over_a_full_turn_each_side_takes_each_place_twice(void **state)
{
	(void)state;
	for (unsigned int sides = 2; sides <= MOST_SIDES; sides++) {
		unsigned int times[MOST_SIDES][MOST_SIDES] = { 0 };

		for (unsigned int block = 0; block < 2 * sides; block++) {
			unsigned int slots[2 * MOST_SIDES];

			block_order(99, 0, block, sides, slots);
			for (unsigned int i = 0; i < sides; i++)
				times[slots[i]][i]++;
		}
		for (unsigned int side = 0; side < sides; side++)
			for (unsigned int i = 0; i < sides; i++)
				assert_int_equal(times[side][i], 2);
	}
}

static void processes_and_seeds_begin_elsewhere(void **state)
{
	unsigned int first[2] = { 0 }, slots[4];

	(void)state;
	for (unsigned int process = 0; process < 4; process++) {
		block_order(1, process, 0, 2, slots);
		first[slots[0]]++;
	}
	assert_int_equal(first[0], 2);
	first[0] = first[1] = 0;
	for (unsigned int seed = 0; seed < 64; seed++) {
		block_order(seed, 0, 0, 2, slots);
		first[slots[0]]++;
	}
	assert_true(first[0] > 16 && first[1] > 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_a_palindrome_of_all_sides),
		cmocka_unit_test(over_a_full_turn_each_side_takes_each_place_twice),
		cmocka_unit_test(processes_and_seeds_begin_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
