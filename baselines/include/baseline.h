/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * baseline.h - the kernel's own page-table drivers, as the study calls them.
 *
 * A baseline is one driver of one kernel version, compiled unmodified behind the
 * shim, with an adapter that does what the driver's caller in the kernel does:
 * choose page sizes (iommu_pgsize), loop over partial progress (__iommu_map,
 * __iommu_unmap), collect the gather and free its tables - and no more.
 *
 * Included by C library code and by code compiled the kernel's way: built-in
 * types only.
 */
#ifndef PTBENCH_BASELINE_H
#define PTBENCH_BASELINE_H

/* As the kernel's IOMMU_READ ... IOMMU_PRIV. */
#define BASELINE_READ 1u
#define BASELINE_WRITE 2u
#define BASELINE_CACHE 4u
#define BASELINE_NOEXEC 8u
#define BASELINE_MMIO 16u
#define BASELINE_PRIV 32u

/* What a table is made with; values that the driver does not take are ignored by its adapter. */
#define BASELINE_QUIRK_HARDWARE_DIRTY (1u << 0)
#define BASELINE_QUIRK_NON_SECURE (1u << 1)
#define BASELINE_QUIRK_TTBR1 (1u << 2)
#define BASELINE_QUIRK_FORCE_SNOOP (1u << 3)
#define BASELINE_QUIRK_NO_PERMS (1u << 4)
#define BASELINE_QUIRK_MTK_EXT (1u << 5)
#define BASELINE_QUIRK_MTK_TTBR_EXT (1u << 6)
#define BASELINE_QUIRK_CONTIGUOUS (1u << 7)
#define BASELINE_QUIRK_FIRST_STAGE (1u << 9)

struct baseline_config {
	unsigned int ia_bits, oa_bits; /* 0: the driver's usual */
	unsigned long long page_sizes; /* bitmap; 0: the driver's usual */
	unsigned int quirks; /* BASELINE_QUIRK_* */
	int incoherent; /* the walker does not snoop */
};

/* A run of physical memory. */
struct baseline_run {
	unsigned long long pa, size; /* bytes */
};

struct baseline {
	const char *format; /* the engine's name for what it writes: "amdv1" */
	const char *source; /* "drivers/iommu/amd/io_pgtable.c" */
	const char *version; /* "linux-6.12": the kernel's name, and the variant's in the study */
	/*
	 * Returns 0, or a negative errno where the driver refuses the configuration: also
	 * one that says incoherent, where the hardware always snoops.
	 */
	int (*create)(const struct baseline_config *config, void **handle);
	void (*destroy)(void *handle);
	/*
	 * As iommu_map(): all of @size, or a negative errno with nothing left mapped; but
	 * VT-d's driver does not tell its caller how far it came, so what it had mapped
	 * when memory ran out stays.
	 */
	int (*map)(void *handle, unsigned long long iova, unsigned long long pa,
		   unsigned long long size, unsigned int prot);
	/*
	 * As iommu_unmap() (lazy = 0: collect, then sync), or as the DMA API with a
	 * flush queue (lazy = 1: gather->queued, no sync). Frees the gathered tables.
	 * Returns the bytes unmapped, as the kernel's function does. AMD's and VT-d's
	 * drivers unmap a larger leaf as a whole; VT-d's must be told of its first page,
	 * in the middle of one it takes the mapped memory for a table.
	 */
	unsigned long long (*unmap)(void *handle, unsigned long long iova, unsigned long long size,
				    int lazy);
	/*
	 * Map @count runs one after the other from @iova on, as iommu_map_sg() does:
	 * neighbours that touch are joined, then each run is a map of its own. On
	 * failure all are unmapped that were mapped before, and of the one that failed
	 * what map() would undo.
	 */
	int (*map_runs)(void *handle, unsigned long long iova, const struct baseline_run *runs,
			unsigned long count, unsigned int prot);
	/*
	 * Unmap [@iova, @iova + @size) and hand back the physical memory, joined where it
	 * touches, as iommufd and VFIO do: an iova_to_phys for each 4 KiB whatever the
	 * leaf's size, then an unmap as above. Stops when all @room (at least 1) of
	 * @runs are used and unmaps what they hold. Every address must be mapped and no
	 * leaf be cut, as iommufd takes care of: an address that is not mapped is taken
	 * for physical address 0. Returns the bytes unmapped; @count takes the number of runs.
	 */
	unsigned long long (*unmap_runs)(void *handle, unsigned long long iova,
					 unsigned long long size, int lazy,
					 struct baseline_run *runs, unsigned long room,
					 unsigned long *count);
	/*
	 * Give [@iova, @iova + @size), one run of physical memory that is mapped with @prot, leaves
	 * of 1 << @piece_lg2 bytes, or the largest that fit for 63, as the drivers' users do: unmap all and
	 * map it again. 0 or a negative errno.
	 */
	int (*resize)(void *handle, unsigned long long iova, unsigned long long size,
		      unsigned int piece_lg2, unsigned int prot);
	/*
	 * The same with the largest leaves, for a user who does not know that it is one run of memory: asks
	 * for the address of every smallest page first. 0 too where it is not, and nothing is changed then.
	 */
	int (*reassemble)(void *handle, unsigned long long iova, unsigned long long size,
			  unsigned int prot);
	/*
	 * Unmap [@hole, @hole + @hole_size) out of the larger leaf [@iova, @iova + @size): until they
	 * refuse that (7.x) ARM's drivers split it themselves, with the others the two rests are
	 * mapped again. 0 or a negative errno.
	 */
	int (*punch)(void *handle, unsigned long long iova, unsigned long long size,
		     unsigned long long hole, unsigned long long hole_size, unsigned int prot);
	/*
	 * As iommufd's read of the dirty bitmap: set the bits of all pages of
	 * [@iova, @iova + @size) that lie in leaves marked dirty, and with @clear mark
	 * them clean and sync. Bit 0 of @bitmap stands for the 1 << @page_lg2 bytes at @iova;
	 * bits are never cleared. NULL where the driver cannot. Every address must be
	 * mapped and @iova be a leaf's first: ARM's driver refuses a hole (-EINVAL), the others
	 * step over one from wherever they are. A clearing read of a leaf that reaches
	 * beyond the range loses what the bitmap has no bits for. What ARM's driver
	 * has just mapped for writing is dirty; on other formats it is clean.
	 * -EOPNOTSUPP: a table of ARM's without BASELINE_QUIRK_HARDWARE_DIRTY.
	 */
	int (*read_dirty)(void *handle, unsigned long long iova, unsigned long long size, int clear,
			  unsigned long long *bitmap, unsigned int page_lg2);
	/*
	 * What hardware does when a device writes to @iova, in the driver's tables: marks
	 * the one item that its walk ends in. -ENOENT where nothing is mapped that may be
	 * written and marked. NULL for formats that no read_dirty is known for.
	 */
	int (*set_dirty)(void *handle, unsigned long long iova);
	/* As the driver answers: 0 where nothing is mapped; on s390 the page's address only. */
	unsigned long long (*iova_to_phys)(void *handle, unsigned long long iova);
	/* Bits of items that only this version sets, and no newer one: no part of comparisons. */
	unsigned long long own_bits;
	/*
	 * Address of the root table as hardware would get it, and its level (0 = leaves
	 * only). Of DART's up to four roots, the first.
	 */
	const void *(*root)(void *handle, unsigned int *top_level);
};

/* Why a kernel has no baseline for a format. */
struct baseline_missing {
	const char *format, *reason;
};

/* One kernel of the build. */
struct baseline_kernel {
	const char *name; /* "linux-6.12", or what the user calls it */
	unsigned int version; /* 6012 */
	const struct baseline *const *baselines; /* ended by NULL */
	const struct baseline_missing *missing; /* ended by one without a format */
	unsigned long (*flushes)(void); /* the calling thread's share of baseline_flushes() */
};

/* The kernels that this build holds, in the order they were named, ended by NULL. */
const struct baseline_kernel *const *baseline_kernels(void);

/* Their baselines, kernel by kernel, ended by NULL; empty without a kernel tree. */
const struct baseline *const *baselines(void);

/* The kernel that @baseline, one of baselines(), is of. */
const struct baseline_kernel *baseline_kernel(const struct baseline *baseline);

/* Invalidations that the calling thread's operations would have sent to a TLB. */
unsigned long baseline_flushes(void);

/*
 * Run the boot-time self-tests that the drivers bring along; a test links
 * ptbench_baselines_selftest for it.
 * @report: called for each: the kernel's name, the initcall's and what it returned, 0 for a pass.
 * Returns how many ran.
 */
int baseline_selftests(void (*report)(const char *kernel, const char *name, int result));

/* Warnings and errors that the drivers have printed so far (WARN_ON, pr_err); 0 expected. */
long baseline_warnings(void);

/* Print the drivers' messages to stderr (1, the default) or only count them (0). */
void baseline_messages(int on);

#endif
