// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* io_pgtable.c - making and destroying the tables of io-pgtable drivers, see io_pgtable.h. */
#include "adapters/io_pgtable.h"

static struct device iommu_device = { .numa_node = NUMA_NO_NODE };

int io_pgtable_create(enum io_pgtable_fmt format, struct io_pgtable_cfg *config,
		      const struct iommu_domain_ops *domain_ops, void **handle)
{
	struct io_pgtable_domain *table = kzalloc(sizeof(*table), GFP_KERNEL);

	if (!table)
		return -ENOMEM;
	config->iommu_dev = &iommu_device;
	table->domain.ops = domain_ops;
	table->ops = alloc_io_pgtable_ops(format, config, table);
	if (!table->ops) {
		kfree(table);
		return -EINVAL;
	}
	/* The driver has reduced the bitmap to what it can do, perhaps to nothing. */
	table->domain.pgsize_bitmap = config->pgsize_bitmap;
	if (!table->domain.pgsize_bitmap) {
		io_pgtable_destroy(&table->domain);
		return -EINVAL;
	}
	*handle = &table->domain;
	return 0;
}

void io_pgtable_destroy(void *handle)
{
	struct io_pgtable_domain *table = domain_to_io_pgtable(handle);

	free_io_pgtable_ops(table->ops);
	kfree(table);
}

const struct io_pgtable *io_pgtable_of(void *handle)
{
	return io_pgtable_ops_to_pgtable(domain_to_ops(handle));
}
