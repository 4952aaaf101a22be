/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * shim.h - what the kernel's own headers would give the page-table drivers, in
 * user space. Every header that a driver includes is either a real one, from a
 * white list, or a stub that leads here (see cmake/kernel_headers.cmake), so a
 * driver that needs something new fails at the line that names it.
 */
#ifndef PTBENCH_SHIM_H
#define PTBENCH_SHIM_H

#include "shim/types.h"
#include "shim/bits.h"
#include "shim/sync.h"
#include "shim/pages.h"
#include "shim/report.h"
#include "shim/device.h"

#include <linux/list.h>

/* The generic page table has a function of its own with the name of our allocator's. */
#define table_alloc generic_table_alloc

#endif
