// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * platform.c - platform.h for user space: the C library and liburcu's memory
 * barrier flavour, whose read sections cost a store and no barrier instruction.
 */
#include "platform.h"

#include <stdlib.h>
#include <urcu/urcu-memb.h>

#include "table_list.h"

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

	table_list_free(deferred->tables);
	free(deferred);
}

void platform_free_tables_after_readers(void *list)
{
	struct deferred_list *deferred = malloc(sizeof(*deferred));

	if (!deferred) {
		urcu_memb_synchronize_rcu();
		table_list_free(list);
		return;
	}
	deferred->tables = list;
	urcu_memb_call_rcu(&deferred->head, free_deferred);
}
