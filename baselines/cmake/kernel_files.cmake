# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What of a kernel tree the drivers are compiled from, and which of its headers they see. No kernel
# include/ folder is on their path: a header is on one of these lists or it is missing, and then the
# build says so.

# Headers of the tree itself.
set(PTBENCH_REAL_HEADERS
	linux/bitfield.h
	linux/const.h
	linux/io-pgtable.h
	linux/iommu.h
	linux/kconfig.h
	linux/list.h
	linux/sizes.h
	linux/typecheck.h
	uapi/linux/const.h
	vdso/const.h)
# The same, in the versions that have them.
set(PTBENCH_OPTIONAL_HEADERS
	linux/args.h
	linux/generic_pt/common.h
	linux/generic_pt/iommu.h
	linux/ioasid.h
	linux/iova_bitmap.h
	uapi/linux/iommu.h
	uapi/linux/iommufd.h)

# Stubs of one line, which lead to shim/shim.h.
set(PTBENCH_STUB_HEADERS
	asm/barrier.h
	asm/byteorder.h
	asm/cacheflush.h
	asm/iommu.h
	asm/page.h
	linux/atomic.h
	linux/bitops.h
	linux/bits.h
	linux/bug.h
	linux/build_bug.h
	linux/cacheflush.h
	linux/cleanup.h
	linux/compiler.h
	linux/container_of.h
	linux/device.h
	linux/dma-mapping.h
	linux/dmar.h
	linux/err.h
	linux/errno.h
	linux/export.h
	linux/gfp.h
	linux/idr.h
	linux/io-64-nonatomic-lo-hi.h
	linux/io.h
	linux/ioctl.h
	linux/iommu-helper.h
	linux/iova.h
	linux/irqreturn.h
	linux/kernel.h
	linux/kmemleak.h
	linux/limits.h
	linux/log2.h
	linux/mem_encrypt.h
	linux/minmax.h
	linux/mm.h
	linux/mm_types.h
	linux/mmu_notifier.h
	linux/msi.h
	linux/mutex.h
	linux/of.h
	linux/pci.h
	linux/perf_event.h
	linux/poison.h
	linux/rculist.h
	linux/rcupdate.h
	linux/scatterlist.h
	linux/seqlock.h
	linux/slab.h
	linux/spinlock.h
	linux/stddef.h
	linux/string.h
	linux/stringify.h
	linux/types.h
	linux/vmstat.h
	linux/xarray.h)

# What the drivers of a tree are, by capability: what a tree lacks costs only the formats that need it, which
# adapters/list.c names with the reason. A capability is there when its files are, and where the file
# named first contains the function named in PTBENCH_NEEDS_*.
set(PTBENCH_CAPABILITIES LPAE LPAE_SELFTEST LPAE_SPLITS V7S DART AMD INTEL S390 GENERIC_AMDV1 GENERIC_X86_64
	GENERIC_VTDSS GENERIC_RISCV64 DETAILED_GATHER)
set(iommu drivers/iommu)
set(PTBENCH_FILES_LPAE ${iommu}/io-pgtable-arm.c ${iommu}/io-pgtable-arm.h ${iommu}/io-pgtable.c)
set(PTBENCH_FILES_LPAE_SELFTEST ${iommu}/io-pgtable-arm.c)
set(PTBENCH_NEEDS_LPAE_SELFTEST arm_lpae_do_selftests)
set(PTBENCH_FILES_LPAE_SPLITS ${iommu}/io-pgtable-arm.c)
set(PTBENCH_NEEDS_LPAE_SPLITS arm_lpae_split_blk_unmap)
set(PTBENCH_FILES_V7S ${iommu}/io-pgtable-arm-v7s.c ${iommu}/io-pgtable.c)
set(PTBENCH_FILES_DART ${iommu}/io-pgtable-dart.c ${iommu}/io-pgtable.c)
set(PTBENCH_FILES_AMD ${iommu}/amd/io_pgtable.c ${iommu}/amd/io_pgtable_v2.c ${iommu}/amd/amd_iommu.h
	${iommu}/amd/amd_iommu_types.h ${iommu}/io-pgtable.c)
set(PTBENCH_FILES_INTEL ${iommu}/intel/iommu.c ${iommu}/intel/iommu.h)
set(PTBENCH_NEEDS_INTEL intel_iommu_map_pages)
# Until 6.6 the tables of s390 were spread over the architecture's PCI code.
set(PTBENCH_FILES_S390 ${iommu}/s390-iommu.c arch/s390/include/asm/pci_dma.h)
set(PTBENCH_NEEDS_S390 dma_alloc_cpu_table_caches)
foreach(format amdv1 x86_64 vtdss riscv64)
	string(TOUPPER ${format} upper)
	set(PTBENCH_FILES_GENERIC_${upper} ${iommu}/generic_pt/fmt/iommu_${format}.c ${iommu}/generic_pt/iommu_pt.h
		${iommu}/iommu-pages.c)
endforeach()

set(PTBENCH_FILES_DETAILED_GATHER include/linux/generic_pt/common.h)
set(PTBENCH_NEEDS_DETAILED_GATHER PT_FEAT_DETAILED_GATHER)

# All of it, to be taken out of an archive.
set(PTBENCH_KERNEL_FILES Makefile ${iommu}/generic_pt ${iommu}/dma-iommu.h ${iommu}/iommu-pages.c
	${iommu}/iommu-pages.h)
foreach(capability IN LISTS PTBENCH_CAPABILITIES)
	list(APPEND PTBENCH_KERNEL_FILES ${PTBENCH_FILES_${capability}})
endforeach()
foreach(header IN LISTS PTBENCH_REAL_HEADERS PTBENCH_OPTIONAL_HEADERS)
	list(APPEND PTBENCH_KERNEL_FILES include/${header})
endforeach()
list(REMOVE_DUPLICATES PTBENCH_KERNEL_FILES)

# The capabilities of @tree, in @result.
function(ptbench_capabilities tree result)
	set(found "")
	foreach(capability IN LISTS PTBENCH_CAPABILITIES)
		set(has TRUE)
		foreach(file IN LISTS PTBENCH_FILES_${capability})
			if(NOT EXISTS ${tree}/${file})
				set(has FALSE)
			endif()
		endforeach()
		if(has AND PTBENCH_NEEDS_${capability})
			list(GET PTBENCH_FILES_${capability} 0 file)
			file(STRINGS ${tree}/${file} has REGEX "${PTBENCH_NEEDS_${capability}}" LIMIT_COUNT 1)
		endif()
		if(has)
			list(APPEND found ${capability})
		endif()
	endforeach()
	set(${result} ${found} PARENT_SCOPE)
endfunction()
