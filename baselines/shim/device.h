/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * device.h - the driver model as the page-table files see it: a struct device
 * with a memory node, and the many types that the real iommu.h, amd_iommu.h and
 * intel/iommu.h put into structures that no page-table function looks at.
 */
#ifndef PTBENCH_SHIM_DEVICE_H
#define PTBENCH_SHIM_DEVICE_H

#include "shim/pages.h"
#include "shim/report.h"
#include "shim/sync.h"

struct dev_iommu;
struct device {
	struct dev_iommu *iommu;
	void *driver_data;
	int numa_node;
};

static inline int dev_to_node(struct device *device)
{
	return device ? device->numa_node : NUMA_NO_NODE;
}

static inline void set_dev_node(struct device *device, int node)
{
	device->numa_node = node;
}

static inline void *dev_get_drvdata(const struct device *device)
{
	return device->driver_data;
}

struct pci_bus {
	unsigned char number;
};
struct pci_dev {
	struct pci_bus *bus;
	unsigned int devfn;
	unsigned short vendor, device;
	struct device dev;
};
#define PCI_VENDOR_ID_ATI 0x1002
#define PCI_DEVICE_ID_RD890_IOMMU 0x5a23
#define PCI_DEVID(bus, devfn) ((u16)((bus) << 8 | (devfn)))
#define pci_domain_nr(bus) ((void)(bus), 0)
#define pci_dev_id(pdev) PCI_DEVID((pdev)->bus->number, (pdev)->devfn)
#define debug_dma_dump_mappings(device) ((void)(device))

/* Boot-time hooks. Only a self-test has one; selftest.c calls it by this name. */
#define EXPORT_SYMBOL_GPL(symbol) extern typeof(symbol) symbol
#define EXPORT_SYMBOL_NS_GPL(symbol, space) EXPORT_SYMBOL_GPL(symbol)
#define MODULE_LICENSE(text) struct module
#define MODULE_DESCRIPTION(text) struct module
#define MODULE_IMPORT_NS(space) struct module
#define subsys_initcall(function)              \
	int ptbench_initcall_##function(void); \
	int ptbench_initcall_##function(void)  \
	{                                      \
		return function();             \
	}                                      \
	extern int ptbench_initcall_##function(void)

/* Held by value, never used. */
struct scatterlist;
struct sg_table {
	struct scatterlist *sgl;
	unsigned int nents, orig_nents;
};
struct work_struct {
	void *unused;
};
struct xarray {
	void *unused;
};
struct mmu_notifier {
	void *unused;
};
struct llist_head {
	void *unused;
};
struct llist_node {
	void *unused;
};
struct ratelimit_state {
	int unused;
};
struct msi_msg {
	u32 unused;
};
struct rb_root {
	void *unused;
};
struct rb_node {
	void *unused;
};
struct completion {
	int unused;
};
struct pmu {
	int unused;
};
typedef atomic_t refcount_t;
typedef int irqreturn_t;
typedef u64 cycles_t;
#define DMAR_UNITS_SUPPORTED 1024

/* Named only. */
struct attribute_group;
struct dentry;
struct dmar_drhd_unit;
struct dmar_pci_notify_info;
struct fwnode_handle;
struct intel_iommu;
struct irq_cfg;
struct irq_domain;
struct mm_struct;
struct module;
struct of_phandle_args;

/* Called by inline functions of the headers that no page-table function calls. */
unsigned long copy_from_user(void *to, const void *from, unsigned long bytes);
int copy_struct_to_user(void *to, size_t to_bytes, const void *from, size_t from_bytes,
			bool *ignored);
int copy_struct_from_user(void *to, size_t to_bytes, const void *from, size_t from_bytes);
u32 readl(const volatile void *address);
u64 readq(const volatile void *address);
void writel(u32 value, volatile void *address);
void writeq(u64 value, volatile void *address);
cycles_t get_cycles(void);
void panic(const char *format, ...);
int snprintf(char *text, size_t bytes, const char *format, ...) __printf(3, 4);

/* 6.1 walks a domain's IOMMUs when it has replaced a table; the adapters attach none. */
static inline void *xa_load(struct xarray *array, unsigned long index)
{
	(void)array;
	(void)index;
	return NULL;
}
#define xa_for_each(array, index, entry) \
	for ((index) = 0; ((entry) = xa_load(array, index)); (index)++)

#endif
