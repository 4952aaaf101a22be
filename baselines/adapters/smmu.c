// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* smmu.c - map and unmap of the ARM formats as through arm-smmu-v3, see smmu.h. */
#include "adapters/smmu.h"

static void smmu_flush_all(void *cookie)
{
	(void)cookie;
	adapter_flush_tlb();
}

static void smmu_flush_walk(unsigned long iova, size_t size, size_t granule, void *cookie)
{
	(void)iova;
	(void)size;
	(void)granule;
	(void)cookie;
	adapter_flush_tlb();
}

static void smmu_add_page(struct iommu_iotlb_gather *gather, unsigned long iova, size_t granule,
			  void *cookie)
{
	struct io_pgtable_domain *table = cookie;

	iommu_iotlb_gather_add_page(&table->domain, gather, iova, granule);
}

/*
 * As arm_smmu_iotlb_sync(): without a page size in the gather nothing is sent, so
 * also not after dirty marks were cleared, which are gathered as plain ranges.
 */
static void smmu_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	(void)domain;
	if (gather->pgsize)
		adapter_flush_tlb();
}

const struct iommu_flush_ops smmu_flush_ops = {
	.tlb_flush_all = smmu_flush_all,
	.tlb_flush_walk = smmu_flush_walk,
	.tlb_add_page = smmu_add_page,
};

const struct iommu_domain_ops smmu_domain_ops = {
	.map_pages = io_pgtable_map_pages,
	.unmap_pages = io_pgtable_unmap_pages,
	.iotlb_sync = smmu_iotlb_sync,
	.iova_to_phys = io_pgtable_iova_to_phys,
};

ADAPTER_OPERATIONS(, smmu, smmu_domain_ops, LPAE_SPLITS, false)

int smmu_punch_whole(void *handle, unsigned long long iova, unsigned long long size,
		     unsigned long long hole, unsigned long long hole_size, unsigned int prot)
{
	return adapter_punch(&smmu_domain_ops, handle, iova, size, hole, hole_size, prot, false);
}
