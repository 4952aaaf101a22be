// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * intel_iommu.c - VT-d in legacy mode, at the address where QEMU has it. Intel Virtualization Technology for Directed
 * I/O, sections 9.1 (root entries), 9.3 (context entries) and 11.4 (registers).
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/pci.h>

#include "dma.h"

#define BASE 0xfed90000UL
#define CAP 0x08
#define ECAP 0x10
#define GCMD 0x18
#define GSTS 0x1c
#define RTADDR 0x20
#define CCMD 0x28
#define FSTS 0x34
#define TRANSLATION BIT(31)
#define SET_ROOT BIT(30)
#define BUSY BIT_ULL(63)
#define GLOBAL_CONTEXTS BIT_ULL(61)
#define GLOBAL_TRANSLATIONS BIT_ULL(60)
#define PRESENT 1UL
#define FAULT BIT_ULL(63)

static void __iomem *registers;
static unsigned int iotlb, record; /* offsets of registers that are told by others */

static void flush(void)
{
	writeq(BUSY | GLOBAL_TRANSLATIONS, registers + iotlb);
	while (readq(registers + iotlb) & BUSY)
		cpu_relax();
}

static void command(u32 bit)
{
	writel(bit, registers + GCMD);
	while (!(readl(registers + GSTS) & bit))
		cpu_relax();
}

static int enable(struct pci_dev *device, const void *root, unsigned int top_level)
{
	u64 *roots = (void *)get_zeroed_page(GFP_KERNEL),
	    *contexts = (void *)get_zeroed_page(GFP_KERNEL);

	registers = ioremap(BASE, 0x1000);
	if (!roots || !contexts || !registers)
		return -ENOMEM;
	if (readl(registers) == U32_MAX)
		return -ENODEV;
	iotlb = ((readq(registers + ECAP) >> 8) & 0x3ff) * 16 + 8;
	record = ((readq(registers + CAP) >> 24) & 0x3ff) * 16;
	roots[2 * device->bus->number] = virt_to_phys(contexts) | PRESENT;
	contexts[2 * device->devfn] = virt_to_phys((void *)root) | PRESENT;
	/* The address width (1: three levels, 2: four), and domain 1. */
	contexts[2 * device->devfn + 1] = (top_level - 1) | 1 << 8;
	writeq(virt_to_phys(roots), registers + RTADDR);
	command(SET_ROOT);
	writeq(BUSY | GLOBAL_CONTEXTS, registers + CCMD);
	while (readq(registers + CCMD) & BUSY)
		cpu_relax();
	flush();
	command(TRANSLATION);
	return 0;
}

static void disable(void)
{
	writel(0, registers + GCMD);
	iounmap(registers);
}

static bool refused(u64 *address)
{
	u64 high = readq(registers + record + 8);

	if (!(high & FAULT))
		return false;
	*address = readq(registers + record);
	writeq(FAULT, registers + record + 8);
	writel(readl(registers + FSTS), registers + FSTS);
	return true;
}

const struct inside_iommu inside_intel_iommu = {
	.name = "intel-iommu",
	.format = "vtdss",
	.enable = enable,
	.disable = disable,
	.flush = flush,
	.reports = true,
	.refused = refused,
};
