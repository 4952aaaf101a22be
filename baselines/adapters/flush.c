// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * flush.c - the TLB that is not there. Each thread counts its own commands: a
 * shared counter would make threads wait for each other as no hardware does.
 */
#include "adapters/flush.h"

#include "adapters/adapter.h"

static __thread unsigned long flushes;

void adapter_flush_tlb(void)
{
	flushes++;
}

#if PTBENCH_LINUX >= 6007
int adapter_flush_map(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	(void)domain;
	(void)iova;
	(void)size;
	adapter_flush_tlb();
	return 0;
}
#else
void adapter_flush_map(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	(void)domain;
	(void)iova;
	(void)size;
	adapter_flush_tlb();
}
#endif

unsigned long adapter_flushes(void)
{
	return flushes;
}
