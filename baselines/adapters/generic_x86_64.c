// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * generic_x86_64.c - the CPU's own format in the generic page table: AMD's guest tables, or with
 * BASELINE_QUIRK_FIRST_STAGE VT-d's first stage, with the features that either driver asks for.
 */
#include "adapters/generic_pt.h"
#include "adapters/list.h"

static const struct iommu_domain_ops x86_64_ops = {
	IOMMU_PT_DOMAIN_OPS(x86_64),
	.iotlb_sync = generic_iotlb_sync,
};

/* AMD's driver uses the lower half only and has no incoherent tables; VT-d's addresses are sign-extended. */
static int x86_64_create(const struct baseline_config *config, void **handle)
{
	bool first_stage = config->quirks & BASELINE_QUIRK_FIRST_STAGE;
	unsigned int bits = config->ia_bits ? config->ia_bits : 48;
	struct pt_iommu_x86_64_cfg cfg = {
		.common.features = BIT(PT_FEAT_FLUSH_RANGE),
		.common.hw_max_vasz_lg2 = first_stage ? bits : bits - 1,
		.common.hw_max_oasz_lg2 = 52,
		.top_level = bits == 57 ? 4 : 3,
	};
	struct generic_table *table;

	if (bits != 48 && bits != 57)
		return -EINVAL;
	if (config->incoherent && !first_stage)
		return -EOPNOTSUPP;
	cfg.common.features |=
		first_stage ? BIT(PT_FEAT_SIGN_EXTEND) : BIT(PT_FEAT_X86_64_AMD_ENCRYPT_TABLES);
	if (config->incoherent)
		cfg.common.features |= BIT(PT_FEAT_DMA_INCOHERENT);
	table = generic_alloc(&x86_64_ops);
	if (!table)
		return -ENOMEM;
	return generic_finish(table, pt_iommu_x86_64_init(&table->x86_64, &cfg, GFP_KERNEL), config,
			      handle);
}

ADAPTER_OPERATIONS(static, x86_64, x86_64_ops, false, true)

static const void *x86_64_root(void *handle, unsigned int *top_level)
{
	return generic_root_of(domain_to_generic(handle)->x86_64.x86_64_pt.common.top_of_table,
			       top_level);
}

const struct baseline baseline_x86_64 = {
	.format = "x86_64",
	.source = "drivers/iommu/generic_pt/fmt/iommu_x86_64.c",
	.version = PTBENCH_BASELINE_VERSION,
	.create = x86_64_create,
	.destroy = generic_destroy,
	ADAPTER_USE_OPERATIONS(x86_64),
	.punch = x86_64_punch,
	.root = x86_64_root,
	/* The note on a table's item that it was written back. */
	.own_bits = BIT_ULL(9),
};
