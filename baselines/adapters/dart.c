// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dart.c - io-pgtable-dart.c: Apple's DART, both layouts. Its caller, apple-dart,
 * gathers no addresses: every map and every unmap flushes the whole TLB once.
 */
#include "adapters/io_pgtable.h"
#include "adapters/list.h"

static void dart_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	(void)domain;
	(void)gather;
	adapter_flush_tlb();
}

static const struct iommu_domain_ops dart_domain_ops = {
	.map_pages = io_pgtable_map_pages,
	.unmap_pages = io_pgtable_unmap_pages,
	.iotlb_sync_map = adapter_flush_map,
	.iotlb_sync = dart_iotlb_sync,
	.iova_to_phys = io_pgtable_iova_to_phys,
};

/* One page size only: 16K where it may be, else 4K, whose four root tables reach 32 bits. */
static int dart_create(enum io_pgtable_fmt format, unsigned int oa_bits,
		       const struct baseline_config *config, void **handle)
{
	unsigned long long sizes = config->page_sizes ? config->page_sizes : SZ_16K;
	unsigned int ia_bits = sizes & SZ_16K ? 36 : 32;
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap = sizes & SZ_16K ? SZ_16K : SZ_4K,
		.ias = config->ia_bits ? config->ia_bits : ia_bits,
		.oas = config->oa_bits ? config->oa_bits : oa_bits,
		.coherent_walk = !config->incoherent,
	};

	if (!(sizes & (SZ_4K | SZ_16K)))
		return -EINVAL;
	return io_pgtable_create(format, &cfg, &dart_domain_ops, handle);
}

static int dart_v1_create(const struct baseline_config *config, void **handle)
{
	return dart_create(APPLE_DART, 36, config, handle);
}

static int dart_v2_create(const struct baseline_config *config, void **handle)
{
	return dart_create(APPLE_DART2, 42, config, handle);
}

ADAPTER_OPERATIONS(static, dart, dart_domain_ops, false, false)

/*
 * The first root. The driver allocates up to four one by one and hardware takes
 * each from a register of its own, so the others are not found from here: compare
 * only what lies in the first (IA below 36 bits with 16K pages, 30 with 4K).
 */
static const void *dart_root(void *handle, unsigned int *top_level)
{
	*top_level = 1;
	return phys_to_virt(io_pgtable_of(handle)->cfg.apple_dart_cfg.ttbr[0]);
}

#define DART_BASELINE(name)                                  \
	const struct baseline baseline_##name = {            \
		.format = #name,                             \
		.source = "drivers/iommu/io-pgtable-dart.c", \
		.version = PTBENCH_BASELINE_VERSION,         \
		.create = name##_create,                     \
		.destroy = io_pgtable_destroy,               \
		ADAPTER_USE_OPERATIONS(dart),                \
		.punch = dart_punch,                         \
		.root = dart_root,                           \
	};

DART_BASELINE(dart_v1)
DART_BASELINE(dart_v2)
