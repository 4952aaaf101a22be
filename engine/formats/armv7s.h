/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * armv7s.h - Arm VMSAv7 short descriptors; MediaTek's extension is armv7s_mtk.h.
 *
 * Authority: Arm Architecture Reference Manual, ARMv7-A and ARMv7-R edition (DDI
 * 0406), section B3.5 "Short-descriptor translation table format". MediaTek's bits:
 * Linux, drivers/iommu/io-pgtable-arm-v7s.c.
 *
 *	manual's second level  =  level 0 here: small pages (4K) and large pages (64K)
 *	manual's first level   =  level 1 here: sections (1M) and supersections (16M)
 *
 * Large pages and supersections are 16 times the same word. TEX remap and the
 * access-permission model AP[2:1] are assumed, AP[0] being the access flag. All
 * four sizes are used unless config.page_sizes says which: every caller of Linux's
 * driver offers all, but hardware may lack supersections. What a leaf carries is in
 * armv7s_attributes.h.
 */
#ifndef PT_FORMATS_ARMV7S_H
#define PT_FORMATS_ARMV7S_H

#include "generic/bits.h"
#include "generic/shape.h"
#include "pagetable.h"

#ifndef ARMV7S_MTK
#define ARMV7S_MTK 0
#define FMT_TITLE "Arm VMSAv7 short descriptors"
#define FMT_ALTERNATIVE armv7s_mtk

/* In MediaTek's words the permission bits are address bits: other code for every item. */
PT_ALWAYS_INLINE bool fmt_wants_alternative(const struct pt_config *config)
{
	return config->quirks & PT_QUIRK_MTK_EXT;
}
#endif

#define FMT_GRANULE_LG2 12
#define FMT_TOP_LEVEL_MIN 1
#define FMT_TOP_LEVEL_MAX 1
#define FMT_IA_BITS 32
#define FMT_OA_BITS 32
#define ARMV7S_IA_BITS_MAX (ARMV7S_MTK ? 34 : 32)
#define FMT_OA_BITS_MAX (ARMV7S_MTK ? 35 : 32)
#define FMT_QUIRKS \
	(PT_QUIRK_NON_SECURE | PT_QUIRK_NO_PERMS | PT_QUIRK_MTK_EXT | PT_QUIRK_MTK_TTBR_EXT)
#define ARMV7S_LARGE_PAGE_LG2 16
#define ARMV7S_SECTION_LG2 20
#define ARMV7S_SUPERSECTION_LG2 24
#define FMT_PAGE_SIZES                                                             \
	(PT_BIT(12) | PT_BIT(ARMV7S_LARGE_PAGE_LG2) | PT_BIT(ARMV7S_SECTION_LG2) | \
	 PT_BIT(ARMV7S_SUPERSECTION_LG2))

#define FMT_DYNAMIC_TOP 0
#define FMT_CONTIGUOUS 1
#define FMT_LEAF_STEP(level) ((fmt_word)lg2_bytes(fmt_item_lg2(level)))
#define FMT_LEAF_STEP_WITHIN_LG2 (ARMV7S_MTK ? 32 : 64)
#define FMT_CLEAR_KEEPS 0
#define FMT_DIRTY 0
#define FMT_BREAK_BEFORE_MAKE 1
#define FMT_MAY_BE_INCOHERENT 1
#define FMT_ROOT_VARIES 1

typedef uint32_t fmt_word;
/* The same attributes as each kind of leaf has them. */
typedef struct {
	fmt_word small_page, large_page, section;
} fmt_attributes;

#define ARMV7S_TYPE 3u /* bits 1:0; 0 is a fault */
#define ARMV7S_TYPE_TABLE 1u
#define ARMV7S_TYPE_LARGE_PAGE 1u
#define ARMV7S_TYPE_SMALL_PAGE 2u
#define ARMV7S_TYPE_SECTION 2u
#define ARMV7S_TABLE_NS (1u << 3)
#define ARMV7S_TABLE_ADDRESS (~0u << 10)
#define ARMV7S_SUPERSECTION (1u << 18)
/* Where MediaTek puts output address bits 32, 33 and 34. */
#define MTK_PA_BIT32 (1u << 9)
#define MTK_PA_BIT33 (1u << 4)
#define MTK_PA_BIT34 (1u << 5)

#include "formats/armv7s_attributes.h"
#include "formats/usual.h"

PT_ALWAYS_INLINE unsigned int fmt_index_lg2(unsigned int level)
{
	return level ? 12 : 8;
}

PT_ALWAYS_INLINE unsigned int fmt_item_lg2(unsigned int level)
{
	return level ? ARMV7S_SECTION_LG2 + 12 * (level - 1) : 12;
}

PT_ALWAYS_INLINE unsigned int fmt_table_lg2(unsigned int level)
{
	return level ? 14 : 10;
}

PT_ALWAYS_INLINE bool fmt_leaf_level(unsigned int level)
{
	return true;
}

PT_ALWAYS_INLINE bool fmt_is_empty(fmt_word word, unsigned int level)
{
	return !(word & ARMV7S_TYPE);
}

PT_ALWAYS_INLINE bool fmt_is_table(fmt_word word, unsigned int level)
{
	return level && (word & ARMV7S_TYPE) == ARMV7S_TYPE_TABLE;
}

/* Given the bits that all of several items have, and those that any has: is surely none a table? */
PT_ALWAYS_INLINE bool fmt_no_tables(fmt_word all, fmt_word any, unsigned int level)
{
	return all & ARMV7S_TYPE_SECTION;
}

PT_ALWAYS_INLINE bool fmt_is_leaf(fmt_word word, unsigned int level)
{
	return word & (level ? ARMV7S_TYPE_SECTION : ARMV7S_TYPE);
}

/* Address bits above 31, which exist with MediaTek's extension only. */
PT_ALWAYS_INLINE fmt_word mtk_word(uint64_t address)
{
	if (!ARMV7S_MTK)
		return 0;
	return (address & PT_BIT(32) ? MTK_PA_BIT32 : 0) |
	       (address & PT_BIT(33) ? MTK_PA_BIT33 : 0) |
	       (address & PT_BIT(34) ? MTK_PA_BIT34 : 0);
}

PT_ALWAYS_INLINE uint64_t mtk_address(fmt_word word)
{
	if (!ARMV7S_MTK)
		return 0;
	return (word & MTK_PA_BIT32 ? PT_BIT(32) : 0) | (word & MTK_PA_BIT33 ? PT_BIT(33) : 0) |
	       (word & MTK_PA_BIT34 ? PT_BIT(34) : 0);
}

/* The word of each item of a leaf of 1 << @lg2 bytes. */
PT_ALWAYS_INLINE fmt_word fmt_leaf(fmt_attributes attributes, uint64_t oa, unsigned int lg2,
				   unsigned int level)
{
	fmt_word address = (fmt_word)(oa & ~lg2_mask(lg2)) | mtk_word(oa);

	if (level)
		return attributes.section | address |
		       (lg2 == ARMV7S_SUPERSECTION_LG2 ? ARMV7S_SUPERSECTION : 0);
	return address |
	       (lg2 == ARMV7S_LARGE_PAGE_LG2 ? attributes.large_page : attributes.small_page);
}

PT_ALWAYS_INLINE unsigned int fmt_leaf_lg2(fmt_word word, unsigned int level)
{
	if (level)
		return word & ARMV7S_SUPERSECTION ? ARMV7S_SUPERSECTION_LG2 : ARMV7S_SECTION_LG2;
	return word & ARMV7S_TYPE_SMALL_PAGE ? 12 : ARMV7S_LARGE_PAGE_LG2;
}

/* The first output address of the leaf that @word is part of. */
PT_ALWAYS_INLINE uint64_t fmt_leaf_oa(fmt_word word, unsigned int level)
{
	return (word & ~lg2_mask(fmt_leaf_lg2(word, level))) | mtk_address(word);
}

PT_ALWAYS_INLINE fmt_word fmt_table(unsigned int quirks, const void *table, unsigned int level)
{
	return (fmt_word)platform_to_physical(table) | ARMV7S_TYPE_TABLE |
	       (quirks & PT_QUIRK_NON_SECURE ? ARMV7S_TABLE_NS : 0) |
	       (quirks & PT_QUIRK_MTK_TTBR_EXT ? mtk_word(platform_to_physical(table)) : 0);
}

/* Without MTK_TTBR_EXT the bits are zero, so they need no asking. */
PT_ALWAYS_INLINE void *fmt_table_address(fmt_word word, unsigned int level)
{
	return platform_from_physical((word & ARMV7S_TABLE_ADDRESS) | mtk_address(word));
}

static inline int fmt_shape(const struct pt_config *config, struct pt_shape *shape)
{
	unsigned int bits = config->ia_bits ? config->ia_bits : FMT_IA_BITS;
	bool mtk = config->quirks & PT_QUIRK_MTK_EXT;

	if (bits <= ARMV7S_SECTION_LG2 || bits > ARMV7S_IA_BITS_MAX)
		return -EINVAL;
	if (mtk != ARMV7S_MTK || (mtk && !(config->quirks & PT_QUIRK_NO_PERMS)) ||
	    (!mtk && (config->quirks & PT_QUIRK_MTK_TTBR_EXT)))
		return -EINVAL;
	shape_lower_half(shape, bits);
	shape->top_level = 1;
	shape->root_index_lg2 = bits - ARMV7S_SECTION_LG2;
	return 0;
}

#endif
