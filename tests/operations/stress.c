// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * stress.c - shows that threads whose ranges are disjoint need no lock: each changes its
 * own range, next to the others' in the same tables, while tables come and go and the
 * root grows; each finds its own as its model says, and readers find no one's wrong. Without
 * readers covered tables are freed at once, so that nobody may look outside its range.
 *
 * PTBENCH_SEED and PTBENCH_TEST_FORMAT in the environment.
 */
#include "twin_sizes.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>

#include "random.h"
#include "read_section.h"
#include "threads.h"

/* Of each configuration of each format, in episodes that each have a new page table. */
#define SECONDS 0.1
#define STEPS 60 /* of each thread in an episode */
#define WRITERS 3
#define READERS 1
#define SHIFTS 3
#define RUNS_MAX 8

/* One page table; writer i has pages [i, i + 1) * part from @iova on, and a few at far(i). */
struct scene {
	const struct instance *instance;
	struct pagetable *table;
	uint64_t iova, part, page;
	uint64_t far_iova;
	unsigned int running; /* writers */
	int failed;
};

struct writer {
	pthread_t thread;
	struct scene *scene;
	struct model model;
	unsigned int number;
	uint64_t random;
	char problem[160];
};

#define PROBLEM(writer, ...)                                                                 \
	do {                                                                                 \
		if (!(writer)->problem[0])                                                   \
			snprintf((writer)->problem, sizeof((writer)->problem), __VA_ARGS__); \
		__atomic_store_n(&(writer)->scene->failed, 1, __ATOMIC_RELAXED);             \
	} while (0)

static uint64_t below(struct writer *writer, uint64_t limit)
{
	return thread_random(&writer->random) % limit;
}

/* Where @iova may be mapped to: one of SHIFTS places, the last of which is out of step. */
static uint64_t oa_of(const struct scene *scene, uint64_t iova, unsigned int shift)
{
	uint64_t offset = iova >= scene->far_iova ? iova - scene->far_iova : iova - scene->iova;

	return offset + (uint64_t)shift * 8 * scene->part + (shift == SHIFTS - 1 ? scene->page : 0);
}

static void compare(struct writer *writer, const char *what, uint64_t iova, uint64_t length,
		    int64_t got, int64_t expected)
{
	struct pagetable *table = writer->scene->table;

	if (got != expected)
		PROBLEM(writer,
			"%s %#" PRIx64 " + %#" PRIx64 " returns %" PRId64 ", expected %" PRId64,
			what, iova, length, got, expected);
	for (unsigned int i = 0; i < 8; i++) {
		uint64_t at = iova + (i ? below(writer, length) : 0);
		uint64_t oa = table->ops->iova_to_phys(table, at);

		if (oa != model_translate(&writer->model, at))
			PROBLEM(writer,
				"after %s of %#" PRIx64 " + %#" PRIx64 " %#" PRIx64
				" translates to %#" PRIx64,
				what, iova, length, at, oa);
	}
}

/* A part of what is the writer's: pages, up to all of it. */
static void choose(struct writer *writer, uint64_t *iova, uint64_t *length)
{
	const struct scene *scene = writer->scene;
	uint64_t first = scene->iova + writer->number * scene->part, bytes = scene->part;
	uint64_t pages;

	if (below(writer, 8) == 0) {
		first = scene->far_iova + writer->number * 4 * scene->page;
		bytes = 4 * scene->page;
	}
	pages = bytes / scene->page;
	*length = (1 + below(writer, below(writer, 3) ? (pages < 32 ? pages : 32) : pages)) *
		  scene->page;
	*iova = first + below(writer, (bytes - *length) / scene->page + 1) * scene->page;
	if (below(writer, 4) == 0) /* to the end, where the neighbour begins */
		*iova = first + bytes - *length;
}

static void write_map(struct writer *writer, uint64_t iova, uint64_t length)
{
	struct pagetable *table = writer->scene->table;
	uint64_t oa = oa_of(writer->scene, iova, (unsigned int)below(writer, SHIFTS));
	int got = table->ops->map(table, iova, oa, length, RW);

	compare(writer, "map", iova, length, got, model_map(&writer->model, iova, oa, length, 0));
}

/* Runs that never touch: each is shifted otherwise than the one before. */
static void write_map_batch(struct writer *writer, uint64_t iova, uint64_t length)
{
	struct pagetable *table = writer->scene->table;
	struct pt_run runs[RUNS_MAX];
	uint64_t page = writer->scene->page, done = 0;
	size_t count = 0;
	bool free_all = true;
	int got;

	do {
		runs[count].length = (1 + below(writer, (length - done) / page)) * page;
		runs[count].oa = oa_of(writer->scene, iova + done, (unsigned int)count % SHIFTS);
		done += runs[count].length;
	} while (++count < RUNS_MAX && done < length);
	for (uint64_t at = 0; at < done; at += page)
		free_all &= !model_find(&writer->model, iova + at);
	got = table->ops->map_batch(table, iova, runs, count, RW);
	for (size_t i = 0, at = iova; free_all && i < count; at += runs[i++].length)
		model_map(&writer->model, at, runs[i].oa, runs[i].length, 0);
	compare(writer, "map_batch", iova, done, got, free_all ? 0 : -EADDRINUSE);
}

static void write_unmap(struct writer *writer, uint64_t iova, uint64_t length)
{
	struct pagetable *table = writer->scene->table;
	struct pt_gather gather = PT_GATHER_INIT;
	int64_t got = table->ops->unmap(table, iova, length, &gather);

	pt_sync(table, &gather);
	compare(writer, "unmap", iova, length, got,
		(int64_t)model_unmap(&writer->model, iova, length));
}

static void write_unmap_batch(struct writer *writer, uint64_t iova, uint64_t length)
{
	struct pagetable *table = writer->scene->table;
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_run runs[RUNS_MAX];
	struct model_run expected_runs[RUNS_MAX];
	size_t count, expected_count;
	int64_t got, expected;

	got = table->ops->unmap_batch(table, iova, length, &gather, runs, RUNS_MAX, &count);
	pt_sync(table, &gather);
	expected = (int64_t)model_unmap_batch(&writer->model, iova, length, expected_runs, RUNS_MAX,
					      &expected_count);
	compare(writer, "unmap_batch", iova, length, got, expected);
	if (count != expected_count)
		PROBLEM(writer, "unmap_batch of %#" PRIx64 " + %#" PRIx64 " hands back %zu runs",
			iova, length, count);
}

static void write_resize(struct writer *writer, uint64_t iova, uint64_t length)
{
	struct pagetable *table = writer->scene->table;
	struct pt_gather gather = PT_GATHER_INIT;
	unsigned int page_lg2 = size_lg2(writer->scene->page);
	int got;

	switch (below(writer, 3)) {
	case 0:
		got = table->ops->cut(table, iova, length, &gather);
		model_cut(&writer->model, iova, length);
		break;
	case 1:
		got = table->ops->fragment(table, iova, length, page_lg2, &gather);
		model_fragment(&writer->model, iova, length, page_lg2);
		break;
	default:
		got = table->ops->reassemble(table, iova, length, 63, &gather);
		model_reassemble(&writer->model, iova, length, 63);
	}
	pt_sync(table, &gather);
	compare(writer, "resizing", iova, length, got, 0);
}

/* Only the eager policy wants writers to be in a read section. */
static void own_section_enter(const struct writer *writer)
{
	if (writer->scene->instance->config.freeing == PT_FREE_EAGER)
		section_enter();
}

static void own_section_leave(const struct writer *writer)
{
	if (writer->scene->instance->config.freeing == PT_FREE_EAGER)
		section_leave();
}

static void write_step(struct writer *writer)
{
	static void (*const steps[])(struct writer * writer, uint64_t iova, uint64_t length) = {
		write_map,   write_map,		write_map,   write_map_batch,
		write_unmap, write_unmap_batch, write_unmap, write_resize,
	};
	uint64_t iova, length;

	choose(writer, &iova, &length);
	own_section_enter(writer);
	steps[below(writer, sizeof(steps) / sizeof(steps[0]))](writer, iova, length);
	own_section_leave(writer);
}

static void *write_own(void *argument)
{
	struct writer *writer = argument;
	struct scene *scene = writer->scene;

	urcu_memb_register_thread();
	for (unsigned int i = 0; i < STEPS && !__atomic_load_n(&scene->failed, __ATOMIC_RELAXED);
	     i++)
		write_step(writer);
	own_section_enter(writer);
	while (writer->model.count && !writer->problem[0])
		write_unmap(writer, writer->model.leaves[0].iova, scene->page);
	own_section_leave(writer);
	__atomic_fetch_sub(&scene->running, 1, __ATOMIC_RELEASE);
	urcu_memb_unregister_thread();
	return NULL;
}

static void *read_all(void *argument)
{
	struct writer *reader = argument;
	struct scene *scene = reader->scene;

	urcu_memb_register_thread();
	while (__atomic_load_n(&scene->running, __ATOMIC_ACQUIRE)) {
		section_enter();
		for (unsigned int i = 0; i < 32; i++) {
			uint64_t iova = below(reader, 8)
						? scene->iova + below(reader, WRITERS * scene->part)
						: scene->far_iova +
							  below(reader, WRITERS * 4 * scene->page);
			uint64_t oa = scene->table->ops->iova_to_phys(scene->table, iova);
			bool right = oa == PT_NOT_MAPPED;

			for (unsigned int shift = 0; shift < SHIFTS; shift++)
				right |= oa == oa_of(scene, iova, shift);
			if (!right)
				PROBLEM(reader, "%#" PRIx64 " was translated to %#" PRIx64, iova,
					oa);
		}
		section_leave();
	}
	urcu_memb_unregister_thread();
	return NULL;
}

/* Bytes of the root and, where it has grown, of those before it, which stay. */
static long roots_bytes(const struct scene *scene, long first, unsigned int first_level)
{
	unsigned int level;

	pt_root(scene->table, &level);
	return first + (level - first_level) * 4096L;
}

static void episode(const struct instance *instance, const struct scene *like)
{
	struct scene scene = *like;
	struct writer threads[WRITERS + READERS] = { 0 };
	unsigned int level, count = WRITERS + (instance->config.rcu_readers ? READERS : 0);
	long before, empty;

	pt_barrier();
	before = table_bytes_live();
	scene.table = instance_create(instance);
	scene.running = WRITERS;
	empty = table_bytes_live();
	pt_root(scene.table, &level);
	for (unsigned int i = 0; i < count; i++) {
		threads[i].scene = &scene;
		threads[i].number = i;
		threads[i].random = random_next() | 1;
		model_init(&threads[i].model, instance->sizes);
		assert_int_equal(pthread_create(&threads[i].thread, NULL,
						i < WRITERS ? write_own : read_all, &threads[i]),
				 0);
	}
	for (unsigned int i = 0; i < count; i++) {
		pthread_join(threads[i].thread, NULL);
		model_free(&threads[i].model);
	}
	for (unsigned int i = 0; i < count; i++)
		if (threads[i].problem[0])
			fail_msg("thread %u: %s", i, threads[i].problem);
	pt_barrier();
	if (instance->config.freeing == PT_FREE_EAGER)
		assert_int_equal(table_bytes_live(), roots_bytes(&scene, empty, level));
	scene.table->ops->destroy(scene.table);
	assert_int_equal(table_bytes_live(), before);
}

/*
 * Parts of two and a half leaf tables, so that some tables are one thread's and some two
 * threads', and a table above is everyone's. The far pages are in the last leaf table of all.
 */
static void check_configuration(const struct instance *instance)
{
	struct scene scene = { .instance = instance, .page = instance->granule };
	uint64_t span = leaf_table_span(instance);
	double end = seconds_now() + SECONDS;

	/* A root that is the only table, as large as all that there is. */
	while (!instance_fits(instance, 64 * span))
		span /= 2;
	if (span < 2 * scene.page)
		return;
	scene.part = 2 * span + span / 2;
	scene.iova = instance->range[0].first + span / 2;
	scene.far_iova = instance->range[0].last - (16 * scene.page - 1);
	while (seconds_now() < end)
		episode(instance, &scene);
}

static void check(const struct instance *instance)
{
	const struct pt_config configs[] = {
		{ .freeing = PT_FREE_COVERED },
		{ .rcu_readers = true, .freeing = PT_FREE_COVERED },
		{ .rcu_readers = true, .freeing = PT_FREE_EAGER },
		/* The smallest root, to grow; where it cannot, all in one table. */
		{ .rcu_readers = true, .freeing = PT_FREE_EAGER, .ia_bits = 20 },
		{ .rcu_readers = true, .freeing = PT_FREE_COVERED, .ia_bits = 20 },
		{ .rcu_readers = true, .freeing = PT_FREE_EAGER, .quirks = PT_QUIRK_CONTIGUOUS },
	};

	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		struct instance with;
		bool accepted;

		if (configs[i].quirks & ~instance->format->quirks)
			continue;
		section_enter();
		accepted = instance_init(&with, instance->format, instance->variant, &configs[i]);
		section_leave();
		if (accepted)
			check_configuration(&with);
		pt_barrier();
	}
}

static void disjoint_ranges_need_no_lock(void **state)
{
	(void)state;
	for_each_instance(check);
}

int main(void)
{
	const struct CMUnitTest tests[] = { INSTANCE_TEST(disjoint_ranges_need_no_lock) };

	random_seed_from_environment();
	fflush(stdout);
	arena_or_exit();
	return cmocka_run_group_tests_name("operations.stress", tests, NULL, NULL);
}
