/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pagemap.h - the physical layout of a live process as a trace. */
#ifndef PTBENCH_PAGEMAP_H
#define PTBENCH_PAGEMAP_H

#include <stdint.h>

/*
 * Write to @out what VFIO would do with the memory of process @pid: map each physically
 * contiguous run of its anonymous memory, then unmap region by region. Returns an exit code:
 * EXIT_ABSENT where the kernel hides physical addresses.
 */
int pagemap_write(uint64_t pid, const char *out);

/* For tests: the same from files in the formats of /proc/PID/maps and /proc/PID/pagemap. */
int pagemap_convert(const char *maps, const char *pagemap, const char *out);

#endif
