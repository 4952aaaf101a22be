/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * config.h - the kernel configuration that the drivers are compiled with: what
 * their sources and the real headers ask for by name, and nothing else. Stands
 * in for generated/autoconf.h.
 */
#ifndef PTBENCH_SHIM_CONFIG_H
#define PTBENCH_SHIM_CONFIG_H

#define CONFIG_64BIT 1
#define CONFIG_PHYS_ADDR_T_64BIT 1
/* ARMv7s asks for tables below 4 GiB; all of the arena is. */
#define CONFIG_ZONE_DMA32 1

#define CONFIG_IOMMU_API 1
#if defined(PTBENCH_HAVE_GENERIC_AMDV1) || defined(PTBENCH_HAVE_GENERIC_X86_64) || \
	defined(PTBENCH_HAVE_GENERIC_VTDSS) || defined(PTBENCH_HAVE_GENERIC_RISCV64)
#define CONFIG_IOMMU_PT 1
#define CONFIG_SMP 1
/* Caches are flushed by clflush, not by the DMA API. */
#if defined(__x86_64__)
#define CONFIG_X86 1
#endif
#endif
/* Dirty addresses go to a bitmap: iova_bitmap.h. */
#define CONFIG_IOMMUFD_DRIVER 1
#ifdef PTBENCH_HAVE_LPAE
#define CONFIG_IOMMU_IO_PGTABLE_LPAE 1
#endif
#ifdef PTBENCH_HAVE_V7S
#define CONFIG_IOMMU_IO_PGTABLE_ARMV7S 1
#endif

#ifdef PTBENCH_SELFTEST
#define CONFIG_IOMMU_IO_PGTABLE_LPAE_SELFTEST 1
#define CONFIG_IOMMU_IO_PGTABLE_ARMV7S_SELFTEST 1
#else
#ifdef PTBENCH_HAVE_DART
#define CONFIG_IOMMU_IO_PGTABLE_DART 1
#endif
#define CONFIG_AMD_IOMMU 1
#define CONFIG_INTEL_IOMMU 1
#endif

#endif
