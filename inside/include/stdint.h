/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stdint.h - the compiler's, as a kernel has it. */
#include <linux/limits.h>
#include <linux/types.h>

#ifndef UINT64_MAX
#define UINT64_MAX U64_MAX
#endif
#ifndef INT64_MAX
#define INT64_MAX S64_MAX
#endif
#ifndef UINT32_MAX
#define UINT32_MAX U32_MAX
#endif
