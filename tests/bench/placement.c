// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* placement.c - every process has its layout, and the same one again from the same seed. */
#include "placement.h"

#include <string.h>

#include "bandwidth.h"
#include "capture.h"
#include "machine.h"
#include "table_pages.h"

#define PROCESSES 64

static int begin(void **state)
{
	struct machine machine;

	(void)state;
	return machine_init(MACHINE_ANY_CPU, false, &machine);
}

static void the_same_seed_and_process_have_the_same_layout(void **state)
{
	(void)state;
	for (uint64_t process = 0; process < PROCESSES; process++) {
		struct placement first = placement_of(7, process), second = placement_of(7, process);

		assert_memory_equal(&first, &second, sizeof(first));
	}
}

static void layouts_stay_in_their_bounds_and_differ(void **state)
{
	unsigned int differing = 0;

	(void)state;
	for (uint64_t process = 0; process < PROCESSES; process++) {
		struct placement it = placement_of(7, process), next = placement_of(7, process + 1);

		assert_true(it.stack_bytes < PLACEMENT_STACK_BYTES && it.stack_bytes % 16 == 0);
		assert_true(it.heap_bytes < PLACEMENT_HEAP_BYTES && it.heap_bytes % 16 == 0);
		assert_true(it.arena_pages < PLACEMENT_ARENA_PAGES);
		differing += it.stack_bytes != next.stack_bytes && it.heap_bytes != next.heap_bytes &&
			     it.arena_pages != next.arena_pages;
	}
	assert_true(differing > PROCESSES / 2);
}

struct seen {
	uintptr_t stack, table;
	int result;
};

static int look(void *context)
{
	struct seen *seen = context;
	void *table = table_alloc(TABLE_PAGE_LG2, 0);

	seen->stack = (uintptr_t)__builtin_frame_address(0);
	seen->table = (uintptr_t)table;
	table_free(table, TABLE_PAGE_LG2);
	return seen->result;
}

static void stack_and_tables_move(void **state)
{
	const struct placement none = { 0, 0, 0 }, some = { 1024, 48, 5 };
	struct seen plain = { .result = 0 }, moved = { .result = 3 };
	long live = table_bytes_live();

	(void)state;
	assert_int_equal(placement_run(&none, look, &plain), 0);
	assert_int_equal(placement_run(&some, look, &moved), 3);
	assert_true(plain.stack - moved.stack >= 1024);
	assert_int_not_equal(plain.table, moved.table);
	assert_int_equal(table_bytes_live(), live);
}

static void without_table_memory_it_says_so(void **state)
{
	const struct placement some = { 0, 0, 5 };
	struct seen seen = { .stack = 0 };

	(void)state;
	capture_begin();
	table_fail_after(2);
	assert_int_not_equal(placement_run(&some, look, &seen), 0);
	table_fail_after(-1);
	assert_non_null(strstr(capture_end(), "no table memory"));
	assert_int_equal(seen.stack, 0);
}

static void stores_have_a_bandwidth(void **state)
{
	double bandwidth = store_bandwidth();

	(void)state;
	/* Anything from an emulator to several vector stores a cycle. */
	assert_true(bandwidth > 0.01 && bandwidth < 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_and_process_have_the_same_layout),
		cmocka_unit_test(layouts_stay_in_their_bounds_and_differ),
		cmocka_unit_test(stack_and_tables_move),
		cmocka_unit_test(without_table_memory_it_says_so),
		cmocka_unit_test(stores_have_a_bandwidth),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
