// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * platform.c - platform.h for user space: the C library and liburcu's memory
 * barrier flavour, whose read sections cost a store and no barrier instruction.
 */
#include "generic/platform.h"

#include <stdlib.h>
#include <urcu/urcu-memb.h>

#include "generic/hooks.h"
#include "generic/table_list.h"

#ifdef PT_TEST_HOOKS
void (*pt_hook)(enum pt_hook where);
#endif

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

void platform_expect_readers(void)
{
	/* liburcu starts its thread with the first callback, and ends the program if it can not. */
	urcu_memb_get_default_call_rcu_data();
}

/*
 * Tables on their way out, of all page tables. One callback at a time is under way for those that
 * came before it; what comes meanwhile waits for the next. So no memory is needed when there is none.
 */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t idle;
	struct rcu_head head; /* in use while @in_flight is not NULL */
	void *in_flight; /* freed when the callback comes */
	void *waiting;
} leaving = { .lock = PTHREAD_MUTEX_INITIALIZER, .idle = PTHREAD_COND_INITIALIZER };

static void free_in_flight(struct rcu_head *head);

/* Send off what waits, if anything does. The lock is held, and no callback is under way. */
static void send_off(void)
{
	leaving.in_flight = leaving.waiting;
	leaving.waiting = NULL;
	if (!leaving.in_flight) {
		pthread_cond_broadcast(&leaving.idle);
		return;
	}
	HAND_OVER(&leaving);
	urcu_memb_call_rcu(&leaving.head, free_in_flight);
}

static void free_in_flight(struct rcu_head *head)
{
	TAKE_OVER(&leaving);
	SECTIONS_HAVE_ENDED();
	table_list_free(leaving.in_flight);
	pthread_mutex_lock(&leaving.lock);
	send_off();
	pthread_mutex_unlock(&leaving.lock);
}

void platform_free_tables_after_readers(void *list)
{
	pthread_mutex_lock(&leaving.lock);
	if (leaving.waiting)
		table_list_append(list, leaving.waiting);
	leaving.waiting = list;
	if (!leaving.in_flight)
		send_off();
	pthread_mutex_unlock(&leaving.lock);
}

void platform_wait_for_freeing(void)
{
	pthread_mutex_lock(&leaving.lock);
	while (leaving.in_flight)
		pthread_cond_wait(&leaving.idle, &leaving.lock);
	pthread_mutex_unlock(&leaving.lock);
}
