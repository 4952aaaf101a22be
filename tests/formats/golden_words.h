/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * golden_words.h - the words that every format has to write, taken from dumps of
 * the tables that Linux's drivers build and from the manuals, not from the engine.
 */
#ifndef PTBENCH_TESTS_GOLDEN_WORDS_H
#define PTBENCH_TESTS_GOLDEN_WORDS_H

#include <stdint.h>

#include "pagetable.h"

/* One leaf of @size that maps @oa with @prot. */
struct golden_leaf {
	unsigned int prot; /* 0 ends the list */
	uint64_t size, oa;
	uint64_t word; /* of its first item, the address included */
	uint64_t step; /* what each further item of it adds */
};

#define GOLDEN_LEAVES_MAX 28
#define GOLDEN_LEVELS_MAX 6

struct golden {
	const char *format; /* NULL ends the list */
	struct pt_config config;
	uint64_t tables[GOLDEN_LEVELS_MAX]; /* table items by level, as comparable() gives them */
	struct golden_leaf leaves[GOLDEN_LEAVES_MAX];
};

extern const struct golden golden_words[];

/* The shape of the root for a width. */
struct golden_root {
	const char *format; /* NULL ends the list */
	struct pt_config config;
	unsigned int top_level;
	uint64_t bytes; /* of the items in use; memory is taken in whole tables */
};

extern const struct golden_root golden_roots[];

/* A format whose tables are not as most are; absent ones have 8-byte items and fill a granule. */
struct golden_tables {
	const char *format; /* NULL ends the list */
	unsigned int word_bytes;
	uint64_t leaf_bytes,
		upper_bytes; /* of a leaf table, and of a table between it and the root */
	bool sign_bit; /* the highest address bit is repeated above itself */
};

extern const struct golden_tables golden_tables[];

/* A configuration that the format has to refuse. */
struct golden_refusal {
	const char *format; /* NULL ends the list */
	struct pt_config config;
};

extern const struct golden_refusal golden_refusals[];

#endif
