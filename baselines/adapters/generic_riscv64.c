// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* generic_riscv64.c - RISC-V's Sv39, Sv48 and Sv57 in the generic page table, as riscv/iommu.c uses them. */
#include "adapters/generic_pt.h"
#include "adapters/list.h"

static const struct iommu_domain_ops riscv64_ops = {
	IOMMU_PT_DOMAIN_OPS(riscv_64),
	.iotlb_sync = generic_iotlb_sync,
};

/*
 * Hardware always snoops. Svnapot's leaves of 64K, which riscv/iommu.c has on where the CPU does, are on with
 * BASELINE_QUIRK_CONTIGUOUS. Svpbmt is not asked for: 7.3's format does not list it as supported.
 */
static int riscv64_create(const struct baseline_config *config, void **handle)
{
	unsigned int bits = config->ia_bits ? config->ia_bits : 48;
	struct pt_iommu_riscv_64_cfg cfg = {
		.common.features = BIT(PT_FEAT_SIGN_EXTEND) | BIT(PT_FEAT_FLUSH_RANGE),
		.common.hw_max_vasz_lg2 = bits,
		.common.hw_max_oasz_lg2 = 56,
	};
	struct generic_table *table;

	if (config->incoherent)
		return -EOPNOTSUPP;
	if (bits != 39 && bits != 48 && bits != 57)
		return -EINVAL;
	if (config->quirks & BASELINE_QUIRK_CONTIGUOUS)
		cfg.common.features |= BIT(PT_FEAT_RISCV_SVNAPOT_64K);
#ifdef PTBENCH_HAVE_DETAILED_GATHER
	cfg.common.features |= BIT(PT_FEAT_DETAILED_GATHER);
#endif
	table = generic_alloc(&riscv64_ops);
	if (!table)
		return -ENOMEM;
	return generic_finish(table, pt_iommu_riscv_64_init(&table->riscv64, &cfg, GFP_KERNEL),
			      config, handle);
}

ADAPTER_OPERATIONS(static, riscv64, riscv64_ops, false, true)

static const void *riscv64_root(void *handle, unsigned int *top_level)
{
	return generic_root_of(domain_to_generic(handle)->riscv64.riscv_64pt.common.top_of_table,
			       top_level);
}

const struct baseline baseline_riscv64 = {
	.format = "riscv64",
	.source = "drivers/iommu/generic_pt/fmt/iommu_riscv64.c",
	.version = PTBENCH_BASELINE_VERSION,
	.create = riscv64_create,
	.destroy = generic_destroy,
	ADAPTER_USE_OPERATIONS(riscv64),
	.punch = riscv64_punch,
	.root = riscv64_root,
};
