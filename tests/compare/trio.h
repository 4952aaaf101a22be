/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trio.h - three page tables of one format and configuration: the engine's inline
 * and recursive variants and the kernel's driver, done the same things to, and
 * compared word for word.
 *
 * Table addresses are masked. Leaves must be the same on all sides. A table that one side
 * has and another has not is no difference: drivers keep tables that the engine
 * frees (AMD, DART and s390 never free one before the domain goes, ARM frees only what one
 * page-size unmap covers), and where both have it the word must be the same.
 */
#ifndef PTBENCH_TESTS_TRIO_H
#define PTBENCH_TESTS_TRIO_H

#include <stdint.h>

#include "baseline.h"
#include "pagetable.h"

struct configuration {
	const char *format;
	struct pt_config config;
};

/* Every configuration that a driver and the engine share; ended by a NULL format. */
extern const struct configuration configurations[];

struct trio_item {
	uint64_t iova, word;
	unsigned int level;
	int is_table;
};

struct trio_items {
	struct trio_item *items;
	size_t count, room;
};

struct trio {
	const struct configuration *configuration;
	const struct pt_format *format;
	struct pagetable *engine[2]; /* inline, recursive */
	const struct baseline *baseline;
	void *driver;
	struct trio_items read[3];
	const char *doing; /* what is being done, for messages */
};

/* The leaf sizes in use, the first address, and the bytes that can be mapped in all. */
uint64_t trio_page_sizes(const struct trio *trio);
uint64_t trio_first(const struct trio *trio);
uint64_t trio_span(const struct trio *trio);
uint64_t trio_oa_span(const struct trio *trio);

/* Make all three; a side that refuses fails the test. */
void trio_create(const struct configuration *configuration, struct trio *trio);
void trio_destroy(struct trio *trio);

/* On all sides; any failure fails the test. */
void trio_map(struct trio *trio, uint64_t iova, uint64_t oa, uint64_t length, unsigned int prot);
void trio_unmap(struct trio *trio, uint64_t iova, uint64_t length);

/* Read all three and compare. */
void trio_compare(struct trio *trio);

/* The driver for @format, or NULL. */
const struct baseline *trio_baseline(const char *format);

#endif
