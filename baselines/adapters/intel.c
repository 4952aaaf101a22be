// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * intel.c - VT-d second stage, and its first stage for the x86_64 adapter. The
 * driver takes a range and finds the page sizes again itself; tables that an
 * unmap leaves empty come back in the gather.
 *
 * A map that fails for want of memory leaves the part that it had written, as in
 * the kernel: this driver reports no partial progress, so nobody can undo it.
 */
#include "adapters/intel.h"

#include "adapters/adapter.h"
#include "adapters/dirty.h"
#include "adapters/hardware_vtd.h"
#include "adapters/intel_driver.h"
#include "adapters/list.h"
#include "adapters/runs.h"

/* Adjusted guest address width: 1 is 39 bits in three levels; each more has 9 bits more. */
#define AGAW_3_LEVELS 1
#define AGAW_4_LEVELS 2
#define AGAW_5_LEVELS 3

static void set_stage(struct dmar_domain *domain, int first_stage)
{
#if PTBENCH_LINUX >= 6012
	domain->use_first_level = first_stage;
	domain->max_addr = (1ULL << domain->gaw) - 1;
#else
	if (first_stage)
		domain->flags |= DOMAIN_FLAG_USE_FIRST_LEVEL;
#endif
}

/* As in the kernel, first-stage tables, whose leaves are made dirty, are not tracked. */
static void track_dirty(struct dmar_domain *domain, int first_stage)
{
#if PTBENCH_LINUX >= 6012
	if (first_stage)
		return;
	domain->domain.dirty_ops = &intel_dirty_read_ops;
	domain->dirty_tracking = 1;
#else
	(void)domain;
	(void)first_stage;
#endif
}

static struct dmar_domain *handle_to_dmar(void *handle)
{
	return container_of((struct iommu_domain *)handle, struct dmar_domain, domain);
}

int intel_create(const struct baseline_config *config, int first_stage, void **handle)
{
	unsigned long sizes = SZ_4K | SZ_2M | SZ_1G;
	unsigned int bits = config->ia_bits ? config->ia_bits : 48;
	int agaw = intel_width_to_agaw(bits);
	struct dmar_domain *domain;

	if (config->page_sizes)
		sizes &= config->page_sizes;
	/* The capability is a number of levels: no 1G pages without 2M ones. */
	if (sizes != SZ_4K && sizes != (SZ_4K | SZ_2M) && sizes != (SZ_4K | SZ_2M | SZ_1G))
		return -EINVAL;
	if (agaw < (first_stage ? AGAW_4_LEVELS : AGAW_3_LEVELS) || agaw > AGAW_5_LEVELS)
		return -EINVAL;
	domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	if (!domain)
		return -ENOMEM;
	domain->domain.ops = &intel_domain_ops;
	domain->domain.pgsize_bitmap = sizes;
	domain->nid = NUMA_NO_NODE;
	domain->gaw = bits;
	domain->agaw = agaw;
	domain->iommu_superpage = sizes & SZ_1G ? 2 : sizes & SZ_2M ? 1 : 0;
	domain->iommu_coherency = !config->incoherent;
	domain->set_pte_snp = !first_stage && config->quirks & BASELINE_QUIRK_FORCE_SNOOP;
	set_stage(domain, first_stage);
	track_dirty(domain, first_stage);
	if (intel_alloc_root(domain)) {
		kfree(domain);
		return -ENOMEM;
	}
	*handle = &domain->domain;
	return 0;
}

void intel_destroy(void *handle)
{
	struct dmar_domain *domain = handle_to_dmar(handle);

	intel_free_tables(domain);
	kfree(domain);
}

ADAPTER_OPERATIONS(, intel, intel_domain_ops, false, true)

const void *intel_root(void *handle, unsigned int *top_level)
{
	struct dmar_domain *domain = handle_to_dmar(handle);

	*top_level = domain->agaw - AGAW_3_LEVELS + 2;
	return domain->pgd;
}

DEFINE_VTDSS_HARDWARE

static int vtdss_set_dirty(void *handle, unsigned long long iova)
{
	unsigned int level;
	const void *root = intel_root(handle, &level);

	return hardware_set_dirty(&vtdss_hardware, root, level, iova);
}

static int vtdss_create(const struct baseline_config *config, void **handle)
{
	return intel_create(config, 0, handle);
}

const struct baseline baseline_vtdss = {
	.format = "vtdss",
	.source = "drivers/iommu/intel/iommu.c",
	.version = PTBENCH_BASELINE_VERSION,
	.create = vtdss_create,
	.destroy = intel_destroy,
	ADAPTER_USE_OPERATIONS(intel),
	.punch = intel_punch,
	.read_dirty = ADAPTER_READ_DIRTY,
	.set_dirty = vtdss_set_dirty,
	.root = intel_root,
};
