// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trio_compare.c - comparing what three sides have in memory: all of it through the
 * format's visit(), or only the items on the way to a range, in a walk of its own that
 * knows no more of a format than how wide its items are.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "traits.h"
#include "trio.h"

struct reading {
	struct trio *trio;
	struct trio_items *items;
};

/* What of @item has to be the same on all sides. */
static uint64_t trio_word(const struct trio *trio, const struct pt_item *item)
{
	return trio->format->comparable(&trio->config, item) & ~trio->baseline->own_bits;
}

static int collect(void *context, const struct pt_item *item)
{
	struct reading *reading = context;
	struct trio_items *items = reading->items;

	if (items->count == items->room) {
		items->room = items->room ? 2 * items->room : 1024;
		items->items = realloc(items->items, items->room * sizeof(*items->items));
		if (!items->items)
			abort();
	}
	items->items[items->count++] = (struct trio_item){
		.iova = item->iova,
		.word = trio_word(reading->trio, item),
		.level = item->level,
		.lg2 = item->lg2,
		.is_table = item->is_table,
	};
	return 0;
}

static void read_side(struct trio *trio, unsigned int side)
{
	struct reading reading = { trio, &trio->read[side] };
	unsigned int level;
	const void *root = trio_root(trio, side, &level);

	trio->read[side].count = 0;
	if (trio->format->visit(&trio->config, root, level, collect, &reading))
		trio_die(trio, "the tables of %s cannot be read", trio_sides[side]);
}

/* ARM's drivers free only tables that span just what one page size does. */
static bool driver_may_keep(const struct trio *trio, unsigned int lg2)
{
	return trait_of(trio->format->name)->keeps_odd_tables &&
	       !(trio_page_sizes(trio) & 1ULL << lg2);
}

/* By address, and of one address the higher level first, as visit() comes by them. */
static int order(const struct trio_item *a, const struct trio_item *b)
{
	if (a->iova != b->iova)
		return a->iova < b->iova ? -1 : 1;
	return (a->level < b->level) - (a->level > b->level);
}

static void compare_two(const struct trio *trio, unsigned int one, unsigned int other)
{
	const struct trio_items *a = &trio->read[one], *b = &trio->read[other];
	size_t i = 0, j = 0;

	while (i < a->count || j < b->count) {
		int which = i == a->count   ? 1
			    : j == b->count ? -1
					    : order(&a->items[i], &b->items[j]);
		const struct trio_item *item = which <= 0 ? &a->items[i] : &b->items[j];

		if (which && !(which > 0 && other == 2 && item->is_table &&
			       driver_may_keep(trio, item->lg2)))
			trio_die(trio, "only %s has a %s at 0x%" PRIx64 " level %u: 0x%" PRIx64,
				 trio_sides[which < 0 ? one : other],
				 item->is_table ? "table" : "leaf", item->iova, item->level,
				 item->word);
		if (!which &&
		    (item->word != b->items[j].word || item->is_table != b->items[j].is_table))
			trio_die(trio,
				 "at 0x%" PRIx64 " level %u %s has 0x%" PRIx64 ", %s 0x%" PRIx64,
				 item->iova, item->level, trio_sides[one], item->word,
				 trio_sides[other], b->items[j].word);
		i += which <= 0;
		j += which >= 0;
	}
}

void trio_compare(struct trio *trio)
{
	for (unsigned int side = 0; side < 3; side++)
		read_side(trio, side);
	compare_two(trio, 0, 1);
	compare_two(trio, 0, 2);
}

static uint64_t item_word(const struct trio *trio, const char *table, uint64_t index)
{
	if (trait_of(trio->format->name)->narrow)
		return ((const uint32_t *)(const void *)table)[index];
	return ((const uint64_t *)(const void *)table)[index];
}

/* The table that @word points to: what is masked for comparing is its address, and marks. */
static const char *child_of(const struct trio *trio, uint64_t word, uint64_t masked)
{
	unsigned int shift = trait_of(trio->format->name)->table_shift;
	uint64_t address = (word ^ masked) & ~trio->format->table_marks;

	return (const char *)(uintptr_t)(address << shift);
}

/*
 * Items on the way to [start, last] in two tables of @level, of which the root has no more
 * than the address has bits for; false if the sides do not have the same tables there.
 */
static bool compare_tables(const struct trio *trio, const char *const *tables, unsigned int level,
			   uint64_t index_mask, uint64_t start, uint64_t last, unsigned int other)
{
	unsigned int lg2 = trio->lg2[level];
	uint64_t index = start >> lg2 & index_mask, end = index + (last >> lg2) - (start >> lg2);

	for (; index <= end; index++) {
		uint64_t words[2], masked[2];
		const char *children[2];
		uint64_t item_last = start | ((1ULL << lg2) - 1);

		for (unsigned int i = 0; i < 2; i++) {
			struct pt_item item = { .level = level, .lg2 = lg2, .is_table = true };

			item.word = item_word(trio, tables[i], index);
			words[i] = item.word & ~trio->baseline->own_bits;
			masked[i] = trio_word(trio, &item);
			children[i] = child_of(trio, words[i], masked[i]);
		}
		if (words[0] != words[1]) {
			if (!level || !children[0] != !children[1])
				return false;
			if (masked[0] != masked[1] || !children[0])
				trio_die(trio,
					 "on the way to 0x%" PRIx64
					 " level %u inline has 0x%" PRIx64 ", %s 0x%" PRIx64,
					 start, level, words[0], trio_sides[other], words[1]);
			if (!compare_tables(trio, children, level - 1,
					    (1ULL << (lg2 - trio->lg2[level - 1])) - 1, start,
					    item_last < last ? item_last : last, other))
				return false;
		}
		start = item_last + 1;
	}
	return true;
}

void trio_compare_range(struct trio *trio, uint64_t iova, uint64_t length)
{
	for (unsigned int other = 1; other < 3; other++) {
		const char *roots[2];
		unsigned int level, other_level;
		uint64_t mask;

		roots[0] = trio_root(trio, 0, &level);
		roots[1] = trio_root(trio, other, &other_level);
		if (level != other_level)
			trio_die(trio, "the root is at level %u, of %s at %u", level,
				 trio_sides[other], other_level);
		mask = (trio_span(trio) - 1) >> trio->lg2[level];
		if (!compare_tables(trio, roots, level, mask, iova, iova + (length - 1), other)) {
			/* Rightly different or not: all of it will tell. */
			trio_compare(trio);
			return;
		}
	}
}
