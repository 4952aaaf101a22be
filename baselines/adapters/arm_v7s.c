// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* arm_v7s.c - io-pgtable-arm-v7s.c: the ARMv7 short descriptors, with MediaTek's extensions. */
#include "adapters/list.h"
#include "adapters/smmu.h"

static int armv7s_create(const struct baseline_config *config, void **handle)
{
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap = SZ_4K | SZ_64K | SZ_1M | SZ_16M,
		.ias = config->ia_bits ? config->ia_bits : 32,
		.oas = config->oa_bits ? config->oa_bits : 32,
		.coherent_walk = !config->incoherent,
		.tlb = &smmu_flush_ops,
	};

	if (config->page_sizes)
		cfg.pgsize_bitmap &= config->page_sizes;
	if (config->quirks & BASELINE_QUIRK_NON_SECURE)
		cfg.quirks |= IO_PGTABLE_QUIRK_ARM_NS;
	if (config->quirks & BASELINE_QUIRK_NO_PERMS)
		cfg.quirks |= IO_PGTABLE_QUIRK_NO_PERMS;
	if (config->quirks & BASELINE_QUIRK_MTK_EXT)
		cfg.quirks |= IO_PGTABLE_QUIRK_ARM_MTK_EXT;
	if (config->quirks & BASELINE_QUIRK_MTK_TTBR_EXT)
		cfg.quirks |= IO_PGTABLE_QUIRK_ARM_MTK_TTBR_EXT;
	return io_pgtable_create(ARM_V7S, &cfg, &smmu_domain_ops, handle);
}

/* TTBR's low bits are attributes, or with MTK_TTBR_EXT address bits that the arena never has. */
static const void *armv7s_root(void *handle, unsigned int *top_level)
{
	*top_level = 1;
	return phys_to_virt(io_pgtable_of(handle)->cfg.arm_v7s_cfg.ttbr & PAGE_MASK);
}

const struct baseline baseline_armv7s = {
	.format = "armv7s",
	.source = "drivers/iommu/io-pgtable-arm-v7s.c",
	.version = PTBENCH_BASELINE_VERSION,
	.create = armv7s_create,
	.destroy = io_pgtable_destroy,
	ADAPTER_USE_OPERATIONS(smmu),
	/*
	 * No smmu_punch(): this driver splits a section without its physical base, so that the rest
	 * maps memory from address 0 on. Its users are safe only with the whole of it mapped again.
	 */
	.punch = smmu_punch_whole,
	.root = armv7s_root,
};
