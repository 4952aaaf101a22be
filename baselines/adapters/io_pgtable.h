/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * io_pgtable.h - what adapters of io-pgtable drivers share: a domain that owns an
 * io_pgtable_ops, as arm-smmu-v3's and apple-dart's do.
 */
#ifndef PTBENCH_ADAPTER_IO_PGTABLE_H
#define PTBENCH_ADAPTER_IO_PGTABLE_H

#include <linux/io-pgtable.h>

#include "adapters/adapter.h"
#include "adapters/operations.h"
#include "adapters/runs.h"

struct io_pgtable_domain {
	struct iommu_domain domain;
	struct io_pgtable_ops *ops;
};

static __always_inline struct io_pgtable_domain *domain_to_io_pgtable(struct iommu_domain *domain)
{
	return container_of(domain, struct io_pgtable_domain, domain);
}

static __always_inline struct io_pgtable_ops *domain_to_ops(struct iommu_domain *domain)
{
	return domain_to_io_pgtable(domain)->ops;
}

static __always_inline int io_pgtable_map_pages(struct iommu_domain *domain, unsigned long iova,
						phys_addr_t pa, size_t size, size_t count, int prot,
						gfp_t gfp, size_t *mapped)
{
	struct io_pgtable_ops *ops = domain_to_ops(domain);

	return ops->map_pages(ops, iova, pa, size, count, prot, gfp, mapped);
}

static __always_inline size_t io_pgtable_unmap_pages(struct iommu_domain *domain,
						     unsigned long iova, size_t size, size_t count,
						     struct iommu_iotlb_gather *gather)
{
	struct io_pgtable_ops *ops = domain_to_ops(domain);

	return ops->unmap_pages(ops, iova, size, count, gather);
}

static __always_inline phys_addr_t io_pgtable_iova_to_phys(struct iommu_domain *domain,
							   dma_addr_t iova)
{
	struct io_pgtable_ops *ops = domain_to_ops(domain);

	return ops->iova_to_phys(ops, iova);
}

/*
 * Make a table of @format as @config says; @domain_ops is what the domain gets.
 * Returns 0, -ENOMEM, or -EINVAL where io-pgtable says no; it has no way to tell
 * why, so a root that could not be allocated is -EINVAL too.
 */
int io_pgtable_create(enum io_pgtable_fmt format, struct io_pgtable_cfg *config,
		      const struct iommu_domain_ops *domain_ops, void **handle);

/* For struct baseline. */
void io_pgtable_destroy(void *handle);

/* What the driver filled in when it made the table. */
const struct io_pgtable *io_pgtable_of(void *handle);

#endif
