/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pagetable.h - what a caller may use of the page-table engine.
 *
 * A page table is created from a format (AMDv1, ARMv8 4K stage 1, ...) in one
 * of its variants (inline or recursive, the same source instantiated twice) and
 * a configuration. Every operation is reached through the table's ops, one
 * indirect call, as a driver reaches its domain's.
 *
 * Words used here: an *item* is one slot of a table, an *entry* all items of one
 * translation, a *leaf* an entry that translates, a *table* what other items
 * point to. *Level* 0 is the level that holds only leaves. IOVA is the input
 * address, OA the output address; *granule* the smallest page. Names ending in
 * _lg2 are base-2 logarithms. "start, last" is inclusive.
 *
 * Concurrency: callers promise that operations running at the same time have
 * disjoint IOVA ranges; then they need no lock. Readers (iova_to_phys) may run
 * at any time; with config.rcu_readers they do so inside an RCU read section
 * and tables are freed after a grace period.
 *
 * Errors: negative errno. -EINVAL an empty range or one not aligned to the
 * granule, or a prot the format cannot express; -ERANGE an address outside the
 * input or output width; -EADDRINUSE something is mapped in the range already;
 * -ENOMEM no memory for a table. An operation that fails leaves every
 * translation as it was and has freed all it allocated; only a root that has
 * grown stays grown, and with PT_FREE_NEVER tables stay that readers may have seen.
 */
#ifndef PTBENCH_PAGETABLE_H
#define PTBENCH_PAGETABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pagetable;
struct pt_format;

/*
 * Permissions and memory type of a mapping; the values are Linux's IOMMU_*, and so is what they mean where
 * hardware has finer rules. VMSAv8: at stage 2 PT_NOEXEC lets EL1 execute where FEAT_XNX is implemented
 * (PT_QUIRK_XNX forbids it too); at stage 1 EL0 can fetch instructions from PT_PRIV without PT_NOEXEC.
 */
enum pt_prot {
	PT_READ = 1 << 0,
	PT_WRITE = 1 << 1,
	PT_CACHE = 1 << 2, /* snooped, write-back */
	PT_NOEXEC = 1 << 3,
	PT_MMIO = 1 << 4, /* device memory; wins over PT_CACHE */
	PT_PRIV = 1 << 5, /* privileged reads and writes only, where the format knows them */
};

/* Deviations from a format's default behaviour; a format refuses those it lacks. */
enum pt_quirk {
	PT_QUIRK_HARDWARE_DIRTY = 1 << 0, /* writable leaves let hardware record dirty (ARM DBM) */
	PT_QUIRK_NON_SECURE = 1 << 1, /* ARM NS and NSTable bits */
	PT_QUIRK_TTBR1 = 1 << 2, /* the upper half of the address space */
	PT_QUIRK_FORCE_SNOOP = 1 << 3, /* VT-d SNP on every leaf */
	PT_QUIRK_NO_PERMS = 1 << 4, /* ARMv7s without permission bits */
	PT_QUIRK_MTK_EXT = 1 << 5, /* ARMv7s MediaTek 35-bit output */
	PT_QUIRK_MTK_TTBR_EXT = 1 << 6, /* the same for table addresses */
	PT_QUIRK_CONTIGUOUS = 1 << 7, /* use the contiguous hint (ARM) or Svnapot (RISC-V) */
	PT_QUIRK_MEMORY_TYPES = 1 << 8, /* RISC-V Svpbmt */
	PT_QUIRK_FIRST_STAGE = 1 << 9, /* x86-64: VT-d's first-stage rules, not AMD's */
	PT_QUIRK_NO_FORCE_COHERENCE = 1 << 10, /* AMDv1 without FC on leaves */
	PT_QUIRK_SIGN_EXTEND = 1 << 11, /* x86-64: both halves of the address space */
	PT_QUIRK_EXACT_PERMISSIONS = 1 << 12, /* VT-d: write-only leaves cannot be read */
	PT_QUIRK_XNX = 1 << 13, /* ARM stage 2 with FEAT_XNX: PT_NOEXEC holds for EL1 too */
	PT_QUIRK_CACHED = 1 << 14, /* DART 2: pages with PT_CACHE may be cached; else none may */
	PT_QUIRK_ONE_ROOT = 1 << 15, /* ARM stage 2: joins root tables only where it must */
};

/* When a table below the root is given back. */
enum pt_freeing {
	PT_FREE_COVERED, /* as soon as one unmap covers all that it spans (the default) */
	/*
	 * As soon as its last leaf goes. Needs config.rcu_readers, and every map and
	 * unmap then runs inside an RCU read section of its caller.
	 */
	PT_FREE_EAGER,
	/*
	 * Only by destroy: readers need no sections. A table whose place a leaf takes (map, reassemble)
	 * is kept too, so that memory grows each time that small leaves and a large one take turns.
	 */
	PT_FREE_NEVER,
};

/* A run of physical memory. */
struct pt_run {
	uint64_t oa;
	uint64_t length; /* bytes */
};

/* Tables that wait to be freed, and the range whose translations must be flushed first. */
struct pt_gather {
	uint64_t start, last; /* nothing collected where start > last */
	void *tables; /* detached tables, linked through table_link() */
	bool lazy; /* collect across unmaps and widen; the caller syncs later */
};

#define PT_GATHER_INIT ((struct pt_gather){ .start = UINT64_MAX })

/* Where read_dirty() puts what it finds. */
struct pt_dirty {
	uint64_t iova; /* of bit 0, and where the range begins */
	unsigned int page_lg2; /* size that one bit stands for */
	bool clear; /* mark leaves that were found, and lie in the range whole, as clean */
	uint64_t *bits; /* bits are set, never cleared */
};

struct pt_config {
	unsigned int ia_bits; /* input width; 0: the format's default */
	unsigned int oa_bits; /* output width; 0: the format's default */
	uint64_t page_sizes; /* bitmap of leaf sizes to use; 0: all that the format offers */
	unsigned int quirks; /* enum pt_quirk */
	bool incoherent; /* the walker does not snoop: written items are flushed */
	/*
	 * The machine demands break-before-make when the size of a live leaf changes
	 * (ARM without FEAT_BBM level 2; no effect on formats without that rule).
	 */
	bool break_before_make;
	bool rcu_readers; /* readers run under RCU: free tables after a grace period */
	enum pt_freeing freeing;
	/*
	 * Invalidate translations of [start, last], and with @tables also cached
	 * table items; called by sync, and by map when a leaf takes the place of
	 * empty tables. May be NULL.
	 */
	void (*flush)(void *context, uint64_t start, uint64_t last, bool tables);
	/*
	 * The root is about to grow: give hardware the new one, which has all that the old one has. Nothing
	 * is mapped behind it before this returns, by whichever thread; one call at a time. Must not
	 * map into the same page table. May be NULL.
	 */
	void (*root_changed)(void *context, const void *root, unsigned int top_level);
	void *context;
};

struct pt_ops {
	/*
	 * Map [iova, iova + length) to the physical range that starts at @oa.
	 * Chooses leaf sizes itself, as large as the alignment of both addresses
	 * and config.page_sizes allow, and grows the root where the format can.
	 */
	int (*map)(struct pagetable *table, uint64_t iova, uint64_t oa, uint64_t length,
		   unsigned int prot);
	/*
	 * Map @count physical runs one after the other from @iova on, in one walk; runs that
	 * touch are joined, into larger leaves where they can be. All or nothing, as map.
	 */
	int (*map_batch)(struct pagetable *table, uint64_t iova, const struct pt_run *runs,
			 size_t count, unsigned int prot);
	/*
	 * Remove every leaf that begins in [iova, iova + length), whole. Addresses
	 * in it that map nothing are skipped. Returns the bytes from @iova that
	 * translate no more: @length, or more where the last leaf was larger; 0 where
	 * a leaf spans @iova but begins before it. -ERANGE for 2^63 bytes and more, of which
	 * the result could not tell. Detached tables and the range go to
	 * @gather; call sync before the memory that was mapped is used for something else.
	 */
	int64_t (*unmap)(struct pagetable *table, uint64_t iova, uint64_t length,
			 struct pt_gather *gather);
	/*
	 * The same, handing back the physical memory: what the removed leaves mapped, in the
	 * order of their addresses, as runs that were joined where they touch. Stops when all @room (at
	 * least 1) of @runs are used; the bytes returned say where to go on. @count takes
	 * the number of runs.
	 */
	int64_t (*unmap_batch)(struct pagetable *table, uint64_t iova, uint64_t length,
			       struct pt_gather *gather, struct pt_run *runs, size_t room,
			       size_t *count);
	/*
	 * Afterwards no leaf straddles @iova or @iova + @length. Every address translates as
	 * before at every instant; with config.break_before_make, leaves that are
	 * replaced vanish for a moment, with a flush in between. -ENOMEM changes nothing.
	 */
	int (*cut)(struct pagetable *table, uint64_t iova, uint64_t length,
		   struct pt_gather *gather);
	/*
	 * Afterwards no leaf that overlaps the range is larger than 1 << @largest_lg2 bytes; what a
	 * larger one had outside is left in the largest leaves that fit. Attributes and dirty marks
	 * are kept. As cut otherwise.
	 */
	int (*fragment)(struct pagetable *table, uint64_t iova, uint64_t length,
			unsigned int largest_lg2, struct pt_gather *gather);
	/*
	 * Join leaves inside the range into larger ones of at most 1 << @largest_lg2
	 * bytes, where output addresses and attributes let them. The result is dirty
	 * if any part was. Calls config.flush itself, so that a mark that hardware makes in
	 * a table on its way out is not lost. Never fails for want of memory. As cut otherwise.
	 */
	int (*reassemble)(struct pagetable *table, uint64_t iova, uint64_t length,
			  unsigned int largest_lg2, struct pt_gather *gather);
	/*
	 * The same for a caller who vouches that all of the range is mapped to one run of physical
	 * memory, with one set of attributes: nothing is read to find that out. -ENOENT where @iova is not
	 * mapped. A caller who is wrong gets the memory and the attributes of @iova for the leaves that are
	 * written; tables stay sound.
	 */
	int (*collapse)(struct pagetable *table, uint64_t iova, uint64_t length,
			unsigned int largest_lg2, struct pt_gather *gather);
	/*
	 * Set the bits of all pages in [dirty->iova, dirty->iova + length) that hardware has
	 * recorded a write to; of a larger leaf, all that lies in the range. With
	 * dirty->clear the marks of leaves that lie in the range as a whole are cleared, and what
	 * must be flushed goes to @gather, which may be NULL without. A leaf that the range only
	 * reaches into has one mark for all of it, which the next part still needs: it stays, so
	 * that a scan in pieces smaller than leaves reports them every time, and never too little.
	 * -EOPNOTSUPP where the format has no dirty marks.
	 */
	int (*read_dirty)(struct pagetable *table, const struct pt_dirty *dirty, uint64_t length,
			  struct pt_gather *gather);
	/*
	 * What hardware does when a device writes to @iova. -ENOENT where nothing is mapped, -EACCES
	 * where nothing may be written.
	 */
	int (*set_dirty)(struct pagetable *table, uint64_t iova);
	/* The output address of @iova, or PT_NOT_MAPPED. */
	uint64_t (*iova_to_phys)(struct pagetable *table, uint64_t iova);
	/* Free the page table and all its tables. No other operation may be running. */
	void (*destroy)(struct pagetable *table);
};

#define PT_NOT_MAPPED UINT64_MAX

/* One item as pt_visit() hands it out. */
struct pt_item {
	uint64_t iova; /* first address that the item spans */
	uint64_t word; /* as it is in memory */
	uint64_t oa; /* first output address of the item, of leaves */
	unsigned int level;
	unsigned int lg2; /* size that the item spans */
	bool is_table;
};

struct pt_format {
	const char *name;
	const char *title; /* what the manual calls it */
	unsigned int granule_lg2;
	uint64_t page_sizes; /* leaf sizes of the default config; others may add some */
	unsigned int default_ia_bits, default_oa_bits;
	unsigned int quirks; /* those it accepts */
	bool may_be_incoherent;
	bool has_dirty; /* hardware can record writes */
	uint64_t table_marks; /* bits of table items that the engine notes things in for itself */
	/*
	 * Create an empty page table.
	 * Returns 0, or -EINVAL for a width, size or quirk that the format lacks, -ENOMEM.
	 */
	int (*create)(const struct pt_config *config, struct pagetable **result);
	/*
	 * Read a page table out of memory, whoever wrote it: calls @visit for every
	 * item that is not empty, parents before children, in address order, until it returns
	 * non-zero; returns that.
	 * @root: address of the root; @top_level and @config as the table was made with.
	 */
	int (*visit)(const struct pt_config *config, const void *root, unsigned int top_level,
		     int (*visit)(void *context, const struct pt_item *item), void *context);
	/*
	 * The same word with what may differ between equal tables zeroed: of a table item its
	 * address and @table_marks.
	 */
	uint64_t (*comparable)(const struct pt_config *config, const struct pt_item *item);
};

/* The formats of one variant, "inline" or "recursive", ended by NULL. NULL for another name. */
const struct pt_format *const *pt_formats(const char *variant);

/* The format @name in @variant, or NULL. */
const struct pt_format *pt_format_find(const char *name, const char *variant);

/* The ops of a page table: its first member. */
struct pagetable {
	const struct pt_ops *ops;
};

/* What hardware needs to walk @table: the root's address and the root's level. */
const void *pt_root(const struct pagetable *table, unsigned int *top_level);

/* How pt_dump() writes: indented lines for people, or one JSON object. */
enum pt_dump_style { PT_DUMP_TEXT, PT_DUMP_JSON };

/*
 * Write out every item of @table that is not empty, in the order of addresses: @write
 * is called with pieces of text. With config.rcu_readers it may run inside an RCU read section
 * while others map and unmap: each item is shown as it was when it was read.
 * Returns 0, or what @write returned if that was not 0, which ends it.
 */
int pt_dump(const struct pagetable *table, enum pt_dump_style style,
	    int (*write)(void *context, const char *text, size_t length), void *context);

/* Flush what @gather collected, free its tables, and leave it empty. */
void pt_sync(struct pagetable *table, struct pt_gather *gather);

/*
 * Wait until all tables are freed that syncs let go of before, of all page tables with
 * config.rcu_readers. Never inside a read section.
 */
void pt_barrier(void);

#endif
