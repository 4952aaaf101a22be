/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dma.h - an IOMMU that nothing but this module drives, as the DMA check wants it. The machine has one, and
 * its kernel is told to leave it alone.
 */
#ifndef PTBENCH_INSIDE_DMA_H
#define PTBENCH_INSIDE_DMA_H

#include <linux/types.h>

struct pci_dev;

struct inside_iommu {
	const char *name;
	const char *format; /* of the page tables that it walks */
	/* Have it walk the table at @root for @device. 0 or a negative errno. */
	int (*enable)(struct pci_dev *device, const void *root, unsigned int top_level);
	void (*disable)(void);
	void (*flush)(void); /* all translations, and waits until they are gone */
	/* Does it report what it refuses? Then: has it since it was asked last, and where? */
	bool reports;
	bool (*refused)(u64 *address);
};

extern const struct inside_iommu inside_intel_iommu, inside_amd_iommu;

/* Both variants of the engine under @iommu; 0 or a negative errno. */
int inside_dma(const struct inside_iommu *iommu);

#endif
