/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table_pages.h - the one allocator of table memory, shared by the engine and
 * by the kernel drivers it is compared with.
 *
 * All table memory lies in one arena at a fixed address below 2 GiB, so that a
 * table's physical address is its virtual address and fits every format (ARMv7s
 * wants 32 bits). The arena asks for huge pages, as the kernel's direct map has
 * them. Each 4 KiB page of the arena owns a 64-byte descriptor, the size of the
 * kernel's struct page; while memory is allocated its descriptor belongs to
 * whoever allocated it, so that tables can be put on lists without touching
 * words that a hardware walker may still read.
 *
 * This header uses compiler built-in types only, so that it can be included
 * both by C library code and by code compiled the kernel's way.
 */
#ifndef PTBENCH_TABLE_PAGES_H
#define PTBENCH_TABLE_PAGES_H

/* Above where Linux may put the heap of a program at a fixed address: up to 1 GiB behind it. */
#define TABLE_ARENA_START 0x48000000UL
#define TABLE_ARENA_BYTES 0x34000000UL
/* The descriptors follow the arena; the kernel's vmemmap would begin at page frame 0. */
#define TABLE_DESCRIPTOR_BASE (TABLE_ARENA_START + TABLE_ARENA_BYTES)
#define TABLE_DESCRIPTOR_FRAME_0 \
	(TABLE_DESCRIPTOR_BASE - (TABLE_ARENA_START >> TABLE_PAGE_LG2) * 64)
/*
 * More of the arena, for those who ask: table_pages_reserve(). Between the two lie the descriptors
 * of both, and what a sanitizer needs. 16 GiB are the end of what every format with wide items takes.
 */
#define TABLE_MORE_START 0x100000000UL
#define TABLE_MORE_BYTES 0x300000000UL
#define TABLE_PAGE_LG2 12
/* Smallest table: ARMv7s level 0, 1 KiB. Largest root: ARMv8 64K, 64 KiB; stage 2: 16 x 4 KiB. */
#define TABLE_MIN_LG2 10
#define TABLE_MAX_LG2 20

/*
 * The descriptor of one 4 KiB page of table memory. next[] links tables, one
 * slot for each 1 KiB of the page, so that sub-page tables can be listed too.
 */
struct table_page {
	void *next[4];
	unsigned char owner[32];
};

/* The descriptor of the page that holds @table, an address in the arena. */
static inline struct table_page *table_page_of(const void *table)
{
	unsigned long index = ((unsigned long)table - TABLE_ARENA_START) >> TABLE_PAGE_LG2;

	return (struct table_page *)TABLE_DESCRIPTOR_BASE + index;
}

/* The link of @table: where a list keeps the address of its next table. */
static inline void **table_link(void *table)
{
	return &table_page_of(table)->next[((unsigned long)table >> TABLE_MIN_LG2) & 3];
}

/*
 * Reserve the arena and its descriptors. Called once, before any allocation.
 * @numa_node: bind the memory to this node, or -1 for no binding.
 * @huge_pages: ask for transparent huge pages (1) or refuse them (0).
 * Returns 0, or a negative errno: -ENOMEM where the addresses are taken,
 * -ENODEV where the node does not exist.
 */
int table_pages_init(int numa_node, int huge_pages);

/*
 * From now on a table costs what it does in a kernel (1): every one is cleared, as a whole, and there is the page allocator's
 * own work, see kernel_like.h. Or (0, the default) as little as may be. Called before others allocate.
 */
void table_pages_kernel_like(int on);

/*
 * See to it that there are @bytes of table memory in all. What goes beyond TABLE_ARENA_BYTES lies above
 * 4 GiB and is handed out last: not for formats with items of 4 bytes. Returns 0, -E2BIG where that is
 * more than there may be, or -ENOMEM where it cannot be had.
 */
int table_pages_reserve(unsigned long bytes);

/*
 * Allocate naturally aligned table memory of 1 << @bytes_lg2 bytes,
 * TABLE_MIN_LG2 to TABLE_MAX_LG2. Zeroed if @zero, else of any content.
 * Per-thread free lists: no lock, no system call once the arena is warm.
 * Returns NULL when the arena is exhausted or when failure is being injected.
 */
void *table_alloc(unsigned int bytes_lg2, int zero);

/* Give back what table_alloc() returned, with the same @bytes_lg2. */
void table_free(void *table, unsigned int bytes_lg2);

/* Bytes of table memory that are allocated now, by all threads. */
long table_bytes_live(void);

/*
 * Failure injection for the calling thread: let the next @successes
 * allocations succeed and fail every one after them; -1 turns it off.
 */
void table_fail_after(long successes);

/* Write @bytes at @address back to memory, one instruction a cache line, then fence. */
void table_flush_lines(const void *address, unsigned long bytes);

#endif
