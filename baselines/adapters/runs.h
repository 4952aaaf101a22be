/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * runs.h - lists of physical runs, as the drivers' users map them and get them
 * back. The kernel has no driver operation for either: what stands here is the
 * loop around map_pages, iova_to_phys and unmap_pages that each user runs.
 */
#ifndef PTBENCH_ADAPTER_RUNS_H
#define PTBENCH_ADAPTER_RUNS_H

#include "adapters/adapter.h"

/*
 * As iommu_map_sg() (drivers/iommu/iommu.c), and but for the flushes as iommufd's
 * batch_to_domain() (iommufd/pages.c): neighbours that touch are joined before
 * anything is mapped (iommufd's batches come joined), each run that remains is a
 * map of its own from the root on, and when one fails all before it are unmapped.
 * iommu_map_sg() calls iotlb_sync_map once, at the end; iommufd, through
 * iommu_map(), once a run, which would only make this side slower.
 */
static __always_inline int adapter_map_runs(const struct iommu_domain_ops *ops,
					    struct iommu_domain *domain, unsigned long iova,
					    const struct baseline_run *runs, unsigned long count,
					    int prot)
{
	size_t mapped = 0;
	unsigned long i = 0;

	while (i < count) {
		phys_addr_t pa = runs[i].pa;
		size_t length = runs[i++].size;
		int error;

		while (i < count && runs[i].pa == pa + length)
			length += runs[i++].size;
		error = adapter_map_range(ops, domain, iova + mapped, pa, length, prot);
		if (unlikely(error)) {
			adapter_undo_map(ops, domain, iova, mapped);
			return error;
		}
		mapped += length;
	}
	if (ops->iotlb_sync_map)
		ops->iotlb_sync_map(domain, iova, mapped);
	return 0;
}

/*
 * Ask for the address of every page of [@iova, @iova + @length) and note it in
 * @runs until they are used up. Returns the bytes asked for.
 *
 * As iommufd's batch_from_domain() with batch_add_pfn(), and VFIO type 1's
 * vfio_unmap_unpin(): the step is PAGE_SIZE whatever the leaf's size, because
 * iova_to_phys does not tell it, and each step walks from the root. Where a page
 * does not fit into @runs any more the memory is not contiguous, so no leaf is cut.
 */
static __always_inline size_t adapter_collect_runs(const struct iommu_domain_ops *ops,
						   struct iommu_domain *domain, unsigned long iova,
						   size_t length, struct baseline_run *runs,
						   unsigned long room, unsigned long *count)
{
	unsigned long used = 0;
	size_t collected;

	for (collected = 0; collected < length; collected += PAGE_SIZE) {
		phys_addr_t pa = ops->iova_to_phys(domain, iova + collected);

		if (used && pa == runs[used - 1].pa + runs[used - 1].size) {
			runs[used - 1].size += PAGE_SIZE;
			continue;
		}
		if (used == room)
			break;
		runs[used++] = (struct baseline_run){ .pa = pa, .size = PAGE_SIZE };
	}
	*count = used;
	return collected;
}

/*
 * As iommufd's iopt_area_unpin_domain(): first the addresses, then one unmap of
 * what they cover. VFIO does the same run by run, so its unmaps are smaller.
 */
static __always_inline size_t adapter_unmap_runs(const struct iommu_domain_ops *ops,
						 struct iommu_domain *domain, unsigned long iova,
						 size_t length, bool lazy,
						 struct baseline_run *runs, unsigned long room,
						 unsigned long *count)
{
	*count = 0;
	if (unlikely(!adapter_aligned(domain, iova | length)))
		return 0;
	length = adapter_collect_runs(ops, domain, iova, length, runs, room, count);
	return adapter_unmap(ops, domain, iova, length, lazy);
}

#endif
