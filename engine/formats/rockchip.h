/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rockchip.h - the IOMMU of Rockchip's SoCs, both layouts of its items.
 *
 * Authority: there is no public manual. Linux 7.3, drivers/iommu/rockchip-iommu.c.
 *
 *	page table (PT)        =  level 0 here
 *	directory table (DT)   =  level 1 here
 *
 * Both have 1024 items of 32 bits and fill a page; addresses have 32 bits. Hardware has one leaf, a page of 4K.
 * Linux offers every power of two up to 4M as a page size too, all that one page table spans, and writes pages for them.
 *
 * A page of the first layout also has cache hints in bits 8:3, which override the bus's when bit 3 is set. They
 * stay 0 here, as in Linux. The walker does not snoop on the SoCs that have it, and Linux writes back every item.
 * Linux's unmap takes the valid bit away and leaves the rest of the item; here the whole item becomes zero.
 *
 * Included by a header that defines
 *	ROCKCHIP_VERSION   1 (rk3288 and others) or 2 (rk3568 and later)
 *	FMT_TITLE
 */
#ifndef PT_FORMATS_ROCKCHIP_H
#define PT_FORMATS_ROCKCHIP_H

#include "generic/bits.h"
#include "generic/shape.h"
#include "pagetable.h"

#define FMT_GRANULE_LG2 12
#define FMT_INDEX_LG2 10
#define FMT_TOP_LEVEL_MIN 1
#define FMT_TOP_LEVEL_MAX 1
#define FMT_IA_BITS 32
#define FMT_OA_BITS (ROCKCHIP_VERSION == 1 ? 32 : 40)
#define FMT_OA_BITS_MAX FMT_OA_BITS
#define FMT_QUIRKS 0u
#define FMT_PAGE_SIZES PT_BIT(12)

#define FMT_DYNAMIC_TOP 0
#define FMT_CONTIGUOUS 0
#define FMT_LEAF_STEP(level) ((fmt_word)lg2_bytes(fmt_item_lg2(level)))
/* Bits 39:32 of the second layout lie below the others, in an order of their own. */
#define FMT_LEAF_STEP_WITHIN_LG2 (ROCKCHIP_VERSION == 1 ? 64 : 32)
#define FMT_CLEAR_KEEPS 0
#define FMT_DIRTY 0
#define FMT_BREAK_BEFORE_MAKE 0
#define FMT_MAY_BE_INCOHERENT 1
#define FMT_ROOT_VARIES 0

typedef uint32_t fmt_word;
typedef fmt_word fmt_attributes;

/* Valid and the address lie alike in items of both tables; permissions are of pages only. */
#define ROCKCHIP_VALID (1u << 0)
#define ROCKCHIP_READABLE (1u << 1)
#define ROCKCHIP_WRITABLE (1u << 2)
#define ROCKCHIP_ADDRESS (~0u << 12) /* address bits 31:12 */
#define ROCKCHIP_V2_ADDRESS_HIGH (0xfu << 8) /* address bits 35:32 */
#define ROCKCHIP_V2_ADDRESS_HIGHEST (0xfu << 4) /* address bits 39:36 */
#define ROCKCHIP_V2_HIGH_SHIFT 24
#define ROCKCHIP_V2_HIGHEST_SHIFT 32
#define ROCKCHIP_ADDRESS_FIELDS     \
	(ROCKCHIP_VERSION == 1      \
		 ? ROCKCHIP_ADDRESS \
		 : ROCKCHIP_ADDRESS | ROCKCHIP_V2_ADDRESS_HIGH | ROCKCHIP_V2_ADDRESS_HIGHEST)

#include "formats/usual.h"

PT_ALWAYS_INLINE bool fmt_leaf_level(unsigned int level)
{
	return level == 0;
}

PT_ALWAYS_INLINE bool fmt_is_empty(fmt_word word, unsigned int level)
{
	return !(word & ROCKCHIP_VALID);
}

PT_ALWAYS_INLINE bool fmt_is_table(fmt_word word, unsigned int level)
{
	return level && (word & ROCKCHIP_VALID);
}

/* Given the bits that all of several items have, and those that any has: is surely none a table? */
PT_ALWAYS_INLINE bool fmt_no_tables(fmt_word all, fmt_word any, unsigned int level)
{
	return !(any & ROCKCHIP_VALID);
}

PT_ALWAYS_INLINE bool fmt_is_leaf(fmt_word word, unsigned int level)
{
	return !level && (word & ROCKCHIP_VALID);
}

PT_ALWAYS_INLINE fmt_word rockchip_word(uint64_t address)
{
	fmt_word word = (fmt_word)address & ROCKCHIP_ADDRESS;

	if (ROCKCHIP_VERSION == 1)
		return word;
	return word | ((fmt_word)(address >> ROCKCHIP_V2_HIGH_SHIFT) & ROCKCHIP_V2_ADDRESS_HIGH) |
	       ((fmt_word)(address >> ROCKCHIP_V2_HIGHEST_SHIFT) & ROCKCHIP_V2_ADDRESS_HIGHEST);
}

PT_ALWAYS_INLINE uint64_t rockchip_address(fmt_word word)
{
	uint64_t address = word & ROCKCHIP_ADDRESS;

	if (ROCKCHIP_VERSION == 1)
		return address;
	return address | (uint64_t)(word & ROCKCHIP_V2_ADDRESS_HIGH) << ROCKCHIP_V2_HIGH_SHIFT |
	       (uint64_t)(word & ROCKCHIP_V2_ADDRESS_HIGHEST) << ROCKCHIP_V2_HIGHEST_SHIFT;
}

PT_ALWAYS_INLINE bool fmt_leaf_attributes(unsigned int quirks, unsigned int prot,
					  fmt_attributes *attributes)
{
	*attributes = ROCKCHIP_VALID | (prot & PT_READ ? ROCKCHIP_READABLE : 0) |
		      (prot & PT_WRITE ? ROCKCHIP_WRITABLE : 0);
	return prot & (PT_READ | PT_WRITE);
}

PT_ALWAYS_INLINE fmt_word fmt_leaf(fmt_attributes attributes, uint64_t oa, unsigned int lg2,
				   unsigned int level)
{
	return attributes | rockchip_word(oa);
}

PT_ALWAYS_INLINE unsigned int fmt_leaf_lg2(fmt_word word, unsigned int level)
{
	return fmt_item_lg2(level);
}

PT_ALWAYS_INLINE uint64_t fmt_leaf_oa(fmt_word word, unsigned int level)
{
	return rockchip_address(word);
}

PT_ALWAYS_INLINE fmt_attributes fmt_attributes_of(unsigned int quirks, fmt_word word,
						  unsigned int level)
{
	return word & ~ROCKCHIP_ADDRESS_FIELDS;
}

PT_ALWAYS_INLINE fmt_word fmt_table(unsigned int quirks, const void *table, unsigned int level)
{
	return rockchip_word(platform_to_physical(table)) | ROCKCHIP_VALID;
}

PT_ALWAYS_INLINE void *fmt_table_address(fmt_word word, unsigned int level)
{
	return platform_from_physical(rockchip_address(word));
}

/* Hardware knows one shape; memory may end below what version 2 reaches. */
static inline int fmt_shape(const struct pt_config *config, struct pt_shape *shape)
{
	if (config->ia_bits && config->ia_bits != FMT_IA_BITS)
		return -EINVAL;
	if (config->oa_bits && (config->oa_bits < 32 || config->oa_bits > FMT_OA_BITS))
		return -EINVAL;
	shape_lower_half(shape, FMT_IA_BITS);
	shape->top_level = 1;
	shape->root_index_lg2 = FMT_INDEX_LG2;
	return 0;
}

#endif
