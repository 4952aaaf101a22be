// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* layout.c - finds the addresses of a case's operations, see layout.h. */
#include "layout.h"

#define GIB (1ULL << 30)
#define USUAL_BASE (4 * GIB)

/* Operations in a round: enough that reading the clock twice is no part of the figure. */
#define OPS_ONE_PAGE 1024
#define OPS_MANY_PAGES 16
/* Shared by threads, whose common start is not free. */
#define OPS_SHARED 128
#define OPS_MIXED 8
/* Before each, other code runs for microseconds. */
#define OPS_COLD_CODE 16
#define OPS_COLD 64
/* Operations that take longer than the clock by far, and need a table or more each. */
#define OPS_CHANGE 16
#define OPS_LEAST 2
/* A format that cannot spread over this many cache lines (128 MiB) has no out-of-cache case. */
#define LINES_LEAST (1ULL << 21)
/* Twice a last-level cache of 2 GiB; what a case takes of them is said by the machine's. */
#define LINES_MOST (1ULL << 26)

static uint64_t round_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

static uint64_t power_of_two_from(uint64_t value)
{
	uint64_t power = 1;

	while (power < value)
		power <<= 1;
	return power;
}

/* Addresses from here on are not used: none that a root would have to grow for. */
static uint64_t limit_of(const struct format_facts *facts)
{
	unsigned int bits = facts->ia_bits < facts->oa_bits ? facts->ia_bits : facts->oa_bits;

	return 1ULL << (bits < facts->reach_bits ? bits : facts->reach_bits);
}

static uint64_t base_of(const struct format_facts *facts, uint64_t alignment)
{
	uint64_t base = limit_of(facts) / 2;

	return round_up(base < USUAL_BASE ? base : USUAL_BASE, alignment);
}

/* As many operations as there is room for, up to @ops. */
static bool fit(const struct format_facts *facts, struct layout *layout, uint64_t ops,
		uint64_t least)
{
	uint64_t limit = limit_of(facts), taken = layout->base + layout->delta + layout->spare;
	uint64_t room = taken < limit ? (limit - taken) / layout->stride : 0;

	layout->ops = ops < room ? ops : room;
	return layout->ops >= least;
}

/* @third: a size beyond the next one that the range is to contain, or 0. */
static bool fit_mixed(const struct format_facts *facts, struct layout *layout, uint64_t third)
{
	uint64_t granule = 1ULL << facts->granule_lg2, next = facts->next_size;
	uint64_t head = 3 * next + 5 * granule;
	uint64_t stride = power_of_two_from(third ? 2 * third : 16 * next);

	*layout = (struct layout){
		.base = base_of(facts, stride) + stride / 2 - head,
		.stride = stride,
		.length = head + (third ? third : 4 * next) + 2 * next + 7 * granule,
		.delta = third ? third : next,
		.lookup_stride = granule,
	};
	return fit(facts, layout, OPS_MIXED, OPS_LEAST);
}

static bool find_mixed(const struct format_facts *facts, struct layout *layout)
{
	if (facts->third_size && facts->third_size <= GIB &&
	    fit_mixed(facts, layout, facts->third_size))
		return true;
	return fit_mixed(facts, layout, 0);
}

static bool find_spread(const struct format_facts *facts, struct layout *layout)
{
	layout->stride = (1ULL << facts->granule_lg2) * (CACHE_LINE / facts->word_bytes);
	layout->base = base_of(facts, layout->table_span);
	layout->spare = layout->table_span;
	return fit(facts, layout, LINES_MOST, LINES_LEAST);
}

static bool find_cold(const struct format_facts *facts, struct layout *layout, unsigned int level)
{
	layout->stride = layout->table_span;
	layout->base = base_of(facts, layout->stride);
	layout->spare = layout->stride;
	/* A root is there from the beginning. */
	return level + 1 < facts->levels && layout->length <= layout->stride &&
	       fit(facts, layout, OPS_COLD, OPS_LEAST);
}

bool layout_find(const struct bench_case *c, struct layout *layout)
{
	unsigned int lg2 = c->page_size ? (unsigned int)__builtin_ctzll(c->page_size) : 0, level;

	if (!c->page_size)
		return find_mixed(c->facts, layout);
	level = format_leaf_level(c->facts, lg2);
	*layout = (struct layout){
		.length = c->page_size * c->count,
		.delta = c->page_size,
		.lookup_stride = c->page_size,
		.table_span = 1ULL << format_item_lg2(c->facts, level + 1),
	};
	if (c->state == STATE_OUT_OF_CACHE)
		return find_spread(c->facts, layout);
	if (c->state == STATE_COLD)
		return find_cold(c->facts, layout, level);
	layout->stride = layout->length;
	layout->base = base_of(c->facts, power_of_two_from(layout->stride));
	if (c->op->on_leaves && layout->length > (1ULL << c->facts->granule_lg2)) {
		uint64_t tables =
			layout->length >> c->facts->granule_lg2 >> c->facts->leaf_table_lg2;

		return fit(c->facts, layout, tables > OPS_CHANGE ? 1 : OPS_CHANGE, 1);
	}
	if (c->state == STATE_COLD_CODE)
		return fit(c->facts, layout, OPS_COLD_CODE, OPS_LEAST);
	if (c->op->threaded)
		return fit(c->facts, layout, c->count == 1 ? OPS_ONE_PAGE : OPS_SHARED, c->threads);
	return fit(c->facts, layout, c->count == 1 ? OPS_ONE_PAGE : OPS_MANY_PAGES, OPS_LEAST);
}

/* A bijection of 0 .. 2^bits - 1: odd multiplications and shifted exclusive-ors lose nothing. */
static uint64_t scramble(uint64_t value, uint64_t seed, unsigned int bits)
{
	uint64_t mask = bits < 64 ? (1ULL << bits) - 1 : ~0ULL;
	unsigned int half = bits / 2 + 1;

	value = (value + seed) & mask;
	for (unsigned int i = 0; i < 3; i++) {
		value = value * 0x9e3779b97f4a7c15ULL & mask;
		value ^= value >> half;
		value = (value + (seed >> 32)) & mask;
	}
	return value;
}

void layout_shuffled(uint64_t seed, uint64_t total, uint64_t first, unsigned int n,
		     uint64_t *operations)
{
	unsigned int bits = 1;

	while (1ULL << bits < total)
		bits++;
	for (unsigned int i = 0; i < n; i++) {
		uint64_t value = scramble(first + i, seed, bits);

		/* What falls outside is scrambled on until it falls inside: still a bijection. */
		while (value >= total)
			value = scramble(value, seed, bits);
		operations[i] = value;
	}
}
