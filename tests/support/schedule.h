/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * schedule.h - lets another thread, or hardware, be faster: every time, by hooks that stop an
 * operation where it can lose (engine/generic/hooks.h). Only sanitized builds have them.
 *
 * Most often the other one runs to its end inside the hook, in the same thread: that is a schedule
 * like any other, and needs no clock. Where it has to stop halfway too, it has a thread.
 *
 * A program that uses it is linked with --wrap=table_flush_lines (walker.h).
 */
#ifndef PTBENCH_TESTS_SCHEDULE_H
#define PTBENCH_TESTS_SCHEDULE_H

#include "instance.h"

#include "generic/hooks.h"

/* What is tested now: an instance, a page table of it, its smallest page, a block of those, a place for 16 of them. */
extern const struct instance *running;
extern struct pagetable *table;
extern uint64_t page, block, base;

/* Call @check in each way of freeing, or the eager one only, coherent and not, with all of the above but the table. */
void with_each_policy(const struct instance *instance, void (*check)(void), bool eager_only);

/* Let @act happen when an operation comes to the hook @where for the @at-th time, counted from 0; NULL: never. */
void plan_at(enum pt_hook where, unsigned int at, void (*act)(void));

/* Has it happened? */
bool plan_done(void);

/*
 * Run @prepare and @operation on a fresh table, with @act at one instant of @operation after the
 * other, and @check after each, until there is none left.
 */
void at_each(enum pt_hook where, void (*prepare)(void), void (*operation)(void), void (*act)(void),
	     void (*check)(void));

void nothing(void);

/* One operation that has to succeed; unmap_pages() syncs too. */
void map_pages(uint64_t iova, uint64_t oa, uint64_t length);
void unmap_pages(uint64_t iova, uint64_t length);

/* @iova translates to @oa. */
void finds(uint64_t iova, uint64_t oa);

/* CPU and walker see leaves of so many bytes, once all is quiet. */
void holds(uint64_t bytes);

/* Arena, walker and the group of tests: a program's main(). */
#define SCHEDULES_MAIN(name, tests) schedules_main(name, tests, sizeof(tests) / sizeof((tests)[0]))
int schedules_main(const char *name, const struct CMUnitTest *tests, size_t count);

#endif
