/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* memset.h - the kernel-like memset() that the drivers are linked to, see memset.c. */
#ifndef PTBENCH_SHIM_MEMSET_H
#define PTBENCH_SHIM_MEMSET_H

/* As memset(). */
void *ptbench_kernel_memset(void *destination, int value, unsigned long bytes);

#endif
