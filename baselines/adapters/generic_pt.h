/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * generic_pt.h - what the adapters of the generic page table (drivers/iommu/generic_pt) share: a domain that
 * holds one, as those of amd/iommu.c, intel/iommu.c and riscv/iommu.c do. The core of the kernel calls such a
 * table without a loop and without a choice of page sizes: see adapter_map_range() and adapter_unmap().
 */
#ifndef PTBENCH_ADAPTER_GENERIC_PT_H
#define PTBENCH_ADAPTER_GENERIC_PT_H

#include <linux/generic_pt/iommu.h>

#include "adapters/adapter.h"
#include "adapters/dirty.h"
#include "adapters/operations.h"

/* A table of any format; its domain lies at the start of each. */
struct generic_table {
	union {
		struct iommu_domain domain;
		struct pt_iommu iommu;
		struct pt_iommu_amdv1 amdv1;
		struct pt_iommu_x86_64 x86_64;
		struct pt_iommu_vtdss vtdss;
		struct pt_iommu_riscv_64 riscv64;
	};
	spinlock_t top_lock;
};

static __always_inline struct generic_table *domain_to_generic(void *handle)
{
	return container_of((struct iommu_domain *)handle, struct generic_table, domain);
}

/* A table without a root, for pt_iommu_*_init(); NULL without memory. */
struct generic_table *generic_alloc(const struct iommu_domain_ops *ops);

/*
 * What every create function ends with: @error is that of pt_iommu_*_init(). Takes the page sizes that the
 * configuration does not want out of the domain, as a driver does whose hardware lacks them.
 */
int generic_finish(struct generic_table *table, int error, const struct baseline_config *config,
		   void **handle);

/* For struct baseline. */
void generic_destroy(void *handle);

/* The root and its level, as the kernel keeps them together in one word. */
const void *generic_root_of(uintptr_t top_of_table, unsigned int *top_level);

/* For iotlb_sync: one command, then what the gather holds is freed. */
void generic_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather);

#endif
