// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* workload.c - a case's operations, see workload.h. */
#include "workload.h"

#include <stdlib.h>

#include "cold_code.h"
#include "fail.h"
#include "spread.h"

/* The addresses of a round's operations. */
static int take_addresses(struct workload *workload, const struct machine *machine,
			  unsigned int side_count)
{
	const struct bench_case *c = workload->c;
	struct layout *layout = &workload->layout;
	int error;

	if (!layout_find(c, layout))
		return fail(EXIT_NO_CASE, "%s: the format has no room for it", c->name);
	workload->op_count = layout->ops;
	error = c->state == STATE_OUT_OF_CACHE ? spread_init(workload, machine, side_count) : 0;
	if (error)
		return error;
	workload->window = (struct subject_window){
		.start = layout->base,
		.end = layout_end(layout),
		.page_size = c->page_size,
		.resizes = c->op->resizes,
		.fresh_tables = c->state == STATE_COLD,
		.detaches = !c->page_size ||
			    (c->op->effect == OP_UNMAPS && layout->length >= layout->table_span),
	};
	workload->ops = malloc(workload->op_count * sizeof(*workload->ops));
	workload->order = malloc(workload->op_count * sizeof(*workload->order));
	if (!workload->ops || !workload->order)
		return fail(EXIT_BENCHMARK, "%s: no memory", c->name);
	for (size_t i = 0; i < workload->op_count; i++)
		workload->ops[i] = (struct hot_op){ layout_iova(layout, i),
						    layout_iova(layout, i) + layout->delta };
	if (c->state == STATE_OUT_OF_CACHE)
		spread_take(workload, 0);
	if (c->state == STATE_COLD_CODE && cold_code_init(machine->l2_bytes))
		return fail(EXIT_BENCHMARK, "%s: no memory", c->name);
	return 0;
}

int workload_init(const struct bench_case *c, const struct trace *trace,
		  const struct machine *machine, unsigned int side_count, uint64_t seed,
		  struct workload *workload)
{
	int error;

	*workload = (struct workload){ .c = c, .trace = trace, .seed = seed };
	error = c->op->replays ? 0 : take_addresses(workload, machine, side_count);
	return error || !c->op->init ? error : c->op->init(workload, machine);
}

void workload_free(struct workload *workload)
{
	if (workload->c->op->free)
		workload->c->op->free(workload);
	free(workload->ops);
	free(workload->order);
	*workload = (struct workload){ 0 };
}
