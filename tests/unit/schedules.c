// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * schedules.c - shows what happens when another thread, or hardware, is faster: every time, by
 * hooks that stop an operation where it can lose (engine/generic/hooks.h).
 *
 * Most often the other one runs to its end inside the hook, in the same thread: that is a schedule
 * like any other, and needs no clock. Where it has to stop halfway too, it has a thread.
 */
#include "instance.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <urcu/urcu-memb.h>

#include "generic/hooks.h"
#include "recorder.h"
#include "snapshot.h"
#include "table_pages.h"
#include "walker.h"

static const struct instance *running;
static struct pagetable *table;
static struct snapshot snapshot;
static uint64_t page, block, base;

/* At the @at-th time that an operation comes to the hook @where, @act. */
static struct {
	enum pt_hook where;
	unsigned int at, count;
	void (*act)(void);
	bool acted;
} plan;

static void on_hook(enum pt_hook where)
{
	if (where != plan.where || plan.acted || plan.count++ != plan.at)
		return;
	plan.acted = true;
	plan.act();
}

/* Run @operation with @act at one instant after the other, until there is none left. */
static void at_each(enum pt_hook where, void (*prepare)(void), void (*operation)(void),
		    void (*act)(void), void (*check)(void))
{
	plan.where = where;
	plan.act = act;
	plan.at = 0;
	do {
		table = instance_create(running);
		prepare();
		plan.count = 0;
		plan.acted = false;
		pt_hook = on_hook;
		operation();
		pt_hook = NULL;
		if (plan.acted)
			check();
		table->ops->destroy(table);
		plan.at++;
	} while (plan.acted);
}

static void with_each_policy(const struct instance *instance, void (*check)(void), bool eager_only)
{
	for (unsigned int freeing = 0; freeing <= PT_FREE_NEVER; freeing++)
		for (unsigned int incoherent = 0; incoherent < 2; incoherent++) {
			struct pt_config config = { .incoherent = incoherent,
						    .quirks = instance->format->quirks &
							      PT_QUIRK_HARDWARE_DIRTY,
						    .freeing = freeing,
						    .rcu_readers = freeing == PT_FREE_EAGER };
			struct instance changed;

			if ((eager_only && freeing != PT_FREE_EAGER) ||
			    !instance_init(&changed, instance->format, instance->variant, &config))
				continue;
			running = &changed;
			page = changed.granule;
			block = instance_block(&changed);
			base = instance_middle(&changed, 16 * block);
			if (config.rcu_readers)
				urcu_memb_read_lock();
			check();
			if (!config.rcu_readers)
				continue;
			urcu_memb_read_unlock();
			pt_barrier();
		}
}

static void nothing(void)
{
}

static void map(uint64_t iova, uint64_t oa, uint64_t length)
{
	assert_int_equal(table->ops->map(table, iova, oa, length, RW), 0);
}

static void unmap(uint64_t iova, uint64_t length)
{
	struct pt_gather gather = PT_GATHER_INIT;

	assert_int_equal(table->ops->unmap(table, iova, length, &gather), (int64_t)length);
	pt_sync(table, &gather);
}

static void finds(uint64_t iova, uint64_t oa)
{
	assert_int_equal(table->ops->iova_to_phys(table, iova), oa);
}

/* What device and CPU see once all is quiet. */
static void holds(uint64_t bytes)
{
	snapshot_of(&snapshot, running->format, &running->config, table);
	assert_int_equal(snapshot.leaf_bytes, bytes);
	if (!running->config.incoherent)
		return;
	walker_swap();
	snapshot_of(&snapshot, running->format, &running->config, table);
	walker_swap();
	assert_int_equal(snapshot.leaf_bytes, bytes);
}

/*
 * Both need the same new tables, and the other is faster: in the first page of the leaf table, in
 * the last, or in a leaf table next to it.
 */
static uint64_t rival_iova, rival_oa;

static void rival_maps(void)
{
	map(rival_iova, rival_oa, page);
}

static void maps_page(void)
{
	map(base + page, 5 * page, page);
}

static void maps_blocks(void)
{
	map(base + page, 5 * page, 3 * block - 2 * page);
}

static void maps_into_obstacle(void)
{
	assert_int_equal(table->ops->map(table, base + page, 5 * page, 3 * block, RW), -EADDRINUSE);
}

static void obstacle(void)
{
	map(base + 3 * block, 0, page);
}

static void page_and_rival(void)
{
	finds(base + page, 5 * page);
	finds(rival_iova, rival_oa);
	holds(2 * page);
}

static void blocks_and_rival(void)
{
	finds(base + page, 5 * page);
	finds(base + 3 * block - page - 1, 3 * block + 3 * page - 1);
	finds(rival_iova, rival_oa);
	holds(3 * block - page);
}

static void obstacle_and_rival(void)
{
	finds(base + page, PT_NOT_MAPPED);
	finds(base + 3 * block, 0);
	finds(rival_iova, rival_oa);
	holds(2 * page);
}

static void check_install(void)
{
	static const struct {
		int pages, blocks;
	} rivals[] = { { 0, 0 }, { -1, 0 }, { -1, 3 }, { 1, 3 } };

	for (size_t i = 0; i < sizeof(rivals) / sizeof(rivals[0]); i++) {
		rival_oa = 9 * page;
		rival_iova = base + (uint64_t)rivals[i].pages * page +
			     (uint64_t)rivals[i].blocks * block;
		at_each(PT_HOOK_INSTALL, nothing, maps_page, rival_maps, page_and_rival);
		at_each(PT_HOOK_INSTALL, nothing, maps_blocks, rival_maps, blocks_and_rival);
		at_each(PT_HOOK_INSTALL, obstacle, maps_into_obstacle, rival_maps,
			obstacle_and_rival);
	}
}

static void check_installs(const struct instance *instance)
{
	with_each_policy(instance, check_install, false);
}

static void another_installs_first(void **state)
{
	(void)state;
	for_each_instance(check_installs);
}

/* Both grow the root; the other is faster, and grows it less, as much, or more. */
static struct recorder recorder;
static unsigned int grown_lg2;

static void rival_grows(void)
{
	map(1ULL << grown_lg2, page, page);
}

static void check_growth(const struct instance *instance)
{
	struct pt_config config = instance->config;
	struct instance changed;

	if (strcmp(instance->format->name, "amdv1") != 0)
		return;
	config.ia_bits = 21;
	for (unsigned int own = 30; own < 64; own += 9)
		for (grown_lg2 = 22; grown_lg2 < 64; grown_lg2 += 9) {
			unsigned int highest = own > grown_lg2 ? own : grown_lg2, level;

			memset(&recorder, 0, sizeof(recorder));
			config = recorder_config(config, &recorder);
			assert_true(instance_init(&changed, instance->format, instance->variant,
						  &config));
			running = &changed;
			page = changed.granule;
			table = instance_create_with(&changed, &config);
			plan.where = PT_HOOK_GROW;
			plan.act = rival_grows;
			plan.at = plan.count = 0;
			plan.acted = false;
			pt_hook = on_hook;
			map(1ULL << own, 0, page);
			pt_hook = NULL;
			assert_true(plan.acted);
			finds(1ULL << own, 0);
			finds(1ULL << grown_lg2, page);
			assert_ptr_equal(pt_root(table, &level), recorder.root);
			assert_int_equal(level, recorder.top_level);
			assert_int_equal(level, (highest - 12) / 9);
			holds(2 * page);
			table->ops->destroy(table);
		}
}

static void another_grows_first(void **state)
{
	(void)state;
	for_each_instance(check_growth);
}

/* Eager: the table dies between the look at its item and the step into it. */
static void one_page(void)
{
	map(base, 7 * page, page);
}

static void last_page_goes(void)
{
	unmap(base, page);
}

static void page_only(void)
{
	finds(base, PT_NOT_MAPPED);
	finds(base + page, 5 * page);
	holds(page);
}

static void unmaps_beside(void)
{
	unmap(base + page, block - page);
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
	at_each(PT_HOOK_ENTER, one_page, maps_page, last_page_goes, page_only);
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

/* Eager: a table is dead, and another empties its item, or puts a new table there, first. */
static void maps_beside(void)
{
	map(base + page, 5 * page, page);
}

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
 * Eager, and the walker does not snoop: a table dies; a second thread empties its item and is stopped before that
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
	table = instance_create_with(running, &config);
	one_page();
	plan.where = PT_HOOK_LAST_USE;
	plan.act = second_comes;
	plan.at = plan.count = 0;
	plan.acted = false;
	walker_on_flush(second_stops, NULL);
	pt_hook = on_hook;
	assert_int_equal(table->ops->unmap(table, base, page, &gather), (int64_t)page);
	pt_sync(table, &gather);
	assert_true(plan.acted && second.flushed);
	sem_post(&second.go);
	pthread_join(second_thread, NULL);
	pt_hook = NULL;
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

/* Hardware marks a leaf while it is taken apart or joined: no mark is lost, in memory either. */
static uint64_t leaf_bytes; /* of the leaves that are taken apart, or that result */

static void two_leaves(void)
{
	map(base, 2 * leaf_bytes, leaf_bytes);
	map(base + leaf_bytes, 4 * leaf_bytes, leaf_bytes);
}

static void fragments(void)
{
	struct pt_gather gather = PT_GATHER_INIT;

	assert_int_equal(table->ops->fragment(table, base, 2 * leaf_bytes,
					      (unsigned int)__builtin_ctzll(page), &gather),
			 0);
	pt_sync(table, &gather);
}

static void pages_of_two_leaves(void)
{
	two_leaves();
	fragments();
}

static void cuts(void)
{
	struct pt_gather gather = PT_GATHER_INIT;

	assert_int_equal(table->ops->cut(table, base + page, 2 * leaf_bytes - 2 * page, &gather),
			 0);
	pt_sync(table, &gather);
}

static void joins(void)
{
	struct pt_gather gather = PT_GATHER_INIT;

	assert_int_equal(table->ops->reassemble(table, base, 2 * leaf_bytes,
						(unsigned int)__builtin_ctzll(leaf_bytes), &gather),
			 0);
	pt_sync(table, &gather);
}

/* A device's writes go to memory, past every cache. */
static void hardware_marks(void)
{
	unsigned int views = running->config.incoherent ? 2 : 1;

	for (unsigned int view = 0; view < views; view++) {
		assert_int_equal(table->ops->set_dirty(table, base), 0);
		assert_int_equal(table->ops->set_dirty(table, base + leaf_bytes + page), 0);
		if (views == 2)
			walker_swap();
	}
}

/* Is the leaf of @iova marked? */
static bool is_marked(uint64_t iova)
{
	uint64_t bits[1] = { 0 };
	struct pt_dirty dirty = { .iova = iova,
				  .page_lg2 = (unsigned int)__builtin_ctzll(page),
				  .bits = bits };

	assert_int_equal(table->ops->read_dirty(table, &dirty, page, NULL), 0);
	return bits[0];
}

static void marked(void)
{
	bool kept = is_marked(base) && is_marked(base + leaf_bytes + page);

	assert_true(kept);
	holds(2 * leaf_bytes);
	if (!running->config.incoherent)
		return;
	walker_swap();
	kept = is_marked(base) && is_marked(base + leaf_bytes + page);
	walker_swap();
	assert_true(kept);
}

static void check_marks(void)
{
	/* The next size that needs more levels of tables below it, where the format has it. */
	uint64_t larger = running->sizes & -(block * (block / page));

	leaf_bytes = block;
	at_each(PT_HOOK_REPLACE, two_leaves, fragments, hardware_marks, marked);
	at_each(PT_HOOK_REPLACE, two_leaves, cuts, hardware_marks, marked);
	at_each(PT_HOOK_REPLACE, pages_of_two_leaves, joins, hardware_marks, marked);
	leaf_bytes = larger & -larger;
	if (!leaf_bytes || !instance_fits(running, 4 * leaf_bytes) || leaf_bytes > 1ULL << 30)
		return;
	base = instance_middle(running, 4 * leaf_bytes);
	at_each(PT_HOOK_REPLACE, two_leaves, fragments, hardware_marks, marked);
	at_each(PT_HOOK_REPLACE, two_leaves, cuts, hardware_marks, marked);
}

static void check_marking(const struct instance *instance)
{
	if (instance->format->has_dirty)
		with_each_policy(instance, check_marks, false);
}

static void hardware_marks_meanwhile(void **state)
{
	(void)state;
	for_each_instance(check_marking);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(another_installs_first),
		INSTANCE_TEST(another_grows_first),
		INSTANCE_TEST(a_table_dies_before_it_is_entered),
		INSTANCE_TEST(another_unlinks_first),
		INSTANCE_TEST(an_unlink_is_written_back_before_the_flush),
		INSTANCE_TEST(hardware_marks_meanwhile),
	};
	int failures;

	arena_or_exit();
	if (walker_init()) {
		fprintf(stderr, "no memory for the walker\n");
		return 1;
	}
	failures = cmocka_run_group_tests_name("unit.schedules", tests, NULL, NULL);
	snapshot_free(&snapshot);
	return failures;
}
