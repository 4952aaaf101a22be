/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * usual.h - functions that most formats have alike. A format includes it after its
 * types and constants, and gets
 *
 *	an empty item of all zeros		unless it defines FMT_EMPTY(level)
 *	unmap leaving an empty item behind	unless FMT_CLEAR_KEEPS
 *	tables of one granule at every level	if it defines FMT_INDEX_LG2, log2 of their items
 *	one bit that says dirty			if it defines FMT_DIRTY_BIT,
 *	and one that says writable		which is then FMT_WRITABLE_BIT
 *	no bit for "written back"		unless it defines FMT_WRITTEN_BACK
 */
#ifndef PT_FORMATS_USUAL_H
#define PT_FORMATS_USUAL_H

#include "generic/bits.h"

#ifndef FMT_EMPTY
#define FMT_EMPTY(level) 0
#endif

#ifndef FMT_WRITTEN_BACK
#define FMT_WRITTEN_BACK 0
#endif

PT_ALWAYS_INLINE fmt_word fmt_empty(unsigned int level)
{
	return FMT_EMPTY(level);
}

#if !FMT_CLEAR_KEEPS
/* What unmap leaves behind in @item. */
PT_ALWAYS_INLINE fmt_word fmt_clear(const fmt_word *item, unsigned int level)
{
	return fmt_empty(level);
}
#endif

#ifdef FMT_INDEX_LG2
PT_ALWAYS_INLINE unsigned int fmt_index_lg2(unsigned int level)
{
	return FMT_INDEX_LG2;
}

PT_ALWAYS_INLINE unsigned int fmt_item_lg2(unsigned int level)
{
	return FMT_GRANULE_LG2 + FMT_INDEX_LG2 * level;
}

PT_ALWAYS_INLINE unsigned int fmt_table_lg2(unsigned int level)
{
	return FMT_GRANULE_LG2;
}
#endif

#ifdef FMT_DIRTY_BIT
/* Has hardware recorded a write? Asked of leaves, and of empty items, which are not. */
PT_ALWAYS_INLINE bool fmt_is_dirty(fmt_word word, unsigned int level)
{
	return word & FMT_DIRTY_BIT;
}

PT_ALWAYS_INLINE fmt_word fmt_make_dirty(fmt_word word, unsigned int level)
{
	return word | FMT_DIRTY_BIT;
}

PT_ALWAYS_INLINE fmt_word fmt_make_clean(fmt_word word, unsigned int level)
{
	return word & ~FMT_DIRTY_BIT;
}

/* May a device write through this leaf? */
PT_ALWAYS_INLINE bool fmt_is_writable(fmt_word word, unsigned int level)
{
	return word & FMT_WRITABLE_BIT;
}
#endif

#endif
