/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * formats.h - what a case has to know of a format, and every format's peculiarities.
 *
 * Cases are written once for all formats, in terms of the facts below. What
 * cannot be read off struct pt_format stands in one table in formats.c.
 */
#ifndef PTBENCH_FORMATS_H
#define PTBENCH_FORMATS_H

#include <stdbool.h>
#include <stdint.h>

#include "pagetable.h"

struct format_facts {
	const char *name; /* in case names; the engine's, or that of a configuration */
	const struct pt_format *format; /* reads tables out of memory; any variant's */
	unsigned int granule_lg2;
	unsigned int ia_bits, oa_bits; /* as all sides are configured */
	unsigned int reach_bits; /* addresses from 0 up that it takes at most: grown, or a half */
	unsigned int leaf_table_lg2; /* log2 of the items in a level-0 table */
	unsigned int upper_table_lg2; /* of those in a level-1 table */
	unsigned int word_bytes;
	unsigned int levels; /* from the root down, where addresses are low */
	uint64_t page_sizes; /* those that all sides use by default */
	uint64_t next_size; /* a leaf at level 1: what a whole leaf table spans; or 0 */
	uint64_t third_size; /* a leaf at level 2, or 0 */
	uint64_t extra_sizes; /* sizes between levels that get cases of their own */
	uint64_t contiguous_sizes; /* those of them that only a contiguous hint makes one leaf */
	unsigned int quirks; /* PT_QUIRK_* that all sides are made with */
	bool main; /* one of the two formats that stand for the rest */
	bool incoherent; /* hardware without a snooping walker exists */
	char header[64]; /* the engine's file that describes it */
	const char *driver; /* where another than the baseline says writes it; or NULL */
};

/* The facts of every format of this build, ended by an entry without a name. */
const struct format_facts *formats(void);

/* The facts of the format @name, or NULL. */
const struct format_facts *format_facts(const char *name);

/* Levels that the format's leaf of 1 << @lg2 bytes lies above the granule's. */
unsigned int format_leaf_level(const struct format_facts *facts, unsigned int lg2);

/* log2 of what an item at @level spans. */
unsigned int format_item_lg2(const struct format_facts *facts, unsigned int level);

#endif
