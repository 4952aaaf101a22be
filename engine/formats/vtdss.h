/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtdss.h - Intel VT-d second-stage page table.
 *
 * Authority: Intel Virtualization Technology for Directed I/O, D51397, sections 3.7
 * "Second-Stage Translation" and 9.8 "Second-Stage Paging Entries".
 *
 *	manual's SS-PTE, SS-PDE, SS-PDPE, SS-PML4E, SS-PML5E  =  level 0, 1, 2, 3, 4 here
 *
 * There is no present bit: an item counts when it grants a permission. Linux
 * grants reading with every leaf; PT_QUIRK_EXACT_PERMISSIONS writes what was asked for.
 */
#ifndef PT_FORMATS_VTDSS_H
#define PT_FORMATS_VTDSS_H

#include "generic/bits.h"
#include "generic/shape.h"
#include "pagetable.h"

#define FMT_TITLE "Intel VT-d second stage"
#define FMT_GRANULE_LG2 12
#define FMT_TOP_LEVEL_MIN 2
#define FMT_TOP_LEVEL_MAX 4
#define FMT_IA_BITS 48
#define FMT_OA_BITS 52
#define FMT_OA_BITS_MAX 52
#define FMT_QUIRKS (PT_QUIRK_FORCE_SNOOP | PT_QUIRK_EXACT_PERMISSIONS)
#define FMT_PAGE_SIZES (PT_BIT(12) | PT_BIT(21) | PT_BIT(30))

#define FMT_INDEX_LG2 9
#define FMT_DYNAMIC_TOP 0
#define FMT_CONTIGUOUS 0
#define FMT_LEAF_STEP(level) lg2_bytes(fmt_item_lg2(level))
#define FMT_CLEAR_KEEPS 0
#define FMT_DIRTY 1
#define FMT_DIRTY_BIT VTDSS_D
#define FMT_WRITABLE_BIT VTDSS_W
#define FMT_BREAK_BEFORE_MAKE 0
#define FMT_MAY_BE_INCOHERENT 1
#define FMT_WRITTEN_BACK PT_BIT(10) /* ignored in all entries but page-table entries' */
#define FMT_ROOT_VARIES 0

typedef uint64_t fmt_word;
typedef fmt_word fmt_attributes;

#define VTDSS_R PT_BIT(0)
#define VTDSS_W PT_BIT(1)
#define VTDSS_PS PT_BIT(7) /* levels 1 and 2: a leaf */
#define VTDSS_D PT_BIT(9)
#define VTDSS_SNP PT_BIT(11)
#define VTDSS_ADDRESS PT_FIELD(51, 12)

#include "formats/usual.h"

PT_ALWAYS_INLINE bool fmt_leaf_level(unsigned int level)
{
	return level <= 2;
}

PT_ALWAYS_INLINE bool fmt_is_empty(fmt_word word, unsigned int level)
{
	return !(word & (VTDSS_R | VTDSS_W));
}

PT_ALWAYS_INLINE bool fmt_is_table(fmt_word word, unsigned int level)
{
	return level && !fmt_is_empty(word, level) && !(word & VTDSS_PS);
}

/* Given the bits that all of several items have, and those that any has: is surely none a table? */
PT_ALWAYS_INLINE bool fmt_no_tables(fmt_word all, fmt_word any, unsigned int level)
{
	return all & VTDSS_PS;
}

PT_ALWAYS_INLINE bool fmt_is_leaf(fmt_word word, unsigned int level)
{
	return fmt_leaf_level(level) && !fmt_is_empty(word, level) && (!level || (word & VTDSS_PS));
}

PT_ALWAYS_INLINE bool fmt_leaf_attributes(unsigned int quirks, unsigned int prot,
					  fmt_attributes *attributes)
{
	bool reads = (prot & PT_READ) || !(quirks & PT_QUIRK_EXACT_PERMISSIONS);

	*attributes = (reads ? VTDSS_R : 0) | (prot & PT_WRITE ? VTDSS_W : 0) |
		      (quirks & PT_QUIRK_FORCE_SNOOP ? VTDSS_SNP : 0);
	return prot & (PT_READ | PT_WRITE);
}

PT_ALWAYS_INLINE fmt_word fmt_leaf(fmt_attributes attributes, uint64_t oa, unsigned int lg2,
				   unsigned int level)
{
	(void)lg2;
	return attributes | oa | (level ? VTDSS_PS : 0);
}

PT_ALWAYS_INLINE unsigned int fmt_leaf_lg2(fmt_word word, unsigned int level)
{
	return fmt_item_lg2(level);
}

PT_ALWAYS_INLINE uint64_t fmt_leaf_oa(fmt_word word, unsigned int level)
{
	return word & VTDSS_ADDRESS & ~lg2_mask(fmt_item_lg2(level));
}

/* The attributes of a leaf, hardware's marks included, as fmt_leaf() takes them for any size. */
PT_ALWAYS_INLINE fmt_attributes fmt_attributes_of(unsigned int quirks, fmt_word word,
						  unsigned int level)
{
	return word & ~(VTDSS_ADDRESS | VTDSS_PS);
}

PT_ALWAYS_INLINE fmt_word fmt_table(unsigned int quirks, const void *table, unsigned int level)
{
	return platform_to_physical(table) | VTDSS_R | VTDSS_W;
}

PT_ALWAYS_INLINE void *fmt_table_address(fmt_word word, unsigned int level)
{
	return platform_from_physical(word & VTDSS_ADDRESS);
}

/* The adjusted guest address widths: 39, 48 and 57 bits in 3, 4 and 5 levels. */
static inline int fmt_shape(const struct pt_config *config, struct pt_shape *shape)
{
	unsigned int bits = config->ia_bits ? config->ia_bits : FMT_IA_BITS;

	if (bits != 39 && bits != 48 && bits != 57)
		return -EINVAL;
	shape_lower_half(shape, bits);
	shape->top_level = (bits - fmt_item_lg2(0)) / 9 - 1;
	shape->root_index_lg2 = fmt_index_lg2(shape->top_level);
	return 0;
}

#endif
