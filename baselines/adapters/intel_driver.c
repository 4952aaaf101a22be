// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * intel_driver.c - the page-table functions of intel/iommu.c, which is a whole
 * driver: extract.py leaves of it what the operations below reach.
 */
#define pr_fmt(format) "DMAR: " format

#include <linux/kernel.h>
#include <linux/sizes.h>

#include "adapters/intel_driver.h"

#include "adapters/adapter.h"

/* Where the extraction stops: invalidation, and until 6.5 its own page allocation. */
#if PTBENCH_LINUX >= 6012
#include <iommu-pages.h>

void cache_tag_flush_range(struct dmar_domain *domain, unsigned long start, unsigned long end,
			   int invalidation_hint)
{
	(void)domain;
	(void)start;
	(void)end;
	(void)invalidation_hint;
	adapter_flush_tlb();
}
#else
static inline void iommu_flush_iotlb_psi(struct intel_iommu *iommu, struct dmar_domain *domain,
					 unsigned long pfn, unsigned int pages,
					 int invalidation_hint, int map)
{
	(void)iommu;
	(void)domain;
	(void)pfn;
	(void)pages;
	(void)invalidation_hint;
	(void)map;
	adapter_flush_tlb();
}
#endif

#include "extracted/intel_iommu.c"

static void intel_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	(void)domain;
	adapter_flush_tlb();
	put_pages_list(&gather->freelist);
}

const struct iommu_domain_ops intel_domain_ops = {
	.map_pages = intel_iommu_map_pages,
	.unmap_pages = intel_iommu_unmap_pages,
	.iotlb_sync = intel_iotlb_sync,
	.iova_to_phys = intel_iommu_iova_to_phys,
};

#if PTBENCH_LINUX >= 6012
const struct iommu_dirty_ops intel_dirty_read_ops = {
	.read_and_clear_dirty = intel_iommu_read_and_clear_dirty,
};
#endif

int intel_width_to_agaw(int bits)
{
	return width_to_agaw(bits);
}

int intel_alloc_root(struct dmar_domain *domain)
{
	domain->pgd = (struct dma_pte *)get_zeroed_page(GFP_KERNEL);
	if (!domain->pgd)
		return -ENOMEM;
	domain_flush_cache(domain, domain->pgd, PAGE_SIZE);
	return 0;
}

void intel_free_tables(struct dmar_domain *domain)
{
	LIST_HEAD(freelist);

	domain_unmap(domain, 0, DOMAIN_MAX_PFN(domain->gaw), &freelist);
	put_pages_list(&freelist);
}
