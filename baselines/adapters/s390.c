// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * s390.c - s390-iommu.c: zPCI's three-level tables of 4K pages. Whether the tables
 * are written back is not asked: on s390 all I/O snoops.
 */
#include "adapters/adapter.h"
#include "adapters/list.h"
#include "adapters/operations.h"
#include "adapters/runs.h"
#include "adapters/s390_driver.h"

static int s390_create(const struct baseline_config *config, void **handle)
{
	struct iommu_domain *domain;
	int error;

	if (config->incoherent)
		return -EOPNOTSUPP;
	error = s390_domain_create(config->ia_bits, &domain);
	if (!error)
		*handle = domain;
	return error;
}

static void s390_destroy(void *handle)
{
	s390_domain_destroy(handle);
}

ADAPTER_OPERATIONS(static, s390, s390_domain_ops, false, false)

static const void *s390_root(void *handle, unsigned int *top_level)
{
	*top_level = 2;
	return s390_domain_root(handle);
}

const struct baseline baseline_s390 = {
	.format = "s390",
	.source = "drivers/iommu/s390-iommu.c",
	.version = PTBENCH_BASELINE_VERSION,
	.create = s390_create,
	.destroy = s390_destroy,
	ADAPTER_USE_OPERATIONS(s390),
	.punch = s390_punch,
	.root = s390_root,
};
