/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stdbool.h - the compiler's, as a kernel has it. */
#include <linux/types.h>
