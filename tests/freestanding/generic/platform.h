/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * platform.h - stands in for the engine's own, as a port to a kernel would: nothing of a C library,
 * and tables that hardware finds elsewhere than where they are.
 */
#ifndef PT_GENERIC_PLATFORM_H
#define PT_GENERIC_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "generic/compiler.h"

#define ENOENT 2
#define ENOMEM 12
#define EACCES 13
#define EEXIST 17
#define ENODEV 19
#define EINVAL 22
#define ERANGE 34
#define EOPNOTSUPP 95
#define EADDRINUSE 98

#define PLATFORM_FILL_LONG 32
void platform_fill(void *first, uint64_t word, unsigned long count, size_t bytes);
uint64_t platform_to_physical(const void *table);
void *platform_from_physical(uint64_t address);
void *platform_alloc(size_t bytes);
void platform_free(void *memory);
void platform_expect_readers(void);
void platform_free_tables_after_readers(void *list);
void platform_wait_for_freeing(void);

typedef int platform_lock;
void platform_lock_init(platform_lock *lock);
void platform_lock_destroy(platform_lock *lock);
void platform_lock_take(platform_lock *lock);
void platform_lock_release(platform_lock *lock);

#endif
