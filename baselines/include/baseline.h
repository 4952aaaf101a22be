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
#define BASELINE_QUIRK_FIRST_STAGE (1u << 9)

struct baseline_config {
	unsigned int ia_bits, oa_bits; /* 0: the driver's usual */
	unsigned long long page_sizes; /* bitmap; 0: the driver's usual */
	unsigned int quirks;           /* BASELINE_QUIRK_* */
	int incoherent;                /* the walker does not snoop */
};

struct baseline {
	const char *format;  /* the engine's name for what it writes: "amdv1" */
	const char *source;  /* "drivers/iommu/amd/io_pgtable.c" */
	const char *version; /* "linux-6.12": the variant's name in the study */
	/* Returns 0, or a negative errno where the driver refuses the configuration. */
	int (*create)(const struct baseline_config *config, void **handle);
	void (*destroy)(void *handle);
	/* As iommu_map(): all of @size, or a negative errno with nothing left mapped. */
	int (*map)(void *handle, unsigned long long iova, unsigned long long pa,
		   unsigned long long size, unsigned int prot);
	/*
	 * As iommu_unmap() (lazy = 0: collect, then sync), or as the DMA API with a
	 * flush queue (lazy = 1: gather->queued, no sync). Frees the gathered tables.
	 * Returns the bytes unmapped, as the kernel's function does.
	 */
	unsigned long long (*unmap)(void *handle, unsigned long long iova,
				    unsigned long long size, int lazy);
	/* As the driver answers: 0 where nothing is mapped. */
	unsigned long long (*iova_to_phys)(void *handle, unsigned long long iova);
	/* Address of the root table as hardware would get it, and its level (0 = leaves only). */
	const void *(*root)(void *handle, unsigned int *top_level);
};

/* All baselines that this build holds, ended by NULL; empty without a kernel tree. */
const struct baseline *const *baselines(void);

/*
 * Run the boot-time self-tests that the drivers bring along.
 * @name, @result: called for each: its initcall's name and what it returned, 0 for a pass.
 * Returns how many ran.
 */
int baseline_selftests(void (*report)(const char *name, int result));

/* Warnings and errors that the drivers have printed so far (WARN_ON, pr_err); 0 expected. */
long baseline_warnings(void);

/* Print the drivers' messages to stderr (1, the default) or only count them (0). */
void baseline_messages(int on);

#endif
