// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* engine.c - the engine as a subject: called directly, and as the operations of a struct iommu_domain. */
#include <linux/bitmap.h>
#include <linux/iommu.h>
#include <linux/slab.h>

#include "pagetable.h"
#include "subjects.h"

static_assert(PT_READ == IOMMU_READ && PT_WRITE == IOMMU_WRITE && PT_CACHE == IOMMU_CACHE);

/* Pages of a window whose translations were flushed. */
#define WINDOW_PAGES (1UL << 15)
static DECLARE_BITMAP(flushed, WINDOW_PAGES);
static u64 window_base;
static unsigned long window_pages;

void inside_flushed_clear(u64 base, unsigned long pages)
{
	window_base = base;
	window_pages = min(pages, WINDOW_PAGES);
	bitmap_zero(flushed, WINDOW_PAGES);
}

bool inside_flushed(u64 iova)
{
	u64 page = (iova - window_base) >> PAGE_SHIFT;

	return page >= window_pages || test_bit(page, flushed);
}

static void note_flush(void *context, uint64_t start, uint64_t last, bool tables)
{
	u64 first = max(start, window_base), end = window_base + ((u64)window_pages << PAGE_SHIFT);

	if (!window_pages || start >= end || last < window_base || inside_planted("flush"))
		return;
	last = min(last, end - 1);
	bitmap_set(flushed, (first - window_base) >> PAGE_SHIFT,
		   (last >> PAGE_SHIFT) - (first >> PAGE_SHIFT) + 1);
}

static void *create(const struct inside_subject *subject)
{
	struct pt_config config = { .flush = note_flush };
	struct pagetable *table;

	return subject->format->create(&config, &table) ? NULL : table;
}

static void destroy(void *handle)
{
	struct pagetable *table = handle;

	table->ops->destroy(table);
}

static int map(void *handle, u64 iova, u64 oa, u64 length, int prot)
{
	struct pagetable *table = handle;

	return table->ops->map(table, iova, oa, length, prot);
}

static u64 unmap(void *handle, u64 iova, u64 length)
{
	struct pagetable *table = handle;
	struct pt_gather gather = PT_GATHER_INIT;
	u64 bytes = table->ops->unmap(table, iova, length, &gather);

	pt_sync(table, &gather);
	return bytes;
}

static u64 iova_to_phys(void *handle, u64 iova)
{
	struct pagetable *table = handle;
	u64 oa = table->ops->iova_to_phys(table, iova);

	return oa == PT_NOT_MAPPED ? 0 : oa;
}

static const void *root(void *handle, unsigned int *top_level)
{
	return pt_root(handle, top_level);
}

/* Behind the core. */
struct engine_domain {
	struct iommu_domain domain;
	struct pagetable *table;
	struct pt_gather gather;
};

static struct engine_domain *own_of(struct iommu_domain *domain)
{
	return container_of(domain, struct engine_domain, domain);
}

static int domain_map_pages(struct iommu_domain *domain, unsigned long iova, phys_addr_t pa,
			    size_t size, size_t count, int prot, gfp_t gfp, size_t *mapped)
{
	int error = map(own_of(domain)->table, iova, pa, size * count, prot);

	if (!error)
		*mapped = size * count;
	return error;
}

static size_t domain_unmap_pages(struct iommu_domain *domain, unsigned long iova, size_t size,
				 size_t count, struct iommu_iotlb_gather *gather)
{
	struct engine_domain *own = own_of(domain);

	return own->table->ops->unmap(own->table, iova, size * count, &own->gather);
}

static void domain_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	pt_sync(own_of(domain)->table, &own_of(domain)->gather);
}

static phys_addr_t domain_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	return iova_to_phys(own_of(domain)->table, iova);
}

static const struct iommu_domain_ops domain_ops = {
	.map_pages = domain_map_pages,
	.unmap_pages = domain_unmap_pages,
	.iotlb_sync = domain_sync,
	.iova_to_phys = domain_iova_to_phys,
};

static void *core_create(const struct inside_subject *subject)
{
	struct engine_domain *own = kzalloc(sizeof(*own), GFP_KERNEL);

	if (!own)
		return NULL;
	own->table = create(subject);
	if (!own->table) {
		kfree(own);
		return NULL;
	}
	own->domain.type = IOMMU_DOMAIN_UNMANAGED;
	own->domain.ops = &domain_ops;
	own->domain.pgsize_bitmap = subject->format->page_sizes;
	own->gather = PT_GATHER_INIT;
	return own;
}

static void core_destroy(void *handle)
{
	struct engine_domain *own = handle;

	destroy(own->table);
	kfree(own);
}

static int core_map(void *handle, u64 iova, u64 oa, u64 length, int prot)
{
	return iommu_map(handle, iova, oa, length, prot, GFP_ATOMIC);
}

static u64 core_unmap(void *handle, u64 iova, u64 length)
{
	return iommu_unmap(handle, iova, length);
}

static u64 core_iova_to_phys(void *handle, u64 iova)
{
	return iommu_iova_to_phys(handle, iova);
}

static const void *core_root(void *handle, unsigned int *top_level)
{
	return pt_root(((struct engine_domain *)handle)->table, top_level);
}

unsigned int inside_engine_subjects(const struct inside_format *format, struct inside_subject *list)
{
	const struct inside_subject direct = { .create = create,
					       .destroy = destroy,
					       .map = map,
					       .unmap = unmap,
					       .iova_to_phys = iova_to_phys,
					       .root = root };
	const struct inside_subject core = { .create = core_create,
					     .destroy = core_destroy,
					     .map = core_map,
					     .unmap = core_unmap,
					     .iova_to_phys = core_iova_to_phys,
					     .root = core_root };

	list[0] = direct;
	list[0].name = "inline";
	list[0].format = format->inlined;
	list[1] = direct;
	list[1].name = "recursive";
	list[1].format = format->recursive;
	list[2] = core;
	list[2].name = "inline+core";
	list[2].format = format->inlined;
	list[3] = core;
	list[3].name = "recursive+core";
	list[3].format = format->recursive;
	return 4;
}
