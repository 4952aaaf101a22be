// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * s390_driver.c - the page-table functions of s390-iommu.c, as extract.py leaves
 * them. The driver's domain is known in that file only, so it is made here.
 */
#include <linux/kernel.h>
#include <linux/iommu.h>
#include <linux/sizes.h>
#include <asm/pci_dma.h>

#include "adapters/s390_driver.h"

#include "adapters/adapter.h"

#include "extracted/s390_iommu.c"

#define S390_IA_BITS 42

/* Tells each attached function what was gathered: one command, as for one function. */
static void s390_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	(void)domain;
	if (gather->end)
		adapter_flush_tlb();
}

const struct iommu_domain_ops s390_domain_ops = {
	.map_pages = s390_iommu_map_pages,
	.unmap_pages = s390_iommu_unmap_pages,
	.iotlb_sync = s390_iotlb_sync,
	.iova_to_phys = s390_iommu_iova_to_phys,
};

/* Made once, at boot in the kernel; they hold no memory of their own. */
static int make_caches(void)
{
	static spinlock_t lock;
	int error = 0;

	spin_lock(&lock);
	if (!dma_page_table_cache)
		error = dma_alloc_cpu_table_caches();
	spin_unlock(&lock);
	return error;
}

int s390_domain_create(unsigned int ia_bits, struct iommu_domain **domain)
{
	struct s390_domain *s390_domain;

	if (ia_bits > S390_IA_BITS)
		return -EINVAL;
	if (make_caches())
		return -ENOMEM;
	s390_domain = kzalloc(sizeof(*s390_domain), GFP_KERNEL);
	if (!s390_domain)
		return -ENOMEM;
	s390_domain->dma_table = dma_alloc_cpu_table(GFP_KERNEL);
	if (!s390_domain->dma_table) {
		kfree(s390_domain);
		return -ENOMEM;
	}
	s390_domain->domain.geometry.aperture_end = (1UL << (ia_bits ? ia_bits : S390_IA_BITS)) - 1;
#if PTBENCH_LINUX >= 6015
	s390_domain->origin_type = ZPCI_TABLE_TYPE_RTX;
#endif
	s390_domain->domain.ops = &s390_domain_ops;
	s390_domain->domain.pgsize_bitmap = SZ_4K;
	*domain = &s390_domain->domain;
	return 0;
}

void s390_domain_destroy(struct iommu_domain *domain)
{
	struct s390_domain *s390_domain = to_s390_domain(domain);

#if PTBENCH_LINUX >= 6015
	dma_cleanup_tables(s390_domain);
#else
	dma_cleanup_tables(s390_domain->dma_table);
#endif
	kfree(s390_domain);
}

const void *s390_domain_root(struct iommu_domain *domain)
{
	return to_s390_domain(domain)->dma_table;
}
