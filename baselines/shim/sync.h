/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sync.h - barriers, compare-and-exchange, atomic counters, locks, sequence
 * counts, RCU markers.
 *
 * On x86-64 each has the instructions of an SMP kernel, short of disabling
 * interrupts, which user space cannot do. Elsewhere the compilers' builtins
 * serve; AArch64's device barriers need their instruction spelt out.
 */
#ifndef PTBENCH_SHIM_SYNC_H
#define PTBENCH_SHIM_SYNC_H

#include "shim/types.h"

#define barrier() asm volatile("" ::: "memory")

#if defined(__x86_64__)
/* Stores to memory are seen in order by devices too, so dma_wmb() is free; wmb() also
 * orders write-combining memory and is an instruction. */
#define mb() asm volatile("mfence" ::: "memory")
#define rmb() asm volatile("lfence" ::: "memory")
#define wmb() asm volatile("sfence" ::: "memory")
#define dma_rmb() barrier()
#define dma_wmb() barrier()
#define smp_mb() asm volatile("lock; addl $0,-4(%%rsp)" ::: "memory", "cc")
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define cpu_relax() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define mb() asm volatile("dsb sy" ::: "memory")
#define rmb() asm volatile("dsb ld" ::: "memory")
#define wmb() asm volatile("dsb st" ::: "memory")
#define dma_rmb() asm volatile("dmb oshld" ::: "memory")
#define dma_wmb() asm volatile("dmb oshst" ::: "memory")
#define smp_mb() asm volatile("dmb ish" ::: "memory")
#define smp_rmb() asm volatile("dmb ishld" ::: "memory")
#define smp_wmb() asm volatile("dmb ishst" ::: "memory")
#define cpu_relax() asm volatile("yield" ::: "memory")
#else
#define mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define dma_rmb() rmb()
#define dma_wmb() wmb()
#define smp_mb() mb()
#define smp_rmb() rmb()
#define smp_wmb() wmb()
#define cpu_relax() barrier()
#endif

#define smp_store_release(pointer, value) __atomic_store_n(pointer, value, __ATOMIC_RELEASE)
#define smp_load_acquire(pointer) __atomic_load_n(pointer, __ATOMIC_ACQUIRE)

/* The kernel's try_ forms are told the expected value by address and update it on failure. */
#define SHIM_TRY_CMPXCHG(pointer, expected, value, order)                                         \
	__atomic_compare_exchange_n(pointer, expected, (typeof(*(pointer)))(value), false, order, \
				    __ATOMIC_RELAXED)
#define SHIM_CMPXCHG(pointer, expected, value, order)                  \
	({                                                             \
		typeof(*(pointer)) cmpxchg_old = (expected);           \
		SHIM_TRY_CMPXCHG(pointer, &cmpxchg_old, value, order); \
		cmpxchg_old;                                           \
	})
#define try_cmpxchg(pointer, expected, value) \
	SHIM_TRY_CMPXCHG(pointer, expected, value, __ATOMIC_SEQ_CST)
#define try_cmpxchg64(pointer, expected, value) try_cmpxchg(pointer, expected, value)
#define try_cmpxchg_release(pointer, expected, value) \
	SHIM_TRY_CMPXCHG(pointer, expected, value, __ATOMIC_RELEASE)
#define try_cmpxchg64_release(pointer, expected, value) \
	try_cmpxchg_release(pointer, expected, value)
#define cmpxchg(pointer, expected, value) SHIM_CMPXCHG(pointer, expected, value, __ATOMIC_SEQ_CST)
#define cmpxchg64(pointer, expected, value) cmpxchg(pointer, expected, value)
#define cmpxchg_relaxed(pointer, expected, value) \
	SHIM_CMPXCHG(pointer, expected, value, __ATOMIC_RELAXED)
#define cmpxchg64_relaxed(pointer, expected, value) cmpxchg_relaxed(pointer, expected, value)
#define xchg(pointer, value) \
	__atomic_exchange_n(pointer, (typeof(*(pointer)))(value), __ATOMIC_SEQ_CST)

#if defined(__x86_64__)
/* Atomic against this CPU only: no LOCK prefix, which no builtin can leave out. */
#define try_cmpxchg64_local(pointer, expected, value)                                 \
	({                                                                            \
		typeof(*(pointer)) local_old = *(expected);                           \
		bool local_done;                                                      \
		asm volatile("cmpxchgq %3, %1"                                        \
			     : "=@ccz"(local_done), "+m"(*(pointer)), "+a"(local_old) \
			     : "r"((typeof(*(pointer)))(value))                       \
			     : "memory");                                             \
		if (unlikely(!local_done))                                            \
			*(expected) = local_old;                                      \
		likely(local_done);                                                   \
	})
#else
#define try_cmpxchg64_local(pointer, expected, value) \
	SHIM_TRY_CMPXCHG(pointer, expected, value, __ATOMIC_RELAXED)
#endif
#define cmpxchg64_local(pointer, expected, value)                              \
	({                                                                     \
		typeof(*(pointer)) cmpxchg_local_old = (expected);             \
		(void)try_cmpxchg64_local(pointer, &cmpxchg_local_old, value); \
		cmpxchg_local_old;                                             \
	})

typedef struct {
	int counter;
} atomic_t;
typedef struct {
	s64 counter;
} atomic64_t;

static __always_inline void atomic64_set(atomic64_t *atomic, s64 value)
{
	WRITE_ONCE(atomic->counter, value);
}

static __always_inline void atomic64_add(s64 value, atomic64_t *atomic)
{
	__atomic_fetch_add(&atomic->counter, value, __ATOMIC_RELAXED);
}

/* Test and set: without contention the price of the kernel's lock, less the interrupt flag. */
typedef struct {
	u32 taken;
} spinlock_t, raw_spinlock_t;
struct mutex {
	spinlock_t lock;
};

static __always_inline void spin_lock_init(spinlock_t *lock)
{
	lock->taken = 0;
}

static __always_inline void spin_lock(spinlock_t *lock)
{
	u32 untaken = 0;

	while (unlikely(!try_cmpxchg(&lock->taken, &untaken, 1))) {
		untaken = 0;
		cpu_relax();
	}
}

static __always_inline void spin_unlock(spinlock_t *lock)
{
	__atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

#define spin_lock_irqsave(lock, flags) \
	do {                           \
		(flags) = 0;           \
		spin_lock(lock);       \
	} while (0)
#define spin_unlock_irqrestore(lock, flags) \
	do {                                \
		(void)(flags);              \
		spin_unlock(lock);          \
	} while (0)

typedef struct {
	unsigned int sequence;
} seqcount_t;

static __always_inline void seqcount_init(seqcount_t *count)
{
	count->sequence = 0;
}

static __always_inline unsigned int read_seqcount_begin(const seqcount_t *count)
{
	unsigned int sequence;

	while (unlikely((sequence = READ_ONCE(count->sequence)) & 1))
		cpu_relax();
	smp_rmb();
	return sequence;
}

static __always_inline bool read_seqcount_retry(const seqcount_t *count, unsigned int sequence)
{
	smp_rmb();
	return unlikely(READ_ONCE(count->sequence) != sequence);
}

static __always_inline void write_seqcount_begin(seqcount_t *count)
{
	WRITE_ONCE(count->sequence, count->sequence + 1);
	smp_wmb();
}

static __always_inline void write_seqcount_end(seqcount_t *count)
{
	smp_wmb();
	WRITE_ONCE(count->sequence, count->sequence + 1);
}

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};
#define rcu_dereference(pointer) READ_ONCE(pointer)

#endif
