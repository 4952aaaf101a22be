/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* s390_driver.h - what s390_driver.c offers of the functions taken out of s390-iommu.c. */
#ifndef PTBENCH_ADAPTER_S390_DRIVER_H
#define PTBENCH_ADAPTER_S390_DRIVER_H

#include <linux/iommu.h>

extern const struct iommu_domain_ops s390_domain_ops;

/* Make a domain of @ia_bits with its root. Returns 0, -EINVAL beyond 42 bits, or -ENOMEM. */
int s390_domain_create(unsigned int ia_bits, struct iommu_domain **domain);

/* Free @domain and all its tables. */
void s390_domain_destroy(struct iommu_domain *domain);

/* The region-third table, level 2 of the walk. */
const void *s390_domain_root(struct iommu_domain *domain);

#endif
