// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* generic_amdv1.c - AMD's host tables in the generic page table, with the features that amd/iommu.c asks for. */
#include "adapters/generic_pt.h"
#include "adapters/hardware_amd.h"
#include "adapters/list.h"

static const struct iommu_domain_ops amdv1_ops = {
	IOMMU_PT_DOMAIN_OPS(amdv1),
	.iotlb_sync = generic_iotlb_sync,
};

static const struct iommu_dirty_ops amdv1_dirty_ops = {
	IOMMU_PT_DIRTY_OPS(amdv1),
};

/* Hardware always snoops; the table grows from three levels. */
static int amdv1_create(const struct baseline_config *config, void **handle)
{
	struct pt_iommu_amdv1_cfg cfg = {
		.common.features = BIT(PT_FEAT_DYNAMIC_TOP) | BIT(PT_FEAT_AMDV1_ENCRYPT_TABLES) |
				   BIT(PT_FEAT_AMDV1_FORCE_COHERENCE) | BIT(PT_FEAT_FLUSH_RANGE),
		.common.hw_max_vasz_lg2 = 64,
		.common.hw_max_oasz_lg2 = 52,
		.starting_level = 2,
	};
	struct generic_table *table;

	if (config->incoherent)
		return -EOPNOTSUPP;
	table = generic_alloc(&amdv1_ops);
	if (!table)
		return -ENOMEM;
	table->domain.dirty_ops = &amdv1_dirty_ops;
	return generic_finish(table, pt_iommu_amdv1_init(&table->amdv1, &cfg, GFP_KERNEL), config,
			      handle);
}

ADAPTER_OPERATIONS(static, amdv1, amdv1_ops, false, true)

static const void *amdv1_root(void *handle, unsigned int *top_level)
{
	return generic_root_of(domain_to_generic(handle)->amdv1.amdpt.common.top_of_table,
			       top_level);
}

DEFINE_AMD_V1_HARDWARE

static int amdv1_set_dirty(void *handle, unsigned long long iova)
{
	unsigned int level;
	const void *root = amdv1_root(handle, &level);

	return hardware_set_dirty(&amd_v1_hardware, root, level, iova);
}

const struct baseline baseline_amdv1 = {
	.format = "amdv1",
	.source = "drivers/iommu/generic_pt/fmt/iommu_amdv1.c",
	.version = PTBENCH_BASELINE_VERSION,
	.create = amdv1_create,
	.destroy = generic_destroy,
	ADAPTER_USE_OPERATIONS(amdv1),
	.punch = amdv1_punch,
	.read_dirty = ADAPTER_READ_DIRTY,
	.set_dirty = amdv1_set_dirty,
	.root = amdv1_root,
};
