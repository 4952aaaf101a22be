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
	linux/atomic.h
	linux/bitops.h
	linux/bug.h
	linux/build_bug.h
	linux/container_of.h
	linux/device.h
	linux/dma-mapping.h
	linux/dmar.h
	linux/err.h
	linux/errno.h
	linux/gfp.h
	linux/idr.h
	linux/io-64-nonatomic-lo-hi.h
	linux/io.h
	linux/ioctl.h
	linux/iova.h
	linux/irqreturn.h
	linux/kernel.h
	linux/kmemleak.h
	linux/mm.h
	linux/mmu_notifier.h
	linux/msi.h
	linux/mutex.h
	linux/of.h
	linux/pci.h
	linux/perf_event.h
	linux/poison.h
	linux/scatterlist.h
	linux/seqlock.h
	linux/slab.h
	linux/spinlock.h
	linux/stddef.h
	linux/types.h
	linux/vmstat.h
	linux/xarray.h)

# Everything that is needed; what is optional depends on the version.
set(PTBENCH_KERNEL_FILES
	Makefile
	drivers/iommu/amd/amd_iommu.h
	drivers/iommu/amd/amd_iommu_types.h
	drivers/iommu/amd/io_pgtable.c
	drivers/iommu/amd/io_pgtable_v2.c
	drivers/iommu/intel/iommu.c
	drivers/iommu/intel/iommu.h
	drivers/iommu/io-pgtable-arm-v7s.c
	drivers/iommu/io-pgtable-arm.c
	drivers/iommu/io-pgtable-arm.h
	drivers/iommu/io-pgtable-dart.c
	drivers/iommu/io-pgtable.c)
set(PTBENCH_KERNEL_OPTIONAL_FILES
	arch/s390/include/asm/pci_dma.h
	drivers/iommu/iommu-pages.h
	drivers/iommu/s390-iommu.c)
foreach(header IN LISTS PTBENCH_REAL_HEADERS)
	list(APPEND PTBENCH_KERNEL_FILES include/${header})
endforeach()
foreach(header IN LISTS PTBENCH_OPTIONAL_HEADERS)
	list(APPEND PTBENCH_KERNEL_OPTIONAL_FILES include/${header})
endforeach()
