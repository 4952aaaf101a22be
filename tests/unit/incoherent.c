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

/* Fewer where a block has thousands of pages, which are all looked at each time; sanitizers take their time too. */
#ifdef PTBENCH_SANITIZED
#define STEPS 16
#else
#define STEPS 40
#endif
#define SLOTS 6

static const struct instance *running;
static struct pagetable *table;
static struct snapshot memory, seen, before;
static uint64_t mark; /* that table items carry which were written back */

/* Bits that hardware ignores in an item which points to a table, chosen for the mark. */
static uint64_t mark_of(const char *format)
{
	if (strcmp(format, "x86_64") == 0)
		return 1ULL << 9;
	if (strcmp(format, "vtdss") == 0)
		return 1ULL << 10;
	return strncmp(format, "arm", 3) == 0 && strcmp(format, "armv7s") != 0 ? 1ULL << 55 : 0;
}

/* The mark is for threads: what a walker finds in memory is from before it was set, or after. */
static void look(struct snapshot *snapshot, bool walker)
{
	unsigned int level;
	const void *root = pt_root(table, &level);

	if (walker)
		walker_swap();
	snapshot_take(snapshot, running->format, &running->config, root, level);
	if (walker)
		walker_swap();
	for (size_t i = 0; i < snapshot->count; i++)
		if (snapshot->items[i].is_table)
			snapshot->items[i].word &= ~mark;
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

static int has_mark(void *context, const struct pt_item *item)
{
	(void)context;
	return item->is_table && (item->word & mark) != mark;
}

/* Everything was written back, and says so. */
static void settled(void)
{
	unsigned int level;
	const void *root = pt_root(table, &level);

	look(&seen, true);
	look(&memory, false);
	assert_true(snapshot_same(&seen, &memory));
	assert_int_equal(running->format->visit(&running->config, root, level, has_mark, NULL), 0);
	look(&before, false);
}

/* Marks that hardware makes go to memory, past every cache: to both. */
static void device_writes(uint64_t iova)
{
	int result = table->ops->set_dirty(table, iova);

	walker_on_flush(NULL, NULL);
	walker_swap();
	assert_int_equal(table->ops->set_dirty(table, iova), result);
	walker_swap();
	look(&before, false);
	walker_on_flush(NULL, on_write_back);
}

/* Something is mapped from @iova on: take it away, or a part of it. */
static void step_unmap(uint64_t iova, uint64_t length, uint64_t page)
{
	struct pt_gather gather = PT_GATHER_INIT;

	if (random_below(2)) {
		assert_true(table->ops->unmap(table, iova, length, &gather) >= 0);
	} else {
		struct pt_run runs[8];
		size_t count;

		assert_true(table->ops->unmap_batch(table, iova, length, &gather, runs,
						    random_below(2) ? 8 : 1, &count) >= 0);
		/* One page, after the array was full. */
		table->ops->unmap_batch(table, iova + length - page, page, &gather, runs, 1,
					&count);
	}
	pt_sync(table, &gather);
}

/* Change the sizes or the marks of what is mapped in a part of [iova, iova + length). */
static void step_change(uint64_t iova, uint64_t length, uint64_t page)
{
	struct pt_gather gather = PT_GATHER_INIT;
	unsigned int what = (unsigned int)random_below(4);
	uint64_t from = random_below(2) ? 0 : random_below(length / page) * page;
	uint64_t bytes =
		random_below(2) ? length - from : page * (1 + random_below((length - from) / page));
	unsigned int lg2 = (unsigned int)__builtin_ctzll(page) + (unsigned int)random_below(12);
	static uint64_t bits[1024]; /* enough for 3 blocks of 8192 pages */
	struct pt_dirty dirty = { .iova = iova + from,
				  .page_lg2 = (unsigned int)__builtin_ctzll(page),
				  .clear = true,
				  .bits = bits };
	int result = 0;

	if (what == 0)
		result = table->ops->cut(table, iova + from, bytes, &gather);
	else if (what == 1)
		result = table->ops->fragment(table, iova + from, bytes, lg2, &gather);
	if (what == 2 || (what == 1 && !result && random_below(2)))
		result = random_below(2)
				 ? table->ops->reassemble(table, iova + from, bytes, 63, &gather)
				 : table->ops->collapse(table, iova + from, bytes, 63, &gather);
	else if (what == 3 && running->format->has_dirty && length / page <= 64 * 1024)
		result = table->ops->read_dirty(table, &dirty, bytes, &gather);
	assert_true(!result || result == -ENOMEM || result == -ENOENT);
	pt_sync(table, &gather);
}

/* Now and then memory runs out, or the way is blocked at the end. */
static bool step_map(uint64_t iova, uint64_t block, uint64_t page, uint64_t offset)
{
	uint64_t length = random_below(2) ? block : page * (1 + random_below(2 * block / page));
	uint64_t oa = random_below(2) ? 4 * block + offset : 3 * page;
	struct pt_run runs[2] = { { oa, length }, { 0, page } };
	int result;

	if (random_below(4) == 0 && offset + length + page <= 3 * block)
		result = table->ops->map_batch(table, iova + offset, runs, 2, RW);
	else
		result = table->ops->map(table, iova + offset, oa, length, RW);
	assert_true(!result || result == -ENOMEM);
	return !result;
}

static void step(const struct instance *instance, uint64_t base, uint64_t *mapped)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	unsigned int slot = (unsigned int)random_below(SLOTS);
	/* A slot is three blocks; what is mapped in it begins anywhere in the first. */
	uint64_t iova = base + slot * 3 * block, first = mapped[slot] & -page;
	uint64_t length = 3 * block - (first - iova);

	if (random_below(4) == 0)
		table_fail_after((long)random_below(4));
	if (!mapped[slot]) {
		uint64_t offset = random_below(2) ? 0 : random_below(block / page) * page;

		if (step_map(iova, block, page, offset))
			mapped[slot] = (iova + offset) | 1;
	} else if (random_below(3)) {
		table_fail_after(-1);
		if (instance->format->has_dirty && random_below(2))
			device_writes(first + random_below(length / page) * page);
		if (random_below(4) == 0)
			table_fail_after((long)random_below(3));
		if (random_below(3))
			step_change(first, length, page);
		else /* one leaf, where it is one */
			step_unmap(first, page, page);
	} else {
		struct pt_gather gather = PT_GATHER_INIT;

		step_unmap(first, length, page);
		/* What is left where the array was full. */
		assert_true(table->ops->unmap(table, iova, 3 * block, &gather) > 0);
		pt_sync(table, &gather);
		mapped[slot] = 0;
	}
	table_fail_after(-1);
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
	mark = mark_of(instance->format->name);
	assert_int_equal(instance->format->table_marks, mark);
	config.flush = on_invalidation;
	before.count = 0;
	walker_on_flush(NULL, NULL);
	table = instance_create_with(instance, &config);
	settled();
	walker_on_flush(NULL, on_write_back);
	for (unsigned int i = 0; i < steps; i++) {
		step(instance, base, mapped);
		settled();
		assert_int_equal(
			table->ops->map(table, base + SLOTS * 3 * block, 0, instance->granule, RW),
			i ? -EADDRINUSE : 0);
		settled();
	}
	walker_on_flush(NULL, NULL);
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
						    .break_before_make = freeing == PT_FREE_NEVER,
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
			pt_barrier();
		}
}

static void walker_sees_what_is_written(void **state)
{
	(void)state;
	for_each_instance(check_incoherent);
}

/*
 * A neighbour maps a page while an operation is about to write something back, each time
 * another thing, and its device must find the page at once.
 */
static struct {
	unsigned int at, count; /* the write-back before which it comes, and those there were */
	uint64_t iova, page;
	bool came;
} neighbour;

static uint64_t walker_translates(uint64_t iova)
{
	uint64_t oa;

	walker_swap();
	oa = table->ops->iova_to_phys(table, iova);
	walker_swap();
	return oa;
}

static void neighbour_comes(void)
{
	if (neighbour.count++ != neighbour.at)
		return;
	walker_on_flush(NULL, NULL);
	neighbour.came = true;
	assert_int_equal(table->ops->map(table, neighbour.iova, neighbour.page, neighbour.page, RW),
			 0);
	assert_int_equal(walker_translates(neighbour.iova), neighbour.page);
}

enum meanwhile { MAP_PAGE, MAP_BLOCKS, MAP_RUNS, FRAGMENT, UNMAP, UNMAP_RUNS, MEANWHILE };

/* One operation on [iova, iova + 2 blocks), whose last page and what follows are the neighbour's. */
static void meanwhile(enum meanwhile what, uint64_t iova, uint64_t block, uint64_t page)
{
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_run runs[2] = { { block, block }, { 4 * block, block - page } };
	size_t count;

	if (what == MAP_PAGE)
		assert_int_equal(table->ops->map(table, iova + block, block, page, RW), 0);
	else if (what == MAP_BLOCKS)
		assert_int_equal(
			table->ops->map(table, iova + page, block, 2 * block - 2 * page, RW), 0);
	else if (what == MAP_RUNS)
		assert_int_equal(table->ops->map_batch(table, iova, runs, 2, RW), 0);
	else if (what == FRAGMENT)
		assert_int_equal(table->ops->fragment(table, iova, block,
						      (unsigned int)__builtin_ctzll(page), &gather),
				 0);
	else if (what == UNMAP)
		assert_true(table->ops->unmap(table, iova, 2 * block - page, &gather) > 0);
	else
		assert_true(table->ops->unmap_batch(table, iova, 2 * block - page, &gather, runs, 2,
						    &count) > 0);
	pt_sync(table, &gather);
}

static void check_meanwhile(const struct instance *instance, enum meanwhile what, uint64_t distance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t base = instance_middle(instance, 16 * block);

	neighbour.at = 0;
	do {
		neighbour.count = 0;
		neighbour.came = false;
		neighbour.page = page;
		neighbour.iova = base + 2 * block - page + distance;
		running = instance;
		table = instance_create(instance);
		if (what == FRAGMENT || what >= UNMAP) {
			assert_int_equal(table->ops->map(table, base, block, block, RW), 0);
			assert_int_equal(
				table->ops->map(table, base + block, 3 * page, block - page, RW),
				0);
		}
		walker_on_flush(neighbour_comes, NULL);
		meanwhile(what, base, block, page);
		walker_on_flush(NULL, NULL);
		if (neighbour.came)
			assert_int_equal(walker_translates(neighbour.iova), page);
		settled();
		table->ops->destroy(table);
		neighbour.at++;
	} while (neighbour.came);
	/* There was something to write back, and so a time to come. */
	assert_true(neighbour.at > 1 || what == FRAGMENT);
}

static void check_neighbour(const struct instance *instance)
{
	uint64_t block = instance_block(instance);

	mark = mark_of(instance->format->name);
	for (unsigned int freeing = 0;
	     instance->format->may_be_incoherent && freeing < PT_FREE_NEVER; freeing++) {
		struct pt_config config = { .incoherent = true,
					    .freeing = freeing,
					    .rcu_readers = freeing == PT_FREE_EAGER };
		struct instance changed;

		assert_true(instance_init(&changed, instance->format, instance->variant, &config));
		if (config.rcu_readers)
			urcu_memb_read_lock();
		for (unsigned int what = 0; what < MEANWHILE; what++)
			for (unsigned int i = 0; i < 3; i++)
				check_meanwhile(&changed, what, i * 2 * block);
		if (!config.rcu_readers)
			continue;
		urcu_memb_read_unlock();
		pt_barrier();
	}
}

static void neighbour_maps_meanwhile(void **state)
{
	(void)state;
	for_each_instance(check_neighbour);
}

int main(void)
{
	const struct CMUnitTest tests[] = { INSTANCE_TEST(walker_sees_what_is_written),
					    INSTANCE_TEST(neighbour_maps_meanwhile) };
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
