/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* intel_driver.h - what intel_driver.c offers of the functions taken out of intel/iommu.c. */
#ifndef PTBENCH_ADAPTER_INTEL_DRIVER_H
#define PTBENCH_ADAPTER_INTEL_DRIVER_H

#include <linux/types.h>
#include <intel/iommu.h>

extern const struct iommu_domain_ops intel_domain_ops;
#if PTBENCH_LINUX >= 6012
extern const struct iommu_dirty_ops intel_dirty_read_ops;
#endif

/* The number of levels that @bits of address take, in VT-d's code: 1 for three, 2 for four. */
int intel_width_to_agaw(int bits);

/* Make @domain's root, written back for a walker that does not snoop. Returns 0 or -ENOMEM. */
int intel_alloc_root(struct dmar_domain *domain);

/* Free every table of @domain, the root too. */
void intel_free_tables(struct dmar_domain *domain);

#endif
