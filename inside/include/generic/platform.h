/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * platform.h - the engine's platform.h for a kernel: found before the one for user space, and the
 * same functions. What may run in atomic context there may here: nothing below sleeps but
 * platform_alloc(), of create, and platform_wait_for_freeing().
 */
#ifndef PT_GENERIC_PLATFORM_H
#define PT_GENERIC_PLATFORM_H

#include <linux/errno.h>
#include <linux/io.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/types.h>

#include <stdint.h>

#include "generic/compiler.h"

#define PLATFORM_FILL_LONG 32

PT_ALWAYS_INLINE void platform_fill(void *first, uint64_t word, unsigned long count, size_t bytes)
{
#ifdef CONFIG_X86_64
	if (bytes == 8)
		memset64(first, word, count);
	else
		memset32(first, (uint32_t)word, count);
#else
	/* Other architectures' are loops of C, which may tear words. */
	for (unsigned long i = 0; i < count; i++)
		if (bytes == 8)
			WRITE_ONCE(((uint64_t *)first)[i], word);
		else
			WRITE_ONCE(((uint32_t *)first)[i], (uint32_t)word);
#endif
}

PT_ALWAYS_INLINE uint64_t platform_to_physical(const void *table)
{
	return virt_to_phys((void *)table);
}

PT_ALWAYS_INLINE void *platform_from_physical(uint64_t address)
{
	return phys_to_virt(address);
}

void *platform_alloc(size_t bytes);
void platform_free(void *memory);

static inline void platform_expect_readers(void)
{
}

void platform_free_tables_after_readers(void *list);
void platform_wait_for_freeing(void);

typedef spinlock_t platform_lock;

static inline void platform_lock_init(platform_lock *lock)
{
	spin_lock_init(lock);
}

static inline void platform_lock_destroy(platform_lock *lock)
{
}

static inline void platform_lock_take(platform_lock *lock)
{
	spin_lock(lock);
}

static inline void platform_lock_release(platform_lock *lock)
{
	spin_unlock(lock);
}

#endif
