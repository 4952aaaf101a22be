// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* generic_vtdss.c - VT-d's second stage in the generic page table, with the features that intel/iommu.c asks for. */
#include "adapters/generic_pt.h"
#include "adapters/hardware_vtd.h"
#include "adapters/list.h"

static const struct iommu_domain_ops vtdss_ops = {
	IOMMU_PT_DOMAIN_OPS(vtdss),
	.iotlb_sync = generic_iotlb_sync,
};

static const struct iommu_dirty_ops vtdss_dirty_ops = {
	IOMMU_PT_DIRTY_OPS(vtdss),
};

static int vtdss_create(const struct baseline_config *config, void **handle)
{
	unsigned int bits = config->ia_bits ? config->ia_bits : 48;
	struct pt_iommu_vtdss_cfg cfg = {
		.common.features = BIT(PT_FEAT_FLUSH_RANGE),
		.common.hw_max_vasz_lg2 = bits,
		.common.hw_max_oasz_lg2 = 52,
		.top_level = bits == 57	  ? 4
			     : bits == 48 ? 3
					  : 2,
	};
	struct generic_table *table;

	if (bits != 39 && bits != 48 && bits != 57)
		return -EINVAL;
	if (config->quirks & BASELINE_QUIRK_FORCE_SNOOP)
		cfg.common.features |= BIT(PT_FEAT_VTDSS_FORCE_COHERENCE);
	if (config->incoherent)
		cfg.common.features |= BIT(PT_FEAT_DMA_INCOHERENT);
	table = generic_alloc(&vtdss_ops);
	if (!table)
		return -ENOMEM;
	table->domain.dirty_ops = &vtdss_dirty_ops;
	return generic_finish(table, pt_iommu_vtdss_init(&table->vtdss, &cfg, GFP_KERNEL), config,
			      handle);
}

ADAPTER_OPERATIONS(static, vtdss, vtdss_ops, false, true)

static const void *vtdss_root(void *handle, unsigned int *top_level)
{
	return generic_root_of(domain_to_generic(handle)->vtdss.vtdss_pt.common.top_of_table,
			       top_level);
}

DEFINE_VTDSS_HARDWARE

static int vtdss_set_dirty(void *handle, unsigned long long iova)
{
	unsigned int level;
	const void *root = vtdss_root(handle, &level);

	return hardware_set_dirty(&vtdss_hardware, root, level, iova);
}

const struct baseline baseline_vtdss = {
	.format = "vtdss",
	.source = "drivers/iommu/generic_pt/fmt/iommu_vtdss.c",
	.version = PTBENCH_BASELINE_VERSION,
	.create = vtdss_create,
	.destroy = generic_destroy,
	ADAPTER_USE_OPERATIONS(vtdss),
	.punch = vtdss_punch,
	.read_dirty = ADAPTER_READ_DIRTY,
	.set_dirty = vtdss_set_dirty,
	.root = vtdss_root,
	/* The note on a table's item that it was written back. */
	.own_bits = BIT_ULL(10),
};
