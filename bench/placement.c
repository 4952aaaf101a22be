// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * placement.c - seeded offsets of stack, heap and table memory; see placement.h.
 *
 * Address randomization moves the three by whole pages or not at all; what decides
 * which data share a cache set or a 4K alias lies below that.
 */
#include "placement.h"

#include <stdlib.h>

#include "blocks.h"
#include "fail.h"
#include "table_pages.h"

#define STEP 16 /* what the ABI keeps the stack aligned to */

struct placement placement_of(uint64_t seed, uint64_t process)
{
	uint64_t state = seed + process * 0x9e3779b97f4a7c15ULL;

	return (struct placement){
		.stack_bytes = next_random(&state) % (PLACEMENT_STACK_BYTES / STEP) * STEP,
		.heap_bytes = next_random(&state) % (PLACEMENT_HEAP_BYTES / STEP) * STEP,
		.arena_pages = next_random(&state) % PLACEMENT_ARENA_PAGES,
	};
}

static __attribute__((noinline)) int run_below(unsigned int bytes, int (*run)(void *context),
					       void *context)
{
	volatile char *pad = __builtin_alloca(bytes + STEP);

	pad[0] = 0; /* the space has to be there, and to stay until the call returns */
	int result = run(context);

	pad[bytes] = 0;
	return result;
}

int placement_run(const struct placement *placement, int (*run)(void *context), void *context)
{
	char *heap = malloc(placement->heap_bytes + STEP);
	void *tables = NULL;
	int result = 0;

	if (!heap)
		return fail(EXIT_BENCHMARK, "no memory");
	for (unsigned int i = 0; i < placement->arena_pages && !result; i++) {
		void *table = table_alloc(TABLE_PAGE_LG2, 0);

		if (!table) {
			result = fail(EXIT_BENCHMARK, "no table memory");
			break;
		}
		*table_link(table) = tables;
		tables = table;
	}
	if (!result)
		result = run_below(placement->stack_bytes, run, context);
	while (tables) {
		void *next = *table_link(tables);

		table_free(tables, TABLE_PAGE_LG2);
		tables = next;
	}
	free(heap);
	return result;
}
