/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * adapter.h - what stands between a caller and a driver in the kernel: the core's
 * choice of page sizes, its loops over partial progress, the gather. The drivers'
 * kernel documentation and the behaviour of iommu_map(), iommu_unmap() and the
 * DMA API's flush queue are the authority.
 *
 * An adapter gives its domain operations as a constant, so that the loops become
 * code of its own: one call through a pointer reaches the adapter, one more the
 * driver, as from the driver's nearest caller in the kernel.
 */
#ifndef PTBENCH_ADAPTER_H
#define PTBENCH_ADAPTER_H

#include <linux/iommu.h>
#include <linux/sizes.h>

#include "baseline.h"
#ifdef CONFIG_IOMMU_PT
#include <linux/generic_pt/iommu.h>
#endif
#if PTBENCH_LINUX >= 6016
#include <iommu-pages.h>
#endif

/* How a map may allocate; in a kernel other contexts than that of user space ask for others. */
#ifndef ADAPTER_GFP
#define ADAPTER_GFP GFP_KERNEL
#endif

static_assert(BASELINE_READ == IOMMU_READ && BASELINE_WRITE == IOMMU_WRITE);
static_assert(BASELINE_CACHE == IOMMU_CACHE && BASELINE_NOEXEC == IOMMU_NOEXEC);
static_assert(BASELINE_MMIO == IOMMU_MMIO && BASELINE_PRIV == IOMMU_PRIV);

/* Where a driver's caller would write an invalidation command: counts, and does nothing else. */
void adapter_flush_tlb(void);

/* For iotlb_sync_map, where a caller flushes after each map: one command. */
#if PTBENCH_LINUX >= 6007
int adapter_flush_map(struct iommu_domain *domain, unsigned long iova, size_t size);
#else
void adapter_flush_map(struct iommu_domain *domain, unsigned long iova, size_t size);
#endif

/*
 * The largest page of @sizes that fits @iova, @pa and @length, and how many of
 * them to ask for: up to the next place where a larger page fits and pays.
 */
static __always_inline size_t adapter_page_size(unsigned long sizes, unsigned long iova,
						phys_addr_t pa, size_t length, size_t *count)
{
	unsigned long alignment = iova | pa;
	unsigned long usable = sizes & GENMASK(__fls(length), 0);
	unsigned long larger;
	unsigned int lg2;

	if (likely(alignment))
		usable &= GENMASK(__ffs(alignment), 0);
	lg2 = __fls(usable);
	larger = sizes & ~GENMASK(lg2, 0);
	if (larger) {
		size_t next = 1UL << __ffs(larger);
		size_t to_boundary = next - (iova & (next - 1));

		/* A larger page helps only if both addresses meet its boundary together. */
		if (!((iova ^ pa) & (next - 1)) && length >= next && length - next >= to_boundary)
			length = to_boundary;
	}
	*count = length >> lg2;
	return 1UL << lg2;
}

/* A domain of the generic page table has no functions for page sizes; the compiler knows which are there. */
#ifdef CONFIG_IOMMU_PT
#define adapter_is_generic(ops) (!(ops)->map_pages)
#else
#define adapter_is_generic(ops) false
#endif

static __always_inline bool adapter_aligned(const struct iommu_domain *domain,
					    unsigned long addresses)
{
	return IS_ALIGNED(addresses, 1UL << __ffs(domain->pgsize_bitmap));
}

/*
 * As iommu_unmap(), or with @lazy as the DMA API with a flush queue: the driver
 * is told that no sync will follow, and what the gather holds is freed, which the
 * queue does later. The generic page table takes the range as it is.
 */
static __always_inline size_t adapter_unmap(const struct iommu_domain_ops *ops,
					    struct iommu_domain *domain, unsigned long iova,
					    size_t length, bool lazy)
{
	struct iommu_iotlb_gather gather;
	size_t unmapped = 0;

	if (!adapter_is_generic(ops) && unlikely(!adapter_aligned(domain, iova | length)))
		return 0;
	iommu_iotlb_gather_init(&gather);
	gather.queued = lazy;
#ifdef CONFIG_IOMMU_PT
	struct pt_iommu *pt = iommupt_from_domain(domain);

	if (pt)
		unmapped = pt->ops->unmap_range(pt, iova, length, &gather);
	else if (!adapter_is_generic(ops))
#endif
		while (unmapped < length) {
			size_t count, step, size;

			size = adapter_page_size(domain->pgsize_bitmap, iova, iova,
						 length - unmapped, &count);
			step = ops->unmap_pages(domain, iova, size, count, &gather);
			if (!step)
				break;
			iova += step;
			unmapped += step;
		}
	if (!lazy)
		ops->iotlb_sync(domain, &gather);
#if PTBENCH_LINUX >= 6016
	/* A driver that gathers tables has freed them in its sync, and left the list as it was. */
	if (lazy && unlikely(!iommu_pages_list_empty(&gather.freelist)))
		iommu_put_pages_list(&gather.freelist);
#else
	if (unlikely(!list_empty(&gather.freelist)))
		put_pages_list(&gather.freelist);
#endif
	return unmapped;
}

static noinline __cold __maybe_unused void adapter_undo_map(const struct iommu_domain_ops *ops,
							    struct iommu_domain *domain,
							    unsigned long iova, size_t length)
{
	adapter_unmap(ops, domain, iova, length, false);
}

/* As __iommu_map(), since 6.19 iommu_map_nosync(): what a driver had mapped when it failed, and said so, is unmapped. */
static __always_inline int adapter_map_range(const struct iommu_domain_ops *ops,
					     struct iommu_domain *domain, unsigned long iova,
					     phys_addr_t pa, size_t length, int prot)
{
	unsigned long start = iova;
	size_t left = length;

#ifdef CONFIG_IOMMU_PT
	struct pt_iommu *pt = iommupt_from_domain(domain);

	if (pt) {
		size_t mapped = 0;
		int error = pt->ops->map_range(pt, iova, pa, length, prot, ADAPTER_GFP, &mapped);

		if (unlikely(error))
			adapter_undo_map(ops, domain, iova, mapped);
		return error;
	}
	if (adapter_is_generic(ops))
		return -ENODEV;
#endif
	if (unlikely(!adapter_aligned(domain, iova | pa | length)))
		return -EINVAL;
	while (left) {
		size_t count, size, mapped = 0;
		int error;

		size = adapter_page_size(domain->pgsize_bitmap, iova, pa, left, &count);
		error = ops->map_pages(domain, iova, pa, size, count, prot, ADAPTER_GFP, &mapped);
		left -= mapped;
		if (unlikely(error)) {
			adapter_undo_map(ops, domain, start, length - left);
			return error;
		}
		iova += mapped;
		pa += mapped;
	}
	return 0;
}

/* As iommu_map(). */
static __always_inline int adapter_map(const struct iommu_domain_ops *ops,
				       struct iommu_domain *domain, unsigned long iova,
				       phys_addr_t pa, size_t length, int prot)
{
	int error = adapter_map_range(ops, domain, iova, pa, length, prot);

	if (!error && ops->iotlb_sync_map)
		ops->iotlb_sync_map(domain, iova, length);
	return error;
}

#endif
