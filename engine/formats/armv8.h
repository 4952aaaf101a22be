/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * armv8.h - Arm VMSAv8-64 translation tables, both stages, all granules.
 *
 * Authority: Arm Architecture Reference Manual for A-profile (DDI 0487), chapter
 * D8 "The AArch64 Virtual Memory System Architecture"; descriptors D8.3, and
 * for the SMMU IHI 0070, section 3.4. What a leaf carries is in armv8_attributes.h.
 *
 *	manual's level 3, 2, 1, 0  =  level 0, 1, 2, 3 here
 *
 * Included by a header that defines
 *	ARMV8_GRANULE_LG2   12, 14 or 16
 *	ARMV8_STAGE         1, 2, or ARMV8_MALI, which is like neither
 *	FMT_TITLE, FMT_TOP_LEVEL_MAX
 * and, where it takes less than the granule allows,
 *	ARMV8_IA_BITS_MAX, FMT_OA_BITS_MAX
 */
#ifndef PT_FORMATS_ARMV8_H
#define PT_FORMATS_ARMV8_H

#include "generic/bits.h"
#include "generic/shape.h"
#include "pagetable.h"

#define ARMV8_MALI 3
#define FMT_GRANULE_LG2 ARMV8_GRANULE_LG2
#define ARMV8_INDEX_LG2 (ARMV8_GRANULE_LG2 - 3)
#define ARMV8_WIDE (ARMV8_GRANULE_LG2 == 16) /* 52-bit addresses */
#ifndef ARMV8_IA_BITS_MAX
#define ARMV8_IA_BITS_MAX (ARMV8_WIDE ? 52 : 48)
#endif
#ifndef FMT_OA_BITS_MAX
#define FMT_OA_BITS_MAX (ARMV8_WIDE ? 52 : 48)
#endif
#define FMT_IA_BITS (ARMV8_IA_BITS_MAX < 48 ? ARMV8_IA_BITS_MAX : 48)
#define FMT_OA_BITS (FMT_OA_BITS_MAX < 48 ? FMT_OA_BITS_MAX : 48)
#define FMT_QUIRKS                                                                           \
	(ARMV8_STAGE == 1 ? PT_QUIRK_HARDWARE_DIRTY | PT_QUIRK_NON_SECURE | PT_QUIRK_TTBR1 | \
				    PT_QUIRK_CONTIGUOUS                                      \
	 : ARMV8_STAGE == 2 ? PT_QUIRK_CONTIGUOUS | PT_QUIRK_XNX | PT_QUIRK_ONE_ROOT         \
			    : 0u)

#define FMT_INDEX_LG2 ARMV8_INDEX_LG2
#define FMT_DYNAMIC_TOP 0
#define FMT_CONTIGUOUS (ARMV8_STAGE != ARMV8_MALI)
#define FMT_LEAF_STEP(level) lg2_bytes(fmt_item_lg2(level))
#define FMT_LEAF_STEP_WITHIN_LG2 (ARMV8_WIDE ? 48 : 64)
#define FMT_CLEAR_KEEPS 0
#define FMT_DIRTY (ARMV8_STAGE == 1)
#define FMT_BREAK_BEFORE_MAKE 1
#define FMT_MAY_BE_INCOHERENT 1
#define FMT_WRITTEN_BACK \
	PT_BIT(55) /* ignored in tables' descriptors (D8.3.1); Linux's driver has the same */
#define FMT_ROOT_VARIES 1

typedef uint64_t fmt_word;
typedef fmt_word fmt_attributes;

#define ARMV8_TYPE PT_FIELD(1, 0)
#define ARMV8_TYPE_BLOCK 1ULL
#define ARMV8_TYPE_PAGE (ARMV8_STAGE == ARMV8_MALI ? ARMV8_TYPE_BLOCK : 3ULL)
#define ARMV8_TYPE_TABLE 3ULL
#define ARMV8_ADDRESS PT_FIELD(47, ARMV8_GRANULE_LG2)
#define ARMV8_ADDRESS_51_48 PT_FIELD(15, 12) /* 64K granule with 52-bit addresses */
#define ARMV8_ADDRESS_51_48_SHIFT 36 /* from bits 51:48 to bits 15:12 */
#define ARMV8_CONTIGUOUS PT_BIT(52)
#define ARMV8_NSTABLE PT_BIT(63)

#include "formats/armv8_attributes.h"
#include "formats/usual.h"

/* Blocks are at the manual's levels 1 and 2 with 4K, 2 with 16K; 64K adds level 1 with 52 bits. */
PT_ALWAYS_INLINE bool fmt_leaf_level(unsigned int level)
{
	return level <= (ARMV8_GRANULE_LG2 == 14 ? 1 : 2);
}

/* log2 of the items that the contiguous hint joins (D8.7.1 "The Contiguous bit"). */
PT_ALWAYS_INLINE unsigned int armv8_contiguous_lg2(unsigned int level)
{
	if (ARMV8_GRANULE_LG2 == 12)
		return 4;
	if (ARMV8_GRANULE_LG2 == 14)
		return level ? 5 : 7;
	return 5;
}

#define ARMV8_SIZE(level) PT_BIT(ARMV8_GRANULE_LG2 + ARMV8_INDEX_LG2 * (level))
#define FMT_PAGE_SIZES \
	(ARMV8_SIZE(0) | ARMV8_SIZE(1) | (ARMV8_GRANULE_LG2 == 12 ? ARMV8_SIZE(2) : 0))

PT_ALWAYS_INLINE bool fmt_is_empty(fmt_word word, unsigned int level)
{
	return word == 0;
}

PT_ALWAYS_INLINE bool fmt_is_table(fmt_word word, unsigned int level)
{
	return level && (word & ARMV8_TYPE) == ARMV8_TYPE_TABLE;
}

/* Given the bits that all of several items have, and those that any has: is surely none a table? */
PT_ALWAYS_INLINE bool fmt_no_tables(fmt_word all, fmt_word any, unsigned int level)
{
	return !(any & (ARMV8_TYPE_TABLE & ~ARMV8_TYPE_BLOCK));
}

PT_ALWAYS_INLINE bool fmt_is_leaf(fmt_word word, unsigned int level)
{
	return (word & ARMV8_TYPE) == (level ? ARMV8_TYPE_BLOCK : ARMV8_TYPE_PAGE);
}

PT_ALWAYS_INLINE fmt_word armv8_address(uint64_t address)
{
	if (!ARMV8_WIDE)
		return address;
	return (address & ARMV8_ADDRESS) |
	       ((address >> ARMV8_ADDRESS_51_48_SHIFT) & ARMV8_ADDRESS_51_48);
}

PT_ALWAYS_INLINE uint64_t armv8_word_address(fmt_word word)
{
	if (!ARMV8_WIDE)
		return word & ARMV8_ADDRESS;
	return (word & ARMV8_ADDRESS) | (word & ARMV8_ADDRESS_51_48) << ARMV8_ADDRESS_51_48_SHIFT;
}

/* The word of the item at @oa, itself or as a part of a contiguous group of 1 << @lg2 bytes. */
PT_ALWAYS_INLINE fmt_word fmt_leaf(fmt_attributes attributes, uint64_t oa, unsigned int lg2,
				   unsigned int level)
{
	return attributes | armv8_address(oa) | (level ? ARMV8_TYPE_BLOCK : ARMV8_TYPE_PAGE) |
	       (lg2 == fmt_item_lg2(level) ? 0 : ARMV8_CONTIGUOUS);
}

PT_ALWAYS_INLINE unsigned int fmt_leaf_lg2(fmt_word word, unsigned int level)
{
	return fmt_item_lg2(level) + (word & ARMV8_CONTIGUOUS ? armv8_contiguous_lg2(level) : 0);
}

PT_ALWAYS_INLINE uint64_t fmt_leaf_oa(fmt_word word, unsigned int level)
{
	return armv8_word_address(word) & ~lg2_mask(fmt_leaf_lg2(word, level));
}

PT_ALWAYS_INLINE fmt_word fmt_table(unsigned int quirks, const void *table, unsigned int level)
{
	return armv8_address(platform_to_physical(table)) | ARMV8_TYPE_TABLE |
	       (quirks & PT_QUIRK_NON_SECURE ? ARMV8_NSTABLE : 0);
}

PT_ALWAYS_INLINE void *fmt_table_address(fmt_word word, unsigned int level)
{
	return platform_from_physical(armv8_word_address(word));
}

/* The widths of output addresses that the manual knows; Mali's caller passes what the GPU says. */
static inline bool armv8_oa_bits_valid(unsigned int bits)
{
	return !bits || bits == 32 || bits == 36 || bits == 40 || bits == 42 || bits == 44 ||
	       bits == 48 || bits == 52 || ARMV8_STAGE == ARMV8_MALI;
}

/*
 * May stage 2 begin with so many levels, with output addresses of @oa_bits? The manual's condition on VTCR_EL2.SL0
 * and the implemented width of physical addresses (AArch64.S2InvalidSL in DDI 0487, part J); without FEAT_LPA2.
 */
static inline bool armv8_stage2_begins(unsigned int levels, unsigned int oa_bits)
{
	if (ARMV8_GRANULE_LG2 == 14)
		return levels < 3 || (levels == 3 && oa_bits >= 42);
	return levels < (ARMV8_GRANULE_LG2 == 12 ? 4 : 3) || oa_bits >= 44;
}

/*
 * Root geometry. The top level uses what index bits remain. Stage 2 may join up to 16
 * tables of the next level instead of having a root with at most 16 items, and does where it may not begin a level
 * higher, or, as Linux does, where the root would be at the manual's level 0. Mali always has four
 * levels, with a root of one item where three would do.
 */
static inline int fmt_shape(const struct pt_config *config, struct pt_shape *shape)
{
	unsigned int bits = config->ia_bits ? config->ia_bits : FMT_IA_BITS, levels;
	unsigned int oa_bits = config->oa_bits ? config->oa_bits : FMT_OA_BITS;

	if (bits <= ARMV8_GRANULE_LG2 || bits > ARMV8_IA_BITS_MAX ||
	    !armv8_oa_bits_valid(config->oa_bits))
		return -EINVAL;
	levels = (bits - ARMV8_GRANULE_LG2 + ARMV8_INDEX_LG2 - 1) / ARMV8_INDEX_LG2;
	shape->root_index_lg2 = bits - ARMV8_GRANULE_LG2 - ARMV8_INDEX_LG2 * (levels - 1);
	if (ARMV8_STAGE == 2 && shape->root_index_lg2 <= 4 &&
	    ((levels == 4 && !(config->quirks & PT_QUIRK_ONE_ROOT)) ||
	     !armv8_stage2_begins(levels, oa_bits))) {
		levels--;
		shape->root_index_lg2 += ARMV8_INDEX_LG2;
	}
	/* Wider input than the machine has output: no way to begin. */
	if (ARMV8_STAGE == 2 && !armv8_stage2_begins(levels, oa_bits))
		return -EINVAL;
	shape->top_level = levels - 1;
	if (ARMV8_STAGE == ARMV8_MALI && levels < 4) {
		shape->top_level = 3;
		shape->root_index_lg2 = 0;
	}
	if (config->quirks & PT_QUIRK_TTBR1)
		shape_upper_half(shape, bits);
	else
		shape_lower_half(shape, bits);
	if (ARMV8_WIDE && config->oa_bits == 52)
		shape->page_sizes |= ARMV8_SIZE(2);
	if (config->quirks & PT_QUIRK_CONTIGUOUS)
		for (unsigned int level = 0; level <= shape->top_level; level++)
			if (shape->page_sizes & ARMV8_SIZE(level))
				shape->page_sizes |= ARMV8_SIZE(level)
						     << armv8_contiguous_lg2(level);
	return 0;
}

#endif
