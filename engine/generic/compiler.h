/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* compiler.h - what the engine tells the compiler, the same wherever it runs. */
#ifndef PT_GENERIC_COMPILER_H
#define PT_GENERIC_COMPILER_H

#define PT_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define PT_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
/* Spelled with underscores: the plain words may be macros, as in a kernel. */
#define PT_ALWAYS_INLINE static inline __attribute__((__always_inline__))
#define PT_NOINLINE static __attribute__((__noinline__))
#define PT_COLD static __attribute__((__noinline__, __cold__))
#define PT_UNUSED __attribute__((__unused__))
#define PT_FALLTHROUGH __attribute__((__fallthrough__))
/*
 * A structure of which every member is set before it is read: -ftrivial-auto-var-init=zero, with which
 * distributions build kernels, would clear all of it on each call.
 */
#if defined(__has_attribute)
#if __has_attribute(__uninitialized__)
#define PT_UNINITIALIZED __attribute__((__uninitialized__))
#endif
#endif
#ifndef PT_UNINITIALIZED
#define PT_UNINITIALIZED
#endif

#endif
