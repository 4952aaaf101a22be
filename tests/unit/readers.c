// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * readers.c - shows that with config.rcu_readers a table is freed only after the
 * readers of that time have left their read sections, and that a reader which runs
 * beside map and unmap sees a page's own address or nothing; and that to free after
 * readers takes no memory, nor waits, as whoever asks for it may be a reader.
 */
#include "instance.h"

#include <pthread.h>
#include <urcu/urcu-memb.h>

#include "table_pages.h"

/* As much around @iova as one unmap takes, so that every table below the root is covered. */
static void unmap_around(const struct instance *instance, struct pagetable *table, uint64_t iova)
{
	uint64_t first = instance->range[0].first, bytes = instance->range[0].last - first + 1;
	struct pt_gather gather = PT_GATHER_INIT;

	if (!bytes) {
		bytes = 1ULL << 62;
		first = iova & -bytes;
	}
	assert_int_equal(table->ops->unmap(table, first, bytes, &gather), bytes);
	pt_sync(table, &gather);
}

static void check_grace_period(const struct instance *instance)
{
	struct pt_config config = instance->config;
	struct pagetable *table;
	uint64_t iova = instance->range[0].first + instance->granule;
	long empty, mapped;

	config.rcu_readers = true;
	for (unsigned int eager = 0; eager < 2; eager++) {
		config.freeing = eager ? PT_FREE_EAGER : PT_FREE_COVERED;
		table = instance_create_with(instance, &config);
		empty = table_bytes_live();
		urcu_memb_read_lock();
		assert_int_equal(table->ops->map(table, iova, 0, instance->granule, RW), 0);
		mapped = table_bytes_live();
		unmap_around(instance, table, iova);
		/* Whoever has read the address of a table may go on reading it. */
		assert_int_equal(table_bytes_live(), mapped);
		urcu_memb_read_unlock();
		pt_barrier();
		assert_true(mapped == empty || table_bytes_live() < mapped);
		table->ops->destroy(table);
	}
}

static void freed_after_a_grace_period(void **state)
{
	(void)state;
	for_each_instance(check_grace_period);
}

static bool no_memory;

/* What the linker puts in place of the C library's, for the engine and this file. */
void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);

void *__wrap_malloc(size_t bytes)
{
	return no_memory ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return no_memory ? NULL : __real_calloc(count, bytes);
}

/* Tables leave again and again while the reader that lets them go stays where it is. */
static void check_without_memory(const struct instance *instance)
{
	struct pt_config config = instance->config;
	uint64_t iova = instance->range[0].first + instance->granule;
	struct pagetable *table;
	long empty;

	config.rcu_readers = true;
	for (unsigned int eager = 0; eager < 2; eager++) {
		config.freeing = eager ? PT_FREE_EAGER : PT_FREE_COVERED;
		table = instance_create_with(instance, &config);
		assert_int_equal(table->ops->map(table, iova, 0, instance->granule, RW), 0);
		unmap_around(instance, table, iova);
		pt_barrier();
		empty = table_bytes_live();
		urcu_memb_read_lock();
		no_memory = true;
		for (unsigned int i = 0; i < 20; i++) {
			int result = table->ops->map(table, iova, 0, instance->granule, RW);

			if (!result)
				unmap_around(instance, table, iova);
			else
				i = 20;
		}
		no_memory = false;
		urcu_memb_read_unlock();
		pt_barrier();
		assert_int_equal(table_bytes_live(), empty);
		table->ops->destroy(table);
	}
}

static void freed_without_memory(void **state)
{
	(void)state;
	for_each_instance(check_without_memory);
}

#define PAGES 8
#define ROUNDS 300

struct reader {
	struct pagetable *table;
	uint64_t iova, page;
	int stop;
	unsigned long wrong, seen;
};

static void *read_all(void *argument)
{
	struct reader *reader = argument;

	urcu_memb_register_thread();
	while (!__atomic_load_n(&reader->stop, __ATOMIC_RELAXED))
		for (unsigned int i = 0; i < PAGES; i++) {
			uint64_t oa;

			urcu_memb_read_lock();
			oa = reader->table->ops->iova_to_phys(reader->table,
							      reader->iova + i * reader->page + 3);
			urcu_memb_read_unlock();
			if (oa == PT_NOT_MAPPED)
				continue;
			reader->seen++;
			if (oa != i * reader->page + 3)
				reader->wrong++;
		}
	urcu_memb_unregister_thread();
	return NULL;
}

/* The sanitizer sees it if the reader meets a table that was freed: free tables are poisoned. */
static void check_concurrent(const struct instance *instance)
{
	struct pt_config config = instance->config;
	struct reader reader = { .page = instance->granule,
				 .iova = instance_middle(instance, PAGES * instance->granule) };
	pthread_t thread;

	config.rcu_readers = true;
	for (unsigned int eager = 0; eager < 2; eager++) {
		config.freeing = eager ? PT_FREE_EAGER : PT_FREE_COVERED;
		reader.table = instance_create_with(instance, &config);
		reader.stop = 0;
		assert_int_equal(pthread_create(&thread, NULL, read_all, &reader), 0);
		for (unsigned int round = 0; round < ROUNDS; round++) {
			urcu_memb_read_lock();
			assert_int_equal(reader.table->ops->map(reader.table, reader.iova, 0,
								PAGES * reader.page, RW),
					 0);
			unmap_around(instance, reader.table, reader.iova);
			urcu_memb_read_unlock();
		}
		__atomic_store_n(&reader.stop, 1, __ATOMIC_RELAXED);
		pthread_join(thread, NULL);
		assert_int_equal(reader.wrong, 0);
		reader.table->ops->destroy(reader.table);
	}
	pt_barrier();
}

static void reader_beside_a_writer(void **state)
{
	(void)state;
	for_each_instance(check_concurrent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(freed_after_a_grace_period),
		INSTANCE_TEST(freed_without_memory),
		INSTANCE_TEST(reader_beside_a_writer),
	};

	arena_or_exit();
	return cmocka_run_group_tests_name("unit.readers", tests, NULL, NULL);
}
