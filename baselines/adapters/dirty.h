/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dirty.h - reading and clearing dirty marks through a driver's iommu_dirty_ops. */
#ifndef PTBENCH_ADAPTER_DIRTY_H
#define PTBENCH_ADAPTER_DIRTY_H

/* For struct baseline: the function, or NULL before the drivers could do it. */
#if PTBENCH_LINUX >= 6012
int adapter_read_dirty(void *handle, unsigned long long iova, unsigned long long size, int clear,
		       unsigned long long *bitmap, unsigned int page_lg2);
#define ADAPTER_READ_DIRTY adapter_read_dirty
#else
#define ADAPTER_READ_DIRTY NULL
#endif

#endif
