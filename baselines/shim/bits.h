/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bits.h - bit masks and searches, minimum and maximum, alignment, byte order.
 * The compilers' builtins become the same single instructions as the kernel's.
 */
#ifndef PTBENCH_SHIM_BITS_H
#define PTBENCH_SHIM_BITS_H

#include "shim/types.h"

#define BITS_PER_LONG 64
#define BITS_PER_LONG_LONG 64
#define ULONG_MAX (~0UL)
#define UINT_MAX (~0U)
#define U32_MAX (~(u32)0)
#define U64_MAX (~(u64)0)

#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define BIT_MASK(n) (1UL << ((n) % BITS_PER_LONG))
#define BIT_WORD(n) ((n) / BITS_PER_LONG)
#define GENMASK(high, low) ((~0UL << (low)) & (~0UL >> (BITS_PER_LONG - 1 - (high))))
#define GENMASK_ULL(high, low) ((~0ULL << (low)) & (~0ULL >> (BITS_PER_LONG_LONG - 1 - (high))))
#define BITS_TO_LONGS(n) (((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

/* __ffs, __fls and ffz count from 0 and want a bit to be there; fls64 counts from 1. */
#define __ffs(word) ((unsigned long)__builtin_ctzl(word))
#define __fls(word) ((unsigned long)(BITS_PER_LONG - 1 - __builtin_clzl(word)))
#define __ffs64(word) ((unsigned int)__ffs(word))
#define ffz(word) __ffs(~(word))
#define ilog2(n) (BITS_PER_LONG_LONG - 1 - __builtin_clzll(n))
/* "-1 + (n)", as versions of clang-format disagree on whether "(n) - 1" is a cast. */
#define is_power_of_2(n) ((n) != 0 && ((n) & (-1 + (n))) == 0)

/*
 * As x86-64's, BSR leaves its destination alone where there is no bit, so that no branch is needed: the generic
 * page table asks on its way to every page. For older drivers, which ask only when they make tables, the
 * compiler's form stays.
 */
static __always_inline int fls64(u64 word)
{
#if defined(__x86_64__) && defined(CONFIG_IOMMU_PT)
	int bit = -1;

	if (!__builtin_constant_p(word)) {
		asm("bsrq %1, %q0" : "+r"(bit) : "rm"(word) : "cc");
		return bit + 1;
	}
#endif
	return word ? BITS_PER_LONG_LONG - __builtin_clzll(word) : 0;
}

static __always_inline int fls(unsigned int word)
{
	return word ? 32 - __builtin_clz(word) : 0;
}

#define roundup_pow_of_two(n) (1UL << fls64(-1 + (n)))
#define __roundup_pow_of_two(n) roundup_pow_of_two(n)

static __always_inline bool test_bit(long bit, const volatile unsigned long *words)
{
	return words[BIT_WORD(bit)] >> (bit % BITS_PER_LONG) & 1;
}

static __always_inline void set_bit(long bit, volatile unsigned long *words)
{
	__atomic_fetch_or(&words[BIT_WORD(bit)], BIT_MASK(bit), __ATOMIC_RELAXED);
}

static __always_inline void clear_bit(long bit, volatile unsigned long *words)
{
	__atomic_fetch_and(&words[BIT_WORD(bit)], ~BIT_MASK(bit), __ATOMIC_RELAXED);
}

static __always_inline bool test_and_clear_bit(long bit, volatile unsigned long *words)
{
	return __atomic_fetch_and(&words[BIT_WORD(bit)], ~BIT_MASK(bit), __ATOMIC_SEQ_CST) &
	       BIT_MASK(bit);
}

static inline unsigned long find_next_bit(const unsigned long *words, unsigned long size,
					  unsigned long bit)
{
	while (bit < size && !test_bit(bit, words))
		bit++;
	return bit;
}

#define for_each_set_bit(bit, words, size)                          \
	for ((bit) = find_next_bit(words, size, 0); (bit) < (size); \
	     (bit) = find_next_bit(words, size, (bit) + 1))

#define min(a, b)                              \
	({                                     \
		typeof(a) min_a = (a);         \
		typeof(b) min_b = (b);         \
		min_a < min_b ? min_a : min_b; \
	})
#define max(a, b)                              \
	({                                     \
		typeof(a) max_a = (a);         \
		typeof(b) max_b = (b);         \
		max_a > max_b ? max_a : max_b; \
	})
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))

#define check_add_overflow(a, b, sum) __builtin_add_overflow(a, b, sum)
#define DIV_ROUND_UP(n, divisor) (((n) + (-1 + (divisor))) / (divisor))
#define round_down(x, alignment) ((x) & ~(-1 + (typeof(x))(alignment)))
#define ALIGN(x, alignment) (((x) + (-1 + (typeof(x))(alignment))) & ~(-1 + (typeof(x))(alignment)))
#define ALIGN_DOWN(x, alignment) round_down(x, alignment)
#define IS_ALIGNED(x, alignment) (((x) & (-1 + (typeof(x))(alignment))) == 0)
#define upper_32_bits(n) ((u32)((u64)(n) >> 32))

/* The drivers store items in the machine's order; ptbench runs on little-endian machines. */
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
typedef u16 __le16, __be16;
typedef u32 __le32, __be32;
typedef u64 __le64, __be64;
#define cpu_to_le16(x) ((__le16)(x))
#define cpu_to_le32(x) ((__le32)(x))
#define cpu_to_le64(x) ((__le64)(x))
#define le16_to_cpu(x) ((u16)(x))
#define le32_to_cpu(x) ((u32)(x))
#define le64_to_cpu(x) ((u64)(x))
#define cpu_to_be16(x) __builtin_bswap16(x)
#define cpu_to_be32(x) __builtin_bswap32(x)
#define cpu_to_be64(x) __builtin_bswap64(x)
#define be16_to_cpu(x) __builtin_bswap16(x)
#define be32_to_cpu(x) __builtin_bswap32(x)
#define be64_to_cpu(x) __builtin_bswap64(x)

#endif
