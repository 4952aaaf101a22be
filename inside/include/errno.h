/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* errno.h - the C library's, as a kernel has it. */
#include <linux/errno.h>
