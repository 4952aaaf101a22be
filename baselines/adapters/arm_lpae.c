// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * arm_lpae.c - io-pgtable-arm.c: VMSAv8-64 of every granule and stage, 32-bit
 * LPAE, and Mali's variant of it, which has a caller of its own.
 */
#include "adapters/dirty.h"
#include "adapters/hardware.h"
#include "adapters/list.h"
#include "adapters/smmu.h"

#define SIZES_4K (SZ_4K | SZ_2M | SZ_1G)
#define SIZES_16K (SZ_16K | SZ_32M)
/* The largest is for output addresses beyond 48 bits; the driver takes it away otherwise. */
#define SIZES_64K (SZ_64K | SZ_512M | (1UL << 42))

struct lpae_format {
	enum io_pgtable_fmt format;
	unsigned long page_sizes;
	unsigned int ia_bits, oa_bits;
	const struct iommu_flush_ops *flush_ops;
	const struct iommu_domain_ops *domain_ops;
};

#if PTBENCH_LINUX >= 6012
static int lpae_read_and_clear_dirty(struct iommu_domain *domain, unsigned long iova, size_t size,
				     unsigned long flags, struct iommu_dirty_bitmap *dirty)
{
	struct io_pgtable_ops *ops = domain_to_ops(domain);

	return ops->read_and_clear_dirty(ops, iova, size, flags, dirty);
}

static const struct iommu_dirty_ops lpae_dirty_ops = {
	.read_and_clear_dirty = lpae_read_and_clear_dirty,
};

/* As arm-smmu-v3: only of tables that hardware was told to mark. */
static void lpae_track_dirty(struct iommu_domain *domain, const struct io_pgtable_cfg *cfg)
{
	if (cfg->quirks & IO_PGTABLE_QUIRK_ARM_HD)
		domain->dirty_ops = &lpae_dirty_ops;
}
#else
static void lpae_track_dirty(struct iommu_domain *domain, const struct io_pgtable_cfg *cfg)
{
	(void)domain;
	(void)cfg;
}
#endif

static int lpae_create(const struct lpae_format *format, const struct baseline_config *config,
		       void **handle)
{
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap = format->page_sizes,
		.ias = config->ia_bits ? config->ia_bits : format->ia_bits,
		.oas = config->oa_bits ? config->oa_bits : format->oa_bits,
		.coherent_walk = !config->incoherent,
		.tlb = format->flush_ops,
	};
	int error;

	if (config->page_sizes)
		cfg.pgsize_bitmap &= config->page_sizes;
	if (config->quirks & BASELINE_QUIRK_NON_SECURE)
		cfg.quirks |= IO_PGTABLE_QUIRK_ARM_NS;
	if (config->quirks & BASELINE_QUIRK_TTBR1)
		cfg.quirks |= IO_PGTABLE_QUIRK_ARM_TTBR1;
	if (config->quirks & BASELINE_QUIRK_HARDWARE_DIRTY) {
#if PTBENCH_LINUX >= 6012
		cfg.quirks |= IO_PGTABLE_QUIRK_ARM_HD;
#else
		return -EOPNOTSUPP;
#endif
	}
	error = io_pgtable_create(format->format, &cfg, format->domain_ops, handle);
	if (!error)
		lpae_track_dirty(*handle, &cfg);
	return error;
}

/* ARM counts levels from the root, level 3 being the one of leaves only. */
static const void *lpae_root(void *handle, unsigned int *top_level)
{
	const struct io_pgtable *table = io_pgtable_of(handle);
	const struct io_pgtable_cfg *cfg = &table->cfg;
	unsigned int granule_lg2 = __ffs(cfg->pgsize_bitmap);
	unsigned int start;

	switch (table->fmt) {
	case ARM_MALI_LPAE:
		*top_level = 3;
		return phys_to_virt(cfg->arm_mali_lpae_cfg.transtab & PAGE_MASK);
	case ARM_32_LPAE_S2:
	case ARM_64_LPAE_S2:
		/* Concatenation may start a level lower; VTCR.SL0 says which. */
		start = ~cfg->arm_lpae_s2_cfg.vtcr.sl & 3;
		if (granule_lg2 == PAGE_SHIFT)
			start--;
		*top_level = 3 - start;
		return phys_to_virt(cfg->arm_lpae_s2_cfg.vttbr);
	default:
		*top_level = DIV_ROUND_UP(cfg->ias - granule_lg2, granule_lg2 - 3) - 1;
		return phys_to_virt(cfg->arm_lpae_s1_cfg.ttbr);
	}
}

/* Type 3 is a table, type 1 a block. */
static bool lpae_is_table(u64 item)
{
	return (item & 3) == 3;
}

/*
 * Arm Architecture Reference Manual, hardware management of dirty state: where DBM
 * (51) is set, AP[2] (7) says clean instead of read-only. No table of the arena is
 * so far up that its address would need the bits below the granule's.
 */
static int lpae_set_dirty(void *handle, unsigned long long iova)
{
	const struct io_pgtable_cfg *cfg = &io_pgtable_of(handle)->cfg;
	unsigned int granule_lg2 = __ffs(cfg->pgsize_bitmap), level;
	const struct hardware_format hardware = {
		.granule_lg2 = granule_lg2,
		.index_bits = granule_lg2 - 3,
		.present = BIT_ULL(0),
		.table_address = GENMASK_ULL(47, granule_lg2),
		.is_table = lpae_is_table,
		.writable = BIT_ULL(51),
		.mark_clear = BIT_ULL(7),
	};
	const void *root = lpae_root(handle, &level);

	if (iova >> cfg->ias)
		return -ENOENT;
	return hardware_set_dirty(&hardware, root, level, iova);
}

#define LPAE_CREATE(name, ...)                                                        \
	static int create_##name(const struct baseline_config *config, void **handle) \
	{                                                                             \
		static const struct lpae_format format = { __VA_ARGS__ };             \
                                                                                      \
		return lpae_create(&format, config, handle);                          \
	}

#define LPAE_BASELINE(name, io_pgtable_format, sizes, ia, oa, read, set)                       \
	LPAE_CREATE(name, io_pgtable_format, sizes, ia, oa, &smmu_flush_ops, &smmu_domain_ops) \
	const struct baseline baseline_##name = {                                              \
		.format = #name,                                                               \
		.source = "drivers/iommu/io-pgtable-arm.c",                                    \
		.version = PTBENCH_BASELINE_VERSION,                                           \
		.create = create_##name,                                                       \
		.destroy = io_pgtable_destroy,                                                 \
		ADAPTER_USE_OPERATIONS(smmu),                                                  \
		.punch = smmu_punch,                                                           \
		.read_dirty = read,                                                            \
		.set_dirty = set,                                                              \
		.root = lpae_root,                                                             \
	};

/* The driver knows dirty marks in the 64-bit stage 1 only. */
LPAE_BASELINE(armv8_4k_s1, ARM_64_LPAE_S1, SIZES_4K, 48, 48, ADAPTER_READ_DIRTY, lpae_set_dirty)
LPAE_BASELINE(armv8_16k_s1, ARM_64_LPAE_S1, SIZES_16K, 48, 48, ADAPTER_READ_DIRTY, lpae_set_dirty)
LPAE_BASELINE(armv8_64k_s1, ARM_64_LPAE_S1, SIZES_64K, 48, 48, ADAPTER_READ_DIRTY, lpae_set_dirty)
LPAE_BASELINE(armv8_4k_s2, ARM_64_LPAE_S2, SIZES_4K, 48, 48, NULL, NULL)
LPAE_BASELINE(armv8_16k_s2, ARM_64_LPAE_S2, SIZES_16K, 48, 48, NULL, NULL)
LPAE_BASELINE(armv8_64k_s2, ARM_64_LPAE_S2, SIZES_64K, 48, 48, NULL, NULL)
LPAE_BASELINE(arm_lpae32_s1, ARM_32_LPAE_S1, SIZES_4K, 32, 40, NULL, NULL)
LPAE_BASELINE(arm_lpae32_s2, ARM_32_LPAE_S2, SIZES_4K, 40, 40, NULL, NULL)

/*
 * Mali's caller, panfrost, uses no gather: after each map and each unmap it tells
 * the GPU's MMU once which range has changed.
 */
static size_t mali_unmap_pages(struct iommu_domain *domain, unsigned long iova, size_t size,
			       size_t count, struct iommu_iotlb_gather *gather)
{
	(void)gather;
	return io_pgtable_unmap_pages(domain, iova, size, count, NULL);
}

static void mali_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	(void)domain;
	(void)gather;
	adapter_flush_tlb();
}

static const struct iommu_domain_ops mali_domain_ops = {
	.map_pages = io_pgtable_map_pages,
	.unmap_pages = mali_unmap_pages,
	.iotlb_sync_map = adapter_flush_map,
	.iotlb_sync = mali_iotlb_sync,
	.iova_to_phys = io_pgtable_iova_to_phys,
};

ADAPTER_OPERATIONS(static, mali, mali_domain_ops, LPAE_SPLITS, false)

LPAE_CREATE(arm_mali_lpae, ARM_MALI_LPAE, SIZES_4K, 48, 40, NULL, &mali_domain_ops)
const struct baseline baseline_arm_mali_lpae = {
	.format = "arm_mali_lpae",
	.source = "drivers/iommu/io-pgtable-arm.c",
	.version = PTBENCH_BASELINE_VERSION,
	.create = create_arm_mali_lpae,
	.destroy = io_pgtable_destroy,
	ADAPTER_USE_OPERATIONS(mali),
	.punch = mali_punch,
	.root = lpae_root,
};
