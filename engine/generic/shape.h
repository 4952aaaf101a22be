/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * shape.h - the shape of one page table: which addresses it takes, how wide its
 * root is, which leaf sizes it may use.
 */
#ifndef PT_GENERIC_SHAPE_H
#define PT_GENERIC_SHAPE_H

#include "generic/platform.h"

struct pt_shape {
	/* An address is inside iff (address + ia_bias) & ia_outside is 0: covers plain widths,
	 * upper halves and sign-extended ones with the same two instructions. */
	uint64_t ia_bias, ia_outside;
	uint64_t oa_last; /* the highest output address */
	uint64_t page_sizes;
	unsigned int top_level; /* of the root when the table is created */
	unsigned int root_index_lg2; /* log2 of the root's items */
};

/* Addresses 0 .. 2^ia_bits - 1. */
PT_UNUSED static void shape_lower_half(struct pt_shape *shape, unsigned int ia_bits)
{
	shape->ia_bias = 0;
	shape->ia_outside = ia_bits == 64 ? 0 : ~0ULL << ia_bits;
}

/* Addresses whose bits 63..ia_bits are all ones. */
PT_UNUSED static void shape_upper_half(struct pt_shape *shape, unsigned int ia_bits)
{
	shape->ia_bias = 1ULL << ia_bits;
	shape->ia_outside = ~0ULL << ia_bits;
}

/* Addresses whose bits 63..ia_bits - 1 are all equal. */
PT_UNUSED static void shape_sign_extended(struct pt_shape *shape, unsigned int ia_bits)
{
	shape->ia_bias = 1ULL << (ia_bits - 1);
	shape->ia_outside = ~0ULL << ia_bits;
}

#endif
