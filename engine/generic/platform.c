// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * platform.c - platform.h for user space: the C library and liburcu's memory
 * barrier flavour, whose read sections cost a store and no barrier instruction.
 */
#include "platform.h"

#include <stdlib.h>
#include <urcu/urcu-memb.h>

#include "table_list.h"

/*
 * liburcu is not instrumented: tell the thread sanitizer what call_rcu and a grace period order.
 * Readers say that their section ends by __tsan_release(&urcu_memb_gp), liburcu's counter of
 * grace periods, which both sides can name.
 */
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
extern struct urcu_gp urcu_memb_gp;
#define HAND_OVER(object) __tsan_release(object)
#define TAKE_OVER(object) __tsan_acquire(object)
#define SECTIONS_HAVE_ENDED() __tsan_acquire(&urcu_memb_gp)
#else
#define HAND_OVER(object) ((void)0)
#define TAKE_OVER(object) ((void)0)
#define SECTIONS_HAVE_ENDED() ((void)0)
#endif

void *platform_alloc(size_t bytes)
{
	return calloc(1, bytes);
}

void platform_free(void *memory)
{
	free(memory);
}

struct deferred_list {
	struct rcu_head head;
	void *tables;
};

static void free_deferred(struct rcu_head *head)
{
	struct deferred_list *deferred = caa_container_of(head, struct deferred_list, head);

	TAKE_OVER(deferred);
	SECTIONS_HAVE_ENDED();
	table_list_free(deferred->tables);
	free(deferred);
}

void platform_free_tables_after_readers(void *list)
{
	struct deferred_list *deferred = malloc(sizeof(*deferred));

	if (!deferred) {
		urcu_memb_synchronize_rcu();
		SECTIONS_HAVE_ENDED();
		table_list_free(list);
		return;
	}
	deferred->tables = list;
	HAND_OVER(deferred);
	urcu_memb_call_rcu(&deferred->head, free_deferred);
}
