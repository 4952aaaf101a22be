/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel_names.h - words that are macros wherever kernel headers come first. Included before
 * anything else, as a kernel's build does with its own.
 */
#ifndef PTBENCH_KERNEL_NAMES_H
#define PTBENCH_KERNEL_NAMES_H

#define inline inline __attribute__((__gnu_inline__)) __attribute__((__unused__))
#define noinline __attribute__((__noinline__))
#define fallthrough __attribute__((__fallthrough__))
#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define barrier() __asm__ __volatile__("" : : : "memory")
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define swap(a, b) kernel_swap(a, b)
#define current kernel_current()
#define BIT(bit) (1UL << (bit))
#define GENMASK(high, low) ((~0UL << (low)) & (~0UL >> (63 - (high))))
#define PAGE_SIZE (1UL << 12)
#define READ_ONCE(object) (*(const volatile __typeof__(object) *)&(object))
#define WRITE_ONCE(object, value) (*(volatile __typeof__(object) *)&(object) = (value))
#define list_entry(pointer, type, member) ((type *)(pointer))
#define offset_in_page(address) ((unsigned long)(address) & (PAGE_SIZE - 1))
#define cold __attribute__((__cold__))
#define unused __attribute__((__unused__))
#define always_inline inline __attribute__((__always_inline__))
#define uninitialized __attribute__((__uninitialized__))
#define linux 1
#define unix 1

#endif
