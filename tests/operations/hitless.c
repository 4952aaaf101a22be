// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hitless.c - shows that while leaves are cut, fragmented, reassembled and collapsed, every address
 * translates as before at every instant: a thread reads all the time.
 *
 * PTBENCH_SEED and PTBENCH_TEST_FORMAT in the environment.
 */
#include "twin_sizes.h"

#include <pthread.h>

#include "random.h"
#include "read_section.h"
#include "threads.h"

/* Of each configuration of each format. */
#define SECONDS 0.15
#define PIECES_MAX 2048

struct reader {
	struct pagetable *table;
	uint64_t iova, oa, length;
	int stop;
	uint64_t seed;
	unsigned long translated;
	uint64_t wrong_iova, wrong_oa; /* the first; wrong_iova is 0 without one */
};

static void *read_all_the_time(void *argument)
{
	struct reader *reader = argument;
	uint64_t random = reader->seed | 1;

	urcu_memb_register_thread();
	while (!__atomic_load_n(&reader->stop, __ATOMIC_RELAXED)) {
		section_enter();
		for (unsigned int i = 0; i < 64; i++) {
			uint64_t offset, oa;

			/* xorshift64 (Marsaglia 2003): the other generator has one state for all. */
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			offset = random % reader->length;
			oa = reader->table->ops->iova_to_phys(reader->table, reader->iova + offset);
			if (oa != reader->oa + offset && !reader->wrong_iova) {
				reader->wrong_iova = reader->iova + offset;
				reader->wrong_oa = oa;
			}
		}
		section_leave();
		__atomic_fetch_add(&reader->translated, 64, __ATOMIC_RELAXED);
	}
	urcu_memb_unregister_thread();
	return NULL;
}

/* The largest size that is not too many pages, as long as it is not the only one. */
static uint64_t choose_size(const struct instance *instance)
{
	uint64_t chosen = 0;

	FOR_EACH_SIZE(size, instance)
	if (size <= 2ULL << 30)
		chosen = size;
	return chosen == instance->granule ? 0 : chosen;
}

static uint64_t random_size(const struct instance *instance, uint64_t up_to)
{
	uint64_t sizes = instance->sizes & (2 * up_to - 1);
	unsigned int skip = (unsigned int)random_below((unsigned int)__builtin_popcountll(sizes));

	while (skip--)
		sizes &= sizes - 1;
	return sizes & -sizes;
}

/* One change of sizes, somewhere in the two leaves of @size at @iova. */
static void change_sizes(const struct instance *instance, struct pagetable *table, uint64_t iova,
			 uint64_t size)
{
	struct pt_gather gather = PT_GATHER_INIT;
	uint64_t page = instance->granule, length = page * (1 + random_below(size / page));
	uint64_t from = iova + random_below((2 * size - length) / page) * page, piece;
	int result;

	switch (random_below(5)) {
	case 0:
		result = table->ops->cut(table, from, length, &gather);
		break;
	case 1:
		/* Of leaves that are there; larger ranges to larger pieces. */
		piece = random_size(instance, size);
		while (length / piece > PIECES_MAX)
			length /= 2;
		length = (length & -page) + page;
		result = table->ops->reassemble(table, iova, 2 * size, size_lg2(piece), &gather);
		assert_int_equal(result, 0);
		if (piece < size && size / piece <= PIECES_MAX)
			result = table->ops->fragment(table, from, page, size_lg2(piece), &gather);
		break;
	case 2: /* all is one run */
		result = table->ops->collapse(table, from, length, 63, &gather);
		break;
	case 3:
		result = table->ops->reassemble(table, from, length, 63, &gather);
		break;
	default:
		result = table->ops->reassemble(table, iova, 2 * size, 63, &gather);
	}
	assert_int_equal(result, 0);
	pt_sync(table, &gather);
}

static void check_configuration(const struct instance *instance)
{
	uint64_t size = choose_size(instance), iova;
	struct pt_config config = instance->config;
	struct reader reader = { .seed = random_next() };
	unsigned long changes = 0;
	pthread_t thread;
	double end = seconds_now() + SECONDS;

	if (!size)
		return;
	config.rcu_readers = true;
	iova = size_iova(instance, size);
	reader.table = instance_create_with(instance, &config);
	reader.iova = iova;
	reader.oa = size_oa(instance, size);
	reader.length = 2 * size;
	assert_int_equal(reader.table->ops->map(reader.table, iova, reader.oa, 2 * size, RW), 0);
	assert_int_equal(pthread_create(&thread, NULL, read_all_the_time, &reader), 0);
	/* However slow the machine is. */
	while (seconds_now() < end || changes <= 10 ||
	       !__atomic_load_n(&reader.translated, __ATOMIC_RELAXED)) {
		change_sizes(instance, reader.table, iova, size);
		changes++;
	}
	__atomic_store_n(&reader.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	if (reader.wrong_iova)
		fail_msg("%#llx was translated to %#llx", (unsigned long long)reader.wrong_iova,
			 (unsigned long long)reader.wrong_oa);
	reader.table->ops->destroy(reader.table);
	pt_barrier();
}

static void check(const struct instance *instance)
{
	struct pt_config config = { .quirks = instance->format->quirks &
					      (PT_QUIRK_CONTIGUOUS | PT_QUIRK_HARDWARE_DIRTY) };
	struct instance with_quirks;

	check_configuration(instance);
	if (config.quirks &&
	    instance_init(&with_quirks, instance->format, instance->variant, &config))
		check_configuration(&with_quirks);
}

static void translations_never_change(void **state)
{
	(void)state;
	for_each_instance(check);
}

int main(void)
{
	const struct CMUnitTest tests[] = { INSTANCE_TEST(translations_never_change) };

	random_seed_from_environment();
	fflush(stdout);
	arena_or_exit();
	return cmocka_run_group_tests_name("operations.hitless", tests, NULL, NULL);
}
