/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * operations.h - the functions of struct baseline that are the same for every
 * driver, instantiated for each one's domain operations. Handles are the drivers'
 * struct iommu_domain.
 */
#ifndef PTBENCH_ADAPTER_OPERATIONS_H
#define PTBENCH_ADAPTER_OPERATIONS_H

#include "adapters/resize.h"
#include "adapters/runs.h"
#include "baseline.h"

/*
 * Define @name_map() ... for @domain_ops, a constant; @linkage is static or empty.
 * @splits, @one_by_one: see resize.h.
 */
#define ADAPTER_OPERATIONS(linkage, name, domain_ops, splits, one_by_one)                         \
	linkage int name##_map(void *handle, unsigned long long iova, unsigned long long pa,      \
			       unsigned long long size, unsigned int prot)                        \
	{                                                                                         \
		return adapter_map(&(domain_ops), handle, iova, pa, size, prot);                  \
	}                                                                                         \
	linkage unsigned long long name##_unmap(void *handle, unsigned long long iova,            \
						unsigned long long size, int lazy)                \
	{                                                                                         \
		return adapter_unmap(&(domain_ops), handle, iova, size, lazy);                    \
	}                                                                                         \
	linkage int name##_map_runs(void *handle, unsigned long long iova,                        \
				    const struct baseline_run *runs, unsigned long count,         \
				    unsigned int prot)                                            \
	{                                                                                         \
		return adapter_map_runs(&(domain_ops), handle, iova, runs, count, prot);          \
	}                                                                                         \
	linkage unsigned long long name##_unmap_runs(                                             \
		void *handle, unsigned long long iova, unsigned long long size, int lazy,         \
		struct baseline_run *runs, unsigned long room, unsigned long *count)              \
	{                                                                                         \
		return adapter_unmap_runs(&(domain_ops), handle, iova, size, lazy, runs, room,    \
					  count);                                                 \
	}                                                                                         \
	linkage int name##_resize(void *handle, unsigned long long iova, unsigned long long size, \
				  unsigned int piece_lg2, unsigned int prot)                      \
	{                                                                                         \
		return adapter_resize(&(domain_ops), handle, iova, size, piece_lg2, prot,         \
				      one_by_one);                                                \
	}                                                                                         \
	linkage int name##_reassemble(void *handle, unsigned long long iova,                      \
				      unsigned long long size, unsigned int prot)                 \
	{                                                                                         \
		return adapter_reassemble(&(domain_ops), handle, iova, size, prot);               \
	}                                                                                         \
	linkage int name##_punch(void *handle, unsigned long long iova, unsigned long long size,  \
				 unsigned long long hole, unsigned long long hole_size,           \
				 unsigned int prot)                                               \
	{                                                                                         \
		return adapter_punch(&(domain_ops), handle, iova, size, hole, hole_size, prot,    \
				     splits);                                                     \
	}                                                                                         \
	linkage unsigned long long name##_iova_to_phys(void *handle, unsigned long long iova)     \
	{                                                                                         \
		return (domain_ops).iova_to_phys(handle, iova);                                   \
	}

/* Declare them for other files. */
#define ADAPTER_DECLARE_OPERATIONS(name)                                                      \
	int name##_map(void *handle, unsigned long long iova, unsigned long long pa,          \
		       unsigned long long size, unsigned int prot);                           \
	unsigned long long name##_unmap(void *handle, unsigned long long iova,                \
					unsigned long long size, int lazy);                   \
	int name##_map_runs(void *handle, unsigned long long iova,                            \
			    const struct baseline_run *runs, unsigned long count,             \
			    unsigned int prot);                                               \
	unsigned long long name##_unmap_runs(                                                 \
		void *handle, unsigned long long iova, unsigned long long size, int lazy,     \
		struct baseline_run *runs, unsigned long room, unsigned long *count);         \
	int name##_resize(void *handle, unsigned long long iova, unsigned long long size,     \
			  unsigned int piece_lg2, unsigned int prot);                         \
	int name##_reassemble(void *handle, unsigned long long iova, unsigned long long size, \
			      unsigned int prot);                                             \
	int name##_punch(void *handle, unsigned long long iova, unsigned long long size,      \
			 unsigned long long hole, unsigned long long hole_size,               \
			 unsigned int prot);                                                  \
	unsigned long long name##_iova_to_phys(void *handle, unsigned long long iova);

/* Their place in a struct baseline, but for punch, which drivers differ in. */
#define ADAPTER_USE_OPERATIONS(name)                                                               \
	.map = name##_map, .unmap = name##_unmap, .map_runs = name##_map_runs,                     \
	.unmap_runs = name##_unmap_runs, .resize = name##_resize, .reassemble = name##_reassemble, \
	.iova_to_phys = name##_iova_to_phys

#endif
