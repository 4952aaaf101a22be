// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_pages.c - shows that the allocator of table memory aligns, zeroes and counts
 * what it hands out, fails when told to, leaves freed tables untouched, takes back what
 * another thread allocated, and loses nothing when threads end.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "table_pages.h"

#define TABLES 40

static bool inside_arena(const void *table, unsigned int lg2)
{
	uintptr_t address = (uintptr_t)table;

	return address >= TABLE_ARENA_START &&
	       address + (1UL << lg2) <= TABLE_ARENA_START + TABLE_ARENA_BYTES;
}

static int compare_addresses(const void *one, const void *other)
{
	uintptr_t a = *(const uintptr_t *)one, b = *(const uintptr_t *)other;

	return a < b ? -1 : a > b;
}

static void aligned_and_apart(void **state)
{
	(void)state;
	for (unsigned int lg2 = TABLE_MIN_LG2; lg2 <= TABLE_MAX_LG2; lg2++) {
		void *tables[TABLES];

		for (unsigned int i = 0; i < TABLES; i++) {
			tables[i] = table_alloc(lg2, 0);
			assert_non_null(tables[i]);
			assert_true(inside_arena(tables[i], lg2));
			assert_int_equal((uintptr_t)tables[i] & ((1UL << lg2) - 1), 0);
			memset(tables[i], (int)i, 1UL << lg2);
		}
		for (unsigned int i = 0; i < TABLES; i++) {
			assert_int_equal(*(unsigned char *)tables[i], i);
			assert_int_equal(((unsigned char *)tables[i])[(1UL << lg2) - 1], i);
		}
		qsort(tables, TABLES, sizeof(tables[0]), compare_addresses);
		for (unsigned int i = 1; i < TABLES; i++)
			assert_true((uintptr_t)tables[i] - (uintptr_t)tables[i - 1] >= 1UL << lg2);
		for (unsigned int i = 0; i < TABLES; i++)
			table_free(tables[i], lg2);
	}
}

static void zeroed_when_asked(void **state)
{
	(void)state;
	for (unsigned int lg2 = TABLE_MIN_LG2; lg2 <= TABLE_MAX_LG2; lg2++)
		for (unsigned int round = 0; round < 3; round++) {
			unsigned char *table = table_alloc(lg2, 1);

			assert_non_null(table);
			for (unsigned long i = 0; i < 1UL << lg2; i++)
				assert_int_equal(table[i], 0);
			memset(table, 0xa5, 1UL << lg2);
			table_free(table, lg2);
		}
}

static void no_such_size(void **state)
{
	(void)state;
	assert_null(table_alloc(TABLE_MIN_LG2 - 1, 0));
	assert_null(table_alloc(TABLE_MAX_LG2 + 1, 0));
	assert_null(table_alloc(0, 0));
	assert_null(table_alloc(64, 1));
}

static void counts_bytes(void **state)
{
	long live = table_bytes_live(), expected = live;
	void *tables[TABLE_MAX_LG2 + 1];

	(void)state;
	for (unsigned int lg2 = TABLE_MIN_LG2; lg2 <= TABLE_MAX_LG2; lg2++) {
		tables[lg2] = table_alloc(lg2, 0);
		expected += 1L << lg2;
		assert_int_equal(table_bytes_live(), expected);
	}
	for (unsigned int lg2 = TABLE_MIN_LG2; lg2 <= TABLE_MAX_LG2; lg2++)
		table_free(tables[lg2], lg2);
	assert_int_equal(table_bytes_live(), live);
}

static void fails_when_told(void **state)
{
	long live = table_bytes_live();

	(void)state;
	for (long successes = 0; successes < 5; successes++) {
		void *tables[5];
		long got = 0;

		table_fail_after(successes);
		while (got < 5) {
			void *table = table_alloc(12, 1);

			if (!table)
				break;
			tables[got++] = table;
		}
		assert_int_equal(got, successes);
		assert_null(table_alloc(12, 0)); /* and goes on failing */
		assert_null(table_alloc(14, 1));
		table_fail_after(-1);
		while (got)
			table_free(tables[--got], 12);
	}
	table_free(table_alloc(12, 0), 12);
	assert_int_equal(table_bytes_live(), live);
}

static void *failing_elsewhere(void *unused)
{
	(void)unused;
	table_fail_after(0);
	return table_alloc(12, 0) ? "allocated" : NULL;
}

static void failure_is_the_threads_own(void **state)
{
	pthread_t thread;
	void *result = "not run", *table;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, failing_elsewhere, NULL), 0);
	pthread_join(thread, &result);
	assert_null(result);
	table = table_alloc(12, 0);
	assert_non_null(table);
	table_free(table, 12);
	/* The next thread, which may inherit something of the ended one's, is not failing either. */
	assert_int_equal(pthread_create(&thread, NULL, failing_elsewhere, NULL), 0);
	pthread_join(thread, &result);
}

/* A walker may still be reading it: only the links beside it are written. */
static void freed_tables_are_untouched(void **state)
{
	unsigned char *tables[8];

	(void)state;
#ifdef PTBENCH_SANITIZED
	skip(); /* every access to a freed table is an error there */
#endif
	for (unsigned int i = 0; i < 8; i++) {
		tables[i] = table_alloc(10, 0);
		memset(tables[i], 0x5a, 1024);
	}
	for (unsigned int i = 0; i < 8; i++)
		table_free(tables[i], 10);
	for (unsigned int i = 0; i < 8; i++)
		for (unsigned int j = 0; j < 1024; j++)
			assert_int_equal(tables[i][j], 0x5a);
}

static void descriptors_and_links(void **state)
{
	char *start = (char *)TABLE_ARENA_START;

	(void)state;
	assert_int_equal(sizeof(struct table_page), 64);
	assert_ptr_equal(table_page_of(start), TABLE_DESCRIPTOR_BASE);
	assert_ptr_equal(table_page_of(start + 4095), TABLE_DESCRIPTOR_BASE);
	assert_ptr_equal(table_page_of(start + 4096), TABLE_DESCRIPTOR_BASE + 64);
	assert_int_equal(TABLE_DESCRIPTOR_FRAME_0 + (TABLE_ARENA_START >> 12) * 64,
			 TABLE_DESCRIPTOR_BASE);
	for (unsigned int i = 0; i < 4; i++)
		assert_ptr_equal(table_link(start + 1024 * i), &table_page_of(start)->next[i]);
}

#define CROSSING 6000

struct crossing {
	void *tables[CROSSING];
	unsigned int lg2;
};

static void *free_them(void *argument)
{
	struct crossing *crossing = argument;

	for (unsigned int i = 0; i < CROSSING; i++)
		table_free(crossing->tables[i], crossing->lg2);
	return NULL;
}

/* As tables go that RCU's thread frees: they come back, and do not take new memory each time. */
static void freed_by_another_thread(void **state)
{
	struct crossing *crossing = calloc(1, sizeof(*crossing));
	long live = table_bytes_live();

	(void)state;
	assert_non_null(crossing);
	for (crossing->lg2 = 10; crossing->lg2 <= 12; crossing->lg2++)
		/* Many times the arena, if nothing came back. */
		for (unsigned int round = 0; round < 100; round++) {
			pthread_t thread;

			for (unsigned int i = 0; i < CROSSING; i++) {
				crossing->tables[i] = table_alloc(crossing->lg2, 0);
				assert_non_null(crossing->tables[i]);
			}
			assert_int_equal(pthread_create(&thread, NULL, free_them, crossing), 0);
			pthread_join(thread, NULL);
			assert_int_equal(table_bytes_live(), live);
		}
	free(crossing);
}

static void *use_every_size(void *unused)
{
	(void)unused;
	for (unsigned int lg2 = TABLE_MIN_LG2; lg2 <= 16; lg2++) {
		void *one = table_alloc(lg2, 0), *other = table_alloc(lg2, 1);

		if (!one || !other)
			return "no table";
		table_free(one, lg2);
		table_free(other, lg2);
	}
	return NULL;
}

/* Threads come and go by the hundred; what they took from the arena stays usable. */
static void ended_threads_leave_everything(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 400; round++) {
		void *result = "not run";
		pthread_t thread;

		assert_int_equal(pthread_create(&thread, NULL, use_every_size, NULL), 0);
		pthread_join(thread, &result);
		assert_null(result);
	}
}

/* Run @check in a process of its own, where the arena is not yet reserved. */
static void in_a_child(int (*check)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child)
		_exit(check());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int address_is_taken(void)
{
	void *page = mmap((void *)(TABLE_ARENA_START + 4096), 4096, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (page == MAP_FAILED)
		return 2;
	if (table_pages_init(-1, 0) != -ENOMEM)
		return 1;
	/* The failed attempt has left nothing behind. */
	munmap(page, 4096);
	return table_pages_init(-1, 0) ? 3 : !table_alloc(12, 1);
}

static int no_such_node(void)
{
	if (table_pages_init(12345, 0) != -ENODEV)
		return 1;
	return table_pages_init(-1, 1) ? 2 : !table_alloc(12, 1);
}

static int not_initialized(void)
{
	return table_alloc(12, 0) != NULL || table_bytes_live() != 0;
}

static int initialized_twice(void)
{
	void *table;

	if (table_pages_init(-1, 0))
		return 1;
	table = table_alloc(12, 1);
	return table_pages_init(-1, 0) || !table || !table_alloc(12, 1);
}

/* No memory for a thread's own lists; the linker calls this for calloc(). */
static bool no_lists;
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	return no_lists ? NULL : __real_calloc(count, size);
}

/* A thread without lists gets no table, and one that it gives back is lost; later it may get them. */
static int no_memory_for_lists(void)
{
	void *table;

	if (table_pages_init(-1, 0))
		return 1;
	no_lists = true;
	table_fail_after(0);
	if (table_alloc(12, 1) || table_bytes_live())
		return 2;
	table_free((void *)TABLE_ARENA_START, 12);
	if (table_bytes_live())
		return 3;
	no_lists = false;
	table = table_alloc(12, 1);
	if (!table || table_bytes_live() != 4096)
		return 4;
	table_free(table, 12);
	return table_bytes_live() ? 5 : 0;
}

static void init_errors(void **state)
{
	(void)state;
	in_a_child(not_initialized);
	in_a_child(address_is_taken);
	in_a_child(no_such_node);
	in_a_child(initialized_twice);
	in_a_child(no_memory_for_lists);
}

/* The flush only has to survive here; what it is for shows in unit.incoherent. */
static void flushing(void **state)
{
	unsigned char *table = table_alloc(12, 1);

	(void)state;
	for (unsigned long offset = 0; offset < 130; offset++)
		table_flush_lines(table + offset, 130 - offset);
	table_flush_lines(table, 4096);
	table_flush_lines(table, 0);
	table_free(table, 12);
}

int main(void)
{
	const struct CMUnitTest before[] = { cmocka_unit_test(init_errors) };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aligned_and_apart),
		cmocka_unit_test(zeroed_when_asked),
		cmocka_unit_test(no_such_size),
		cmocka_unit_test(counts_bytes),
		cmocka_unit_test(fails_when_told),
		cmocka_unit_test(failure_is_the_threads_own),
		cmocka_unit_test(freed_tables_are_untouched),
		cmocka_unit_test(descriptors_and_links),
		cmocka_unit_test(freed_by_another_thread),
		cmocka_unit_test(ended_threads_leave_everything),
		cmocka_unit_test(flushing),
	};
	int failures = cmocka_run_group_tests_name("unit.table_pages init", before, NULL, NULL);

	if (table_pages_init(-1, 0))
		return 1;
	return failures + cmocka_run_group_tests_name("unit.table_pages", tests, NULL, NULL);
}
