/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * arm_mali_lpae.h - the tables of Arm's Mali GPUs (Midgard and Bifrost): long
 * descriptors with deviations of their own; see armv8.h.
 *
 * Authority: there is no public manual. Linux, drivers/iommu/io-pgtable-arm.c.
 */
#define ARMV8_GRANULE_LG2 12
#define ARMV8_STAGE ARMV8_MALI
#define FMT_OA_BITS_MAX 40
#define FMT_TITLE "Arm Mali GPU"
#define FMT_TOP_LEVEL_MAX 3
#include "formats/armv8.h"
