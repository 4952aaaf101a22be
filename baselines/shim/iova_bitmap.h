/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * iova_bitmap.h - the bitmap that drivers report dirty addresses to. The kernel's
 * (iommufd/iova_bitmap.c) is in user pages, pinned a window at a time; this one is
 * the window that is already pinned, in one piece.
 */
#ifndef PTBENCH_SHIM_IOVA_BITMAP_H
#define PTBENCH_SHIM_IOVA_BITMAP_H

#include "shim/shim.h"

struct iova_bitmap {
	unsigned long start, last; /* addresses that have a bit */
	unsigned long page_lg2; /* size that one bit stands for */
	unsigned long *words; /* bit 0 stands for @start */
};

static inline void iova_bitmap_init(struct iova_bitmap *bitmap, unsigned long iova,
				    unsigned long length, unsigned int page_lg2,
				    unsigned long long *words)
{
	*bitmap = (struct iova_bitmap){ .start = iova,
					.last = iova + length - 1,
					.page_lg2 = page_lg2,
					.words = (unsigned long *)words };
}

/* Set the bits of [@iova, @iova + @length) as far as @bitmap has them. Called by the drivers. */
void iova_bitmap_set(struct iova_bitmap *bitmap, unsigned long iova, size_t length);

#endif
