/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * smmu.h - the caller of the ARM formats: domain operations and TLB callbacks as
 * arm-smmu-v3's are. Unmapped pages join the gather one by one; tables are flushed
 * at once; the gather is flushed when the unmap is done or when it cannot grow.
 */
#ifndef PTBENCH_ADAPTER_SMMU_H
#define PTBENCH_ADAPTER_SMMU_H

#include "adapters/io_pgtable.h"

extern const struct iommu_flush_ops smmu_flush_ops;

/* The domain operations, and with them the functions of struct baseline. */
extern const struct iommu_domain_ops smmu_domain_ops;
ADAPTER_DECLARE_OPERATIONS(smmu)

/* ARM's drivers split a leaf that is unmapped in part, until they refuse that. */
#ifdef PTBENCH_HAVE_LPAE_SPLITS
#define LPAE_SPLITS true
#else
#define LPAE_SPLITS false
#endif

/* As smmu_punch(), but the leaf is unmapped and its rests mapped again. */
int smmu_punch_whole(void *handle, unsigned long long iova, unsigned long long size,
		     unsigned long long hole, unsigned long long hole_size, unsigned int prot);

#endif
