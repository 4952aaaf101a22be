/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * amdv1.h - AMD I/O virtualization "v1" host page table.
 *
 * Authority: AMD I/O Virtualization Technology (IOMMU) Specification, 48882,
 * section 2.2.3 "I/O Page Tables for Host Translations".
 *
 *	manual's level 1 .. 6  =  level 0 .. 5 here
 *
 * Every power of two is a page size. Sizes that are not natural to a level are
 * written as Next Level 7 with the size coded in the low address bits, the same
 * word in all items that the page spans. The root grows: a new root's first item
 * points to the old one.
 */
#ifndef PT_FORMATS_AMDV1_H
#define PT_FORMATS_AMDV1_H

#include "generic/bits.h"
#include "generic/shape.h"
#include "pagetable.h"

#define FMT_TITLE "AMD IOMMU v1 host page table"
#define FMT_GRANULE_LG2 12
#define FMT_TOP_LEVEL_MAX 5
#define FMT_IA_BITS 39 /* at creation; grows to 64 */
#define FMT_OA_BITS 52
#define FMT_OA_BITS_MAX 52
#define FMT_QUIRKS PT_QUIRK_NO_FORCE_COHERENCE
/* Every power of two that a leaf level can hold but 2^39, which a hardware erratum excludes. */
#define FMT_PAGE_SIZES (PT_FIELD(51, 12) & ~PT_BIT(39))

#define FMT_DYNAMIC_TOP 1
#define FMT_CONTIGUOUS 1
#define FMT_LEAF_STEP(level) lg2_bytes(fmt_item_lg2(level))
#define FMT_CLEAR_KEEPS 0
#define FMT_DIRTY 1
#define FMT_DIRTY_BIT AMDV1_D
#define FMT_WRITABLE_BIT AMDV1_IW
#define FMT_BREAK_BEFORE_MAKE 0
#define FMT_MAY_BE_INCOHERENT 0
#define FMT_ROOT_VARIES 0

typedef uint64_t fmt_word;
typedef fmt_word fmt_attributes;

#define AMDV1_PR PT_BIT(0)
#define AMDV1_D PT_BIT(6)
#define AMDV1_NEXT_LEVEL PT_FIELD(11, 9)
#define AMDV1_NEXT_LEVEL_SHIFT 9
#define AMDV1_NEXT_LEVEL_SIZED 7ULL
#define AMDV1_ADDRESS PT_FIELD(51, 12)
#define AMDV1_FC PT_BIT(60)
#define AMDV1_IR PT_BIT(61)
#define AMDV1_IW PT_BIT(62)

#include "formats/usual.h"

PT_ALWAYS_INLINE unsigned int fmt_index_lg2(unsigned int level)
{
	return level == 5 ? 7 : 9;
}

PT_ALWAYS_INLINE unsigned int fmt_item_lg2(unsigned int level)
{
	return 12 + 9 * level;
}

/* log2 of a table's bytes: at level 5 the manual uses an eighth of the page. */
PT_ALWAYS_INLINE unsigned int fmt_table_lg2(unsigned int level)
{
	return 12;
}

PT_ALWAYS_INLINE bool fmt_leaf_level(unsigned int level)
{
	return level < 5;
}

PT_ALWAYS_INLINE bool fmt_is_empty(fmt_word word, unsigned int level)
{
	return word == 0;
}

PT_ALWAYS_INLINE bool fmt_is_table(fmt_word word, unsigned int level)
{
	return (word & (AMDV1_PR | AMDV1_NEXT_LEVEL)) ==
		       (AMDV1_PR | (fmt_word)level << AMDV1_NEXT_LEVEL_SHIFT) &&
	       level;
}

/* Given the bits that all of several items have, and those that any has: is surely none a table? */
PT_ALWAYS_INLINE bool fmt_no_tables(fmt_word all, fmt_word any, unsigned int level)
{
	return !(any & AMDV1_NEXT_LEVEL) || (all & AMDV1_NEXT_LEVEL) == AMDV1_NEXT_LEVEL;
}

PT_ALWAYS_INLINE bool fmt_is_leaf(fmt_word word, unsigned int level)
{
	unsigned int next_level = (word & AMDV1_NEXT_LEVEL) >> AMDV1_NEXT_LEVEL_SHIFT;

	return (word & AMDV1_PR) && (next_level == 0 || next_level == AMDV1_NEXT_LEVEL_SIZED) &&
	       fmt_leaf_level(level);
}

/* What a new leaf carries besides address and size: Linux sets FC on all, D on none. */
PT_ALWAYS_INLINE bool fmt_leaf_attributes(unsigned int quirks, unsigned int prot,
					  fmt_attributes *attributes)
{
	*attributes = AMDV1_PR | (quirks & PT_QUIRK_NO_FORCE_COHERENCE ? 0 : AMDV1_FC) |
		      (prot & PT_READ ? AMDV1_IR : 0) | (prot & PT_WRITE ? AMDV1_IW : 0);
	return prot & (PT_READ | PT_WRITE);
}

/*
 * The word of each item of a leaf of 1 << @lg2 bytes. A size that is not an item's is coded in
 * the address: bit lg2-1 clear, the bits from there down to 12 set.
 */
PT_ALWAYS_INLINE fmt_word fmt_leaf(fmt_attributes attributes, uint64_t oa, unsigned int lg2,
				   unsigned int level)
{
	if (lg2 == fmt_item_lg2(level))
		return attributes | oa;
	return attributes | AMDV1_NEXT_LEVEL_SIZED << AMDV1_NEXT_LEVEL_SHIFT |
	       (oa & ~lg2_mask(lg2)) | (lg2_mask(lg2 - 1) & ~lg2_mask(12));
}

PT_ALWAYS_INLINE unsigned int fmt_leaf_lg2(fmt_word word, unsigned int level)
{
	if (!(word & AMDV1_NEXT_LEVEL))
		return fmt_item_lg2(level);
	return (unsigned int)__builtin_ctzll(~(word | lg2_mask(12))) + 1;
}

/* The first output address of the leaf that @word is part of. */
PT_ALWAYS_INLINE uint64_t fmt_leaf_oa(fmt_word word, unsigned int level)
{
	return word & AMDV1_ADDRESS & ~lg2_mask(fmt_leaf_lg2(word, level));
}

/* The attributes of a leaf, hardware's marks included, as fmt_leaf() takes them for any size. */
PT_ALWAYS_INLINE fmt_attributes fmt_attributes_of(unsigned int quirks, fmt_word word,
						  unsigned int level)
{
	return word & ~(AMDV1_ADDRESS | AMDV1_NEXT_LEVEL);
}

PT_ALWAYS_INLINE fmt_word fmt_table(unsigned int quirks, const void *table, unsigned int level)
{
	return platform_to_physical(table) | AMDV1_PR | AMDV1_IR | AMDV1_IW |
	       (fmt_word)level << AMDV1_NEXT_LEVEL_SHIFT;
}

PT_ALWAYS_INLINE void *fmt_table_address(fmt_word word, unsigned int level)
{
	return platform_from_physical(word & AMDV1_ADDRESS);
}

static inline int fmt_shape(const struct pt_config *config, struct pt_shape *shape)
{
	unsigned int bits = config->ia_bits ? config->ia_bits : FMT_IA_BITS;

	if (bits < 13 || bits > 64)
		return -EINVAL;
	shape_lower_half(shape, 64);
	shape->top_level = (bits - 12 + 8) / 9 - 1;
	shape->root_index_lg2 = fmt_index_lg2(shape->top_level);
	return 0;
}

#endif
