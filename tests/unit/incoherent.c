// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * incoherent.c - shows that a walker which does not snoop sees exactly what was
 * written after every operation and before every invalidation, and at no time between
 * anything but leaves from before or after the operation: no table is reachable
 * before all of it was written back.
 */
#include "instance.h"

#include <errno.h>
#include <string.h>
#include <urcu/urcu-memb.h>

#include "random.h"
#include "snapshot.h"
#include "table_pages.h"
#include "walker.h"

#define STEPS 40 /* fewer where a block has thousands of pages, which are all looked at each time */
#define SLOTS 6

static const struct instance *running;
static struct pagetable *table;
static struct snapshot memory, seen, before;

static void look(struct snapshot *snapshot, bool walker)
{
	unsigned int level;
	const void *root = pt_root(table, &level);

	if (walker)
		walker_swap();
	snapshot_take(snapshot, running->format, &running->config, root, level);
	if (walker)
		walker_swap();
}

/* Is @leaf in @snapshot? @at is where to search on: leaves are asked for in address order. */
static bool has_leaf(const struct snapshot *snapshot, size_t *at, const struct pt_item *leaf)
{
	while (*at < snapshot->count &&
	       (snapshot->items[*at].is_table || snapshot->items[*at].iova < leaf->iova))
		++*at;
	return *at < snapshot->count && snapshot->items[*at].iova == leaf->iova &&
	       snapshot->items[*at].word == leaf->word;
}

/* After each write-back: nothing that is neither from before nor written by now. */
static void on_write_back(void)
{
	size_t at_before = 0, at_memory = 0;

	look(&seen, true);
	look(&memory, false);
	for (size_t i = 0; i < seen.count; i++)
		if (!seen.items[i].is_table)
			assert_true(has_leaf(&before, &at_before, &seen.items[i]) ||
				    has_leaf(&memory, &at_memory, &seen.items[i]));
}

/* Before an invalidation everything has been written back, or the walker refills its cache from old items. */
static void on_invalidation(void *context, uint64_t start, uint64_t last, bool tables)
{
	(void)context;
	(void)start;
	(void)last;
	(void)tables;
	look(&seen, true);
	look(&memory, false);
	assert_true(snapshot_same(&seen, &memory));
}

static void settled(void)
{
	look(&seen, true);
	look(&memory, false);
	assert_true(snapshot_same(&seen, &memory));
	look(&before, false);
}

static void step(const struct instance *instance, uint64_t base, uint64_t *mapped)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	unsigned int slot = (unsigned int)random_below(SLOTS);
	/* A slot is three blocks; what is mapped in it begins anywhere in the first. */
	uint64_t iova = base + slot * 3 * block;
	struct pt_gather gather = PT_GATHER_INIT;

	if (mapped[slot]) {
		uint64_t first = mapped[slot] & -page, length = 3 * block - (first - iova);

		if (random_below(2))
			assert_true(table->ops->unmap(table, first, length, &gather) >=
				    (int64_t)length);
		else {
			struct pt_run runs[8];
			size_t count;

			assert_true(table->ops->unmap_batch(table, first, length, &gather, runs, 8,
							    &count) > 0);
		}
		pt_sync(table, &gather);
		mapped[slot] = 0;
		return;
	}
	{
		uint64_t offset = random_below(2) ? 0 : random_below(block / page) * page;
		uint64_t length =
			random_below(2) ? block : page * (1 + random_below(2 * block / page));
		uint64_t oa = random_below(2) ? 4 * block + offset : 3 * page;
		struct pt_run runs[2] = { { oa, length }, { 0, page } };
		int result;

		/* Now and then memory runs out, or the way is blocked at the end. */
		if (random_below(4) == 0)
			table_fail_after((long)random_below(4));
		if (random_below(4) == 0 && offset + length + page <= 3 * block)
			result = table->ops->map_batch(table, iova + offset, runs, 2, RW);
		else
			result = table->ops->map(table, iova + offset, oa, length, RW);
		table_fail_after(-1);
		assert_true(!result || result == -ENOMEM);
		if (!result)
			mapped[slot] = (iova + offset) | 1;
	}
}

static void check_steps(const struct instance *instance)
{
	uint64_t mapped[SLOTS] = { 0 };
	struct pt_config config = instance->config;
	uint64_t block = instance_block(instance), base = instance_middle(instance, 32 * block);
	unsigned int steps = block / instance->granule > 1024 ? STEPS / 4 : STEPS;

	/* What the walker takes for a leaf when it reads what nobody has written back. */
	walker_forget(strcmp(instance->format->name, "armv7s") == 0 ? 0x8282828282828282
								    : 0x8181818181818181);
	running = instance;
	config.flush = on_invalidation;
	before.count = 0;
	walker_on_flush(NULL);
	table = instance_create_with(instance, &config);
	settled();
	walker_on_flush(on_write_back);
	for (unsigned int i = 0; i < steps; i++) {
		step(instance, base, mapped);
		settled();
		assert_int_equal(
			table->ops->map(table, base + SLOTS * 3 * block, 0, instance->granule, RW),
			i ? -EADDRINUSE : 0);
		settled();
	}
	walker_on_flush(NULL);
	table->ops->destroy(table);
}

/* With each quirk, above all the one that joins items, and under the eager policy. */
static void check_incoherent(const struct instance *instance)
{
	const struct pt_format *format = instance->format;

	if (!format->may_be_incoherent)
		return;
	for (unsigned int quirk = 0; quirk <= format->quirks; quirk = quirk ? quirk << 1 : 1)
		for (unsigned int freeing = 0; freeing <= PT_FREE_NEVER; freeing++) {
			struct pt_config config = { .quirks = quirk,
						    .incoherent = true,
						    .freeing = freeing,
						    .rcu_readers = freeing == PT_FREE_EAGER };
			struct instance changed;

			if ((quirk & format->quirks) != quirk ||
			    !instance_init(&changed, format, instance->variant, &config))
				continue;
			if (config.rcu_readers)
				urcu_memb_read_lock();
			check_steps(&changed);
			if (!config.rcu_readers)
				continue;
			urcu_memb_read_unlock();
			urcu_memb_barrier();
		}
}

static void walker_sees_what_is_written(void **state)
{
	(void)state;
	for_each_instance(check_incoherent);
}

int main(void)
{
	const struct CMUnitTest tests[] = { INSTANCE_TEST(walker_sees_what_is_written) };
	int failures;

	random_seed_from_environment();
	arena_or_exit();
	if (walker_init()) {
		fprintf(stderr, "no memory for the walker\n");
		return 1;
	}
	failures = cmocka_run_group_tests_name("unit.incoherent", tests, NULL, NULL);
	snapshot_free(&memory);
	snapshot_free(&seen);
	snapshot_free(&before);
	return failures;
}
