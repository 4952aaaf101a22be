/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * instance.h - every format of the engine, in both variants and many configurations,
 * so that a test written once covers also the formats that are added later.
 *
 * What a configuration can do (leaf sizes, input addresses) is found out by trying.
 */
#ifndef PTBENCH_TESTS_INSTANCE_H
#define PTBENCH_TESTS_INSTANCE_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pagetable.h"

#define RW (PT_READ | PT_WRITE)

struct input_range {
	uint64_t first, last; /* inclusive */
};

struct instance {
	const struct pt_format *format;
	const char *variant;
	struct pt_config config;
	char name[128]; /* "amdv1/inline incoherent", for messages */
	uint64_t sizes; /* leaf sizes that it uses */
	uint64_t granule; /* the smallest of them */
	unsigned int oa_bits;
	struct input_range range[2]; /* the second one where there are two halves */
	unsigned int ranges;
};

typedef void (*instance_check)(const struct instance *instance);

/*
 * Call @check for each format in both variants, with the default configuration. A check
 * that leaves table memory behind fails.
 */
void for_each_instance(instance_check check);

/*
 * The same, also with each width, quirk, pair of quirks, some choices of sizes, each way of
 * freeing, and incoherent. Those with config.rcu_readers are called inside a read section.
 */
void for_each_configuration(instance_check check);

/* Fill in an instance of @format with @config; false where the format refuses it. */
bool instance_init(struct instance *instance, const struct pt_format *format, const char *variant,
		   const struct pt_config *config);

/* A page table as the instance says, or the test fails. */
struct pagetable *instance_create(const struct instance *instance);

/* The same with another configuration than the instance's own, as with callbacks added. */
struct pagetable *instance_create_with(const struct instance *instance,
				       const struct pt_config *config);

/* An output address aligned to @size in which half of all bits are set; @size fits the width. */
uint64_t instance_oa(const struct instance *instance, uint64_t size);

/* May a leaf of @size be mapped somewhere? */
bool instance_fits(const struct instance *instance, uint64_t size);

/*
 * The smallest leaf size above the granule, of which at least 64 fit into the input
 * range; 0 where there is none.
 */
uint64_t instance_large_size(const struct instance *instance);

/* That size, or some power of two of which 64 fit, at least a page. */
uint64_t instance_block(const struct instance *instance);

/* What a leaf table spans: the first doubled distance at which a second page takes more memory. */
uint64_t leaf_table_span(const struct instance *instance);

/* An address aligned to @size in the middle of the (first) input range. */
uint64_t instance_middle(const struct instance *instance, uint64_t size);

/* Bytes of table memory, once those are freed that wait for the end of a grace period. */
long instance_bytes_live(const struct instance *instance);

/* Says which instance a failed check was about: the teardown of every test that uses them. */
int instance_report(void **state);

#define INSTANCE_TEST(function) cmocka_unit_test_teardown(function, instance_report)

/* The arena and a thread known to RCU, or exit with an error: what every test program does first. */
void arena_or_exit(void);

#endif
