/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table_memory.h - how many bytes of tables a subject keeps: nothing is timed, and
 * the same numbers come out on every machine.
 */
#ifndef PTBENCH_TABLE_MEMORY_H
#define PTBENCH_TABLE_MEMORY_H

#include <stdint.h>

/*
 * Print, as one JSON object, the bytes of tables of every format and variant:
 *
 *   root         of an empty page table
 *   mapped       more while 1 GiB is mapped in the smallest pages that do not touch in memory
 *   after_pages  of that left when it has been unmapped page by page
 *   after_range  left when it has been unmapped in one call
 *   after_churn  left when a device's buffers have come and gone, and none is mapped
 *
 * @seed: of the churn. Returns an exit code.
 */
int table_memory_print(uint64_t seed);

#endif
