/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * x86_64.h - x86-64 page tables of 4 and 5 levels, as AMD's and Intel's IOMMUs walk them.
 *
 * Authority: AMD I/O Virtualization Technology (IOMMU) Specification, 48882,
 * section 2.2.6 "I/O Page Tables for Guest Translations"; Intel Virtualization Technology
 * for Directed I/O, D51397, section 9.7 "First-Stage Paging Entries"; names of the
 * fields as in Intel's Software Developer's Manual, volume 3, section 4.5.
 *
 *	manual's page table, page directory, PDPT, PML4, PML5  =  level 0, 1, 2, 3, 4 here
 *
 * Accessed and dirty are preset, so that hardware never has to write: AMD's
 * driver sets dirty on every leaf, Intel's where the leaf is writable. Both give
 * out addresses of the lower half only; PT_QUIRK_SIGN_EXTEND adds the upper one.
 */
#ifndef PT_FORMATS_X86_64_H
#define PT_FORMATS_X86_64_H

#include "generic/bits.h"
#include "generic/shape.h"
#include "pagetable.h"

#define FMT_TITLE "x86-64, as AMD IOMMU v2 and VT-d first stage use it"
#define FMT_GRANULE_LG2 12
#define FMT_TOP_LEVEL_MIN 3
#define FMT_TOP_LEVEL_MAX 4
#define FMT_IA_BITS 48 /* or 57 for 5 levels */
#define FMT_OA_BITS 52
#define FMT_OA_BITS_MAX 52
#define FMT_QUIRKS (PT_QUIRK_FIRST_STAGE | PT_QUIRK_SIGN_EXTEND)
#define FMT_PAGE_SIZES (PT_BIT(12) | PT_BIT(21) | PT_BIT(30))

#define FMT_INDEX_LG2 9
#define FMT_DYNAMIC_TOP 0
#define FMT_CONTIGUOUS 0
#define FMT_LEAF_STEP(level) lg2_bytes(fmt_item_lg2(level))
#define FMT_CLEAR_KEEPS 0
#define FMT_DIRTY 1
#define FMT_DIRTY_BIT X86_D
#define FMT_WRITABLE_BIT X86_RW
#define FMT_BREAK_BEFORE_MAKE 0
#define FMT_MAY_BE_INCOHERENT 1
#define FMT_WRITTEN_BACK PT_BIT(9) /* ignored in all entries */
#define FMT_ROOT_VARIES 0

typedef uint64_t fmt_word;
typedef fmt_word fmt_attributes;

#define X86_P PT_BIT(0)
#define X86_RW PT_BIT(1)
#define X86_US PT_BIT(2)
#define X86_A PT_BIT(5)
#define X86_D PT_BIT(6)
#define X86_PS PT_BIT(7) /* levels 1 and 2: a leaf; at level 0 the bit is PAT */
#define X86_ADDRESS PT_FIELD(51, 12)

#include "formats/usual.h"

PT_ALWAYS_INLINE bool fmt_leaf_level(unsigned int level)
{
	return level <= 2;
}

PT_ALWAYS_INLINE bool fmt_is_empty(fmt_word word, unsigned int level)
{
	return !(word & X86_P);
}

PT_ALWAYS_INLINE bool fmt_is_table(fmt_word word, unsigned int level)
{
	return level && (word & (X86_P | X86_PS)) == X86_P;
}

/* Given the bits that all of several items have, and those that any has: is surely none a table? */
PT_ALWAYS_INLINE bool fmt_no_tables(fmt_word all, fmt_word any, unsigned int level)
{
	return all & X86_PS;
}

PT_ALWAYS_INLINE bool fmt_is_leaf(fmt_word word, unsigned int level)
{
	fmt_word leaf = level ? X86_P | X86_PS : X86_P;

	return fmt_leaf_level(level) && (word & leaf) == leaf;
}

PT_ALWAYS_INLINE bool fmt_leaf_attributes(unsigned int quirks, unsigned int prot,
					  fmt_attributes *attributes)
{
	bool dirty = (prot & PT_WRITE) || !(quirks & PT_QUIRK_FIRST_STAGE);

	*attributes = X86_P | X86_US | X86_A | (prot & PT_WRITE ? X86_RW : 0) | (dirty ? X86_D : 0);
	return prot & (PT_READ | PT_WRITE);
}

PT_ALWAYS_INLINE fmt_word fmt_leaf(fmt_attributes attributes, uint64_t oa, unsigned int lg2,
				   unsigned int level)
{
	(void)lg2;
	return attributes | oa | (level ? X86_PS : 0);
}

PT_ALWAYS_INLINE unsigned int fmt_leaf_lg2(fmt_word word, unsigned int level)
{
	return fmt_item_lg2(level);
}

PT_ALWAYS_INLINE uint64_t fmt_leaf_oa(fmt_word word, unsigned int level)
{
	return word & X86_ADDRESS & ~lg2_mask(fmt_item_lg2(level));
}

/* The attributes of a leaf, hardware's marks included, as fmt_leaf() takes them for any size. */
PT_ALWAYS_INLINE fmt_attributes fmt_attributes_of(unsigned int quirks, fmt_word word,
						  unsigned int level)
{
	return word & ~(X86_ADDRESS | X86_PS);
}

PT_ALWAYS_INLINE fmt_word fmt_table(unsigned int quirks, const void *table, unsigned int level)
{
	return platform_to_physical(table) | X86_P | X86_RW | X86_US | X86_A;
}

PT_ALWAYS_INLINE void *fmt_table_address(fmt_word word, unsigned int level)
{
	return platform_from_physical(word & X86_ADDRESS);
}

static inline int fmt_shape(const struct pt_config *config, struct pt_shape *shape)
{
	unsigned int bits = config->ia_bits ? config->ia_bits : FMT_IA_BITS;

	if (bits != 48 && bits != 57)
		return -EINVAL;
	if (config->quirks & PT_QUIRK_SIGN_EXTEND)
		shape_sign_extended(shape, bits);
	else
		shape_lower_half(shape, bits - 1);
	shape->top_level = bits == 48 ? 3 : 4;
	shape->root_index_lg2 = fmt_index_lg2(shape->top_level);
	return 0;
}

#endif
