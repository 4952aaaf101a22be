/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* armv8_4k_s2.h - VMSAv8-64 stage 2 with the 4 KiB granule; see armv8.h. */
#define ARMV8_GRANULE_LG2 12
#define ARMV8_STAGE 2
#define FMT_TITLE "Arm VMSAv8-64 stage 2, 4K granule"
#define FMT_TOP_LEVEL_MAX 3
#include "formats/armv8.h"
