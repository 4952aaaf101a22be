/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * platform.h - all that the engine needs from its surroundings besides table
 * memory (table_pages.h): types, error numbers, where hardware finds a table, one allocation and
 * one lock a page table, and a way to free after readers. To run the engine elsewhere, replace the two.
 */
#ifndef PT_GENERIC_PLATFORM_H
#define PT_GENERIC_PLATFORM_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "generic/compiler.h"

/*
 * Write @count words of @bytes (4 or 8) each, all the same, at @first. Each word is written whole,
 * in any order: on x86 a long run goes through the string unit, which fills cache
 * lines without reading them (a quarter of the time of single stores for 256 words on
 * Zen 5); below PLATFORM_FILL_LONG words its start-up costs more than it saves.
 */
#define PLATFORM_FILL_LONG 32
PT_ALWAYS_INLINE void platform_fill(void *first, uint64_t word, unsigned long count, size_t bytes)
{
#if defined(__x86_64__) && !defined(PTBENCH_SANITIZED)
	if (bytes == 8)
		__asm__ volatile("rep stosq" : "+D"(first), "+c"(count) : "a"(word) : "memory");
	else
		__asm__ volatile("rep stosl" : "+D"(first), "+c"(count) : "a"(word) : "memory");
#else
	for (unsigned long i = 0; i < count; i++)
		if (bytes == 8)
			__atomic_store_n((uint64_t *)first + i, word, __ATOMIC_RELAXED);
		else
			__atomic_store_n((uint32_t *)first + i, (uint32_t)word, __ATOMIC_RELAXED);
#endif
}

/*
 * Where hardware finds a table, and the table there: in user space its own address. In a kernel, virt_to_phys() and
 * phys_to_virt().
 */
PT_ALWAYS_INLINE uint64_t platform_to_physical(const void *table)
{
	return (uintptr_t)table;
}

PT_ALWAYS_INLINE void *platform_from_physical(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

/* Zeroed memory for a page table's own state, not for tables; NULL without memory. */
void *platform_alloc(size_t bytes);
void platform_free(void *memory);

/* There will be readers: get ready what platform_free_tables_after_readers() needs. */
void platform_expect_readers(void);

/*
 * Free the tables on @list (see table_list.h) once every reader of now has left its read section.
 * Needs no memory and waits for nobody, so that a reader may call it inside its own section.
 */
void platform_free_tables_after_readers(void *list);

/* Wait until all tables that were given to it are freed. Never inside a read section. */
void platform_wait_for_freeing(void);

/* A lock that is taken a few times in the life of a page table, when its root grows. */
typedef pthread_mutex_t platform_lock;

static inline void platform_lock_init(platform_lock *lock)
{
	pthread_mutex_init(lock, NULL);
}

static inline void platform_lock_destroy(platform_lock *lock)
{
	pthread_mutex_destroy(lock);
}

static inline void platform_lock_take(platform_lock *lock)
{
	pthread_mutex_lock(lock);
}

static inline void platform_lock_release(platform_lock *lock)
{
	pthread_mutex_unlock(lock);
}

#endif
