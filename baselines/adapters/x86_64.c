// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * x86_64.c - the CPU's own format, which two drivers write: AMD's guest tables,
 * or with BASELINE_QUIRK_FIRST_STAGE VT-d's first stage. The lowest bit of a
 * handle says which, so that telling them apart costs a predicted branch.
 */
#include "adapters/amd.h"
#include "adapters/intel.h"
#include "adapters/list.h"

#define INTEL_TAG 1UL

static inline int is_intel(const void *handle)
{
	return (unsigned long)handle & INTEL_TAG;
}

static inline void *untagged(void *handle)
{
	return (char *)handle - INTEL_TAG;
}

static int x86_64_create(const struct baseline_config *config, void **handle)
{
	int error;

	if (!(config->quirks & BASELINE_QUIRK_FIRST_STAGE))
		return amd_v2_create(config, handle);
	error = intel_create(config, 1, handle);
	if (!error)
		*handle = (char *)*handle + INTEL_TAG;
	return error;
}

static void x86_64_destroy(void *handle)
{
	if (is_intel(handle))
		intel_destroy(untagged(handle));
	else
		amd_v2_destroy(handle);
}

static int x86_64_map(void *handle, unsigned long long iova, unsigned long long pa,
		      unsigned long long size, unsigned int prot)
{
	if (is_intel(handle))
		return intel_map(untagged(handle), iova, pa, size, prot);
	return amd_map(handle, iova, pa, size, prot);
}

static unsigned long long x86_64_unmap(void *handle, unsigned long long iova,
				       unsigned long long size, int lazy)
{
	if (is_intel(handle))
		return intel_unmap(untagged(handle), iova, size, lazy);
	return amd_unmap(handle, iova, size, lazy);
}

static int x86_64_map_runs(void *handle, unsigned long long iova, const struct baseline_run *runs,
			   unsigned long count, unsigned int prot)
{
	if (is_intel(handle))
		return intel_map_runs(untagged(handle), iova, runs, count, prot);
	return amd_map_runs(handle, iova, runs, count, prot);
}

static unsigned long long x86_64_unmap_runs(void *handle, unsigned long long iova,
					    unsigned long long size, int lazy,
					    struct baseline_run *runs, unsigned long room,
					    unsigned long *count)
{
	if (is_intel(handle))
		return intel_unmap_runs(untagged(handle), iova, size, lazy, runs, room, count);
	return amd_unmap_runs(handle, iova, size, lazy, runs, room, count);
}

static int x86_64_resize(void *handle, unsigned long long iova, unsigned long long size,
			 unsigned int piece_lg2, unsigned int prot)
{
	if (is_intel(handle))
		return intel_resize(untagged(handle), iova, size, piece_lg2, prot);
	return amd_resize(handle, iova, size, piece_lg2, prot);
}

static int x86_64_punch(void *handle, unsigned long long iova, unsigned long long size,
			unsigned long long hole, unsigned long long hole_size, unsigned int prot)
{
	if (is_intel(handle))
		return intel_punch(untagged(handle), iova, size, hole, hole_size, prot);
	return amd_punch(handle, iova, size, hole, hole_size, prot);
}

static unsigned long long x86_64_iova_to_phys(void *handle, unsigned long long iova)
{
	if (is_intel(handle))
		return intel_iova_to_phys(untagged(handle), iova);
	return amd_iova_to_phys(handle, iova);
}

static const void *x86_64_root(void *handle, unsigned int *top_level)
{
	if (is_intel(handle))
		return intel_root(untagged(handle), top_level);
	return amd_v2_root(handle, top_level);
}

const struct baseline baseline_x86_64 = {
	.format = "x86_64",
	.source = "drivers/iommu/amd/io_pgtable_v2.c",
	.version = PTBENCH_BASELINE_VERSION,
	.create = x86_64_create,
	.destroy = x86_64_destroy,
	ADAPTER_USE_OPERATIONS(x86_64),
	.punch = x86_64_punch,
	.root = x86_64_root,
#if PTBENCH_LINUX < 6012
	/* XD: until 6.1 no first-stage leaf or table of VT-d could be executed from. */
	.own_bits = 1ULL << 63,
#endif
};
