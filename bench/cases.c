// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* cases.c - the one table that all cases come from, see cases.h. */
#define _GNU_SOURCE
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_names.h"
#include "case_traces.h"
#include "crew.h"
#include "fail.h"
#include "layout.h"
#include "limit.h"

enum size_class {
	SIZE_GRANULE, /* the format's smallest page */
	SIZE_NEXT, /* a leaf one level up: 2M where the granule is 4K */
	SIZE_EXTRA, /* each size between levels that formats.c names */
	SIZE_MIXED, /* a range that takes several sizes */
	SIZE_THIRD, /* a leaf two levels up: 1G where the granule is 4K */
	SIZE_SCAN, /* 1 GiB of the smallest page */
};

#define SCAN_BYTES (1ULL << 30)
#define WHOLE_TABLE 0 /* as many pages as a table at their level has items */

typedef const struct bench_op *const op_list[];
static op_list only_map = { &op_map, NULL };
static op_list only_unmap = { &op_unmap, NULL };
static op_list map_and_unmap = { &op_map, &op_unmap, NULL };
static op_list map_unmap_lookup = { &op_map, &op_unmap, &op_iova_to_phys, NULL };
static op_list at_once = { &op_map_unmap, NULL };
static op_list only_map_batch = { &op_map_batch, NULL };
static op_list batches = { &op_map_batch, &op_unmap_batch, NULL };
static op_list split_and_join = { &op_fragment, &op_reassemble, &op_collapse, NULL };
static op_list only_cut = { &op_cut, NULL };
static op_list scan = { &op_read_dirty, NULL };

/* Which formats' case `run --quick` takes: of all, of the two that stand for the rest, or of none. */
enum quick { QUICK_NONE, QUICK_MAIN, QUICK_ALL };

/* One row makes a case for each of its operations, for every format that can. */
struct row {
	const struct bench_op *const *ops; /* ended by NULL */
	enum size_class size;
	unsigned int count;
	enum case_mode mode;
	enum case_state state;
	enum quick quick;
	const char *use; /* the real use that the case stands for */
};

#define ONE_BUFFER "A network or storage driver's single small buffer, in a table in steady use."
#define SCATTERED "A large buffer of scattered pages, such as a storage driver's 1 MiB request."
#define LEAF_TABLE "Guest memory pinned without huge pages: ranges that end where tables end."
#define HUGE_PAGE "Guest memory on huge pages, pinned and unpinned one huge page at a time."
#define HUGE_PAGES "Guest memory on huge pages, or a GPU's buffer, in one call."
#define BETWEEN "A size that only some formats have, as contiguous memory of that size gets it."
#define RANGE "A virtual machine's or GPU's memory region with unaligned ends."
#define FRESH "The first use of an address range: a new device, a new process, a growing guest."
#define BIG_GUEST "Scattered buffers of a machine whose page tables outgrow the cache."
#define IN_A_STACK                                                                                \
	"A buffer that is mapped once in a packet or request, between all else that is done for " \
	"it."
#define NO_SNOOP "An embedded system's or an integrated GPU's IOMMU."
#define PINNED "Guest memory that iommufd or VFIO pins, and releases page by page."
#define MIGRATION \
	"Live migration: dirty pages are tracked in small pages, then large ones come back."
#define HOLE "Memory that a guest gives back or makes private, out of a huge page."
#define QUEUES "A device with a queue for each CPU, whose buffers lie side by side."
#define FLUSH_QUEUE "The DMA API's default for trusted devices."

static const struct row rows[] = {
	{ map_unmap_lookup, SIZE_GRANULE, 1, MODE_COHERENT, STATE_WARM, QUICK_ALL, ONE_BUFFER },
	{ map_unmap_lookup, SIZE_GRANULE, 256, MODE_COHERENT, STATE_WARM, QUICK_ALL, SCATTERED },
	{ map_unmap_lookup, SIZE_GRANULE, WHOLE_TABLE, MODE_COHERENT, STATE_WARM, QUICK_MAIN,
	  LEAF_TABLE },
	{ map_unmap_lookup, SIZE_NEXT, 1, MODE_COHERENT, STATE_WARM, QUICK_MAIN, HUGE_PAGE },
	{ map_unmap_lookup, SIZE_NEXT, 256, MODE_COHERENT, STATE_WARM, QUICK_ALL, HUGE_PAGES },
	{ map_and_unmap, SIZE_NEXT, WHOLE_TABLE, MODE_COHERENT, STATE_WARM, QUICK_NONE,
	  HUGE_PAGES },
	{ map_and_unmap, SIZE_EXTRA, 1, MODE_COHERENT, STATE_WARM, QUICK_MAIN, BETWEEN },
	{ map_and_unmap, SIZE_EXTRA, 256, MODE_COHERENT, STATE_WARM, QUICK_NONE, BETWEEN },
	{ map_and_unmap, SIZE_MIXED, 1, MODE_COHERENT, STATE_WARM, QUICK_MAIN, RANGE },
	{ only_unmap, SIZE_GRANULE, 1, MODE_LAZY, STATE_WARM, QUICK_NONE, FLUSH_QUEUE },
	{ only_unmap, SIZE_GRANULE, 256, MODE_LAZY, STATE_WARM, QUICK_MAIN, FLUSH_QUEUE },
	{ only_unmap, SIZE_GRANULE, WHOLE_TABLE, MODE_LAZY, STATE_WARM, QUICK_NONE, FLUSH_QUEUE },
	{ only_unmap, SIZE_NEXT, 256, MODE_LAZY, STATE_WARM, QUICK_NONE, FLUSH_QUEUE },
	{ map_and_unmap, SIZE_GRANULE, 1, MODE_INCOHERENT, STATE_WARM, QUICK_NONE, NO_SNOOP },
	{ map_and_unmap, SIZE_GRANULE, 256, MODE_INCOHERENT, STATE_WARM, QUICK_NONE, NO_SNOOP },
	{ map_and_unmap, SIZE_GRANULE, WHOLE_TABLE, MODE_INCOHERENT, STATE_WARM, QUICK_NONE,
	  NO_SNOOP },
	{ map_and_unmap, SIZE_NEXT, 256, MODE_INCOHERENT, STATE_WARM, QUICK_NONE, NO_SNOOP },
	{ only_map, SIZE_GRANULE, 1, MODE_COHERENT, STATE_COLD, QUICK_MAIN, FRESH },
	{ only_map, SIZE_GRANULE, 256, MODE_COHERENT, STATE_COLD, QUICK_MAIN, FRESH },
	{ only_map, SIZE_GRANULE, WHOLE_TABLE, MODE_COHERENT, STATE_COLD, QUICK_NONE, FRESH },
	{ only_map, SIZE_NEXT, 1, MODE_COHERENT, STATE_COLD, QUICK_NONE, FRESH },
	{ only_map, SIZE_NEXT, 256, MODE_COHERENT, STATE_COLD, QUICK_NONE, FRESH },
	{ only_map, SIZE_GRANULE, 1, MODE_INCOHERENT, STATE_COLD, QUICK_NONE, FRESH },
	{ map_unmap_lookup, SIZE_GRANULE, 1, MODE_COHERENT, STATE_OUT_OF_CACHE, QUICK_MAIN,
	  BIG_GUEST },
	{ map_unmap_lookup, SIZE_GRANULE, 1, MODE_COHERENT, STATE_COLD_CODE, QUICK_MAIN,
	  IN_A_STACK },
	{ map_and_unmap, SIZE_GRANULE, 256, MODE_COHERENT, STATE_COLD_CODE, QUICK_NONE,
	  IN_A_STACK },
	{ map_and_unmap, SIZE_NEXT, 1, MODE_COHERENT, STATE_COLD_CODE, QUICK_NONE, IN_A_STACK },
	{ batches, SIZE_GRANULE, 1, MODE_COHERENT, STATE_WARM, QUICK_NONE, PINNED },
	{ batches, SIZE_GRANULE, 256, MODE_COHERENT, STATE_WARM, QUICK_NONE, PINNED },
	{ batches, SIZE_GRANULE, WHOLE_TABLE, MODE_COHERENT, STATE_WARM, QUICK_ALL, PINNED },
	{ batches, SIZE_GRANULE, 256, MODE_INCOHERENT, STATE_WARM, QUICK_NONE, NO_SNOOP },
	{ only_map_batch, SIZE_GRANULE, WHOLE_TABLE, MODE_COHERENT, STATE_COLD, QUICK_NONE, FRESH },
	{ split_and_join, SIZE_NEXT, 1, MODE_COHERENT, STATE_WARM, QUICK_MAIN, MIGRATION },
	{ split_and_join, SIZE_EXTRA, 1, MODE_COHERENT, STATE_WARM, QUICK_NONE, MIGRATION },
	{ split_and_join, SIZE_THIRD, 1, MODE_COHERENT, STATE_WARM, QUICK_NONE, MIGRATION },
	{ split_and_join, SIZE_NEXT, 1, MODE_INCOHERENT, STATE_WARM, QUICK_NONE, NO_SNOOP },
	{ only_cut, SIZE_NEXT, 1, MODE_INCOHERENT, STATE_WARM, QUICK_NONE, NO_SNOOP },
	{ only_cut, SIZE_NEXT, 1, MODE_COHERENT, STATE_WARM, QUICK_MAIN, HOLE },
	{ at_once, SIZE_GRANULE, 1, MODE_COHERENT, STATE_WARM, QUICK_MAIN, QUEUES },
	{ at_once, SIZE_GRANULE, 256, MODE_COHERENT, STATE_WARM, QUICK_NONE, QUEUES },
	{ scan, SIZE_SCAN, 0, MODE_COHERENT, STATE_WARM, QUICK_MAIN, MIGRATION },
};

bool case_takes(const struct bench_case *c, const struct subject *subject)
{
	if (strcmp(c->facts->name, subject->format) != 0)
		return false;
	if (!c->op->possible(subject))
		return false;
	/* A leaf that only one option makes, nobody else can take apart. */
	if (c->op->on_leaves && c->page_size & c->facts->contiguous_sizes &&
	    !(subject_quirks(subject) & PT_QUIRK_CONTIGUOUS))
		return false;
	return !c->op->replays || limit_reaches(subject, c->iova_last);
}

struct pt_config case_config(const struct bench_case *c)
{
	return (struct pt_config){
		.ia_bits = c->facts->ia_bits,
		.oa_bits = c->facts->oa_bits,
		.quirks = c->facts->quirks | (c->op->quirks & c->facts->format->quirks),
		.incoherent = c->mode == MODE_INCOHERENT,
	};
}

/* Add @c to @list, unless it is there already; takes over its description. */
static bool append(struct case_list *list, const struct bench_case *c)
{
	struct bench_case *cases;

	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->cases[i].name, c->name) == 0) {
			free(c->description);
			return true;
		}
	}
	cases = realloc(list->cases, (list->count + 1) * sizeof(*cases));
	if (!cases || !c->description) {
		free(c->description);
		list->cases = cases ? cases : list->cases;
		return false;
	}
	list->cases = cases;
	cases[list->count++] = *c;
	return true;
}

static unsigned int whole_table(const struct format_facts *facts, enum size_class size)
{
	if (size == SIZE_GRANULE)
		return 1u << facts->leaf_table_lg2;
	/* A root is no table that comes and goes. */
	return facts->levels > 2 ? 1u << facts->upper_table_lg2 : 0;
}

static bool add_one(struct case_list *list, const struct format_facts *facts, const struct row *row,
		    const struct bench_op *op, uint64_t page_size, unsigned int threads)
{
	struct bench_case c = {
		.facts = facts,
		.op = op,
		.page_size = page_size,
		.count = row->size == SIZE_SCAN	     ? SCAN_BYTES >> facts->granule_lg2
			 : row->count == WHOLE_TABLE ? whole_table(facts, row->size)
						     : row->count,
		.mode = row->mode,
		.state = row->state,
		.threads = threads,
		.quick = row->quick == QUICK_ALL || (row->quick == QUICK_MAIN && facts->main),
	};
	struct layout layout;

	if (!c.count || !layout_find(&c, &layout))
		return true;
	case_name_grid(&c);
	c.description = case_describe(&c, row->use);
	return append(list, &c);
}

/* One case, or where threads work together one for each number of them: 1, 2, 4 ... all CPUs. */
static bool add_case(struct case_list *list, const struct format_facts *facts,
		     const struct row *row, const struct bench_op *op, uint64_t page_size)
{
	unsigned int most = op->threaded ? crew_most() : 1;
	bool done = true;

	for (unsigned int threads = 1; threads < most && done; threads *= 2)
		done = add_one(list, facts, row, op, page_size, threads);
	return done && add_one(list, facts, row, op, page_size, most);
}

static bool has_operation(const struct row *row, const struct bench_op *op)
{
	for (const struct bench_op *const *of_row = row->ops; *of_row; of_row++)
		if (*of_row == op)
			return true;
	return false;
}

static bool add_row(struct case_list *list, const struct format_facts *facts, const struct row *row,
		    const struct bench_op *op)
{
	if (op->exists && !op->exists(facts))
		return true;
	if (!has_operation(row, op) || (row->mode == MODE_INCOHERENT && !facts->incoherent))
		return true;
	switch (row->size) {
	case SIZE_GRANULE:
		return add_case(list, facts, row, op, 1ULL << facts->granule_lg2);
	case SIZE_NEXT:
		return !facts->next_size || add_case(list, facts, row, op, facts->next_size);
	case SIZE_EXTRA:
		for (uint64_t sizes = facts->extra_sizes; sizes; sizes &= sizes - 1)
			if (!add_case(list, facts, row, op, sizes & -sizes))
				return false;
		return true;
	case SIZE_THIRD:
		return !facts->third_size || facts->third_size > SCAN_BYTES ||
		       add_case(list, facts, row, op, facts->third_size);
	case SIZE_SCAN:
		return add_case(list, facts, row, op, 1ULL << facts->granule_lg2);
	case SIZE_MIXED:
		return !facts->next_size || add_case(list, facts, row, op, 0);
	}
	return true;
}

/* Leaf sizes of the side that has most: the contiguous hint's, where there is one, are only known by asking. */
static uint64_t leaf_sizes(const struct format_facts *facts)
{
	uint64_t granule = 1ULL << facts->granule_lg2;
	uint64_t sizes = facts->format->page_sizes | facts->page_sizes;

	if (!(facts->format->quirks & PT_QUIRK_CONTIGUOUS))
		return sizes;
	for (uint64_t size = granule; size; size <<= 1) {
		struct pt_config config = { .ia_bits = facts->ia_bits,
					    .oa_bits = facts->oa_bits,
					    .page_sizes = granule | size,
					    .quirks = facts->quirks | PT_QUIRK_CONTIGUOUS };
		struct pagetable *table;

		if (facts->format->create(&config, &table) == 0) {
			sizes |= size;
			table->ops->destroy(table);
		}
	}
	return sizes;
}

struct trace_limits case_trace_limits(const struct format_facts *facts)
{
	unsigned int oa_bits = facts->oa_bits;

	return (struct trace_limits){
		.granule_lg2 = facts->granule_lg2,
		.iova_last = facts->reach_bits < 64 ? (1ULL << facts->reach_bits) - 1 : UINT64_MAX,
		.oa_last = oa_bits < 64 ? (1ULL << oa_bits) - 1 : UINT64_MAX,
		.leaf_sizes = leaf_sizes(facts),
	};
}

/* What all cases of traces have in common. */
static struct bench_case trace_case(const struct format_facts *facts, const char *name)
{
	struct bench_case c = {
		.facts = facts, .mode = MODE_COHERENT, .state = STATE_WARM, .threads = 1
	};

	snprintf(c.trace, sizeof(c.trace), "%s", name);
	return c;
}

/* A trace call by call, and with adjacent calls in batches. */
static bool add_replays(struct case_list *list, struct bench_case c, const char *use)
{
	bool done = true;

	for (const struct bench_op *const *op = operations; *op && done; op++) {
		if (!(*op)->replays)
			continue;
		c.op = *op;
		case_name_trace(&c);
		c.description = case_describe(&c, use);
		done = append(list, &c);
	}
	return done;
}

/* A trace of bench/traces is replayed where it is replayed whole. */
static bool takes_recorded(const struct format_facts *facts, const struct recorded_trace *recorded)
{
	return facts->granule_lg2 == TRACE_GRANULE_LG2 && recorded->iova_bits <= facts->reach_bits;
}

static bool add_recorded(struct case_list *list, const struct format_facts *facts,
			 const struct recorded_trace *recorded)
{
	struct bench_case c = trace_case(facts, recorded->name);

	if (!takes_recorded(facts, recorded))
		return true;
	c.count = recorded->events;
	c.iova_last = (1ULL << recorded->iova_bits) - 1;
	c.quick = recorded->quick && facts->main;
	return add_replays(list, c, recorded->use);
}

/* What @facts' format replays of @trace. */
static bool fit(const struct trace *trace, const struct format_facts *facts, struct bench_case *c)
{
	struct trace_limits limits = case_trace_limits(facts);
	struct trace_fit fit = { .counts = trace->counts, .iova_last = trace->iova_last };
	bool done = trace_is_within(trace, &limits) || trace_fit(trace, &limits, &fit);

	c->trace_read = true;
	c->trace_counts = fit.counts;
	c->count = (unsigned int)fit.counts.replayed;
	c->iova_last = fit.iova_last;
	trace_fit_free(&fit);
	return done;
}

static bool add_given(struct case_list *list, const struct format_facts *facts,
		      const struct trace *trace)
{
	struct bench_case c = trace_case(facts, trace->name);
	const struct recorded_trace *recorded = recorded_traces;

	while (recorded->name && strcmp(recorded->name, trace->name) != 0)
		recorded++;
	if (recorded->name && !takes_recorded(facts, recorded))
		return true;
	if (!fit(trace, facts, &c))
		return false;
	c.quick = recorded->quick && facts->main;
	return !c.count ||
	       add_replays(list, c,
			   recorded->name ? recorded->use : "A trace from the command line.");
}

static bool given(const struct trace *traces, size_t trace_count, const char *name)
{
	for (size_t i = 0; i < trace_count; i++)
		if (strcmp(traces[i].name, name) == 0)
			return true;
	return false;
}

static bool add_traces(struct case_list *list, const struct format_facts *facts,
		       const struct trace *traces, size_t trace_count)
{
	bool done = true;

	for (const struct recorded_trace *t = recorded_traces; t->name && done; t++)
		if (!given(traces, trace_count, t->name))
			done = add_recorded(list, facts, t);
	for (size_t i = 0; i < trace_count && done; i++)
		done = add_given(list, facts, &traces[i]);
	return done;
}

int cases_all(const struct trace *traces, size_t trace_count, struct case_list *list)
{
	bool done = true;

	*list = (struct case_list){ 0 };
	for (const struct format_facts *facts = formats(); facts->name && done; facts++) {
		for (const struct bench_op *const *op = operations; *op && done; op++)
			for (size_t i = 0; i < sizeof(rows) / sizeof(*rows) && done; i++)
				done = add_row(list, facts, &rows[i], *op);
		done = done && add_traces(list, facts, traces, trace_count);
	}
	return done ? 0 : fail(EXIT_BENCHMARK, "no memory for the list of cases");
}

void cases_free(struct case_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->cases[i].description);
	free(list->cases);
	*list = (struct case_list){ 0 };
}
