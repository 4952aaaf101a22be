// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * schedules_eager.c - shows that under the eager policy nothing is lost where a table dies just
 * before it is entered, or where another thread empties the item of a dead table first.
 */
#include "schedule.h"

#include <pthread.h>
#include <semaphore.h>
#include <urcu/urcu-memb.h>

#include "snapshot.h"
#include "walker.h"

static struct snapshot snapshot;

/* The table dies between the look at its item and the step into it. */
static void maps_beside(void)
{
	map_pages(base + page, 5 * page, page);
}

static void one_page(void)
{
	map_pages(base, 7 * page, page);
}

static void last_page_goes(void)
{
	unmap_pages(base, page);
}

static void page_only(void)
{
	finds(base, PT_NOT_MAPPED);
	finds(base + page, 5 * page);
	holds(page);
}

static void unmaps_beside(void)
{
	unmap_pages(base + page, block - page);
}

static void unmaps_runs_beside(void)
{
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_run run;
	size_t count;

	assert_int_equal(
		table->ops->unmap_batch(table, base + page, block - page, &gather, &run, 1, &count),
		(int64_t)(block - page));
	assert_int_equal(count, 0);
	pt_sync(table, &gather);
}

static void empty(void)
{
	finds(base, PT_NOT_MAPPED);
	holds(0);
}

static void check_enter(void)
{
	at_each(PT_HOOK_ENTER, one_page, maps_beside, last_page_goes, page_only);
	at_each(PT_HOOK_ENTER, one_page, unmaps_beside, last_page_goes, empty);
	at_each(PT_HOOK_ENTER, one_page, unmaps_runs_beside, last_page_goes, empty);
}

static void check_dying(const struct instance *instance)
{
	with_each_policy(instance, check_enter, true);
}

static void a_table_dies_before_it_is_entered(void **state)
{
	(void)state;
	for_each_instance(check_dying);
}

/* A table is dead, and another empties its item, or puts a new table there, first. */
static void unlinks_by_unmapping(void)
{
	unmaps_beside();
}

static void check_last_use(void)
{
	at_each(PT_HOOK_LAST_USE, one_page, last_page_goes, maps_beside, page_only);
	at_each(PT_HOOK_LAST_USE, one_page, last_page_goes, unlinks_by_unmapping, empty);
}

static void check_unlinks(const struct instance *instance)
{
	with_each_policy(instance, check_last_use, true);
}

static void another_unlinks_first(void **state)
{
	(void)state;
	for_each_instance(check_unlinks);
}

/*
 * The walker does not snoop: a table dies; a second thread empties its item and is stopped before that
 * reaches memory; the first returns and has the device flushed. By then memory must say so.
 */
static struct {
	pthread_t thread;
	sem_t stopped, go;
	bool stops, flushed;
} second;

static void second_stops(void)
{
	if (!second.stops || !pthread_equal(pthread_self(), second.thread))
		return;
	second.stops = false;
	sem_post(&second.stopped);
	sem_wait(&second.go);
}

static void *second_maps(void *argument)
{
	(void)argument;
	urcu_memb_register_thread();
	urcu_memb_read_lock();
	second.thread = pthread_self();
	second.stops = true;
	maps_beside();
	urcu_memb_read_unlock();
	urcu_memb_unregister_thread();
	return NULL;
}

static pthread_t second_thread;

static void second_comes(void)
{
	assert_int_equal(pthread_create(&second_thread, NULL, second_maps, NULL), 0);
	sem_wait(&second.stopped);
}

static void flush_after_unlink(void *context, uint64_t start, uint64_t last, bool tables)
{
	(void)context;
	(void)start;
	(void)last;
	if (!tables || second.flushed)
		return;
	second.flushed = true;
	/* The walker finds no way into the dead table: nothing below the items that lead to it. */
	walker_swap();
	snapshot_of(&snapshot, running->format, &running->config, table);
	walker_swap();
	assert_int_equal(snapshot.leaf_bytes, 0);
	for (size_t i = 0; i < snapshot.count; i++)
		assert_true(snapshot.items[i].level > 1);
}

static void check_unlink_written_back(void)
{
	struct pt_config config = running->config;
	struct pt_gather gather = PT_GATHER_INIT;

	if (!config.incoherent)
		return;
	config.flush = flush_after_unlink;
	second.flushed = false;
	walker_forget(0);
	table = instance_create_with(running, &config);
	one_page();
	walker_on_flush(second_stops, NULL);
	plan_at(PT_HOOK_LAST_USE, 0, second_comes);
	assert_int_equal(table->ops->unmap(table, base, page, &gather), (int64_t)page);
	pt_sync(table, &gather);
	assert_true(plan_done() && second.flushed);
	sem_post(&second.go);
	pthread_join(second_thread, NULL);
	plan_at(PT_HOOK_LAST_USE, 0, NULL);
	walker_on_flush(NULL, NULL);
	page_only();
	table->ops->destroy(table);
}

static void check_second(const struct instance *instance)
{
	with_each_policy(instance, check_unlink_written_back, true);
}

static void an_unlink_is_written_back_before_the_flush(void **state)
{
	(void)state;
	sem_init(&second.stopped, 0, 0);
	sem_init(&second.go, 0, 0);
	for_each_instance(check_second);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		INSTANCE_TEST(a_table_dies_before_it_is_entered),
		INSTANCE_TEST(another_unlinks_first),
		INSTANCE_TEST(an_unlink_is_written_back_before_the_flush),
	};

	return SCHEDULES_MAIN("unit.schedules_eager", tests);
}
