/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * platform.h - all that the engine needs from its surroundings besides table
 * memory: types, error numbers, ordering, one allocation a page table, and a way
 * to wait for readers. To run the engine elsewhere, replace this file.
 */
#ifndef PT_GENERIC_PLATFORM_H
#define PT_GENERIC_PLATFORM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PT_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define PT_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define PT_ALWAYS_INLINE static inline __attribute__((always_inline))
#define PT_NOINLINE static __attribute__((noinline))
#define PT_COLD static __attribute__((noinline, cold))
#define PT_UNUSED __attribute__((unused))

/* Zeroed memory for a page table's own state, not for tables; NULL without memory. */
void *platform_alloc(size_t bytes);
void platform_free(void *memory);

/* Free the tables on @list (see table_list.h) once every reader of now has left its read section. */
void platform_free_tables_after_readers(void *list);

#endif
