// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * neighbours.c - shows that no operation looks at a table of which its range has nothing:
 * without config.rcu_readers whoever owns that may free it at any time. A thread frees
 * the tables on both sides over and over; the address sanitizer knows which are free.
 *
 * PTBENCH_SEED and PTBENCH_TEST_FORMAT in the environment.
 */
#include "twin_sizes.h"

#include <pthread.h>

#include "random.h"
#include "threads.h"

/* Of each format. */
#define SECONDS 0.1

struct neighbour {
	struct pagetable *table;
	uint64_t iova, span; /* it has the leaf tables before and after [iova, iova + span) */
	int stop, failed;
};

static void *come_and_go(void *argument)
{
	struct neighbour *neighbour = argument;
	struct pagetable *table = neighbour->table;
	uint64_t span = neighbour->span;

	while (!__atomic_load_n(&neighbour->stop, __ATOMIC_RELAXED))
		for (unsigned int side = 0; side < 2; side++) {
			struct pt_gather gather = PT_GATHER_INIT;
			uint64_t iova = side ? neighbour->iova + span : neighbour->iova - span;

			/* Out of step, so that pages it is. */
			if (table->ops->map(table, iova, span / 2, span / 2, RW) ||
			    table->ops->unmap(table, iova, span, &gather) != (int64_t)span)
				neighbour->failed = 1;
			pt_sync(table, &gather);
		}
	return NULL;
}

/* Any operation, over all of the range or up to one of its ends. */
static void change_own(struct twin *twin, uint64_t iova, uint64_t span)
{
	uint64_t page = twin->instance->granule, length = page * (1 + random_below(span / page));
	uint64_t from = random_below(2) ? iova : iova + span - length;

	switch (random_below(8)) {
	case 0:
		twin_map(twin, from, from - iova, length, 0);
		break;
	case 1:
		twin_unmap(twin, from, length);
		break;
	case 2:
		twin_unmap_batch(twin, from, length, 4096);
		break;
	case 3:
		twin_fragment(twin, from, length, size_lg2(page));
		break;
	case 4:
		twin_reassemble(twin, from, length, 63);
		if (model_run_length(&twin->model, from) >= length)
			twin_collapse(twin, from, length, 63);
		break;
	case 5:
		if (twin->instance->format->has_dirty)
			twin_read_dirty(twin, from, length, size_lg2(page), true);
		break;
	default:
		twin_cut(twin, from, length);
	}
}

static void check(const struct instance *instance)
{
	struct neighbour neighbour = { .span = leaf_table_span(instance) };
	uint64_t span = neighbour.span;
	struct twin twin;
	pthread_t thread;
	double end = seconds_now() + SECONDS;

	if (!instance_fits(instance, 16 * span) || span < 4 * instance->granule)
		return;
	neighbour.iova = instance_middle(instance, 4 * span) + span;
	twin_open(&twin, instance);
	twin.keeps_inside = true;
	neighbour.table = twin.table;
	assert_int_equal(pthread_create(&thread, NULL, come_and_go, &neighbour), 0);
	while (seconds_now() < end)
		change_own(&twin, neighbour.iova, span);
	__atomic_store_n(&neighbour.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_false(neighbour.failed);
	twin_compare(&twin);
	twin_close(&twin);
}

static void only_the_own_range(void **state)
{
	(void)state;
	for_each_instance(check);
}

int main(void)
{
	const struct CMUnitTest tests[] = { INSTANCE_TEST(only_the_own_range) };

	random_seed_from_environment();
	fflush(stdout);
	arena_or_exit();
	return cmocka_run_group_tests_name("operations.neighbours", tests, NULL, NULL);
}
