// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dma.c - the engine's tables under an IOMMU that somebody else wrote: QEMU's edu device copies through them. What is
 * mapped is copied, holes and read-only pages are refused, and while another thread cuts and joins the
 * leaves under it, no byte is wrong and nothing is refused.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/pci.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "dma.h"
#include "pagetable.h"
#include "subjects.h"

/* edu, docs/specs/edu in QEMU: registers of its DMA engine, and its own buffer as that addresses it. */
#define EDU_VENDOR 0x1234
#define EDU_DEVICE 0x11e8
#define EDU_SOURCE 0x80
#define EDU_TARGET 0x88
#define EDU_COUNT 0x90
#define EDU_COMMAND 0x98
#define EDU_BUFFER 0x40000
#define EDU_RUN 1
#define EDU_TO_MEMORY 2

/* Not all 4096 of the buffer: QEMU 7.2 takes one byte less. */
#define BYTES 4000
#define HUGE_LG2 21
#define HUGE_BYTES (1UL << HUGE_LG2)
/* edu has 28 address bits. */
#define SMALL_FROM 0x100000ULL
#define SMALL_TO 0x7fff000ULL
#define HUGE_IOVA 0x8000000ULL
#define FROM (HUGE_IOVA + 0x5000)
#define TO (HUGE_IOVA + 0x1ff000)
#define HOLE (HUGE_IOVA + 0x6000)
#define COPIES_MEANWHILE 12

static const struct inside_iommu *iommu;
static void __iomem *edu;
static u8 *small_from, *small_to, *huge;
static unsigned int faults, changes;

static void flush(void *context, uint64_t start, uint64_t last, bool tables)
{
	if (!inside_planted("flush"))
		iommu->flush();
}

static void wrong(const char *what)
{
	faults++;
	pr_err("inside: dma %s: %s\n", iommu->name, what);
}

/* Have the device move BYTES between its buffer and @iova. */
static void transfer(u64 iova, bool to_memory)
{
	writeq(to_memory ? EDU_BUFFER : iova, edu + EDU_SOURCE);
	writeq(to_memory ? iova : EDU_BUFFER, edu + EDU_TARGET);
	writeq(BYTES, edu + EDU_COUNT);
	writeq(EDU_RUN | (to_memory ? EDU_TO_MEMORY : 0), edu + EDU_COMMAND);
	for (unsigned int tries = 0; readq(edu + EDU_COMMAND) & EDU_RUN; tries++) {
		if (tries == 5000) {
			wrong("the device does not come to an end");
			return;
		}
		usleep_range(500, 1000);
	}
}

/* A new content goes from one place to another, or else that is a fault. */
static void copy(u64 from, u64 to, u8 *source, u8 *target, const char *what)
{
	u64 address;

	get_random_bytes(source, BYTES);
	memset(target, 0, BYTES);
	transfer(from, false);
	transfer(to, true);
	if (iommu->refused(&address)) {
		pr_err("inside: refused at %llx\n", address);
		wrong(what);
	} else if (memcmp(source, target, BYTES)) {
		wrong(what);
	}
}

/*
 * A read that the table forbids does not bring what is in @memory, which would be read: what the device has
 * afterwards goes to the page for copies.
 */
static void refuse_read(u64 iova, u8 *memory, const char *what)
{
	u64 address = 0;

	get_random_bytes(memory, BYTES);
	transfer(iova, false);
	if (iommu->reports && (!iommu->refused(&address) || (address & PAGE_MASK) != iova))
		wrong(what);
	transfer(SMALL_TO, true);
	if (!memcmp(memory, small_to, BYTES))
		wrong(what);
}

/* A write that it forbids leaves @memory as it is. */
static void refuse_write(u64 iova, u8 *memory, const char *what)
{
	u64 address = 0;

	copy(FROM, TO, huge + 0x5000, huge + 0x1ff000, "before a write");
	memset(memory, 0, BYTES);
	/* QEMU reports what its walk refuses, and not what a translation that it remembers does. */
	iommu->flush();
	transfer(iova, true);
	if (iommu->reports && (!iommu->refused(&address) || (address & PAGE_MASK) != iova))
		wrong(what);
	if (memchr_inv(memory, 0, BYTES))
		wrong(what);
}

static void map(struct pagetable *table, u64 iova, void *memory, u64 length, unsigned int prot)
{
	if (table->ops->map(table, iova, virt_to_phys(memory), length, prot))
		wrong("map failed");
}

static void unmap(struct pagetable *table, u64 iova, u64 length)
{
	struct pt_gather gather = PT_GATHER_INIT;

	if (table->ops->unmap(table, iova, length, &gather) != length)
		wrong("unmap failed");
	pt_sync(table, &gather);
}

/* Cut, fragment and join the leaves that the device works on, until told to stop. */
static int keep_changing(void *context)
{
	struct pagetable *table = context;

	while (!kthread_should_stop()) {
		struct pt_gather gather = PT_GATHER_INIT;
		int error = table->ops->cut(table, HOLE, PAGE_SIZE, &gather);

		pt_sync(table, &gather);
		error = error
				?: table->ops->fragment(table, HUGE_IOVA, HUGE_BYTES, PAGE_SHIFT,
							&gather);
		pt_sync(table, &gather);
		error = error ?: table->ops->reassemble(table, HUGE_IOVA, HUGE_BYTES, 63, &gather);
		pt_sync(table, &gather);
		if (error)
			wrong("a change failed");
		changes++;
		usleep_range(100, 200);
	}
	return 0;
}

static void copy_meanwhile(struct pagetable *table)
{
	struct task_struct *thread = kthread_run(keep_changing, table, "ptbench-changes");

	if (IS_ERR(thread)) {
		wrong("no thread");
		return;
	}
	for (unsigned int i = 0; i < COPIES_MEANWHILE; i++)
		copy(FROM, TO, huge + 0x5000, huge + 0x1ff000,
		     "a copy while leaves are cut and joined");
	kthread_stop(thread);
}

static void check(struct pagetable *table)
{
	struct pt_gather gather = PT_GATHER_INIT;

	map(table, SMALL_FROM, small_from, PAGE_SIZE, PT_READ);
	map(table, SMALL_TO, small_to, PAGE_SIZE, PT_READ | PT_WRITE);
	map(table, HUGE_IOVA, huge, HUGE_BYTES, PT_READ | PT_WRITE);
	copy(SMALL_FROM, SMALL_TO, small_from, small_to, "between 4K pages");
	copy(FROM, TO, huge + 0x5000, huge + 0x1ff000, "in a 2M page");
	refuse_write(SMALL_FROM, small_from, "a write to a read-only page is not refused");
	copy_meanwhile(table);
	if (table->ops->cut(table, HOLE, PAGE_SIZE, &gather))
		wrong("cut failed");
	pt_sync(table, &gather);
	copy(FROM, TO, huge + 0x5000, huge + 0x1ff000, "after cut");
	unmap(table, HOLE, PAGE_SIZE);
	copy(FROM, TO, huge + 0x5000, huge + 0x1ff000, "beside a hole");
	refuse_read(HOLE, huge + 0x6000, "a hole is not refused");
	unmap(table, SMALL_FROM, PAGE_SIZE);
	refuse_read(SMALL_FROM, small_from, "what was unmapped is not refused");
	map(table, HOLE, huge + (HOLE - HUGE_IOVA), PAGE_SIZE, PT_READ | PT_WRITE);
	if (table->ops->reassemble(table, HUGE_IOVA, HUGE_BYTES, 63, &gather))
		wrong("reassemble failed");
	pt_sync(table, &gather);
	copy(FROM, HOLE, huge + 0x5000, huge + 0x6000, "after reassemble");
}

/* Both variants, one after the other; the memory that the device sees stays ours until the end. */
static int on_device(struct pci_dev *device, const struct inside_format *format)
{
	const struct pt_format *variants[] = { format->inlined, format->recursive };

	for (unsigned int i = 0; i < ARRAY_SIZE(variants) && !faults; i++) {
		struct pt_config config = { .flush = flush };
		struct pagetable *table;
		unsigned int level;
		const void *root;
		int error = variants[i]->create(&config, &table);

		if (error)
			return error;
		root = pt_root(table, &level);
		error = iommu->enable(device, root, level);
		if (error)
			return error;
		check(table);
		iommu->disable();
		table->ops->destroy(table);
	}
	return 0;
}

static int with_memory(struct pci_dev *device, const struct inside_format *format)
{
	int error;

	small_from = (void *)__get_free_page(GFP_KERNEL);
	small_to = (void *)__get_free_page(GFP_KERNEL);
	huge = (void *)__get_free_pages(GFP_KERNEL, HUGE_LG2 - PAGE_SHIFT);
	error = small_from && small_to && huge ? on_device(device, format) : -ENOMEM;
	free_page((unsigned long)small_from);
	free_page((unsigned long)small_to);
	free_pages((unsigned long)huge, HUGE_LG2 - PAGE_SHIFT);
	return error;
}

static const struct inside_format *format_of(const char *name)
{
	const struct inside_format *format = inside_formats;

	while (format->name && strcmp(format->name, name))
		format++;
	return format->name ? format : NULL;
}

int inside_dma(const struct inside_iommu *chosen)
{
	const struct inside_format *format = format_of(chosen->format);
	struct pci_dev *device = pci_get_device(EDU_VENDOR, EDU_DEVICE, NULL);
	int error = device ? pci_enable_device(device) : -ENODEV;

	iommu = chosen;
	if (error || !format) {
		pr_err("inside: dma %s: no edu device, or not built with %s\n", iommu->name,
		       iommu->format);
		return -ENODEV;
	}
	pci_set_master(device);
	edu = pci_iomap(device, 0, 0);
	error = edu ? with_memory(device, format) : -ENOMEM;
	if (error)
		pr_err("inside: dma %s: %d\n", iommu->name, error);
	pr_info("inside: dma %s: %s, copies in 2 variants, %u changes under them: %s\n",
		iommu->name, iommu->format, changes, error || faults ? "WRONG" : "fine");
	return error ? error : faults ? -EIO : 0;
}
