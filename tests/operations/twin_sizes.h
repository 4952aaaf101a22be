/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * twin_sizes.h - the leaf sizes of an instance, one after the other, addresses for them, and
 * other things that tests ask about an instance.
 */
#ifndef PTBENCH_TESTS_TWIN_SIZES_H
#define PTBENCH_TESTS_TWIN_SIZES_H

#include "table_pages.h"
#include "twin.h"

/* The size after @size, 0 before the first and after the last, of those that fit four times. */
static inline uint64_t size_after(const struct instance *instance, uint64_t size)
{
	uint64_t larger = size ? instance->sizes & ~(2 * size - 1) : instance->sizes;
	uint64_t next = larger & -larger;

	return next && instance_fits(instance, 4 * next) ? next : 0;
}

#define FOR_EACH_SIZE(size, instance) \
	for (uint64_t size = size_after(instance, 0); size; size = size_after(instance, size))

static inline unsigned int size_lg2(uint64_t size)
{
	return (unsigned int)__builtin_ctzll(size);
}

/* The next smaller size, or 0. */
static inline uint64_t size_before(const struct instance *instance, uint64_t size)
{
	uint64_t smaller = instance->sizes & (size - 1);

	return smaller ? 1ULL << (63 - __builtin_clzll(smaller)) : 0;
}

/* An address where four leaves of @size fit, aligned for all four. */
static inline uint64_t size_iova(const struct instance *instance, uint64_t size)
{
	return instance_middle(instance, 4 * size);
}

/* An output address for four of them, aligned to one. */
static inline uint64_t size_oa(const struct instance *instance, uint64_t size)
{
	return instance_oa(instance, 4 * size);
}

/* instance_bytes_live(), which may take long, where there are not @expected bytes already. */
static inline long bytes_live(const struct instance *instance, long expected)
{
	return table_bytes_live() == expected ? expected : instance_bytes_live(instance);
}

/* Configurations that differ in what resizing has to do: no widths, no pairs of quirks. */
static inline bool is_about_leaves(const struct instance *instance)
{
	const struct pt_config *config = &instance->config;
	bool some_quirks = config->quirks & (config->quirks - 1);

	return !config->ia_bits && !config->oa_bits && !config->page_sizes &&
	       (!some_quirks || config->quirks == instance->format->quirks);
}

#endif
