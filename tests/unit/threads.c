// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * threads.c - shows that two threads on disjoint ranges need no lock: neighbours in
 * one leaf table, both in need of the same new tables, one failing beside the other, one
 * taking large leaves, both growing the root. Every thread finds its own addresses
 * as it left them, and the sum is right afterwards.
 */
#include "instance.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <urcu/urcu-memb.h>

#include "random.h"
#include "snapshot.h"
#include "table_pages.h"

#define THREADS 2
#define ROUNDS 150
#define SLOTS 8

struct shared {
	const struct instance *instance;
	struct pagetable *table;
	uint64_t base, block;
	pthread_barrier_t barrier;
	void (*work)(struct shared *shared, unsigned int who, uint64_t *seed);
	unsigned long wrong; /* what went otherwise than it should, in all threads */
	unsigned int hardware_level; /* of the root that root_changed has told */
};

struct worker {
	struct shared *shared;
	unsigned int who;
	uint64_t seed;
};

static struct snapshot snapshot;

/* Assertions leave the thread that they are in: here they only count. */
static void expect(struct shared *shared, bool condition)
{
	if (!condition)
		__atomic_fetch_add(&shared->wrong, 1, __ATOMIC_RELAXED);
}

static void map(struct shared *shared, uint64_t iova, uint64_t oa, uint64_t length, int expected)
{
	urcu_memb_read_lock();
	expect(shared, shared->table->ops->map(shared->table, iova, oa, length, RW) == expected);
	urcu_memb_read_unlock();
}

static void unmap(struct shared *shared, uint64_t iova, uint64_t length)
{
	struct pt_gather gather = PT_GATHER_INIT;

	urcu_memb_read_lock();
	expect(shared,
	       shared->table->ops->unmap(shared->table, iova, length, &gather) == (int64_t)length);
	urcu_memb_read_unlock();
	pt_sync(shared->table, &gather);
}

static void finds(struct shared *shared, uint64_t iova, uint64_t oa)
{
	urcu_memb_read_lock();
	expect(shared, shared->table->ops->iova_to_phys(shared->table, iova) == oa);
	urcu_memb_read_unlock();
}

static void *run_worker(void *argument)
{
	struct worker *worker = argument;

	urcu_memb_register_thread();
	worker->shared->work(worker->shared, worker->who, &worker->seed);
	urcu_memb_unregister_thread();
	return NULL;
}

static void root_changed(void *context, const void *root, unsigned int top_level)
{
	struct shared *shared = context;

	(void)root;
	/* One level after the other, and one call at a time. */
	expect(shared, shared->hardware_level < top_level);
	__atomic_store_n(&shared->hardware_level, top_level, __ATOMIC_RELAXED);
}

/* Run @work in all threads on one table of @original, check that nothing was wrong, and unmap all. */
static void run(const struct instance *instance, const struct pt_config *original,
		void (*work)(struct shared *shared, unsigned int who, uint64_t *seed))
{
	struct shared shared = { .instance = instance,
				 .work = work,
				 .block = instance_block(instance) };
	struct pt_config changed = *original, *config = &changed;
	struct worker workers[THREADS];
	pthread_t threads[THREADS];

	changed.root_changed = root_changed;
	changed.context = &shared;
	shared.base = instance_middle(instance, 16 * shared.block);
	shared.table = instance_create_with(instance, config);
	pthread_barrier_init(&shared.barrier, NULL, THREADS);
	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ &shared, i, random_next() };
		assert_int_equal(pthread_create(&threads[i], NULL, run_worker, &workers[i]), 0);
	}
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&shared.barrier);
	assert_int_equal(shared.wrong, 0);
	snapshot_of(&snapshot, instance->format, config, shared.table);
	assert_int_equal(snapshot.leaf_bytes, 0);
	shared.table->ops->destroy(shared.table);
}

static void run_policies(const struct instance *instance,
			 void (*work)(struct shared *shared, unsigned int who, uint64_t *seed))
{
	struct pt_config config = instance->config;

	run(instance, &config, work);
	config.rcu_readers = true;
	config.freeing = PT_FREE_EAGER;
	run(instance, &config, work);
	pt_barrier();
	config = instance->config;
	config.incoherent = true;
	if (instance->format->may_be_incoherent)
		run(instance, &config, work);
}

/* Every other page is this thread's; each comes and goes at random. */
static void neighbours(struct shared *shared, unsigned int who, uint64_t *seed)
{
	uint64_t page = shared->instance->granule;
	bool mapped[SLOTS] = { false };

	for (unsigned int round = 0; round < 10 * ROUNDS; round++) {
		unsigned int slot = (unsigned int)(random_next_of(seed) % SLOTS);
		uint64_t iova = shared->base + (slot * THREADS + who) * page;

		finds(shared, iova + 1, mapped[slot] ? slot * page + 1 : PT_NOT_MAPPED);
		if (mapped[slot])
			unmap(shared, iova, page);
		else
			map(shared, iova, slot * page, page, 0);
		mapped[slot] = !mapped[slot];
	}
	for (unsigned int slot = 0; slot < SLOTS; slot++)
		if (mapped[slot])
			unmap(shared, shared->base + (slot * THREADS + who) * page, page);
}

static void check_neighbours(const struct instance *instance)
{
	run_policies(instance, neighbours);
}

static void neighbours_in_a_table(void **state)
{
	(void)state;
	for_each_instance(check_neighbours);
}

/*
 * From nothing at the same time: half of each table is this thread's, and the ranges end
 * or begin in tables that the other one needs too. Thread 0 then frees everything.
 */
static void creating(struct shared *shared, unsigned int who, uint64_t *seed)
{
	uint64_t page = shared->instance->granule;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint64_t middle = shared->base + 8 * shared->block + shared->block / 2;
		uint64_t length = (1 + random_next_of(seed) % 3) * shared->block +
				  random_next_of(seed) % 4 * page;
		uint64_t iova = who ? middle : middle - length;

		pthread_barrier_wait(&shared->barrier);
		map(shared, iova, 2 * page, length, 0);
		finds(shared, iova, 2 * page);
		finds(shared, iova + length - 1, 2 * page + length - 1);
		pthread_barrier_wait(&shared->barrier);
		finds(shared, iova + length - 1, 2 * page + length - 1);
		if (round % 2) {
			unmap(shared, iova, length);
			continue;
		}
		pthread_barrier_wait(&shared->barrier);
		if (!who)
			unmap(shared, shared->base, 16 * shared->block);
	}
}

static void check_creating(const struct instance *instance)
{
	run_policies(instance, creating);
}

static void both_create_the_tables(void **state)
{
	(void)state;
	for_each_instance(check_creating);
}

/* Thread 1 runs into a page of its own at the end of its range, and undoes beside thread 0. */
static void undoing(struct shared *shared, unsigned int who, uint64_t *seed)
{
	uint64_t page = shared->instance->granule, block = shared->block;
	uint64_t middle = shared->base + 8 * block + block / 2;
	uint64_t obstacle = middle + 2 * block + block / 2;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint64_t length = (1 + random_next_of(seed) % 3) * block;

		pthread_barrier_wait(&shared->barrier);
		if (who) {
			map(shared, obstacle, 0, page, 0);
			map(shared, middle, page, obstacle - middle + page, -EADDRINUSE);
			finds(shared, middle, PT_NOT_MAPPED);
			finds(shared, obstacle, 0);
			unmap(shared, obstacle, page);
		} else {
			map(shared, middle - length, page, length, 0);
			finds(shared, middle - 1, page + length - 1);
			unmap(shared, middle - length, length);
		}
	}
}

static void check_undoing(const struct instance *instance)
{
	run_policies(instance, undoing);
}

static void one_undoes(void **state)
{
	(void)state;
	for_each_instance(check_undoing);
}

/* The same with memory that runs out. */
static void without_memory(struct shared *shared, unsigned int who, uint64_t *seed)
{
	uint64_t page = shared->instance->granule, block = shared->block;
	uint64_t middle = shared->base + 8 * block + block / 2;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint64_t length = (1 + random_next_of(seed) % 3) * block;
		uint64_t iova = who ? middle : middle - length;
		int result;

		pthread_barrier_wait(&shared->barrier);
		table_fail_after((long)(random_next_of(seed) % 6));
		urcu_memb_read_lock();
		result = shared->table->ops->map(shared->table, iova, page, length, RW);
		urcu_memb_read_unlock();
		table_fail_after(-1);
		expect(shared, !result || result == -ENOMEM);
		finds(shared, iova, result ? PT_NOT_MAPPED : page);
		finds(shared, iova + length - 1, result ? PT_NOT_MAPPED : page + length - 1);
		if (!result)
			unmap(shared, iova, length);
	}
}

static void check_memory(const struct instance *instance)
{
	run_policies(instance, without_memory);
}

static void memory_runs_out(void **state)
{
	(void)state;
	for_each_instance(check_memory);
}

/* Thread 0 maps large leaves, where its pages have left empty tables, between thread 1's pages. */
static void replacing(struct shared *shared, unsigned int who, uint64_t *seed)
{
	uint64_t page = shared->instance->granule, block = shared->block;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint64_t slot = random_next_of(seed) % SLOTS;
		uint64_t iova = shared->base + (2 * slot + who) * block;

		map(shared, iova + page, 0, page, 0);
		finds(shared, iova + page, 0);
		unmap(shared, iova + page, page);
		if (who)
			continue;
		map(shared, iova, 4 * block, block, 0);
		finds(shared, iova + block - 1, 5 * block - 1);
		unmap(shared, iova, block);
	}
}

static void check_replacing(const struct instance *instance)
{
	run_policies(instance, replacing);
}

static void one_replaces_tables(void **state)
{
	(void)state;
	for_each_instance(check_replacing);
}

/* Each thread needs another height of the root, from the lowest on. */
static void growing(struct shared *shared, unsigned int who, uint64_t *seed)
{
	unsigned int lg2 = 22 + (unsigned int)(random_next_of(seed) % 42);
	uint64_t iova = (1ULL << lg2) + who * 4096ULL;

	pthread_barrier_wait(&shared->barrier);
	map(shared, iova, lg2 * 4096ULL, 4096, 0);
	/* A device that walks from the root it was told of reaches the page. */
	expect(shared,
	       lg2 < 12 + 9 * (__atomic_load_n(&shared->hardware_level, __ATOMIC_RELAXED) + 1));
	finds(shared, iova, lg2 * 4096ULL);
	pthread_barrier_wait(&shared->barrier);
	finds(shared, iova, lg2 * 4096ULL);
	unmap(shared, iova, 4096);
}

static void check_growing(const struct instance *instance)
{
	struct pt_config config = instance->config;

	if (strcmp(instance->format->name, "amdv1") != 0)
		return;
	config.ia_bits = 21;
	for (unsigned int round = 0; round < 200; round++)
		run(instance, &config, growing);
	config.rcu_readers = true;
	config.freeing = PT_FREE_EAGER;
	for (unsigned int round = 0; round < 200; round++)
		run(instance, &config, growing);
	pt_barrier();
}

static void both_grow_the_root(void **state)
{
	(void)state;
	for_each_instance(check_growing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(neighbours_in_a_table),
		INSTANCE_TEST(both_create_the_tables),
		INSTANCE_TEST(one_undoes),
		INSTANCE_TEST(memory_runs_out),
		INSTANCE_TEST(one_replaces_tables),
		INSTANCE_TEST(both_grow_the_root),
	};
	int failures;

	random_seed_from_environment();
	arena_or_exit();
	failures = cmocka_run_group_tests_name("unit.threads", tests, NULL, NULL);
	snapshot_free(&snapshot);
	return failures;
}
