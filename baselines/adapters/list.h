/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* list.h - every baseline that an adapter offers; list.c says which are built. */
#ifndef PTBENCH_ADAPTER_LIST_H
#define PTBENCH_ADAPTER_LIST_H

#include "baseline.h"

extern const struct baseline baseline_amdv1;
extern const struct baseline baseline_x86_64;
extern const struct baseline baseline_vtdss;
extern const struct baseline baseline_armv8_4k_s1;
extern const struct baseline baseline_armv8_16k_s1;
extern const struct baseline baseline_armv8_64k_s1;
extern const struct baseline baseline_armv8_4k_s2;
extern const struct baseline baseline_armv8_16k_s2;
extern const struct baseline baseline_armv8_64k_s2;
extern const struct baseline baseline_arm_lpae32_s1;
extern const struct baseline baseline_arm_lpae32_s2;
extern const struct baseline baseline_arm_mali_lpae;
extern const struct baseline baseline_armv7s;
extern const struct baseline baseline_dart_v1;
extern const struct baseline baseline_dart_v2;
extern const struct baseline baseline_riscv64;
extern const struct baseline baseline_s390;

#endif
