// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * memset.c - the memset() of the drivers, after x86-64's in Linux 6.12: `rep
 * stosb` where the CPU says that short ones are fast (FSRS), else 64 bytes a
 * round in eight stores, without vector registers.
 *
 * Compilers turn the drivers' loops that clear items into calls to memset(), so
 * which one answers is part of what is measured: the C library's would use
 * vector stores that no kernel has. Only driver code is linked to this one, and
 * code that wants to be compared on equal terms may call it by its name.
 */
#include "shim/memset.h"

/* An item may stand at any address that the caller likes, and have any type. */
typedef unsigned long word_t __attribute__((aligned(1), may_alias));

#if defined(__x86_64__)
#define CPUID_7_1_EAX_FSRS (1u << 11)

static int fast_short_stosb;

/* As the kernel patches its code at boot. */
__attribute__((constructor)) static void choose_store(void)
{
	unsigned int eax = 0, ebx, ecx = 0, edx;

	asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	if (eax < 7)
		return;
	eax = 7;
	ecx = 0;
	asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	if (eax < 1)
		return;
	eax = 7;
	ecx = 1;
	asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	fast_short_stosb = !!(eax & CPUID_7_1_EAX_FSRS);
}
#endif

void *ptbench_kernel_memset(void *destination, int value, unsigned long bytes)
{
	unsigned long pattern = ~0UL / 255 * (unsigned char)value;
	word_t *word = destination;
	unsigned char *byte;

#if defined(__x86_64__)
	if (fast_short_stosb) {
		void *end = destination;

		asm volatile("rep stosb" : "+D"(end), "+c"(bytes) : "a"(value) : "memory");
		return destination;
	}
#endif
	for (; bytes >= 64; bytes -= 64, word += 8) {
		word[0] = pattern;
		word[1] = pattern;
		word[2] = pattern;
		word[3] = pattern;
		word[4] = pattern;
		word[5] = pattern;
		word[6] = pattern;
		word[7] = pattern;
	}
	for (; bytes >= 8; bytes -= 8)
		*word++ = pattern;
	for (byte = (unsigned char *)word; bytes; bytes--)
		*byte++ = (unsigned char)value;
	return destination;
}
