/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * resize.h - how the drivers' users change the size of leaves, and make holes in
 * them. No driver has an operation for it: a user that wants smaller or larger
 * leaves unmaps the range and maps it again, and in between a device faults.
 */
#ifndef PTBENCH_ADAPTER_RESIZE_H
#define PTBENCH_ADAPTER_RESIZE_H

#include "adapters/adapter.h"

/*
 * Unmap [@iova, @iova + @length), one run of physical memory, and map it again:
 * with pages of 1 << @piece_lg2 bytes, in as few calls as the driver takes, or with the largest that
 * fit where @piece_lg2 is 63. @one_by_one: the driver chooses sizes itself, so that a smaller
 * size results only from a call for each page.
 */
static __always_inline int adapter_resize(const struct iommu_domain_ops *ops,
					  struct iommu_domain *domain, unsigned long iova,
					  size_t length, unsigned int piece_lg2, int prot,
					  bool one_by_one)
{
	phys_addr_t pa = ops->iova_to_phys(domain, iova);
	size_t piece = 1UL << piece_lg2;

	if (adapter_unmap(ops, domain, iova, length, false) != length)
		return -EINVAL;
	if (piece_lg2 == 63)
		return adapter_map(ops, domain, iova, pa, length, prot);
	while (length) {
		size_t mapped = 0;
		int error;

		if (adapter_is_generic(ops)) {
			error = adapter_map_range(ops, domain, iova, pa, piece, prot);
			mapped = piece;
		} else {
			error = ops->map_pages(domain, iova, pa, piece,
					       one_by_one ? 1 : length >> piece_lg2, prot,
					       GFP_KERNEL, &mapped);
		}

		if (error || !mapped)
			return error ? error : -EINVAL;
		iova += mapped;
		pa += mapped;
		length -= mapped;
	}
	return 0;
}

/*
 * Give [@iova, @iova + @length), mapped in smallest pages, the largest leaves that fit, as a user who has to find out
 * whether they do: ask for the address of every page, then unmap and map again. Nothing is done where
 * memory is not one run. The step is the format's smallest page, though iommufd and VFIO ask for
 * every 4 KiB whatever it is. Dirty marks are lost.
 */
static __always_inline int adapter_reassemble(const struct iommu_domain_ops *ops,
					      struct iommu_domain *domain, unsigned long iova,
					      size_t length, int prot)
{
	size_t page = 1UL << __ffs(domain->pgsize_bitmap);
	phys_addr_t pa = ops->iova_to_phys(domain, iova);

	for (size_t offset = page; offset < length; offset += page)
		if (ops->iova_to_phys(domain, iova + offset) != pa + offset)
			return 0;
	return adapter_resize(ops, domain, iova, length, 63, prot, false);
}

/*
 * Unmap [@hole, @hole + @hole_length) out of the larger leaf [@iova, @iova + @length). ARM's
 * drivers split a leaf that is unmapped in part (@splits); the others remove all of
 * it, so that their users map the two rests again.
 */
static __always_inline int adapter_punch(const struct iommu_domain_ops *ops,
					 struct iommu_domain *domain, unsigned long iova,
					 size_t length, unsigned long hole, size_t hole_length,
					 int prot, bool splits)
{
	unsigned long after = hole + hole_length;
	phys_addr_t pa;
	int error;

	if (splits)
		return adapter_unmap(ops, domain, hole, hole_length, false) == hole_length
			       ? 0
			       : -EINVAL;
	pa = ops->iova_to_phys(domain, iova);
	if (adapter_unmap(ops, domain, iova, length, false) != length)
		return -EINVAL;
	error = adapter_map(ops, domain, iova, pa, hole - iova, prot);
	if (error)
		return error;
	return adapter_map(ops, domain, after, pa + (after - iova), length - (after - iova), prot);
}

#endif
