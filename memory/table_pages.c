// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_pages.c - the allocator of table memory, see table_pages.h.
 *
 * A thread takes 2 MiB chunks from the arena and cuts them into tables of one
 * size; freed tables go to the thread's list of that size. A list that grows
 * long hands a batch to a depot that all threads share, because tables are often
 * freed by another thread than the one that took them (an RCU callback). Links
 * live in descriptors, never in the tables: a freed table stays untouched until
 * it is handed out again, and sanitizers can forbid every access to it.
 */
#define _GNU_SOURCE
#include "table_pages.h"
#include "kernel_like.h"
#include "under_valgrind.h"

#include <errno.h>
#include <hwloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes) ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes) ((void)0)
#endif

/* Valgrind itself lies at 0x58000000: under it, the arena is what follows. */
#define VALGRIND_ARENA_START 0x60000000UL

#define CHUNK_BYTES (2UL << 20)
#define SIZES (TABLE_MAX_LG2 + 1)
#define BATCH_BYTES (1UL << 20) /* moved between a thread and the depot at once */
#define BATCHES_KEPT 16 /* of each size, by a thread that frees more than it takes */

struct free_list {
	void *first;
	unsigned long count;
};

/* One a thread; kept after the thread has ended, for its count and the rest of its chunks. */
struct thread_cache {
	struct free_list free[SIZES];
	char *chunk[SIZES], *chunk_end[SIZES];
	long bytes_live;
	long successes; /* allocations until the injected failure; -1: none */
	struct thread_cache *next, *next_idle;
};

static struct {
	pthread_mutex_t lock;
	char *unused, *end; /* of the arena: what was never handed out */
	char *more, *more_end; /* goes on here */
	int numa_node, huge_pages;
	bool kernel_like;
	struct thread_cache *caches;
	struct thread_cache *idle; /* those whose thread has ended: the next threads' */
	void *batches[SIZES]; /* first table of each batch, linked through owner[] */
	pthread_key_t key;
	bool has_clflushopt;
} shared = { .lock = PTHREAD_MUTEX_INITIALIZER };

static __thread struct thread_cache *own;

/* A batch in the depot: the link to the next batch and how many tables this one holds. */
struct batch {
	void *next_batch;
	unsigned long count;
};

static struct batch *batch_of(void *table)
{
	/* The second half: the first may hold use counts of sub-page tables beside this one. */
	return (struct batch *)(void *)&table_page_of(table)->owner[16];
}

/* Sub-page tables share a descriptor, so a batch is only ever headed by its page's first table. */
static bool may_head_batch(const void *table)
{
	return ((unsigned long)table & ((1UL << TABLE_PAGE_LG2) - 1)) == 0;
}

static void give_batch(struct thread_cache *cache, unsigned int lg2, unsigned long count)
{
	struct free_list *list = &cache->free[lg2];
	void *head = list->first, *last = head;

	if (!head || !may_head_batch(head))
		return;
	for (unsigned long i = 1; i < count; i++)
		last = *table_link(last);
	list->first = *table_link(last);
	list->count -= count;
	*table_link(last) = NULL;
	pthread_mutex_lock(&shared.lock);
	*batch_of(head) = (struct batch){ shared.batches[lg2], count };
	shared.batches[lg2] = head;
	pthread_mutex_unlock(&shared.lock);
}

static bool take_batch(struct thread_cache *cache, unsigned int lg2)
{
	void *head;

	pthread_mutex_lock(&shared.lock);
	head = shared.batches[lg2];
	if (head)
		shared.batches[lg2] = batch_of(head)->next_batch;
	pthread_mutex_unlock(&shared.lock);
	if (!head)
		return false;
	cache->free[lg2] = (struct free_list){ head, batch_of(head)->count };
	return true;
}

/* A thread ends: what it holds goes to the depot, its cache to the next thread that begins. */
static void thread_ends(void *argument)
{
	struct thread_cache *cache = argument;

	for (unsigned int lg2 = TABLE_MIN_LG2; lg2 < SIZES; lg2++)
		if (cache->free[lg2].count)
			give_batch(cache, lg2, cache->free[lg2].count);
	own = NULL; /* destructors that run after this one may still free tables */
	pthread_mutex_lock(&shared.lock);
	cache->next_idle = shared.idle;
	shared.idle = cache;
	pthread_mutex_unlock(&shared.lock);
}

static __attribute__((noinline)) struct thread_cache *thread_begins(void)
{
	struct thread_cache *cache;

	pthread_mutex_lock(&shared.lock);
	cache = shared.idle;
	if (cache) {
		shared.idle = cache->next_idle;
	} else {
		cache = calloc(1, sizeof(*cache));
		if (cache) {
			cache->next = shared.caches;
			shared.caches = cache;
		}
	}
	pthread_mutex_unlock(&shared.lock);
	if (cache) {
		cache->successes = -1;
		pthread_setspecific(shared.key, cache);
	}
	own = cache;
	return cache;
}

static struct thread_cache *thread_cache(void)
{
	return __builtin_expect(own != NULL, 1) ? own : thread_begins();
}

static bool bind_to_node(int numa_node, unsigned long start, unsigned long bytes)
{
	hwloc_topology_t topology;
	hwloc_obj_t node;
	bool bound = false;

	if (hwloc_topology_init(&topology))
		return false;
	if (!hwloc_topology_load(topology)) {
		node = hwloc_get_numanode_obj_by_os_index(topology, (unsigned int)numa_node);
		bound = node &&
			!hwloc_set_area_membind(topology, (void *)start, bytes, node->nodeset,
						HWLOC_MEMBIND_BIND, HWLOC_MEMBIND_BYNODESET);
	}
	hwloc_topology_destroy(topology);
	return bound;
}

static bool reserve(unsigned long start, unsigned long bytes, int huge_pages)
{
	void *got = mmap((void *)start, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (got != (void *)start) {
		if (got != MAP_FAILED)
			munmap(got, bytes);
		return false;
	}
	/* Refused by kernels without huge pages: then small ones it is, as doctor will tell. */
	madvise(got, bytes, huge_pages ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	return true;
}

int table_pages_init(int numa_node, int huge_pages)
{
	unsigned long pages = TABLE_ARENA_BYTES >> TABLE_PAGE_LG2;
	unsigned long start = under_valgrind() ? VALGRIND_ARENA_START : TABLE_ARENA_START;
	unsigned long bytes = TABLE_DESCRIPTOR_BASE - start;

	if (shared.unused)
		return 0;
	if (!reserve(start, bytes, huge_pages))
		return -ENOMEM;
	if (!reserve(TABLE_DESCRIPTOR_BASE, pages * sizeof(struct table_page), huge_pages))
		goto release;
	if (pthread_key_create(&shared.key, thread_ends))
		goto release_descriptors;
	if (numa_node >= 0 && !bind_to_node(numa_node, start, bytes)) {
		pthread_key_delete(shared.key);
		munmap((void *)TABLE_DESCRIPTOR_BASE, pages * sizeof(struct table_page));
		munmap((void *)start, bytes);
		return -ENODEV;
	}
#ifdef __x86_64__
	unsigned int eax = 7, ebx, ecx = 0, edx;

	/* CPUID leaf 7, EBX bit 23: CLFLUSHOPT (Intel SDM volume 2A, CPUID). */
	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	shared.has_clflushopt = ebx & (1u << 23);
#endif
	shared.unused = (char *)start;
	shared.end = shared.unused + bytes;
	shared.more = shared.more_end = (char *)TABLE_MORE_START;
	shared.numa_node = numa_node;
	shared.huge_pages = huge_pages;
	return 0;

release_descriptors:
	munmap((void *)TABLE_DESCRIPTOR_BASE, pages * sizeof(struct table_page));
release:
	munmap((void *)start, bytes);
	return -ENOMEM;
}

int table_pages_reserve(unsigned long bytes)
{
	unsigned long start = (unsigned long)shared.more_end, end, first, last;

	if (bytes <= TABLE_ARENA_BYTES)
		return 0;
	/* All of it above, as nobody knows how much of what is below is free. */
	end = TABLE_MORE_START + ((bytes + CHUNK_BYTES - 1) & ~(CHUNK_BYTES - 1));
	if (end > TABLE_MORE_START + TABLE_MORE_BYTES)
		return -E2BIG;
	if (end <= start)
		return 0;
	first = (unsigned long)table_page_of((void *)start);
	last = (unsigned long)table_page_of((void *)end);
	if (!reserve(start, end - start, shared.huge_pages))
		return -ENOMEM;
	if (!reserve(first, last - first, shared.huge_pages) ||
	    (shared.numa_node >= 0 && !bind_to_node(shared.numa_node, start, end - start))) {
		munmap((void *)start, end - start);
		return -ENOMEM;
	}
	pthread_mutex_lock(&shared.lock);
	shared.more_end = (char *)end;
	pthread_mutex_unlock(&shared.lock);
	return 0;
}

/* A fresh chunk, its pages touched now rather than inside a measured operation. */
static char *take_chunk(void)
{
	char *chunk = NULL;

	pthread_mutex_lock(&shared.lock);
	if (shared.unused && shared.unused + CHUNK_BYTES <= shared.end) {
		chunk = shared.unused;
		shared.unused += CHUNK_BYTES;
	} else if (shared.more + CHUNK_BYTES <= shared.more_end) {
		chunk = shared.more;
		shared.more += CHUNK_BYTES;
	}
	pthread_mutex_unlock(&shared.lock);
	if (!chunk)
		return NULL;
	for (unsigned long offset = 0; offset < CHUNK_BYTES; offset += 1UL << TABLE_PAGE_LG2) {
		*(volatile char *)(chunk + offset) = 0;
		*(void *volatile *)table_link(chunk + offset) = NULL;
	}
	ASAN_POISON_MEMORY_REGION(chunk, CHUNK_BYTES);
	return chunk;
}

static __attribute__((noinline)) void *alloc_slow(struct thread_cache *cache, unsigned int lg2)
{
	struct free_list *list = &cache->free[lg2];
	char *table;

	if (take_batch(cache, lg2)) {
		table = list->first;
		list->first = *table_link(table);
		list->count--;
		return table;
	}
	if (cache->chunk[lg2] == cache->chunk_end[lg2]) {
		cache->chunk[lg2] = take_chunk();
		if (!cache->chunk[lg2]) {
			cache->chunk_end[lg2] = NULL;
			return NULL;
		}
		cache->chunk_end[lg2] = cache->chunk[lg2] + CHUNK_BYTES;
	}
	table = cache->chunk[lg2];
	cache->chunk[lg2] += 1UL << lg2;
	return table;
}

static void zero_table(void *table, unsigned long bytes)
{
#if defined(__x86_64__) && !defined(PTBENCH_SANITIZED)
	/* What x86 kernels clear pages with where the CPU has ERMS. */
	__asm__ volatile("rep stosb" : "+D"(table), "+c"(bytes) : "a"(0) : "memory");
#else
	memset(table, 0, bytes);
#endif
}

void *table_alloc(unsigned int bytes_lg2, int zero)
{
	struct thread_cache *cache = thread_cache();
	struct free_list *list;
	void *table;

	if (!cache || bytes_lg2 < TABLE_MIN_LG2 || bytes_lg2 > TABLE_MAX_LG2)
		return NULL;
	if (__builtin_expect(cache->successes >= 0, 0)) {
		if (cache->successes == 0)
			return NULL;
		cache->successes--;
	}
	list = &cache->free[bytes_lg2];
	table = list->first;
	if (__builtin_expect(table != NULL, 1)) {
		list->first = *table_link(table);
		list->count--;
	} else {
		table = alloc_slow(cache, bytes_lg2);
		if (!table)
			return NULL;
	}
	__atomic_store_n(&cache->bytes_live, cache->bytes_live + (1L << bytes_lg2),
			 __ATOMIC_RELAXED);
	ASAN_UNPOISON_MEMORY_REGION(table, 1UL << bytes_lg2);
	if (__builtin_expect(shared.kernel_like, 0)) {
		kernel_like_alloc();
		zero = 1;
	}
	if (zero)
		zero_table(table, 1UL << bytes_lg2);
	return table;
}

void table_pages_kernel_like(int on)
{
	shared.kernel_like = on;
}

void table_free(void *table, unsigned int bytes_lg2)
{
	struct thread_cache *cache = thread_cache();
	struct free_list *list;

	if (!cache)
		return; /* no memory for this thread's lists: the table stays out of use */
	if (__builtin_expect(shared.kernel_like, 0))
		kernel_like_free();
	list = &cache->free[bytes_lg2];
	ASAN_POISON_MEMORY_REGION(table, 1UL << bytes_lg2);
	*table_link(table) = list->first;
	list->first = table;
	list->count++;
	__atomic_store_n(&cache->bytes_live, cache->bytes_live - (1L << bytes_lg2),
			 __ATOMIC_RELAXED);
	if (__builtin_expect(list->count << bytes_lg2 >= BATCHES_KEPT * BATCH_BYTES, 0))
		give_batch(cache, bytes_lg2, BATCH_BYTES >> bytes_lg2);
}

long table_bytes_live(void)
{
	long bytes = 0;

	pthread_mutex_lock(&shared.lock);
	for (struct thread_cache *cache = shared.caches; cache; cache = cache->next)
		bytes += __atomic_load_n(&cache->bytes_live, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&shared.lock);
	return bytes;
}

void table_fail_after(long successes)
{
	struct thread_cache *cache = thread_cache();

	if (cache)
		cache->successes = successes;
}

void table_flush_lines(const void *address, unsigned long bytes)
{
#if defined(__x86_64__)
	unsigned long line = (unsigned long)address & ~63UL, end = (unsigned long)address + bytes;

	/* Written items must have left the store buffer before their line is written back. */
	__asm__ volatile("mfence" ::: "memory");
	if (shared.has_clflushopt)
		for (; line < end; line += 64)
			__asm__ volatile("clflushopt (%0)" ::"r"(line) : "memory");
	else
		for (; line < end; line += 64)
			__asm__ volatile("clflush (%0)" ::"r"(line) : "memory");
	__asm__ volatile("mfence" ::: "memory");
#elif defined(__aarch64__)
	unsigned long line, end = (unsigned long)address + bytes, type, step;

	/* CTR_EL0.DminLine: log2 of the words in the smallest data cache line (Arm ARM D19). */
	__asm__("mrs %0, ctr_el0" : "=r"(type));
	step = 4UL << ((type >> 16) & 15);
	for (line = (unsigned long)address & ~(step - 1); line < end; line += step)
		__asm__ volatile("dc cvac, %0" ::"r"(line) : "memory");
	__asm__ volatile("dsb sy" ::: "memory");
#else
	(void)address;
	(void)bytes;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}
