// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map_unmap.c - mapping and unmapping by several threads at once. */
#define _GNU_SOURCE
#include <stdio.h>

#include "crew.h"
#include "sides.h"
#include "verify.h"

static char *describe(const struct bench_case *c, const char *pages)
{
	char *text;
	int length = asprintf(&text,
			      "Maps and unmaps %s, in %u thread%s at once on as many CPUs: "
			      "neighbours in the same tables. The time is that of the slowest.",
			      pages, c->threads, c->threads > 1 ? "s" : "");

	return length < 0 ? NULL : text;
}

static bool possible(const struct subject *subject)
{
	return subject->map && subject->unmap;
}

static int init(struct workload *workload, const struct machine *machine)
{
	struct crew *crew;
	int error = crew_init(&crew, workload->c->threads, machine->cpu);

	workload->own = error ? NULL : crew;
	return error;
}

static void free_crew(struct workload *workload)
{
	crew_free(workload->own);
}

/* What one thread of several does, and on what. */
struct share {
	const struct workload *workload;
	const struct subject *subject;
	void *handle;
};

static struct hot_result map_and_unmap(void *context, unsigned int first, unsigned int stride)
{
	const struct share *share = context;
	const struct workload *workload = share->workload;

	return hot_map_unmap(share->subject->map, share->subject->unmap, share->handle,
			     workload->ops, workload->op_count, workload->layout.length, first,
			     stride);
}

static struct hot_result run(const struct workload *workload, const struct subject *subject,
			     void *handle)
{
	struct share share = { workload, subject, handle };
	struct hot_result result = crew_run(workload->own, map_and_unmap, &share);

	if (!result.failure)
		result.done = workload->op_count / workload->c->threads;
	return result;
}

static int check(const struct workload *workload, struct side *side,
		 const struct hot_result *result)
{
	(void)result;
	return side_check_round(workload, side, false);
}

const struct bench_op op_map_unmap = {
	.name = "map_unmap",
	.effect = OP_UNMAPS,
	.threaded = true,
	.describe = describe,
	.possible = possible,
	.init = init,
	.free = free_crew,
	.run = run,
	.check = check,
	.verify = verify_mapping,
};
