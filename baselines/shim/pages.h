/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pages.h - the kernel's memory management as far as page tables need it: pages,
 * slab caches and kmalloc, and the DMA API's cache maintenance.
 *
 * All table memory comes from memory/table_pages.h, as the engine's does.
 * A table's physical address is its virtual one, and struct page overlays the
 * allocator's descriptors, so every conversion is the arithmetic that the kernel
 * has with its direct map and its vmemmap.
 */
#ifndef PTBENCH_SHIM_PAGES_H
#define PTBENCH_SHIM_PAGES_H

#include "shim/bits.h"
#include "table_pages.h"

#define PAGE_SHIFT TABLE_PAGE_LG2
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(address) ALIGN(address, PAGE_SIZE)

#define __pa(pointer) ((unsigned long)(pointer))
#define __va(address) ((void *)(unsigned long)(address))

static __always_inline phys_addr_t virt_to_phys(const volatile void *pointer)
{
	return __pa(pointer);
}

static __always_inline void *phys_to_virt(phys_addr_t address)
{
	return __va(address);
}

/* Tables to be freed are listed through lru, in the place where the kernel has it. */
struct page {
	unsigned long flags;
	struct list_head lru;
	unsigned long mapping, index, private;
	unsigned int page_type;
	int _refcount;
	unsigned long unused;
};
static_assert(sizeof(struct page) == sizeof(struct table_page));

#define pfn_to_page(frame) ((struct page *)TABLE_DESCRIPTOR_FRAME_0 + (frame))
#define page_to_pfn(descriptor) \
	((unsigned long)((descriptor) - (struct page *)TABLE_DESCRIPTOR_FRAME_0))
#define virt_to_page(pointer) pfn_to_page(__pa(pointer) >> PAGE_SHIFT)
#define page_address(descriptor) __va(page_to_pfn(descriptor) << PAGE_SHIFT)

/* Of these only __GFP_ZERO changes what happens. */
#define __GFP_DMA 0x1u
#define __GFP_HIGHMEM 0x2u
#define __GFP_DMA32 0x4u
#define __GFP_ZERO 0x100u
#define GFP_ATOMIC 0x820u
#define GFP_KERNEL 0xcc0u
#define GFP_DMA __GFP_DMA
#define GFP_DMA32 __GFP_DMA32
#define SLAB_CACHE_DMA 0x1u
#define SLAB_CACHE_DMA32 0x2u
#define NUMA_NO_NODE (-1)

static __always_inline int get_order(unsigned long bytes)
{
	return fls64((bytes - 1) >> PAGE_SHIFT);
}

static __always_inline struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	void *table = table_alloc(PAGE_SHIFT + order, !!(gfp & __GFP_ZERO));

	return likely(table) ? virt_to_page(table) : NULL;
}

/* The node is the arena's, for all sides. */
static __always_inline struct page *alloc_pages_node(int node, gfp_t gfp, unsigned int order)
{
	(void)node;
	return alloc_pages(gfp, order);
}

static __always_inline void __free_pages(struct page *page, unsigned int order)
{
	table_free(page_address(page), PAGE_SHIFT + order);
}

static __always_inline void put_page(struct page *page)
{
	__free_pages(page, 0);
}

static __always_inline unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	return (unsigned long)table_alloc(PAGE_SHIFT + order, !!(gfp & __GFP_ZERO));
}

static __always_inline unsigned long get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

static __always_inline void free_pages(unsigned long table, unsigned int order)
{
	if (table)
		table_free((void *)table, PAGE_SHIFT + order);
}

static __always_inline void free_page(unsigned long table)
{
	free_pages(table, 0);
}

static inline void put_pages_list(struct list_head *pages)
{
	struct list_head *link = pages->next, *next;

	for (; link != pages; link = next) {
		next = link->next;
		put_page(container_of(link, struct page, lru));
	}
	pages->next = pages->prev = pages;
}

/*
 * Allocations that remember their order: one descriptor, in whose flags it is, as the kernel has it in the
 * second of a compound page.
 */
struct folio {
	struct page page;
};
typedef unsigned long pgoff_t;
#define virt_to_folio(pointer) ((struct folio *)virt_to_page(pointer))
#define folio_order(folio) ((unsigned int)(folio)->page.flags)
#define folio_nr_pages(folio) (1UL << folio_order(folio))
#define folio_address(folio) page_address(&(folio)->page)
#define numa_mem_id() 0

static __always_inline struct folio *__folio_alloc_node(gfp_t gfp, unsigned int order, int node)
{
	struct page *page = alloc_pages_node(node, gfp, order);

	if (unlikely(!page))
		return NULL;
	page->flags = order;
	return (struct folio *)page;
}

static __always_inline void folio_put(struct folio *folio)
{
	__free_pages(&folio->page, folio_order(folio));
}

/* Statistics: nothing for any side. */
#define NR_IOMMU_PAGES 0
#define NR_SECONDARY_PAGETABLE 1
#define page_pgdat(descriptor) ((void)(descriptor), 0)
#define mod_node_page_state(node, item, delta) ((void)(node), (void)(delta))
#define mod_lruvec_page_state(descriptor, item, delta) ((void)(descriptor), (void)(delta))
#define folio_pgdat(folio) ((void)(folio), 0)
#define lruvec_stat_mod_folio(folio, item, delta) ((void)(folio), (void)(delta))
#define kmemleak_ignore(pointer) ((void)(pointer))

/* What is not a table comes from the C library. */
void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void free(void *memory);

static __always_inline void *kmalloc(size_t bytes, gfp_t gfp)
{
	return gfp & __GFP_ZERO ? calloc(1, bytes) : malloc(bytes);
}

static __always_inline void *kzalloc(size_t bytes, gfp_t gfp)
{
	return kmalloc(bytes, gfp | __GFP_ZERO);
}

#define kmalloc_obj(object, ...) ((typeof(object) *)kmalloc(sizeof(object), GFP_KERNEL))
#define kzalloc_obj(object, ...) ((typeof(object) *)kzalloc(sizeof(object), GFP_KERNEL))

static __always_inline void kfree(const void *memory)
{
	free((void *)memory);
}

/* The drivers' caches hold tables: of a power of two, aligned to their size. */
struct kmem_cache {
	unsigned int object_lg2;
};

static inline struct kmem_cache *kmem_cache_create(const char *name, unsigned int bytes,
						   unsigned int align, slab_flags_t flags,
						   void (*constructor)(void *))
{
	unsigned int lg2 = fls64(bytes - 1);
	struct kmem_cache *cache;

	(void)name;
	(void)flags;
	if (!is_power_of_2(bytes) || align > bytes || lg2 < TABLE_MIN_LG2 || constructor)
		return NULL;
	cache = kmalloc(sizeof(*cache), GFP_KERNEL);
	if (cache)
		cache->object_lg2 = lg2;
	return cache;
}

static inline void kmem_cache_destroy(struct kmem_cache *cache)
{
	kfree(cache);
}

static __always_inline void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	return table_alloc(cache->object_lg2, !!(gfp & __GFP_ZERO));
}

static __always_inline void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	return kmem_cache_alloc(cache, gfp | __GFP_ZERO);
}

static __always_inline void kmem_cache_free(struct kmem_cache *cache, void *table)
{
	table_free(table, cache->object_lg2);
}

/*
 * Cache maintenance as for a device that does not snoop. The drivers come here
 * only for tables that they were told are incoherent. Mapping a table and
 * syncing it both write it back; nothing is left to do when it goes.
 */
enum dma_data_direction { DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE };
struct device;

static __always_inline void dma_sync_single_for_device(struct device *device, dma_addr_t address,
						       size_t bytes, int direction)
{
	(void)device;
	(void)direction;
	table_flush_lines(phys_to_virt(address), bytes);
}

static __always_inline dma_addr_t dma_map_single(struct device *device, void *table, size_t bytes,
						 int direction)
{
	dma_sync_single_for_device(device, virt_to_phys(table), bytes, direction);
	return virt_to_phys(table);
}

#define dma_unmap_single(device, address, bytes, direction) \
	((void)(device), (void)(address), (void)(bytes))
#define dma_mapping_error(device, address) ((void)(device), (void)(address), 0)

static __always_inline void clflush_cache_range(void *address, unsigned int bytes)
{
	table_flush_lines(address, bytes);
}

/* Memory encryption is off, but its mask is a variable, as in a distribution's kernel. */
extern u64 sme_me_mask;
#define __sme_set(address) ((address) | sme_me_mask)
#define __sme_clr(address) ((address) & ~sme_me_mask)

/*
 * The drivers' memset() is the kernel's kind, see memset.c, also where the
 * compiler makes the call out of a loop: the assembler renames both.
 */
void *memset(void *destination, int value, size_t bytes);
void *memcpy(void *destination, const void *source, size_t bytes);
asm("memset = ptbench_kernel_memset");

#define memset_after(object, value, member)                                      \
	memset((char *)(object) + offsetofend(typeof(*(object)), member), value, \
	       sizeof(*(object)) - offsetofend(typeof(*(object)), member))

/* x86-64's own, an instruction that the compiler does not make by itself. */
static __always_inline void *memset64(u64 *words, u64 value, size_t count)
{
#if defined(__x86_64__)
	u64 *end = words;

	asm volatile("rep stosq" : "+D"(end), "+c"(count) : "a"(value) : "memory");
#else
	for (size_t i = 0; i < count; i++)
		words[i] = value;
#endif
	return words;
}

#endif
