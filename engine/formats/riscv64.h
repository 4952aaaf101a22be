/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * riscv64.h - RISC-V Sv39, Sv48 and Sv57, which the RISC-V IOMMU walks too.
 *
 * Authority: The RISC-V Instruction Set Manual, volume II: Privileged Architecture,
 * chapter "Supervisor-Level ISA", sections "Sv39", "Sv48" and "Sv57: Page-Based Virtual-Memory
 * System", and the chapters on the Svnapot and Svpbmt extensions.
 *
 *	manual's level 0 .. 4  =  level 0 .. 4 here
 *
 * Every level may hold leaves. Svnapot joins 16 items of level 0 to one page of
 * 64K, all with the same word. Accessed is preset and dirty where the leaf is writable,
 * so that hardware never has to write.
 */
#ifndef PT_FORMATS_RISCV64_H
#define PT_FORMATS_RISCV64_H

#include "generic/bits.h"
#include "generic/shape.h"
#include "pagetable.h"

#define FMT_TITLE "RISC-V Sv39, Sv48, Sv57"
#define FMT_GRANULE_LG2 12
#define FMT_TOP_LEVEL_MIN 2
#define FMT_TOP_LEVEL_MAX 4
#define FMT_IA_BITS 48
#define FMT_OA_BITS 56
#define FMT_OA_BITS_MAX 56
#define FMT_QUIRKS (PT_QUIRK_CONTIGUOUS | PT_QUIRK_MEMORY_TYPES)
#define FMT_PAGE_SIZES (PT_BIT(12) | PT_BIT(21) | PT_BIT(30) | PT_BIT(39))
#define RISCV_PAGE_256T PT_BIT(48) /* of Sv57 only */

#define FMT_INDEX_LG2 9
#define FMT_DYNAMIC_TOP 0
#define FMT_CONTIGUOUS 1
#define FMT_LEAF_STEP(level) (lg2_bytes(fmt_item_lg2(level)) >> RISCV_PPN_SHIFT)
#define FMT_CLEAR_KEEPS 0
#define FMT_DIRTY 1
#define FMT_DIRTY_BIT RISCV_D
#define FMT_WRITABLE_BIT RISCV_W
#define FMT_BREAK_BEFORE_MAKE 0
#define FMT_MAY_BE_INCOHERENT 0
#define FMT_ROOT_VARIES 0

typedef uint64_t fmt_word;
typedef fmt_word fmt_attributes;

#define RISCV_V PT_BIT(0)
#define RISCV_R PT_BIT(1)
#define RISCV_W PT_BIT(2)
#define RISCV_X PT_BIT(3)
#define RISCV_U PT_BIT(4)
#define RISCV_A PT_BIT(6)
#define RISCV_D PT_BIT(7)
#define RISCV_PPN PT_FIELD(53, 10)
#define RISCV_PPN_SHIFT 2 /* from bits 55:12 of an address to bits 53:10 */
#define RISCV_PBMT_NC (1ULL << 61)
#define RISCV_PBMT_IO (2ULL << 61)
#define RISCV_N PT_BIT(63)
#define RISCV_NAPOT_LG2 16
#define RISCV_NAPOT_64K PT_BIT(13) /* the size in the low bits of PPN: 1000 */

#include "formats/usual.h"

PT_ALWAYS_INLINE bool fmt_leaf_level(unsigned int level)
{
	return true;
}

PT_ALWAYS_INLINE bool fmt_is_empty(fmt_word word, unsigned int level)
{
	return !(word & RISCV_V);
}

PT_ALWAYS_INLINE bool fmt_is_table(fmt_word word, unsigned int level)
{
	return level && (word & (RISCV_V | RISCV_R | RISCV_W | RISCV_X)) == RISCV_V;
}

/* Given the bits that all of several items have, and those that any has: is surely none a table? */
PT_ALWAYS_INLINE bool fmt_no_tables(fmt_word all, fmt_word any, unsigned int level)
{
	return all & RISCV_R;
}

PT_ALWAYS_INLINE bool fmt_is_leaf(fmt_word word, unsigned int level)
{
	return (word & RISCV_V) && !fmt_is_table(word, level);
}

/* The manual reserves writable pages that cannot be read. */
PT_ALWAYS_INLINE bool fmt_leaf_attributes(unsigned int quirks, unsigned int prot,
					  fmt_attributes *attributes)
{
	*attributes = RISCV_V | RISCV_R | RISCV_U | RISCV_A |
		      (prot & PT_WRITE ? RISCV_W | RISCV_D : 0) | (prot & PT_NOEXEC ? 0 : RISCV_X);
	if (PT_UNLIKELY(quirks & PT_QUIRK_MEMORY_TYPES))
		*attributes |= prot & PT_MMIO ? RISCV_PBMT_IO : prot & PT_CACHE ? 0 : RISCV_PBMT_NC;
	return prot & (PT_READ | PT_WRITE);
}

/* All that depends on @lg2 is the same for all items of a run: the loop over them has no branch. */
PT_ALWAYS_INLINE fmt_word fmt_leaf(fmt_attributes attributes, uint64_t oa, unsigned int lg2,
				   unsigned int level)
{
	if (level)
		return attributes | oa >> RISCV_PPN_SHIFT;
	return attributes | (oa & ~lg2_mask(lg2)) >> RISCV_PPN_SHIFT |
	       (lg2 == RISCV_NAPOT_LG2 ? RISCV_N | RISCV_NAPOT_64K : 0);
}

PT_ALWAYS_INLINE unsigned int fmt_leaf_lg2(fmt_word word, unsigned int level)
{
	return !level && (word & RISCV_N) ? RISCV_NAPOT_LG2 : fmt_item_lg2(level);
}

/* The first output address of the leaf that @word is part of. */
PT_ALWAYS_INLINE uint64_t fmt_leaf_oa(fmt_word word, unsigned int level)
{
	return (word & RISCV_PPN) << RISCV_PPN_SHIFT & ~lg2_mask(fmt_leaf_lg2(word, level));
}

/* The attributes of a leaf, hardware's marks included, as fmt_leaf() takes them for any size. */
PT_ALWAYS_INLINE fmt_attributes fmt_attributes_of(unsigned int quirks, fmt_word word,
						  unsigned int level)
{
	return word & ~(RISCV_PPN | RISCV_N);
}

PT_ALWAYS_INLINE fmt_word fmt_table(unsigned int quirks, const void *table, unsigned int level)
{
	return platform_to_physical(table) >> RISCV_PPN_SHIFT | RISCV_V;
}

PT_ALWAYS_INLINE void *fmt_table_address(fmt_word word, unsigned int level)
{
	return platform_from_physical((word & RISCV_PPN) << RISCV_PPN_SHIFT);
}

static inline int fmt_shape(const struct pt_config *config, struct pt_shape *shape)
{
	unsigned int bits = config->ia_bits ? config->ia_bits : FMT_IA_BITS;

	if (bits != 39 && bits != 48 && bits != 57)
		return -EINVAL;
	shape_sign_extended(shape, bits);
	shape->top_level = (bits - fmt_item_lg2(0)) / 9 - 1;
	shape->root_index_lg2 = fmt_index_lg2(shape->top_level);
	if (bits == 57)
		shape->page_sizes |= RISCV_PAGE_256T;
	if (config->quirks & PT_QUIRK_CONTIGUOUS)
		shape->page_sizes |= PT_BIT(RISCV_NAPOT_LG2);
	return 0;
}

#endif
