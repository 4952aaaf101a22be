// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* generic_pt.c - making and destroying generic page tables, see generic_pt.h. */
#include "adapters/generic_pt.h"

/* Memory encryption is off. */
u64 sme_me_mask;

/* Who flushes caches for tables that are not snooped. */
static struct device iommu_device = { .numa_node = NUMA_NO_NODE };

static spinlock_t *top_lock(struct pt_iommu *iommu)
{
	return &container_of(iommu, struct generic_table, iommu)->top_lock;
}

/* A driver writes the new root to its device table and flushes that. */
static void change_top(struct pt_iommu *iommu, phys_addr_t top, unsigned int level)
{
	(void)iommu;
	(void)top;
	(void)level;
	adapter_flush_tlb();
}

static const struct pt_iommu_driver_ops driver_ops = {
	.get_top_lock = top_lock,
	.change_top = change_top,
};

void generic_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	(void)domain;
	adapter_flush_tlb();
	iommu_put_pages_list(&gather->freelist);
}

struct generic_table *generic_alloc(const struct iommu_domain_ops *ops)
{
	struct generic_table *table = kzalloc(sizeof(*table), GFP_KERNEL);

	if (!table)
		return NULL;
	spin_lock_init(&table->top_lock);
	table->domain.ops = ops;
	table->iommu.driver_ops = &driver_ops;
	table->iommu.nid = NUMA_NO_NODE;
	table->iommu.iommu_device = &iommu_device;
	return table;
}

void generic_destroy(void *handle)
{
	struct generic_table *table = domain_to_generic(handle);

	pt_iommu_deinit(&table->iommu);
	kfree(table);
}

int generic_finish(struct generic_table *table, int error, const struct baseline_config *config,
		   void **handle)
{
	if (!error && config->page_sizes) {
		table->domain.pgsize_bitmap &= config->page_sizes;
		if (!table->domain.pgsize_bitmap)
			error = -EINVAL;
	}
	if (error) {
		generic_destroy(&table->domain);
		return error;
	}
	*handle = &table->domain;
	return 0;
}

const void *generic_root_of(uintptr_t top_of_table, unsigned int *top_level)
{
	*top_level = top_of_table & PT_TOP_LEVEL_MASK;
	return (const void *)(top_of_table & ~(uintptr_t)PT_TOP_LEVEL_MASK);
}
