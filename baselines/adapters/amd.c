// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * amd.c - amd/io_pgtable.c and amd/io_pgtable_v2.c, called as amd/iommu.c does:
 * the tables live in a protection domain, the two prot bits are translated for
 * each call, and an unmapped range joins the gather as a whole. The IOMMU snoops
 * always, so there is no incoherent variant.
 */
#include "adapters/amd.h"

#include <amd/amd_iommu.h>

#include "adapters/adapter.h"
#include "adapters/dirty.h"
#include "adapters/hardware_amd.h"
#include "adapters/list.h"
#include "adapters/runs.h"

/* What the drivers take from the rest of amd/. */
u64 sme_me_mask;
int amd_iommu_gpt_level = PAGE_MODE_4_LEVEL;
unsigned long amd_iommu_pgsize_bitmap = AMD_IOMMU_PGSIZES;

void amd_iommu_update_and_flush_device_table(struct protection_domain *domain)
{
	(void)domain;
	adapter_flush_tlb();
}

#if PTBENCH_LINUX >= 6012
void amd_iommu_domain_flush_pages(struct protection_domain *domain, u64 address, size_t size)
{
	(void)domain;
	(void)address;
	(void)size;
	adapter_flush_tlb();
}

static __always_inline struct io_pgtable *amd_io_pgtable(struct protection_domain *domain)
{
	return &domain->iop.pgtbl;
}

static struct io_pgtable_cfg *amd_config(struct protection_domain *domain)
{
	return &domain->iop.pgtbl.cfg;
}

/* The driver allocates the root itself, on this node. */
static int amd_prepare(struct protection_domain *domain, enum io_pgtable_fmt format)
{
	domain->pd_mode = format == AMD_IOMMU_V1 ? PD_MODE_V1 : PD_MODE_V2;
	amd_config(domain)->amd.nid = NUMA_NO_NODE;
	return 0;
}
#else
void amd_iommu_domain_update(struct protection_domain *domain)
{
	(void)domain;
	adapter_flush_tlb();
}

void amd_iommu_domain_flush_tlb_pde(struct protection_domain *domain)
{
	(void)domain;
	adapter_flush_tlb();
}

/* Waits for the commands above. */
void amd_iommu_domain_flush_complete(struct protection_domain *domain)
{
	(void)domain;
}

int amd_iommu_flush_tlb(struct iommu_domain *domain, u32 pasid)
{
	(void)domain;
	(void)pasid;
	adapter_flush_tlb();
	return 0;
}

int amd_iommu_flush_page(struct iommu_domain *domain, u32 pasid, u64 address)
{
	(void)address;
	return amd_iommu_flush_tlb(domain, pasid);
}

int amd_iommu_domain_set_gcr3(struct iommu_domain *domain, u32 pasid, unsigned long cr3)
{
	(void)domain;
	(void)pasid;
	(void)cr3;
	return 0;
}

static __always_inline struct io_pgtable *amd_io_pgtable(struct protection_domain *domain)
{
	return &domain->iop.iop;
}

static struct io_pgtable_cfg *amd_config(struct protection_domain *domain)
{
	return &domain->iop.pgtbl_cfg;
}

/* The caller gives version 1 its root; version 2 frees its tables only with this flag. */
static int amd_prepare(struct protection_domain *domain, enum io_pgtable_fmt format)
{
	u64 *root;

	if (format == AMD_IOMMU_V2) {
		domain->flags |= PD_IOMMUV2_MASK;
		return 0;
	}
	root = (u64 *)get_zeroed_page(GFP_KERNEL);
	if (!root)
		return -ENOMEM;
	amd_iommu_domain_set_pgtable(domain, root, PAGE_MODE_3_LEVEL);
	return 0;
}
#endif

static __always_inline struct protection_domain *domain_to_amd(struct iommu_domain *domain)
{
	return container_of(domain, struct protection_domain, domain);
}

static int amd_map_pages(struct iommu_domain *domain, unsigned long iova, phys_addr_t pa,
			 size_t size, size_t count, int prot, gfp_t gfp, size_t *mapped)
{
	struct io_pgtable_ops *ops = &amd_io_pgtable(domain_to_amd(domain))->ops;
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
	struct io_pgtable_ops *ops = &amd_io_pgtable(domain_to_amd(domain))->ops;
	size_t unmapped = ops->unmap_pages(ops, iova, size, count, NULL);

	if (unmapped)
		iommu_iotlb_gather_add_range(gather, iova, unmapped);
	return unmapped;
}

static void amd_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	(void)domain;
	(void)gather;
	adapter_flush_tlb();
}

static phys_addr_t amd_domain_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	struct io_pgtable_ops *ops = &amd_io_pgtable(domain_to_amd(domain))->ops;

	return ops->iova_to_phys(ops, iova);
}

static const struct iommu_domain_ops amd_domain_ops = {
	.map_pages = amd_map_pages,
	.unmap_pages = amd_unmap_pages,
	.iotlb_sync = amd_iotlb_sync,
	.iova_to_phys = amd_domain_iova_to_phys,
};

#if PTBENCH_LINUX >= 6012
static int amd_read_and_clear_dirty(struct iommu_domain *domain, unsigned long iova, size_t size,
				    unsigned long flags, struct iommu_dirty_bitmap *dirty)
{
	struct protection_domain *amd_domain = domain_to_amd(domain);
	struct io_pgtable_ops *ops = &amd_io_pgtable(amd_domain)->ops;
	bool tracking;

	spin_lock(&amd_domain->lock);
	tracking = amd_domain->dirty_tracking;
	spin_unlock(&amd_domain->lock);
	if (!tracking)
		return -EINVAL;
	return ops->read_and_clear_dirty(ops, iova, size, flags, dirty);
}

static const struct iommu_dirty_ops amd_dirty_ops = {
	.read_and_clear_dirty = amd_read_and_clear_dirty,
};

/* Guest tables, always dirty, are not tracked. */
static void amd_track_dirty(struct protection_domain *domain, enum io_pgtable_fmt format)
{
	if (format != AMD_IOMMU_V1)
		return;
	domain->domain.dirty_ops = &amd_dirty_ops;
	domain->dirty_tracking = true;
}
#else
static void amd_track_dirty(struct protection_domain *domain, enum io_pgtable_fmt format)
{
	(void)domain;
	(void)format;
}
#endif

ADAPTER_OPERATIONS(, amd, amd_domain_ops, false, false)

static void amd_destroy(void *handle)
{
	struct protection_domain *domain = domain_to_amd(handle);

	free_io_pgtable_ops(&amd_io_pgtable(domain)->ops);
	kfree(domain);
}

static int amd_create(enum io_pgtable_fmt format, const struct baseline_config *config,
		      void **handle)
{
	struct protection_domain *domain;
	int error;

	if (config->incoherent)
		return -EOPNOTSUPP;
	domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	if (!domain)
		return -ENOMEM;
	spin_lock_init(&domain->lock);
	INIT_LIST_HEAD(&domain->dev_list);
	domain->domain.ops = &amd_domain_ops;
	error = amd_prepare(domain, format);
	if (!error && !alloc_io_pgtable_ops(format, amd_config(domain), domain))
		error = -ENOMEM;
	if (error) {
		kfree(domain);
		return error;
	}
	domain->domain.pgsize_bitmap = amd_config(domain)->pgsize_bitmap;
	if (config->page_sizes)
		domain->domain.pgsize_bitmap &= config->page_sizes;
	if (!domain->domain.pgsize_bitmap) {
		amd_destroy(&domain->domain);
		return -EINVAL;
	}
	amd_track_dirty(domain, format);
	*handle = &domain->domain;
	return 0;
}

static int amd_v1_create(const struct baseline_config *config, void **handle)
{
	return amd_create(AMD_IOMMU_V1, config, handle);
}

/* The table grows, and its root changes. */
static const void *amd_v1_root(void *handle, unsigned int *top_level)
{
	struct protection_domain *domain = domain_to_amd(handle);

	*top_level = domain->iop.mode - 1;
	return domain->iop.root;
}

DEFINE_AMD_V1_HARDWARE

static int amd_v1_set_dirty(void *handle, unsigned long long iova)
{
	unsigned int level;
	const void *root = amd_v1_root(handle, &level);

	return hardware_set_dirty(&amd_v1_hardware, root, level, iova);
}

/*
 * How many levels guest tables have is a property of the machine, a variable that
 * the driver reads again for each page. So all that live at a time have as many.
 */
static spinlock_t level_lock;
static unsigned long tables;

static int amd_v2_take_level(unsigned int level)
{
	int error = 0;

	spin_lock(&level_lock);
	if (tables && level != (unsigned int)amd_iommu_gpt_level)
		error = -EBUSY;
	else
		amd_iommu_gpt_level = level;
	tables += !error;
	spin_unlock(&level_lock);
	return error;
}

static void amd_v2_drop_level(void)
{
	spin_lock(&level_lock);
	tables--;
	spin_unlock(&level_lock);
}

int amd_v2_create(const struct baseline_config *config, void **handle)
{
	unsigned int level = config->ia_bits == 57 ? PAGE_MODE_5_LEVEL : PAGE_MODE_4_LEVEL;
	int error;

	if (config->ia_bits && config->ia_bits != 48 && config->ia_bits != 57)
		return -EINVAL;
	if (PTBENCH_LINUX < 6012 && level != PAGE_MODE_4_LEVEL)
		return -EOPNOTSUPP;
	error = amd_v2_take_level(level);
	if (error)
		return error;
	error = amd_create(AMD_IOMMU_V2, config, handle);
	if (error)
		amd_v2_drop_level();
	return error;
}

void amd_v2_destroy(void *handle)
{
	amd_destroy(handle);
	amd_v2_drop_level();
}

const void *amd_v2_root(void *handle, unsigned int *top_level)
{
	*top_level = amd_iommu_gpt_level - 1;
	return domain_to_amd(handle)->iop.pgd;
}

const struct baseline baseline_amdv1 = {
	.format = "amdv1",
	.source = "drivers/iommu/amd/io_pgtable.c",
	.version = PTBENCH_BASELINE_VERSION,
	.create = amd_v1_create,
	.destroy = amd_destroy,
	ADAPTER_USE_OPERATIONS(amd),
	.punch = amd_punch,
	.read_dirty = ADAPTER_READ_DIRTY,
	.set_dirty = amd_v1_set_dirty,
	.root = amd_v1_root,
};
