// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dirty_device.c - shows that no page a device writes to is ever forgotten, while leaves
 * are fragmented and reassembled and marks are read and cleared at the same time.
 *
 * The device is a thread that walks as hardware does, each time within a read section;
 * config.flush waits for such sections to end, as after a flush no walker uses old items.
 *
 * PTBENCH_SEED and PTBENCH_TEST_FORMAT in the environment.
 */
#include "twin_sizes.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "random.h"
#include "read_section.h"
#include "threads.h"

/*
 * Of each configuration of each format. Not so many seconds: a round waits twice for the other thread to get
 * a processor, so that on a busy machine any time may be too short for one.
 */
#define ROUNDS 40
#define PAGES_MAX 4096
#define WRITES_MAX 24
#define PAUSE_MAX 4096 /* turns of an empty loop between writes */

/* What both threads know. A round is one go of the device; it ends when turn is the main thread's. */
struct machine {
	struct pagetable *table;
	uint64_t iova, page, pages;
	enum { DEVICE, MAIN, OFF } turn;
	uint64_t seed;
	uint64_t written[PAGES_MAX / 64], found[PAGES_MAX / 64];
};

static struct machine machine;

static bool bit_of(const uint64_t *bits, uint64_t bit)
{
	return bits[bit / 64] >> (bit % 64) & 1;
}

/* A few writes to pages chosen at random. */
static void write_pages(uint64_t *random)
{
	unsigned int writes = 1 + *random % WRITES_MAX;

	for (unsigned int i = 0; i < writes; i++) {
		uint64_t page = thread_random(random) % machine.pages;
		int result;

		for (uint64_t pause = *random >> 40 & (PAUSE_MAX - 1); pause; pause--)
			__asm__ volatile("");
		section_enter();
		result = machine.table->ops->set_dirty(machine.table,
						       machine.iova + page * machine.page);
		section_leave();
		if (!result) /* else it was gone for a moment, before it was made anew */
			machine.written[page / 64] |= 1ULL << (page % 64);
	}
}

static void *device(void *argument)
{
	uint64_t random = machine.seed | 1;

	(void)argument;
	urcu_memb_register_thread();
	for (;;) {
		unsigned int turn = __atomic_load_n(&machine.turn, __ATOMIC_ACQUIRE);

		if (turn == OFF)
			break;
		if (turn == DEVICE) {
			write_pages(&random);
			__atomic_store_n(&machine.turn, MAIN, __ATOMIC_RELEASE);
		}
		sched_yield();
	}
	urcu_memb_unregister_thread();
	return NULL;
}

static void flush(void *context, uint64_t start, uint64_t last, bool tables)
{
	(void)context;
	(void)start;
	(void)last;
	(void)tables;
	wait_for_sections();
}

/* Read and clear the marks of pages [first, end). */
static void scan_piece(uint64_t first, uint64_t end)
{
	uint64_t bits[PAGES_MAX / 64] = { 0 };
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_dirty dirty = { .iova = machine.iova + first * machine.page,
				  .page_lg2 = size_lg2(machine.page),
				  .clear = true,
				  .bits = bits };

	assert_int_equal(machine.table->ops->read_dirty(machine.table, &dirty,
							(end - first) * machine.page, &gather),
			 0);
	pt_sync(machine.table, &gather);
	for (uint64_t page = first; page < end; page++)
		if (bit_of(bits, page - first))
			machine.found[page / 64] |= 1ULL << (page % 64);
}

/* All pages, in one go or in two, of which each may have a part of a leaf. */
static void scan(void)
{
	uint64_t middle = random_below(2) ? random_below(machine.pages) : 0;

	if (middle)
		scan_piece(0, middle);
	scan_piece(middle, machine.pages);
}

static void change_sizes(const struct instance *instance)
{
	struct pagetable *table = machine.table;
	struct pt_gather gather = PT_GATHER_INIT;
	uint64_t page = machine.page, bytes = machine.pages * page, length, from, sizes;
	unsigned int lg2 = 63;

	length = page * (1 + random_below(machine.pages));
	from = machine.iova + random_below((bytes - length) / page + 1) * page;
	sizes = instance->sizes & (bytes - 1);
	for (unsigned int skip = (unsigned int)random_below(64); sizes && skip--;)
		sizes &= sizes - 1;
	if (sizes)
		lg2 = size_lg2(sizes & -sizes);
	if (random_below(2))
		assert_int_equal(table->ops->reassemble(table, from, length, 63, &gather), 0);
	else if (random_below(4))
		assert_int_equal(table->ops->fragment(table, from, length, lg2, &gather), 0);
	else if (random_below(2))
		assert_int_equal(table->ops->reassemble(table, machine.iova, bytes, lg2, &gather),
				 0);
	else /* all is one run */
		assert_int_equal(table->ops->collapse(table, from, length, lg2, &gather), 0);
	pt_sync(table, &gather);
}

/* While the device writes, change sizes and scan; then see whether all that it wrote was found. */
static void one_round(const struct instance *instance)
{
	memset(machine.written, 0, sizeof(machine.written));
	memset(machine.found, 0, sizeof(machine.found));
	__atomic_store_n(&machine.turn, DEVICE, __ATOMIC_RELEASE);
	do {
		if (random_below(3))
			change_sizes(instance);
		else
			scan();
	} while (__atomic_load_n(&machine.turn, __ATOMIC_ACQUIRE) != MAIN);
	if (random_below(2))
		change_sizes(instance);
	scan();
	for (uint64_t page = 0; page < machine.pages; page++)
		if (bit_of(machine.written, page) && !bit_of(machine.found, page))
			fail_msg("the write to page %llu was forgotten", (unsigned long long)page);
}

static void check_configuration(const struct instance *instance)
{
	struct pt_config config = instance->config;
	uint64_t size = 0;
	pthread_t thread;

	FOR_EACH_SIZE(larger, instance)
	if (larger / instance->granule <= PAGES_MAX / 2)
		size = larger;
	if (size == instance->granule) /* pages that never join are scanned only */
		size = 64 * instance->granule;
	config.rcu_readers = true;
	config.flush = flush;
	machine = (struct machine){ .page = instance->granule,
				    .turn = MAIN,
				    .pages = 2 * size / instance->granule,
				    .iova = size_iova(instance, size),
				    .seed = random_next() };
	machine.table = instance_create_with(instance, &config);
	assert_int_equal(machine.table->ops->map(machine.table, machine.iova,
						 size_oa(instance, size), 2 * size, RW),
			 0);
	scan();
	assert_int_equal(pthread_create(&thread, NULL, device, NULL), 0);
	for (unsigned int round = 0; round < ROUNDS; round++)
		one_round(instance);
	__atomic_store_n(&machine.turn, OFF, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	machine.table->ops->destroy(machine.table);
	pt_barrier();
}

static void check(const struct instance *instance)
{
	const struct pt_config configs[] = {
		{ 0 },
		{ .quirks = PT_QUIRK_HARDWARE_DIRTY },
		{ .quirks = PT_QUIRK_CONTIGUOUS },
		{ .quirks = PT_QUIRK_HARDWARE_DIRTY | PT_QUIRK_CONTIGUOUS },
		{ .quirks = PT_QUIRK_HARDWARE_DIRTY | PT_QUIRK_CONTIGUOUS,
		  .break_before_make = true },
	};

	for (size_t i = 0; instance->format->has_dirty && i < sizeof(configs) / sizeof(configs[0]);
	     i++) {
		struct instance with;
		struct kinds kinds;

		if ((configs[i].quirks & ~instance->format->quirks) ||
		    !instance_init(&with, instance->format, instance->variant, &configs[i]))
			continue;
		kinds_find(&kinds, &with);
		if (kinds.kind[0].takes_marks)
			check_configuration(&with);
	}
}

static void no_write_is_forgotten(void **state)
{
	(void)state;
	for_each_instance(check);
}

int main(void)
{
	const struct CMUnitTest tests[] = { INSTANCE_TEST(no_write_is_forgotten) };

	random_seed_from_environment();
	fflush(stdout);
	arena_or_exit();
	return cmocka_run_group_tests_name("operations.dirty_device", tests, NULL, NULL);
}
