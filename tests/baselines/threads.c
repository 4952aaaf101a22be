// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * threads.c - threads on disjoint ranges of one table, racing for the tables in
 * between, as the DMA API does: nothing is lost, nothing leaks.
 */
#include <pthread.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "baseline_cases.h"
#include "table_pages.h"

#define THREADS 4
#define ROUNDS 40

struct worker {
	pthread_t thread;
	const struct baseline *driver;
	void *handle;
	pthread_barrier_t *barrier;
	unsigned long long page, iova;
	unsigned long errors;
};

/* Pages of the threads alternate, so that all need the same tables at the same time. */
static void *work(void *argument)
{
	struct worker *worker = argument;
	const unsigned long long stride = worker->page * THREADS;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		unsigned long long base = MIB(32) * (round % 8) + worker->iova;

		pthread_barrier_wait(worker->barrier);
		for (unsigned int i = 0; i < 32; i++)
			worker->errors +=
				!!worker->driver->map(worker->handle, base + i * stride,
						      base + i * stride, worker->page, RW);
		for (unsigned int i = 0; i < 32; i++)
			worker->errors +=
				worker->driver->iova_to_phys(worker->handle, base + i * stride) !=
				base + i * stride;
		for (unsigned int i = 0; i < 32; i++)
			worker->errors +=
				worker->driver->unmap(worker->handle, base + i * stride,
						      worker->page, i & 1) != worker->page;
	}
	return NULL;
}

static void race(const struct baseline_case *test_case)
{
	const struct baseline *driver = baseline_find(test_case->format);
	struct worker workers[THREADS];
	pthread_barrier_t barrier;
	void *handle = baseline_make(test_case);

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (unsigned int i = 0; i < THREADS; i++) {
		unsigned long long page = test_case->sizes & -test_case->sizes;

		/* Not address 0, whose translation reads as none. */
		workers[i] = (struct worker){ .driver = driver,
					      .handle = handle,
					      .barrier = &barrier,
					      .page = page,
					      .iova = MIB(16) + i * page };
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		if (workers[i].errors)
			fail_msg("%s: %lu errors in a thread", test_case->name, workers[i].errors);
	}
	pthread_barrier_destroy(&barrier);
	driver->destroy(handle);
}

static void disjoint_ranges(void **state)
{
	(void)state;
	for (const struct baseline_case *test_case = baseline_cases(); test_case->name;
	     test_case++) {
		long live = table_bytes_live(), warnings = baseline_warnings();

		race(test_case);
		if (table_bytes_live() != live || baseline_warnings() != warnings)
			fail_msg("%s: %ld bytes leaked, %ld complaints", test_case->name,
				 table_bytes_live() - live, baseline_warnings() - warnings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(disjoint_ranges) };

	baseline_test_start();
	return cmocka_run_group_tests_name("baseline.threads", tests, NULL, NULL);
}
