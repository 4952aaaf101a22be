/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify.h - do all sides of a case build the same tables, and do they translate alike? */
#ifndef PTBENCH_VERIFY_H
#define PTBENCH_VERIFY_H

#include "sides.h"

/*
 * Carry out the case's operations on new page tables of all @sides and compare these item by
 * item. Leaves have to be the same words in the same places; so have table items that both
 * sides have, their addresses aside. A side may have freed an empty table that another keeps.
 * Returns an exit code: EXIT_BENCHMARK after naming the first difference.
 */
int verify_sides(struct workload *workload, const struct side *sides, unsigned int count);

#define VERIFY_MOST_SIDES 32

/*
 * How operations are carried out, for struct bench_op. All page tables are new; each names in its error which case and
 * which side failed.
 */
/* Maps the round's operations and unmaps them; every page is looked at, and words are compared after each. */
int verify_mapping(const struct workload *workload, struct side *sides, unsigned int count);
/* One round; words are equal after it: what drivers' users put together leaf by leaf is what results. */
int verify_change(const struct workload *workload, struct side *sides, unsigned int count);
/* One round, of which only what is reported has to be right. */
int verify_reports(const struct workload *workload, struct side *sides, unsigned int count);

/*
 * Compare the page tables of @sides as they are. A leaf that says more than another side's, by a quirk of its
 * subject's, may differ from it, but not from its equals.
 */
int verify_compare(const struct workload *workload, const struct side *sides, unsigned int count);

/* One item as it is compared. */
struct verify_item {
	uint64_t iova, word; /* word: with what may differ taken out */
	unsigned int level;
	bool is_table;
};

/* The first difference of two tables, in the order of visit(): false if there is none. */
bool verify_differ(const struct verify_item *a, size_t a_count, const struct verify_item *b,
		   size_t b_count, const struct verify_item **a_item,
		   const struct verify_item **b_item);

#endif
