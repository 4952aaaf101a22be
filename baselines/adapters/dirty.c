// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dirty.c - what iommufd does around a driver's read_and_clear_dirty
 * (iommu_read_and_clear_dirty() in iommufd/io_pagetable.c): a bitmap and a gather
 * for the driver to record in, and a sync at the end if marks were cleared.
 *
 * Two things are left out. iommufd allocates its iova_bitmap and pins the user's
 * pages, once a call; here the caller's memory is at hand. And it loses the
 * driver's error, which is returned here.
 */
#include "adapters/dirty.h"

#include "adapters/adapter.h"

#if PTBENCH_LINUX >= 6012
#include "shim/iova_bitmap.h"

int adapter_read_dirty(void *handle, unsigned long long iova, unsigned long long size, int clear,
		       unsigned long long *bitmap, unsigned int page_lg2)
{
	struct iommu_domain *domain = handle;
	struct iova_bitmap window;
	struct iommu_iotlb_gather gather;
	struct iommu_dirty_bitmap dirty;
	int error;

	if (!domain->dirty_ops)
		return -EOPNOTSUPP;
	if (!size || page_lg2 >= BITS_PER_LONG || !IS_ALIGNED(iova | size, 1UL << page_lg2) ||
	    !adapter_aligned(domain, iova | size))
		return -EINVAL;
	iova_bitmap_init(&window, iova, size, page_lg2, bitmap);
	/* iommufd gives a gather also where nothing is cleared: recording costs the same. */
	iommu_dirty_bitmap_init(&dirty, &window, &gather);
	error = domain->dirty_ops->read_and_clear_dirty(domain, iova, size,
							clear ? 0 : IOMMU_DIRTY_NO_CLEAR, &dirty);
	if (clear)
		domain->ops->iotlb_sync(domain, &gather);
	return error;
}
#endif
