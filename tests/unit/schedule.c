// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* schedule.c - see schedule.h. */
#include "schedule.h"

#include <urcu/urcu-memb.h>

#include "snapshot.h"
#include "walker.h"

const struct instance *running;
struct pagetable *table;
uint64_t page, block, base;

static struct snapshot snapshot;

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

void plan_at(enum pt_hook where, unsigned int at, void (*act)(void))
{
	plan.where = where;
	plan.at = at;
	plan.count = 0;
	plan.act = act;
	plan.acted = false;
	pt_hook = act ? on_hook : NULL;
}

bool plan_done(void)
{
	return plan.acted;
}

void at_each(enum pt_hook where, void (*prepare)(void), void (*operation)(void), void (*act)(void),
	     void (*check)(void))
{
	unsigned int at = 0;
	bool done;

	do {
		walker_forget(0);
		table = instance_create(running);
		prepare();
		plan_at(where, at++, act);
		operation();
		done = plan_done();
		plan_at(where, 0, NULL);
		if (done)
			check();
		table->ops->destroy(table);
	} while (done);
}

void with_each_policy(const struct instance *instance, void (*check)(void), bool eager_only)
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

void nothing(void)
{
}

void map_pages(uint64_t iova, uint64_t oa, uint64_t length)
{
	assert_int_equal(table->ops->map(table, iova, oa, length, RW), 0);
}

void unmap_pages(uint64_t iova, uint64_t length)
{
	struct pt_gather gather = PT_GATHER_INIT;

	assert_int_equal(table->ops->unmap(table, iova, length, &gather), (int64_t)length);
	pt_sync(table, &gather);
}

void finds(uint64_t iova, uint64_t oa)
{
	assert_int_equal(table->ops->iova_to_phys(table, iova), oa);
}

void holds(uint64_t bytes)
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

int schedules_main(const char *name, const struct CMUnitTest *tests, size_t count)
{
	int failures;

	arena_or_exit();
	if (walker_init()) {
		fprintf(stderr, "no memory for the walker\n");
		return 1;
	}
	failures = _cmocka_run_group_tests(name, tests, count, NULL, NULL);
	snapshot_free(&snapshot);
	return failures;
}
