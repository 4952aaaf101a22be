/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * armv7s_attributes.h - what a short descriptor carries besides its address: the
 * same fields, in another place for each kind of leaf. A part of armv7s.h.
 *
 * Authority: DDI 0406, sections B3.5.1 "Short-descriptor translation table format
 * descriptors" and B3.7 "Memory access control". Read-only follows from what is not to
 * be written; whether reading was asked for is not looked at, as in Linux.
 */
#ifndef PT_FORMATS_ARMV7S_ATTRIBUTES_H
#define PT_FORMATS_ARMV7S_ATTRIBUTES_H

#define ARMV7S_B (1u << 2)
#define ARMV7S_C (1u << 3)
#define ARMV7S_SMALL_PAGE_XN (1u << 0)
#define ARMV7S_LARGE_PAGE_XN (1u << 15)
#define ARMV7S_SECTION_XN (1u << 4)
#define ARMV7S_SECTION_NS (1u << 19)
/* Bits 11:4 of a page are bits 17:10 of a section; a large page has TEX at 14:12. */
#define ARMV7S_PAGE_AF (1u << 4) /* AP[0] */
#define ARMV7S_PAGE_AP1_UNPRIVILEGED (1u << 5)
#define ARMV7S_SMALL_PAGE_TEX0 (1u << 6)
#define ARMV7S_LARGE_PAGE_TEX0 (1u << 12)
#define ARMV7S_PAGE_AP2_READ_ONLY (1u << 9)
#define ARMV7S_PAGE_S (1u << 10)
#define ARMV7S_PAGE_NG (1u << 11)
#define ARMV7S_PAGE_TO_SECTION 6

/* The three encodings of the same attributes: @page is bits 11:4 of a small page, @low B and C. */
PT_ALWAYS_INLINE fmt_attributes armv7s_attributes(unsigned int quirks, fmt_word page, fmt_word low,
						  bool never_execute)
{
	fmt_word tex = page & ARMV7S_SMALL_PAGE_TEX0;
	fmt_attributes attributes = {
		.small_page = page | low | ARMV7S_TYPE_SMALL_PAGE |
			      (never_execute ? ARMV7S_SMALL_PAGE_XN : 0),
		.large_page = (page & ~tex) | (tex ? ARMV7S_LARGE_PAGE_TEX0 : 0) | low |
			      ARMV7S_TYPE_LARGE_PAGE | (never_execute ? ARMV7S_LARGE_PAGE_XN : 0),
		.section = page << ARMV7S_PAGE_TO_SECTION | low | ARMV7S_TYPE_SECTION |
			   (never_execute ? ARMV7S_SECTION_XN : 0) |
			   (quirks & PT_QUIRK_NON_SECURE ? ARMV7S_SECTION_NS : 0),
	};

	return attributes;
}

PT_ALWAYS_INLINE bool fmt_leaf_attributes(unsigned int quirks, unsigned int prot,
					  fmt_attributes *attributes)
{
	bool permissions = !ARMV7S_MTK && !(quirks & PT_QUIRK_NO_PERMS);
	bool never_execute = permissions && (prot & PT_NOEXEC);
	fmt_word tex = prot & PT_MMIO ? 0 : ARMV7S_SMALL_PAGE_TEX0;
	fmt_word low = prot & PT_MMIO ? ARMV7S_B : prot & PT_CACHE ? ARMV7S_B | ARMV7S_C : 0;
	fmt_word page = ARMV7S_PAGE_NG | ARMV7S_PAGE_S;

	if (permissions)
		page |= ARMV7S_PAGE_AF | (prot & PT_PRIV ? 0 : ARMV7S_PAGE_AP1_UNPRIVILEGED) |
			(prot & PT_WRITE ? 0 : ARMV7S_PAGE_AP2_READ_ONLY);
	*attributes = armv7s_attributes(quirks, page | tex, low, never_execute);
	return prot & (PT_READ | PT_WRITE);
}

/* The attributes of a leaf, as fmt_leaf() takes them for any size. */
PT_ALWAYS_INLINE fmt_attributes fmt_attributes_of(unsigned int quirks, fmt_word word,
						  unsigned int level)
{
	/* With MediaTek's extension the permission bits hold address bits. */
	fmt_word bits = ARMV7S_PAGE_S | ARMV7S_PAGE_NG |
			(ARMV7S_MTK ? 0
				    : ARMV7S_PAGE_AF | ARMV7S_PAGE_AP1_UNPRIVILEGED |
					      ARMV7S_PAGE_AP2_READ_ONLY);
	fmt_word low = word & (ARMV7S_B | ARMV7S_C);
	fmt_word page;

	if (level) {
		page = (word >> ARMV7S_PAGE_TO_SECTION) & (bits | ARMV7S_SMALL_PAGE_TEX0);
		return armv7s_attributes(quirks, page, low,
					 !ARMV7S_MTK && (word & ARMV7S_SECTION_XN));
	}
	if (word & ARMV7S_TYPE_SMALL_PAGE)
		return armv7s_attributes(quirks, word & (bits | ARMV7S_SMALL_PAGE_TEX0), low,
					 word & ARMV7S_SMALL_PAGE_XN);
	page = (word & bits) | (word & ARMV7S_LARGE_PAGE_TEX0 ? ARMV7S_SMALL_PAGE_TEX0 : 0);
	return armv7s_attributes(quirks, page, low, word & ARMV7S_LARGE_PAGE_XN);
}

#endif
