/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * armv8_attributes.h - what a VMSAv8-64 leaf carries besides its address and type,
 * by stage. A part of armv8.h.
 *
 * Authority: DDI 0487, sections D8.4 "Memory access control" and D8.5 "Memory
 * region attributes". The choices are Linux's: no-execute sets both XN bits, and
 * the shareability follows PT_CACHE alone, even for device memory.
 *
 * What that means for fetching instructions: in stage 1 UXN alone decides at EL0, whoever may read, so that
 * privileged memory is closed to it only with PT_NOEXEC. In stage 2 both bits are XN[1:0] of FEAT_XNX, where
 * 0b11 forbids EL0 and lets EL1 execute; 0b10 forbids both (PT_QUIRK_XNX). Without FEAT_XNX the upper bit
 * counts alone, for both.
 */
#ifndef PT_FORMATS_ARMV8_ATTRIBUTES_H
#define PT_FORMATS_ARMV8_ATTRIBUTES_H

#define ARMV8_ATTRINDX_SHIFT 2
#define ARMV8_MEMATTR_SHIFT 2
#define ARMV8_NS PT_BIT(5)
#define ARMV8_AP_UNPRIVILEGED PT_BIT(6) /* AP[1] */
#define ARMV8_AP_READ_ONLY PT_BIT(7) /* AP[2] */
#define ARMV8_S2AP_READ PT_BIT(6)
#define ARMV8_S2AP_WRITE PT_BIT(7)
#define ARMV8_SH_OUTER (2ULL << 8)
#define ARMV8_SH_INNER (3ULL << 8)
#define ARMV8_AF PT_BIT(10)
#define ARMV8_NG PT_BIT(11)
#define ARMV8_DBM PT_BIT(51)
#define ARMV8_XN PT_FIELD(54, 53)
#define ARMV8_S2_XN_ALL PT_BIT(54) /* XN[1:0] = 0b10 */

/* Indices into MAIR as Linux programs it (stage 1 and Mali), and stage 2's MemAttr[3:0]. */
enum { ATTRINDX_NON_CACHEABLE, ATTRINDX_WRITE_BACK, ATTRINDX_DEVICE };
enum { MEMATTR_DEVICE = 1, MEMATTR_NON_CACHEABLE = 5, MEMATTR_WRITE_BACK = 15 };

PT_ALWAYS_INLINE fmt_word armv8_attrindx(unsigned int prot)
{
	fmt_word index = prot & PT_MMIO	   ? ATTRINDX_DEVICE
			 : prot & PT_CACHE ? ATTRINDX_WRITE_BACK
					   : ATTRINDX_NON_CACHEABLE;

	return index << ARMV8_ATTRINDX_SHIFT;
}

PT_ALWAYS_INLINE fmt_word armv8_stage1_attributes(unsigned int quirks, unsigned int prot)
{
	bool read_only = !(prot & PT_WRITE);
	fmt_word attributes = ARMV8_NG | ARMV8_AF | armv8_attrindx(prot) |
			      (prot & PT_CACHE ? ARMV8_SH_INNER : ARMV8_SH_OUTER) |
			      (prot & PT_PRIV ? 0 : ARMV8_AP_UNPRIVILEGED) |
			      (read_only ? ARMV8_AP_READ_ONLY : 0) |
			      (prot & PT_NOEXEC ? ARMV8_XN : 0);

	if (PT_UNLIKELY(quirks)) {
		if (quirks & PT_QUIRK_NON_SECURE)
			attributes |= ARMV8_NS;
		if ((quirks & PT_QUIRK_HARDWARE_DIRTY) && !read_only)
			attributes |= ARMV8_DBM;
	}
	return attributes;
}

PT_ALWAYS_INLINE fmt_word armv8_stage2_permissions(unsigned int prot)
{
	return (prot & PT_READ ? ARMV8_S2AP_READ : 0) | (prot & PT_WRITE ? ARMV8_S2AP_WRITE : 0);
}

PT_ALWAYS_INLINE fmt_word armv8_stage2_attributes(unsigned int quirks, unsigned int prot)
{
	fmt_word type = prot & PT_MMIO	  ? MEMATTR_DEVICE
			: prot & PT_CACHE ? MEMATTR_WRITE_BACK
					  : MEMATTR_NON_CACHEABLE;
	fmt_word no_execute = 0;

	if (PT_UNLIKELY(prot & PT_NOEXEC))
		no_execute = quirks & PT_QUIRK_XNX ? ARMV8_S2_XN_ALL : ARMV8_XN;
	return ARMV8_AF | (prot & PT_CACHE ? ARMV8_SH_INNER : ARMV8_SH_OUTER) |
	       type << ARMV8_MEMATTR_SHIFT | armv8_stage2_permissions(prot) | no_execute;
}

/* Mali: no access flag, and "outer" is what lies outside the GPU: always shared with that. */
PT_ALWAYS_INLINE fmt_word armv8_mali_attributes(unsigned int prot)
{
	return ARMV8_SH_OUTER | armv8_attrindx(prot) | armv8_stage2_permissions(prot) |
	       (prot & PT_NOEXEC ? ARMV8_XN : 0);
}

PT_ALWAYS_INLINE bool fmt_leaf_attributes(unsigned int quirks, unsigned int prot,
					  fmt_attributes *attributes)
{
	*attributes = ARMV8_STAGE == 1	 ? armv8_stage1_attributes(quirks, prot)
		      : ARMV8_STAGE == 2 ? armv8_stage2_attributes(quirks, prot)
					 : armv8_mali_attributes(prot);
	return prot & (PT_READ | PT_WRITE);
}

/* The attributes of a leaf, hardware's marks included, as fmt_leaf() takes them for any size. */
PT_ALWAYS_INLINE fmt_attributes fmt_attributes_of(unsigned int quirks, fmt_word word,
						  unsigned int level)
{
	return word & ~(ARMV8_ADDRESS | (ARMV8_WIDE ? ARMV8_ADDRESS_51_48 : 0) | ARMV8_TYPE |
			ARMV8_CONTIGUOUS);
}
#if FMT_DIRTY
/*
 * Hardware update of the dirty state (D8.5.5 in DDI 0487): a leaf with DBM is dirty once
 * it is writable; hardware clears AP[2] instead of faulting.
 */
PT_ALWAYS_INLINE bool fmt_is_dirty(fmt_word word, unsigned int level)
{
	return (word & (ARMV8_DBM | ARMV8_AP_READ_ONLY)) == ARMV8_DBM;
}

PT_ALWAYS_INLINE fmt_word fmt_make_dirty(fmt_word word, unsigned int level)
{
	return word & ARMV8_DBM ? word & ~ARMV8_AP_READ_ONLY : word;
}

PT_ALWAYS_INLINE fmt_word fmt_make_clean(fmt_word word, unsigned int level)
{
	return word & ARMV8_DBM ? word | ARMV8_AP_READ_ONLY : word;
}

/* May a device write through this leaf? With DBM a clean one too: hardware makes it dirty. */
PT_ALWAYS_INLINE bool fmt_is_writable(fmt_word word, unsigned int level)
{
	return !(word & ARMV8_AP_READ_ONLY) || (word & ARMV8_DBM);
}
#endif

#endif
