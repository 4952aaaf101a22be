// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* verify.c - compares the tables of a case's sides, see verify.h. */
#include "verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "rounds.h"

struct snapshot {
	const struct bench_case *c;
	struct pt_config config;
	uint64_t own_bits; /* of any side */
	struct verify_item *items;
	size_t count, room;
	bool readable;
};

static int collect(void *context, const struct pt_item *item)
{
	struct snapshot *snapshot = context;

	if (snapshot->count == snapshot->room) {
		size_t more = snapshot->room ? snapshot->room * 2 : 1024;
		void *items = realloc(snapshot->items, more * sizeof(*snapshot->items));

		if (!items)
			return 1;
		snapshot->items = items;
		snapshot->room = more;
	}
	snapshot->items[snapshot->count++] = (struct verify_item){
		.iova = item->iova,
		.word = snapshot->c->facts->format->comparable(&snapshot->config, item) &
			~snapshot->own_bits,
		.level = item->level,
		.is_table = item->is_table,
	};
	return 0;
}

/* Read @side's tables, if it has some that could be read. */
static int take(const struct workload *workload, const struct side *side, uint64_t own_bits,
		struct snapshot *snapshot)
{
	unsigned int top_level;
	const void *root = side->subject->root(side->table.handle, &top_level);

	*snapshot = (struct snapshot){ .c = workload->c,
				       .config = case_config(workload->c),
				       .own_bits = own_bits };
	snapshot->config.quirks |= subject_quirks(side->subject);
	if (!root)
		return 0;
	snapshot->readable = true;
	if (workload->c->facts->format->visit(&snapshot->config, root, top_level, collect,
					      snapshot))
		return fail(EXIT_BENCHMARK, "%s: %s: its tables cannot be read", workload->c->name,
			    side->name);
	return 0;
}

/* Parents come before children, so at one address the higher level is first. */
static int order(const struct verify_item *a, const struct verify_item *b)
{
	if (a->iova != b->iova)
		return a->iova < b->iova ? -1 : 1;
	return a->level == b->level ? 0 : a->level > b->level ? -1 : 1;
}

bool verify_differ(const struct verify_item *a, size_t a_count, const struct verify_item *b,
		   size_t b_count, const struct verify_item **a_item,
		   const struct verify_item **b_item)
{
	size_t i = 0, j = 0;

	while (i < a_count || j < b_count) {
		int first = i == a_count ? 1 : j == b_count ? -1 : order(&a[i], &b[j]);

		*a_item = first <= 0 ? &a[i] : NULL;
		*b_item = first >= 0 ? &b[j] : NULL;
		i += first <= 0;
		j += first >= 0;
		if (first < 0 && !(*a_item)->is_table)
			return true;
		if (first > 0 && !(*b_item)->is_table)
			return true;
		if (!first && ((*a_item)->is_table != (*b_item)->is_table ||
			       (*a_item)->word != (*b_item)->word))
			return true;
	}
	return false;
}

static const char *item_text(const struct verify_item *item, char *text, size_t bytes)
{
	if (!item)
		return "nothing";
	snprintf(text, bytes, "%s 0x%016" PRIx64, item->is_table ? "table" : "leaf", item->word);
	return text;
}

static int say_difference(const struct workload *workload, const struct side *a,
			  const struct side *b, const struct verify_item *a_item,
			  const struct verify_item *b_item)
{
	const struct verify_item *item = a_item ? a_item : b_item;
	char a_text[32], b_text[32];

	return fail(EXIT_BENCHMARK,
		    "%s: tables disagree at level %u, iova 0x%" PRIx64 ": %s has %s, %s has %s",
		    workload->c->name, item->level, item->iova, a->name,
		    item_text(a_item, a_text, sizeof(a_text)), b->name,
		    item_text(b_item, b_text, sizeof(b_text)));
}

/* Compare the sides that write by the same @quirks with each other. */
static int compare_alike(const struct workload *workload, const struct side *sides,
			 unsigned int count, unsigned int quirks)
{
	struct snapshot first = { 0 }, other;
	const struct side *first_side = NULL;
	uint64_t own_bits = 0;
	int error = 0;

	for (unsigned int i = 0; i < count; i++)
		own_bits |= sides[i].subject->own_bits;
	for (unsigned int i = 0; i < count && !error; i++) {
		const struct verify_item *a, *b;

		if (subject_quirks(sides[i].subject) != quirks)
			continue;
		error = take(workload, &sides[i], own_bits, &other);
		if (!error && first.readable && other.readable &&
		    verify_differ(first.items, first.count, other.items, other.count, &a, &b))
			error = say_difference(workload, first_side, &sides[i], a, b);
		if (first.readable || !other.readable) {
			free(other.items);
			continue;
		}
		first_side = &sides[i];
		first = other;
	}
	free(first.items);
	return error;
}

int verify_compare(const struct workload *workload, const struct side *sides, unsigned int count)
{
	int error = 0;

	for (unsigned int i = 0; i < count && !error; i++) {
		unsigned int quirks = subject_quirks(sides[i].subject), before = 0;

		while (before < i && subject_quirks(sides[before].subject) != quirks)
			before++;
		if (before == i)
			error = compare_alike(workload, sides, count, quirks);
	}
	return error;
}

static int for_all(const struct workload *workload, struct side *sides, unsigned int count,
		   int (*phase)(const struct workload *workload, struct side *side))
{
	int error = 0;

	for (unsigned int i = 0; i < count && !error; i++)
		error = phase(workload, &sides[i]);
	return error;
}

static int check_mapped(const struct workload *workload, struct side *side)
{
	return side_check_all(workload, side, true);
}

static int check_gone(const struct workload *workload, struct side *side)
{
	return side_check_all(workload, side, false);
}

int verify_mapping(const struct workload *workload, struct side *sides, unsigned int count)
{
	int error = 0;

	if (workload->c->state == STATE_COLD)
		error = for_all(workload, sides, count, side_map_anchor);
	if (!error)
		error = for_all(workload, sides, count, side_map_round);
	if (!error)
		error = for_all(workload, sides, count, check_mapped);
	if (!error)
		error = verify_compare(workload, sides, count);
	if (!error)
		error = for_all(workload, sides, count, side_unmap_round);
	if (!error)
		error = for_all(workload, sides, count, check_gone);
	return error ? error : verify_compare(workload, sides, count);
}

static int run_once(const struct workload *workload, struct side *side)
{
	struct hot_result result;
	int error = round_run_timed(workload, side, &result);

	return error ? error : workload->c->op->check(workload, side, &result);
}

int verify_change(const struct workload *workload, struct side *sides, unsigned int count)
{
	const struct bench_op *op = workload->c->op;
	int error = op->begin ? for_all(workload, sides, count, op->begin) : 0;

	if (!error)
		error = for_all(workload, sides, count, run_once);
	if (!error)
		error = verify_compare(workload, sides, count);
	return error || !op->end ? error : for_all(workload, sides, count, op->end);
}

int verify_reports(const struct workload *workload, struct side *sides, unsigned int count)
{
	const struct bench_op *op = workload->c->op;
	int error = for_all(workload, sides, count, op->prepare);

	for (unsigned int i = 0; i < count && !error; i++) {
		error = op->begin(workload, &sides[i]);
		if (!error)
			error = run_once(workload, &sides[i]);
	}
	return error;
}

int verify_sides(struct workload *workload, const struct side *sides, unsigned int count)
{
	struct side own[VERIFY_MOST_SIDES] = { 0 };
	unsigned int own_count = 0;
	int error = 0;

	for (unsigned int i = 0; i < count && own_count < VERIFY_MOST_SIDES; i++) {
		unsigned int known = 0;

		while (known < own_count && own[known].subject != sides[i].subject)
			known++;
		if (known == own_count)
			own[own_count++] = (struct side){ .subject = sides[i].subject };
	}
	for (unsigned int i = 0; i < own_count && !error; i++) {
		snprintf(own[i].name, sizeof(own[i].name), "%s", own[i].subject->variant);
		error = side_create(workload, &own[i]);
	}
	if (!error)
		error = workload->c->op->verify(workload, own, own_count);
	for (unsigned int i = 0; i < own_count; i++)
		side_destroy(&own[i]);
	return error;
}
