/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dart.h - Apple's DART, both layouts, with 4K and 16K pages.
 *
 * Authority: there is no public manual. Linux, drivers/iommu/io-pgtable-dart.c and
 * apple-dart.c, and the hardware documentation of the Asahi Linux project.
 *
 *	driver's level 2 (L2)  =  level 0 here
 *	driver's level 1 (L1)  =  level 1 here
 *
 * Hardware takes 1, 2 or 4 root tables, each of one page, from a register each;
 * the address bits above the two levels choose one. Here they are one allocation
 * and act as a single wider root: root i begins i pages after what pt_root() says.
 * Four roots of two levels with 16K pages span 38 bits: wider input is refused, also by the second layout,
 * whose output has 42.
 * Someone else's separate roots are read one by one, each with the config's
 * ia_bits cut to what one root spans.
 *
 * Included by a header that defines
 *	DART_VERSION       1 or 2
 *	DART_GRANULE_LG2   12 or 14
 *	FMT_TITLE
 *	FMT_IA_BITS        the width when none is asked for
 */
#ifndef PT_FORMATS_DART_H
#define PT_FORMATS_DART_H

#include "generic/bits.h"
#include "generic/shape.h"
#include "pagetable.h"

#define FMT_GRANULE_LG2 DART_GRANULE_LG2
#define FMT_TOP_LEVEL_MIN 1
#define FMT_TOP_LEVEL_MAX 1
#define FMT_OA_BITS (DART_VERSION == 1 ? 36 : 42)
#define FMT_OA_BITS_MAX FMT_OA_BITS
#define FMT_QUIRKS (DART_VERSION == 2 ? PT_QUIRK_CACHED : 0u)
#define FMT_PAGE_SIZES PT_BIT(DART_GRANULE_LG2)

#define FMT_INDEX_LG2 DART_INDEX_LG2
#define FMT_DYNAMIC_TOP 0
#define FMT_CONTIGUOUS 0
#define FMT_LEAF_STEP(level) dart_address(lg2_bytes(fmt_item_lg2(level)))
#define FMT_CLEAR_KEEPS 0
#define FMT_DIRTY 0
#define FMT_BREAK_BEFORE_MAKE 0
#define FMT_MAY_BE_INCOHERENT 0
#define FMT_ROOT_VARIES 1

typedef uint64_t fmt_word;
typedef fmt_word fmt_attributes;

#define DART_INDEX_LG2 (DART_GRANULE_LG2 - 3)
#define DART_ROOTS_MAX_LG2 2
#define DART_PTE_VALID PT_BIT(0)
#define DART_PTE_SUBPAGE_END PT_FIELD(51, 40) /* all ones, with a start of 0: the whole page */
#define DART1_PTE_PROT_SP_DIS PT_BIT(1)
#define DART1_PTE_PROT_NO_WRITE PT_BIT(7)
#define DART1_PTE_PROT_NO_READ PT_BIT(8)
#define DART1_PADDR PT_FIELD(35, 12)
#define DART2_PTE_PROT_NO_CACHE PT_BIT(1)
#define DART2_PTE_PROT_NO_WRITE PT_BIT(2)
#define DART2_PTE_PROT_NO_READ PT_BIT(3)
#define DART2_PADDR PT_FIELD(37, 10)
#define DART2_PADDR_SHIFT 4

#include "formats/usual.h"

PT_ALWAYS_INLINE bool fmt_leaf_level(unsigned int level)
{
	return level == 0;
}

PT_ALWAYS_INLINE bool fmt_is_empty(fmt_word word, unsigned int level)
{
	return !(word & DART_PTE_VALID);
}

PT_ALWAYS_INLINE bool fmt_is_table(fmt_word word, unsigned int level)
{
	return level && (word & DART_PTE_VALID);
}

/* Given the bits that all of several items have, and those that any has: is surely none a table? */
PT_ALWAYS_INLINE bool fmt_no_tables(fmt_word all, fmt_word any, unsigned int level)
{
	return !(any & DART_PTE_VALID);
}

PT_ALWAYS_INLINE bool fmt_is_leaf(fmt_word word, unsigned int level)
{
	return !level && (word & DART_PTE_VALID);
}

PT_ALWAYS_INLINE fmt_word dart_address(uint64_t address)
{
	return DART_VERSION == 1 ? address : address >> DART2_PADDR_SHIFT;
}

PT_ALWAYS_INLINE uint64_t dart_word_address(fmt_word word)
{
	return DART_VERSION == 1 ? word & DART1_PADDR : (word & DART2_PADDR) << DART2_PADDR_SHIFT;
}

/*
 * Linux 6.12 sets version 1's "no sub-pages" in version 2 too, where the bit says "do not cache"; 7.2 and 7.3 do not
 * set it where PT_CACHE is asked for (PT_QUIRK_CACHED).
 */
PT_ALWAYS_INLINE bool fmt_leaf_attributes(unsigned int quirks, unsigned int prot,
					  fmt_attributes *attributes)
{
	fmt_word no_read = DART_VERSION == 1 ? DART1_PTE_PROT_NO_READ : DART2_PTE_PROT_NO_READ;
	fmt_word no_write = DART_VERSION == 1 ? DART1_PTE_PROT_NO_WRITE : DART2_PTE_PROT_NO_WRITE;

	*attributes = DART_PTE_VALID | DART_PTE_SUBPAGE_END |
		      (DART_VERSION == 1 ? DART1_PTE_PROT_SP_DIS : DART2_PTE_PROT_NO_CACHE) |
		      (prot & PT_READ ? 0 : no_read) | (prot & PT_WRITE ? 0 : no_write);
	if (DART_VERSION == 2 && quirks & PT_QUIRK_CACHED && prot & PT_CACHE)
		*attributes &= ~DART2_PTE_PROT_NO_CACHE;
	return prot & (PT_READ | PT_WRITE);
}

PT_ALWAYS_INLINE fmt_word fmt_leaf(fmt_attributes attributes, uint64_t oa, unsigned int lg2,
				   unsigned int level)
{
	(void)lg2;
	return attributes | dart_address(oa);
}

PT_ALWAYS_INLINE unsigned int fmt_leaf_lg2(fmt_word word, unsigned int level)
{
	return fmt_item_lg2(level);
}

PT_ALWAYS_INLINE uint64_t fmt_leaf_oa(fmt_word word, unsigned int level)
{
	return dart_word_address(word) & ~lg2_mask(DART_GRANULE_LG2);
}

/* The attributes of a leaf, hardware's marks included, as fmt_leaf() takes them for any size. */
PT_ALWAYS_INLINE fmt_attributes fmt_attributes_of(unsigned int quirks, fmt_word word,
						  unsigned int level)
{
	return word & ~(DART_VERSION == 1 ? DART1_PADDR : DART2_PADDR);
}

PT_ALWAYS_INLINE fmt_word fmt_table(unsigned int quirks, const void *table, unsigned int level)
{
	return dart_address(platform_to_physical(table)) | DART_PTE_VALID;
}

PT_ALWAYS_INLINE void *fmt_table_address(fmt_word word, unsigned int level)
{
	return platform_from_physical(dart_word_address(word));
}

static inline int fmt_shape(const struct pt_config *config, struct pt_shape *shape)
{
	unsigned int bits = config->ia_bits ? config->ia_bits : FMT_IA_BITS;
	unsigned int oa_bits = config->oa_bits ? config->oa_bits : FMT_OA_BITS;
	unsigned int root_bits = fmt_item_lg2(2);

	if (bits <= DART_GRANULE_LG2 || bits > root_bits + DART_ROOTS_MAX_LG2 || bits > oa_bits)
		return -EINVAL;
	if (oa_bits != 36 && oa_bits != 42)
		return -EINVAL;
	shape_lower_half(shape, bits);
	shape->top_level = 1;
	shape->root_index_lg2 = DART_INDEX_LG2 + (bits > root_bits ? bits - root_bits : 0);
	return 0;
}

#endif
