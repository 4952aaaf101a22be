/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * arm_lpae32_s1.h - the long descriptors of ARMv7's Large Physical Address Extension,
 * stage 1 (DDI 0406, section B3.6): those of VMSAv8-64 with narrower addresses; see armv8.h.
 */
#define ARMV8_GRANULE_LG2 12
#define ARMV8_STAGE 1
#define ARMV8_IA_BITS_MAX 32
#define FMT_OA_BITS_MAX 40
#define FMT_TITLE "Arm LPAE stage 1 of 32-bit Arm"
#define FMT_TOP_LEVEL_MAX 2
#include "formats/armv8.h"
