// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* repeat.c - rounds until time is up, see repeat.h. */
#include "repeat.h"

int repeat(struct workload *workload, struct side *side, uint64_t seconds)
{
	uint64_t end = hot_now() + seconds * 1000000000u;
	int error = side_create(workload, side);

	if (!error)
		error = side_prepare(workload, side);
	while (!error && hot_now() < end) {
		struct hot_result result;

		error = round_run(workload, side, &result);
	}
	side_destroy(side);
	return error;
}
