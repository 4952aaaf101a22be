/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * selftest_names.h - other names for what a driver exports, in the second
 * compilation that carries its self-test: both copies fit into one program and
 * the measured one holds no test code.
 */
#ifndef PTBENCH_SHIM_SELFTEST_NAMES_H
#define PTBENCH_SHIM_SELFTEST_NAMES_H

#define alloc_io_pgtable_ops selftest_alloc_io_pgtable_ops
#define free_io_pgtable_ops selftest_free_io_pgtable_ops
#define io_pgtable_arm_32_lpae_s1_init_fns selftest_io_pgtable_arm_32_lpae_s1_init_fns
#define io_pgtable_arm_32_lpae_s2_init_fns selftest_io_pgtable_arm_32_lpae_s2_init_fns
#define io_pgtable_arm_64_lpae_s1_init_fns selftest_io_pgtable_arm_64_lpae_s1_init_fns
#define io_pgtable_arm_64_lpae_s2_init_fns selftest_io_pgtable_arm_64_lpae_s2_init_fns
#define io_pgtable_arm_mali_lpae_init_fns selftest_io_pgtable_arm_mali_lpae_init_fns
#define io_pgtable_arm_v7s_init_fns selftest_io_pgtable_arm_v7s_init_fns

#endif
