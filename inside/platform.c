// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * platform.c - what the engine needs from a kernel: platform.h and table_pages.h of this folder. Watches
 * that nothing sleeps that may not: every way to sleep goes through here.
 */
#include <linux/cacheflush.h>
#include <linux/gfp.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "generic/platform.h"
#include "generic/table_list.h"
#include "subjects.h"

long inside_tables_live;
unsigned int inside_slept;

static void may_sleep(void)
{
	if (irqs_disabled() || in_atomic()) {
		inside_slept++;
		pr_err("inside: sleeps in atomic context\n");
	}
}

void *platform_alloc(size_t bytes)
{
	may_sleep();
	return kzalloc(bytes, GFP_KERNEL);
}

void platform_free(void *memory)
{
	kfree(memory);
}

/* Tables on their way out; as in user space one callback at a time, so that none needs memory. */
static struct {
	spinlock_t lock;
	struct rcu_head head;
	void *in_flight, *waiting;
} leaving = { .lock = __SPIN_LOCK_UNLOCKED(leaving.lock) };

static void free_in_flight(struct rcu_head *head);

static void send_off(void)
{
	leaving.in_flight = leaving.waiting;
	leaving.waiting = NULL;
	if (leaving.in_flight)
		call_rcu(&leaving.head, free_in_flight);
}

static void free_in_flight(struct rcu_head *head)
{
	unsigned long flags;

	table_list_free(leaving.in_flight);
	spin_lock_irqsave(&leaving.lock, flags);
	send_off();
	spin_unlock_irqrestore(&leaving.lock, flags);
}

void platform_free_tables_after_readers(void *list)
{
	unsigned long flags;

	spin_lock_irqsave(&leaving.lock, flags);
	if (leaving.waiting)
		table_list_append(list, leaving.waiting);
	leaving.waiting = list;
	if (!leaving.in_flight)
		send_off();
	spin_unlock_irqrestore(&leaving.lock, flags);
}

void platform_wait_for_freeing(void)
{
	may_sleep();
	while (READ_ONCE(leaving.in_flight))
		rcu_barrier();
}

void *table_alloc(unsigned int bytes_lg2, int zero)
{
	gfp_t gfp = (inside_planted("sleep") ? GFP_KERNEL : GFP_ATOMIC) | (zero ? __GFP_ZERO : 0);
	struct page *page;

	if (gfpflags_allow_blocking(gfp))
		may_sleep();
	/* Planted, it only tells: to sleep here would hang. */
	page = alloc_pages(gfp & ~__GFP_DIRECT_RECLAIM, bytes_lg2 - PAGE_SHIFT);
	if (!page)
		return NULL;
	inside_tables_live++;
	return page_address(page);
}

void table_free(void *table, unsigned int bytes_lg2)
{
	if (inside_planted("leak") && bytes_lg2 == PAGE_SHIFT)
		return;
	inside_tables_live--;
	free_pages((unsigned long)table, bytes_lg2 - PAGE_SHIFT);
}

void table_flush_lines(const void *address, unsigned long bytes)
{
	clflush_cache_range((void *)address, bytes);
}
