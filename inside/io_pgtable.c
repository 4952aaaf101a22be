// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * io_pgtable.c - the page tables of kernels before the generic one, as subjects: AMD's out of the running
 * kernel, through alloc_io_pgtable_ops(); ARM's, which an x86 kernel lacks, out of io-pgtable-arm.c of the
 * same source, compiled into this module. As in user space a subject goes through the loops of
 * baselines/adapters/adapter.h, or else through the core's own.
 */
#include <linux/device.h>
#include <linux/io-pgtable.h>
#include <linux/slab.h>

#include "adapters/adapter.h"
#include "drivers/iommu/amd/amd_iommu_types.h"
#include "subjects.h"

struct kernel_table {
	struct protection_domain pdom; /* AMD's functions take their table for a part of this */
	struct io_pgtable_ops *ops;
	int format;
};

/* io-pgtable-arm.c allocates on this device's node. */
static struct device *device;

extern struct io_pgtable_init_fns io_pgtable_arm_64_lpae_s1_init_fns;

static void flush_all(void *cookie)
{
}

static void flush_walk(unsigned long iova, size_t size, size_t granule, void *cookie)
{
}

static void add_page(struct iommu_iotlb_gather *gather, unsigned long iova, size_t granule,
		     void *cookie)
{
}

static const struct iommu_flush_ops no_flush = {
	.tlb_flush_all = flush_all,
	.tlb_flush_walk = flush_walk,
	.tlb_add_page = add_page,
};

static struct kernel_table *table_of(struct iommu_domain *domain)
{
	return container_of(domain, struct kernel_table, pdom.domain);
}

/* As AMD's driver does in its own map_pages and unmap_pages. */
static int amd_map_pages(struct iommu_domain *domain, unsigned long iova, phys_addr_t pa,
			 size_t size, size_t count, int prot, gfp_t gfp, size_t *mapped)
{
	struct io_pgtable_ops *ops = table_of(domain)->ops;
	int amd_prot = 0;

	if (prot & IOMMU_READ)
		amd_prot |= IOMMU_PROT_IR;
	if (prot & IOMMU_WRITE)
		amd_prot |= IOMMU_PROT_IW;
	return ops->map_pages(ops, iova, pa, size, count, amd_prot, gfp, mapped);
}

static size_t amd_unmap_pages(struct iommu_domain *domain, unsigned long iova, size_t size,
			      size_t count, struct iommu_iotlb_gather *gather)
{
	struct io_pgtable_ops *ops = table_of(domain)->ops;
	size_t bytes = ops->unmap_pages(ops, iova, size, count, NULL);

	if (bytes)
		iommu_iotlb_gather_add_range(gather, iova, bytes);
	return bytes;
}

/* As the drivers that use ARM's tables do. */
static int arm_map_pages(struct iommu_domain *domain, unsigned long iova, phys_addr_t pa,
			 size_t size, size_t count, int prot, gfp_t gfp, size_t *mapped)
{
	struct io_pgtable_ops *ops = table_of(domain)->ops;

	return ops->map_pages(ops, iova, pa, size, count, prot, gfp, mapped);
}

static size_t arm_unmap_pages(struct iommu_domain *domain, unsigned long iova, size_t size,
			      size_t count, struct iommu_iotlb_gather *gather)
{
	struct io_pgtable_ops *ops = table_of(domain)->ops;

	return ops->unmap_pages(ops, iova, size, count, gather);
}

static void sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
}

static phys_addr_t domain_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	struct io_pgtable_ops *ops = table_of(domain)->ops;

	return ops->iova_to_phys(ops, iova);
}

static const struct iommu_domain_ops amd_ops = {
	.map_pages = amd_map_pages,
	.unmap_pages = amd_unmap_pages,
	.iotlb_sync = sync,
	.iova_to_phys = domain_iova_to_phys,
};
static const struct iommu_domain_ops arm_ops = {
	.map_pages = arm_map_pages,
	.unmap_pages = arm_unmap_pages,
	.iotlb_sync = sync,
	.iova_to_phys = domain_iova_to_phys,
};

static bool make_arm(struct kernel_table *table)
{
	struct io_pgtable_cfg config = { .pgsize_bitmap = SZ_4K | SZ_2M | SZ_1G,
					 .ias = 48,
					 .oas = 48,
					 .coherent_walk = true,
					 .tlb = &no_flush,
					 .iommu_dev = device };
	struct io_pgtable *pgtable = io_pgtable_arm_64_lpae_s1_init_fns.alloc(&config, table);

	if (!pgtable)
		return false;
	pgtable->fmt = ARM_64_LPAE_S1;
	pgtable->cookie = table;
	pgtable->cfg = config;
	table->ops = &pgtable->ops;
	table->pdom.domain.pgsize_bitmap = config.pgsize_bitmap;
	table->pdom.domain.ops = &arm_ops;
	return true;
}

static bool make_amd(struct kernel_table *table)
{
	struct protection_domain *pdom = &table->pdom;
	struct io_pgtable_cfg *config = &pdom->iop.pgtbl.cfg;

	pdom->pd_mode = table->format == AMD_IOMMU_V1 ? PD_MODE_V1 : PD_MODE_V2;
	config->amd.nid = NUMA_NO_NODE;
	config->tlb = &no_flush;
	table->ops = alloc_io_pgtable_ops(table->format, config, pdom);
	pdom->domain.pgsize_bitmap = config->pgsize_bitmap;
	pdom->domain.ops = &amd_ops;
	return table->ops;
}

static void *create(const struct inside_subject *subject)
{
	struct kernel_table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	struct protection_domain *pdom = &table->pdom;

	if (!table)
		return NULL;
	table->format = subject->driver;
	spin_lock_init(&pdom->lock);
	INIT_LIST_HEAD(&pdom->dev_list);
	INIT_LIST_HEAD(&pdom->dev_data_list);
	xa_init(&pdom->iommu_array);
	pdom->domain.type = IOMMU_DOMAIN_UNMANAGED;
	if (table->format == ARM_64_LPAE_S1 ? make_arm(table) : make_amd(table))
		return &pdom->domain;
	kfree(table);
	return NULL;
}

static void destroy(void *handle)
{
	struct kernel_table *table = table_of(handle);

	if (table->format == ARM_64_LPAE_S1)
		io_pgtable_arm_64_lpae_s1_init_fns.free(io_pgtable_ops_to_pgtable(table->ops));
	else
		free_io_pgtable_ops(table->ops);
	kfree(table);
}

static const void *root(void *handle, unsigned int *top_level)
{
	struct kernel_table *table = table_of(handle);
	struct amd_io_pgtable *amd = &table->pdom.iop;

	*top_level = 3;
	switch (table->format) {
	case AMD_IOMMU_V1:
		*top_level = amd->mode - 1;
		return amd->root;
	case AMD_IOMMU_V2:
		return amd->pgd;
	default:
		return phys_to_virt(
			io_pgtable_ops_to_pgtable(table->ops)->cfg.arm_lpae_s1_cfg.ttbr &
			PAGE_MASK);
	}
}

#define DIRECT(name)                                                                   \
	static int name##_map(void *handle, u64 iova, u64 oa, u64 length, int prot)    \
	{                                                                              \
		return adapter_map_range(&name##_ops, handle, iova, oa, length, prot); \
	}                                                                              \
	static u64 name##_unmap(void *handle, u64 iova, u64 length)                    \
	{                                                                              \
		return adapter_unmap(&name##_ops, handle, iova, length, false);        \
	}                                                                              \
	static u64 name##_iova_to_phys(void *handle, u64 iova)                         \
	{                                                                              \
		return name##_ops.iova_to_phys(handle, iova);                          \
	}

DIRECT(amd)
DIRECT(arm)

static int core_map(void *handle, u64 iova, u64 oa, u64 length, int prot)
{
	return iommu_map(handle, iova, oa, length, prot, GFP_ATOMIC);
}

static u64 core_unmap(void *handle, u64 iova, u64 length)
{
	return iommu_unmap(handle, iova, length);
}

static u64 core_iova_to_phys(void *handle, u64 iova)
{
	return iommu_iova_to_phys(handle, iova);
}

static unsigned int subjects(int driver, const struct inside_subject *direct,
			     struct inside_subject *list)
{
	const struct inside_subject core = { .map = core_map,
					     .unmap = core_unmap,
					     .iova_to_phys = core_iova_to_phys };

	list[0] = *direct;
	list[1] = core;
	for (unsigned int i = 0; i < 2; i++) {
		list[i].name = i ? "linux+core" : "linux";
		list[i].create = create;
		list[i].destroy = destroy;
		list[i].root = root;
		list[i].driver = driver;
	}
	return 2;
}

unsigned int inside_kernel_subjects(const char *format, struct inside_subject *list)
{
	const struct inside_subject amd = { .map = amd_map,
					    .unmap = amd_unmap,
					    .iova_to_phys = amd_iova_to_phys };
	const struct inside_subject arm = { .map = arm_map,
					    .unmap = arm_unmap,
					    .iova_to_phys = arm_iova_to_phys };

	if (!strcmp(format, "amdv1"))
		return subjects(AMD_IOMMU_V1, &amd, list);
	if (!strcmp(format, "x86_64"))
		return subjects(AMD_IOMMU_V2, &amd, list);
	if (!strcmp(format, "armv8_4k_s1"))
		return subjects(ARM_64_LPAE_S1, &arm, list);
	/* VT-d's second stage is static in its driver. */
	return 0;
}

int inside_kernel_init(void)
{
	device = root_device_register("ptbench");
	return PTR_ERR_OR_ZERO(device);
}

void inside_kernel_exit(void)
{
	root_device_unregister(device);
}
