// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * amd_iommu.c - AMD's IOMMU, at the address where QEMU has it. AMD I/O Virtualization Technology (IOMMU)
 * Specification 48882, sections 2.2.2 (device table), 2.4 (commands) and 3.4 (registers).
 */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/pci.h>

#include "dma.h"

#define BASE 0xfed80000UL
#define DEVICE_TABLE 0x00
#define COMMANDS 0x08
#define CONTROL 0x18
#define COMMANDS_HEAD 0x2000
#define COMMANDS_TAIL 0x2008
#define RING_256 (8UL << 56) /* entries of 16 bytes: a page of them */
#define ENABLE (BIT_ULL(0) | BIT_ULL(12)) /* translation, commands */
#define INVALIDATE_ALL (8UL << 60)
#define TRANSLATES \
	(BIT_ULL(0) | BIT_ULL(1) | BIT_ULL(61) | BIT_ULL(62)) /* valid; may read and write */

static void __iomem *registers;
static u64 *commands;
static unsigned int command_tail;

static void flush(void)
{
	commands[command_tail / 8] = INVALIDATE_ALL;
	commands[command_tail / 8 + 1] = 0;
	wmb();
	command_tail = (command_tail + 16) % PAGE_SIZE;
	writeq(command_tail, registers + COMMANDS_TAIL);
	/* QEMU lets the end of the ring be read where it should be its beginning. */
	while ((readq(registers + COMMANDS_HEAD) & (PAGE_SIZE - 1)) != command_tail)
		cpu_relax();
}

static int enable(struct pci_dev *device, const void *root, unsigned int top_level)
{
	u64 *table = (void *)get_zeroed_page(GFP_KERNEL), *entry;

	commands = (void *)get_zeroed_page(GFP_KERNEL);
	registers = ioremap(BASE, 0x4000);
	if (!table || !commands || !registers)
		return -ENOMEM;
	command_tail = 0;
	/* A page holds the entries of the first sixteen devices of bus 0. */
	entry = table + 4 * device->devfn;
	if (device->bus->number || 4 * device->devfn + 4 > PAGE_SIZE / sizeof(u64))
		return -ENODEV;
	entry[0] = virt_to_phys((void *)root) | (u64)(top_level + 1) << 9 | TRANSLATES;
	entry[1] = 1;
	writeq(virt_to_phys(table), registers + DEVICE_TABLE);
	writeq(virt_to_phys(commands) | RING_256, registers + COMMANDS);
	writeq(0, registers + COMMANDS_HEAD);
	writeq(0, registers + COMMANDS_TAIL);
	writeq(ENABLE, registers + CONTROL);
	flush();
	return 0;
}

static void disable(void)
{
	writeq(0, registers + CONTROL);
	iounmap(registers);
}

/* QEMU writes no event for what a leaf forbids. */
static bool refused(u64 *address)
{
	return false;
}

const struct inside_iommu inside_amd_iommu = {
	.name = "amd-iommu",
	.format = "amdv1",
	.enable = enable,
	.disable = disable,
	.flush = flush,
	.refused = refused,
};
