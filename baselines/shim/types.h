/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * types.h - the language the kernel is written in: fixed-width types, compiler
 * attributes, compile-time checks, container_of(), error numbers.
 */
#ifndef PTBENCH_SHIM_TYPES_H
#define PTBENCH_SHIM_TYPES_H

typedef unsigned char u8, __u8, uint8_t;
typedef unsigned short u16, __u16, uint16_t;
typedef unsigned int u32, __u32, uint32_t;
typedef unsigned long long u64, __u64, uint64_t;
typedef signed char s8, __s8, int8_t;
typedef short s16, __s16, int16_t;
typedef int s32, __s32, int32_t;
typedef long long s64, __s64, int64_t;
typedef unsigned __int128 u128;

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef long ssize_t;
typedef unsigned long uintptr_t;
typedef _Bool bool;
enum { false = 0, true = 1 };
#define NULL ((void *)0)

typedef u64 phys_addr_t;
typedef u64 dma_addr_t;
typedef u64 resource_size_t;
typedef unsigned int gfp_t;
typedef unsigned int slab_flags_t;
#define __aligned_u64 __u64 __attribute__((aligned(8)))
#define __aligned_le64 __aligned_u64

struct list_head {
	struct list_head *next, *prev;
};
/* What list_del() leaves behind. */
#define LIST_POISON1 ((void *)0x100)
#define LIST_POISON2 ((void *)0x122)
struct hlist_node {
	struct hlist_node *next, **pprev;
};
struct hlist_head {
	struct hlist_node *first;
};

/* Attributes. Those that mark sections, address spaces or sparse checks mean nothing here. */
#define __user
#define __iomem
#define __rcu
#define __init
#define __initdata
#define __initconst
#define __context_unsafe(...)
#define __no_context_analysis
#define __must_check
#define __attribute_const__ __attribute__((const))
#define __maybe_unused __attribute__((unused))
#define __always_inline inline __attribute__((always_inline))
#define __cold __attribute__((cold))
#define __noreturn __attribute__((noreturn))
#define __printf(format_at, first) __attribute__((format(printf, format_at, first)))
#define __compiletime_error(message) __attribute__((error(message)))
#define noinline __attribute__((noinline))
#define __noipa noinline
#define fallthrough __attribute__((fallthrough))
#define typeof __typeof__
#define asm __asm__

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define offsetof(type, member) __builtin_offsetof(type, member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))
#define container_of(pointer, type, member) \
	((type *)&((char *)(pointer))[-(long)offsetof(type, member)])
/* Versions of clang-format part at this one. */
/* clang-format off */
#define container_of_const(pointer, type, member) \
	_Generic(pointer, const typeof(*(pointer)) * : (const type *)container_of(pointer, type, member), \
		 default : container_of(pointer, type, member))
/* clang-format on */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* A true condition makes an array of negative size, which no compiler takes. */
#define BUILD_BUG_ON(condition) ((void)sizeof(char[1 - 2 * !!(condition)]))
/* Stands in code that the compiler removes. */
void shim_build_bug(void) __compiletime_error("BUILD_BUG");
#define BUILD_BUG() shim_build_bug()
#define BUILD_BUG_ON_MSG(condition, message) BUILD_BUG_ON(condition)
#define BUILD_BUG_ON_ZERO(condition, ...) ((int)sizeof(char[1 - 2 * !!(condition)]) - 1)
#define __BUILD_BUG_ON_NOT_POWER_OF_2(n) BUILD_BUG_ON(((n) & (-1 + (n))) != 0)
#define static_assert(condition, ...) _Static_assert(condition, #condition)

#define __stringify_1(words...) #words
#define __stringify(words...) __stringify_1(words)

#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile typeof(x) *)&(x) = (value))

/* Linux's numbers on every architecture that the drivers serve. */
#define ENOENT 2
#define ENXIO 6
#define EAGAIN 11
#define ENOMEM 12
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define ENODEV 19
#define EINVAL 22
#define ERANGE 34
#define EOVERFLOW 75
#define EPROTOTYPE 91
#define EOPNOTSUPP 95
#define EADDRINUSE 98
#define ENOTSUPP 524

#define MAX_ERRNO 4095
#define IS_ERR_VALUE(x) unlikely((unsigned long)(x) >= (unsigned long)-MAX_ERRNO)

#define IS_ERR(pointer) IS_ERR_VALUE((unsigned long)(pointer))
#define PTR_ERR(pointer) ((long)(pointer))

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

#endif
