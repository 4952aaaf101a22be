// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * iova_bitmap.c - iova_bitmap_set() at the kernel's price for a pinned window.
 *
 * Linux 6.12 spends on each call: a call into a built-in function, a check that
 * the range is inside the window, two shifts, then for each page of bitmap that is
 * touched (32768 bits) a load of its struct page, that page's address, and a call
 * of __bitmap_set(), which loops over words. Pages are never really mapped on
 * 64-bit machines. The same stands here but for the page: one load and an addition
 * less, in the drivers' favour.
 */
#include "shim/iova_bitmap.h"

/* A call of its own, as there. */
static noinline void set_bits(unsigned long *words, unsigned long first, unsigned long last)
{
	unsigned long *word = &words[BIT_WORD(first)], *last_word = &words[BIT_WORD(last)];
	unsigned long mask = ~0UL << (first % BITS_PER_LONG);

	while (word < last_word) {
		*word++ |= mask;
		mask = ~0UL;
	}
	*word |= mask & ~0UL >> (BITS_PER_LONG - 1 - last % BITS_PER_LONG);
}

/*
 * Of a leaf that ends beyond the window, the kernel sets bits up to the end of the
 * pinned page, behind the user's bitmap; here they end with the window.
 */
void iova_bitmap_set(struct iova_bitmap *bitmap, unsigned long iova, size_t length)
{
	unsigned long last = iova + length - 1;

	if (unlikely(iova < bitmap->start || last > bitmap->last)) {
		if (iova < bitmap->start || iova > bitmap->last)
			return;
		last = bitmap->last;
	}
	set_bits(bitmap->words, (iova - bitmap->start) >> bitmap->page_lg2,
		 (last - bitmap->start) >> bitmap->page_lg2);
}
