// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * out_of_cache.c - out of cache is beyond the cache, however large that is, or the case
 * is refused with the sizes; and tables above 4 GiB, which that may take, do.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <urcu/urcu-memb.h>

#include "capture.h"
#include "fail.h"
#include "table_pages.h"
#include "rounds.h"

#define MIB (1ULL << 20)
#define ROUNDS 6

static struct machine machine;
static struct case_list list;

static int begin(void **state)
{
	(void)state;
	urcu_memb_register_thread();
	return machine_init(MACHINE_ANY_CPU, false, &machine) || cases_all(NULL, 0, &list);
}

static int end(void **state)
{
	(void)state;
	cases_free(&list);
	return 0;
}

/* Is @c beyond a cache of @llc for @sides, or refused in a line that names the cache and what it takes? */
static bool is_beyond(const struct bench_case *c, uint64_t llc, unsigned int sides)
{
	struct machine made_up = machine;
	struct workload workload;
	char size[32];
	const char *line;
	int error;

	made_up.llc_bytes = llc;
	capture_begin();
	error = workload_init(c, NULL, &made_up, sides, 1, &workload);
	line = capture_end();
	if (!error) {
		assert_true(workload.lines * CACHE_LINE >= 2 * llc);
		assert_true(workload.lines <= workload.layout.ops);
		workload_free(&workload);
		return true;
	}
	snprintf(size, sizeof(size), "cache of %llu MiB", (unsigned long long)(llc / MIB));
	assert_int_equal(error, EXIT_ABSENT);
	assert_non_null(strstr(line, c->name));
	assert_non_null(strstr(line, size));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	return false;
}

static void every_cache_is_exceeded_or_the_case_refused(void **state)
{
	static const uint64_t sizes[] = { 1, 32, 96, 105, 256, 504, 1024, 1152 };

	(void)state;
	for (size_t i = 0; i < list.count; i++) {
		/* Its addresses are those of map and unmap. */
		if (list.cases[i].state != STATE_OUT_OF_CACHE ||
		    list.cases[i].op != &op_iova_to_phys)
			continue;
		for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
			bool beyond = is_beyond(&list.cases[i], sizes[k] * MIB, 5);

			/* What every machine has. */
			assert_true(beyond || sizes[k] > 1);
		}
		assert_false(is_beyond(&list.cases[i], 1ULL << 40, 1));
	}
}

static void use_up_what_lies_below(void)
{
	char *table;

	assert_int_equal(table_pages_reserve(TABLE_ARENA_BYTES + 128 * MIB), 0);
	for (unsigned int lg2 = TABLE_MIN_LG2; lg2 <= TABLE_MAX_LG2; lg2++)
		do {
			table = table_alloc(lg2, 0);
			assert_non_null(table);
			/* So that the test takes no memory for it. */
			if (lg2 == TABLE_MAX_LG2)
				madvise(table, 1UL << lg2, MADV_DONTNEED);
		} while (table < (char *)TABLE_MORE_START && lg2 == TABLE_MAX_LG2);
	/* Threads keep chunks of each size: those of most tables are used up one by one. */
	for (unsigned int lg2 = TABLE_MIN_LG2; lg2 < TABLE_MAX_LG2; lg2++)
		do
			table = table_alloc(lg2, 0);
		while (table && table < (char *)TABLE_MORE_START);
}

static void tables_above_4_gib_take_part(void **state)
{
	unsigned int run = 0;

	(void)state;
	machine.llc_bytes = MIB / 4;
	use_up_what_lies_below();
	assert_true((char *)table_alloc(TABLE_PAGE_LG2, 0) >= (char *)TABLE_MORE_START);
	for (size_t i = 0; i < list.count; i++) {
		const struct bench_case *c = &list.cases[i];

		for (const struct subject *s = subjects(); s->format; s++) {
			struct side side = { .subject = s, .name = "side" };
			struct workload workload;
			struct hot_result result;

			if (c->state != STATE_OUT_OF_CACHE || !case_takes(c, s) || s->extra)
				continue;
			assert_int_equal(workload_init(c, NULL, &machine, 1, 3, &workload), 0);
			assert_int_equal(side_create(&workload, &side), 0);
			assert_int_equal(side_prepare(&workload, &side), 0);
			for (unsigned int round = 0; round < ROUNDS; round++)
				assert_int_equal(round_run(&workload, &side, &result), 0);
			side_destroy(&side);
			workload_free(&workload);
			run++;
		}
	}
	assert_true(run > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cache_is_exceeded_or_the_case_refused),
		cmocka_unit_test(tables_above_4_gib_take_part),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
