/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trio.h - three page tables of one format and configuration: the engine's inline
 * and recursive variants and the kernel's driver, done the same things to, and
 * compared word for word, with the addresses of tables masked.
 *
 * Leaves must be the same on all sides, and so must be the tables, as far as the driver
 * frees when the engine does. Drivers have three ways with tables that unmap empties:
 *	AMD, DART, s390  never free them: the engine is told to do the same
 *	VT-d             frees what one unmap covers, as the engine does
 *	ARM              frees a table that one unmap of one page size covers exactly;
 *	                 it may keep others which the engine frees
 */
#ifndef PTBENCH_TESTS_TRIO_H
#define PTBENCH_TESTS_TRIO_H

#include <stdint.h>

#include "baseline.h"
#include "pagetable.h"

#define TRIO_LEVELS 6

struct configuration {
	const char *format;
	struct pt_config config;
	/* Why drivers have another root, whose tables cannot be compared then; NULL where none may. */
	const char *other_root;
};

/* Every configuration that a driver and the engine share; ended by a NULL format. */
extern const struct configuration configurations[];

struct trio_item {
	uint64_t iova, word;
	unsigned int level, lg2;
	int is_table;
};

struct trio_items {
	struct trio_item *items;
	size_t count, room;
};

struct trio {
	const struct configuration *configuration;
	struct pt_config config; /* the engine's, freeing as the driver does */
	const struct pt_format *format;
	struct pagetable *engine[2]; /* inline, recursive */
	const struct baseline *baseline;
	void *driver;
	struct trio_items read[3];
	unsigned int lg2[TRIO_LEVELS]; /* of what an item spans, by level */
	const char *doing; /* what is being done, for messages */
};

/* The leaf sizes in use, the first address, and the bytes that can be mapped in all. */
uint64_t trio_page_sizes(const struct trio *trio);
uint64_t trio_first(const struct trio *trio);
uint64_t trio_span(const struct trio *trio);
uint64_t trio_oa_span(const struct trio *trio);

/*
 * Make all three; false where this kernel's driver does not have the configuration yet, or where its root
 * differs for a reason that the configuration knows. A side that refuses otherwise fails the test.
 */
bool trio_create(const struct configuration *configuration, struct trio *trio);
void trio_destroy(struct trio *trio);

/* On all sides; any failure fails the test. */
void trio_map(struct trio *trio, uint64_t iova, uint64_t oa, uint64_t length, unsigned int prot);

/* All sides must unmap @expected bytes. */
void trio_unmap(struct trio *trio, uint64_t iova, uint64_t length, uint64_t expected);

/* Read all three and compare. */
void trio_compare(struct trio *trio);

/* The same for the items on the way to [iova, iova + length) only: much faster. */
void trio_compare_range(struct trio *trio, uint64_t iova, uint64_t length);

/* The driver for @format, or NULL. */
const struct baseline *trio_baseline(const char *format);

/* Fail the test: what and where it is doing, and a message. */
void trio_die(const struct trio *trio, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* What every program here does first: exits with 77 where there are no drivers. */
void trio_start(void);

/* Root and level of a side: 0 and 1 the engine's variants, 2 the driver. */
const void *trio_root(const struct trio *trio, unsigned int side, unsigned int *level);
extern const char *const trio_sides[3];

#endif
