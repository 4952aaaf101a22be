/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * s390.h - the I/O translation tables of PCI functions on s390 (zPCI).
 *
 * Authority: the layout is that of dynamic address translation in z/Architecture
 * Principles of Operation, SA22-7832, chapter 3 "Storage"; for PCI functions only
 * Linux, arch/s390/include/asm/pci_dma.h, whose names the constants carry.
 *
 *	manual's page table, segment table, region-third table  =  level 0, 1, 2 here
 *
 * Zero is not empty: an item counts until its invalid bit is set. A page-table
 * entry that is unmapped keeps its address, as Linux leaves it.
 */
#ifndef PT_FORMATS_S390_H
#define PT_FORMATS_S390_H

#include "generic/bits.h"
#include "generic/shape.h"
#include "pagetable.h"

#define FMT_TITLE "s390 zPCI region-third, segment and page tables"
#define FMT_GRANULE_LG2 12
#define FMT_TOP_LEVEL_MIN 2
#define FMT_TOP_LEVEL_MAX 2
#define FMT_IA_BITS 42
#define FMT_OA_BITS 63 /* the field has 64: so no translation is PT_NOT_MAPPED */
#define FMT_OA_BITS_MAX 63
#define FMT_QUIRKS 0u
#define FMT_PAGE_SIZES PT_BIT(12)

#define FMT_DYNAMIC_TOP 0
#define FMT_CONTIGUOUS 0
#define FMT_LEAF_STEP(level) lg2_bytes(fmt_item_lg2(level))
#define FMT_CLEAR_KEEPS 1
#define FMT_EMPTY(level) ((level) ? S390_TABLE_INVALID : S390_PTE_INVALID)
#define FMT_DIRTY 0
#define FMT_BREAK_BEFORE_MAKE 0
#define FMT_MAY_BE_INCOHERENT 0
#define FMT_ROOT_VARIES 0

typedef uint64_t fmt_word;
typedef fmt_word fmt_attributes;

#define S390_PTE_INVALID PT_BIT(10)
#define S390_PTE_ADDRESS PT_FIELD(63, 12)
#define S390_TABLE_PROTECTED PT_BIT(9)
#define S390_TABLE_INVALID PT_BIT(5)
#define S390_TABLE_TYPE_RTX (1ULL << 2)
#define S390_TABLE_LEN_RTX 3ULL /* the whole table, of four 4K blocks */
#define S390_RTE_ADDRESS PT_FIELD(63, 14)
#define S390_STE_ADDRESS PT_FIELD(63, 11)

#include "formats/usual.h"

PT_ALWAYS_INLINE unsigned int fmt_index_lg2(unsigned int level)
{
	return level ? 11 : 8;
}

PT_ALWAYS_INLINE unsigned int fmt_item_lg2(unsigned int level)
{
	return level ? 20 + 11 * (level - 1) : 12;
}

PT_ALWAYS_INLINE unsigned int fmt_table_lg2(unsigned int level)
{
	return level ? 14 : 11;
}

PT_ALWAYS_INLINE bool fmt_leaf_level(unsigned int level)
{
	return level == 0;
}

PT_ALWAYS_INLINE bool fmt_is_empty(fmt_word word, unsigned int level)
{
	return word & fmt_empty(level);
}

PT_ALWAYS_INLINE bool fmt_is_table(fmt_word word, unsigned int level)
{
	return level && !(word & S390_TABLE_INVALID);
}

/* Given the bits that all of several items have, and those that any has: is surely none a table? */
PT_ALWAYS_INLINE bool fmt_no_tables(fmt_word all, fmt_word any, unsigned int level)
{
	return all & S390_TABLE_INVALID;
}

PT_ALWAYS_INLINE bool fmt_is_leaf(fmt_word word, unsigned int level)
{
	return !level && !(word & S390_PTE_INVALID);
}

/* Writing is all that can be forbidden. */
PT_ALWAYS_INLINE bool fmt_leaf_attributes(unsigned int quirks, unsigned int prot,
					  fmt_attributes *attributes)
{
	*attributes = prot & PT_WRITE ? 0 : S390_TABLE_PROTECTED;
	return prot & (PT_READ | PT_WRITE);
}

PT_ALWAYS_INLINE fmt_word fmt_leaf(fmt_attributes attributes, uint64_t oa, unsigned int lg2,
				   unsigned int level)
{
	(void)lg2;
	return attributes | oa;
}

PT_ALWAYS_INLINE unsigned int fmt_leaf_lg2(fmt_word word, unsigned int level)
{
	return fmt_item_lg2(level);
}

PT_ALWAYS_INLINE uint64_t fmt_leaf_oa(fmt_word word, unsigned int level)
{
	return word & S390_PTE_ADDRESS;
}

/* The attributes of a leaf, hardware's marks included, as fmt_leaf() takes them for any size. */
PT_ALWAYS_INLINE fmt_attributes fmt_attributes_of(unsigned int quirks, fmt_word word,
						  unsigned int level)
{
	return word & ~S390_PTE_ADDRESS;
}

PT_ALWAYS_INLINE fmt_word fmt_table(unsigned int quirks, const void *table, unsigned int level)
{
	return platform_to_physical(table) |
	       (level == 2 ? S390_TABLE_TYPE_RTX | S390_TABLE_LEN_RTX : 0);
}

PT_ALWAYS_INLINE void *fmt_table_address(fmt_word word, unsigned int level)
{
	return platform_from_physical(word & (level == 2 ? S390_RTE_ADDRESS : S390_STE_ADDRESS));
}

/* What unmap leaves behind in @item: invalid, no longer protected, the rest as it was. */
PT_ALWAYS_INLINE fmt_word fmt_clear(const fmt_word *item, unsigned int level)
{
	return (__atomic_load_n(item, __ATOMIC_RELAXED) & ~S390_TABLE_PROTECTED) | S390_PTE_INVALID;
}

/* All three levels whatever the width: it only limits which addresses are taken. */
static inline int fmt_shape(const struct pt_config *config, struct pt_shape *shape)
{
	unsigned int bits = config->ia_bits ? config->ia_bits : FMT_IA_BITS;

	if (bits <= FMT_GRANULE_LG2 || bits > FMT_IA_BITS)
		return -EINVAL;
	shape_lower_half(shape, bits);
	shape->top_level = FMT_TOP_LEVEL_MAX;
	shape->root_index_lg2 = fmt_index_lg2(shape->top_level);
	return 0;
}

#endif
