/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sides.h - a side's page table: making it, mapping a round's operations in it, checking what it
 * translates to. None of this is timed. All return an exit code.
 */
#ifndef PTBENCH_SIDES_H
#define PTBENCH_SIDES_H

#include "workload.h"

/* Make @side's page table. */
int side_create(const struct workload *workload, struct side *side);
void side_destroy(struct side *side);

/* Say that @side failed in @what at @iova with @failure, an errno or a count of bytes. */
int side_fail(const struct workload *workload, const struct side *side, const char *what,
	      uint64_t iova, int64_t failure);
/* The same for an operation of a round, if @result says that one failed; else 0. */
int side_failed(const struct workload *workload, const struct side *side, const char *what,
		const struct hot_result *result);

/* Map the page at @iova; the anchor: one beyond all operations, so that upper tables exist. */
int side_map_page(const struct workload *workload, struct side *side, uint64_t iova);
int side_map_anchor(const struct workload *workload, struct side *side);

/* Map all of a round's operations, in the largest leaves, or in the smallest for there to be something to join. */
int side_map_round(const struct workload *workload, struct side *side);
int side_map_smallest(const struct workload *workload, struct side *side);
/* Unmap them strictly; or unmap @length bytes at @iova. */
int side_unmap_round(const struct workload *workload, struct side *side);
int side_unmap(const struct workload *workload, struct side *side, uint64_t iova, uint64_t length);

/* Does @iova translate to @oa, or with PT_NOT_MAPPED to nothing? */
int side_check(const struct workload *workload, const struct side *side, uint64_t iova,
	       uint64_t oa);

/* All pages of all operations: are they mapped, or gone? */
int side_check_all(const struct workload *workload, const struct side *side, bool mapped);
/* The same of one page of each, another one from round to round: all would leave the caches to the check. */
int side_check_round(const struct workload *workload, struct side *side, bool mapped);

/* Where smallest page @page of @op is mapped to: an address, or PT_NOT_MAPPED. */
typedef uint64_t (*side_oa_fn)(const struct workload *workload, const struct hot_op *op,
			       uint64_t page);
uint64_t side_mapped_oa(const struct workload *workload, const struct hot_op *op, uint64_t page);
uint64_t side_nothing_mapped(const struct workload *workload, const struct hot_op *op,
			     uint64_t page);
/* Some pages of each operation, other ones from round to round: are they where @expected says? */
int side_check_pages(const struct workload *workload, struct side *side, side_oa_fn expected);

#endif
