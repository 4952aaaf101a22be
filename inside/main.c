// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * main.c - the module: checks or counts as its parameters say while it is loaded. What it found it
 * prints, with "inside: " before every line; the last one is "fine" or "FAILED".
 */
#include <linux/module.h>
#include <linux/string.h>

#include "pagetable.h"
#include "dma.h"
#include "subjects.h"

static int verify = 1000;
module_param(verify, int, 0);
MODULE_PARM_DESC(verify, "random steps of a format; 0: none");

static bool count;
module_param(count, bool, 0);
MODULE_PARM_DESC(count, "count instructions: where the time stamp counter counts them");

static char *dma = "";
module_param(dma, charp, 0);
MODULE_PARM_DESC(dma, "check DMA through an IOMMU that the kernel leaves alone: intel or amd");

static unsigned long seed = 1;
module_param(seed, ulong, 0);
MODULE_PARM_DESC(seed, "of what is random");

char *inside_plant = "";
module_param_named(plant, inside_plant, charp, 0);
MODULE_PARM_DESC(plant, "a fault put in on purpose: word, flush, leak or sleep");

bool inside_planted(const char *what)
{
	return !strcmp(inside_plant, what);
}

unsigned int inside_subjects(const struct inside_format *format, struct inside_subject *list)
{
	unsigned int number = inside_engine_subjects(format, list);

	return number + inside_kernel_subjects(format->name, list + number);
}

/* Of dump and of pt_format_find(), which ask by name: nobody does here. */
const struct pt_format *const *pt_formats(const char *variant)
{
	return NULL;
}

static int one_format(const struct inside_format *format)
{
	long before = inside_tables_live;
	int error = 0;

	if (verify)
		error = inside_verify(format, verify, seed);
	if (count && !error)
		error = inside_count(format);
	pt_barrier();
	if (inside_tables_live != before) {
		pr_err("inside: %s: %ld tables are not given back\n", format->name,
		       inside_tables_live - before);
		return -ENOMEM;
	}
	return error;
}

static int __init inside_init(void)
{
	int error = inside_kernel_init();

	if (error)
		return error;
	if (count)
		inside_calibrate();
	for (const struct inside_format *format = inside_formats; format->name && !*dma; format++) {
		int failed = one_format(format);

		error = failed ? failed : error;
	}
	if (*dma)
		error = inside_dma(strcmp(dma, "amd") ? &inside_intel_iommu : &inside_amd_iommu);
	if (inside_slept) {
		pr_err("inside: sleeps in atomic context: %u times\n", inside_slept);
		error = -EBUSY;
	}
	pr_info("inside: %s\n", error ? "FAILED" : "fine");
	inside_kernel_exit();
	return 0;
}

static void __exit inside_exit(void)
{
}

module_init(inside_init);
module_exit(inside_exit);
MODULE_DESCRIPTION("ptbench's page-table engine inside a kernel");
MODULE_LICENSE("Dual BSD/GPL");
