/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * subjects.h - what is compared inside a kernel: the engine's variants and the kernel's own page tables,
 * each called directly, as its nearest caller does, and behind iommu_map().
 */
#ifndef PTBENCH_INSIDE_SUBJECTS_H
#define PTBENCH_INSIDE_SUBJECTS_H

#include <linux/types.h>

struct pt_format;

struct inside_subject {
	const char *name; /* "inline", "recursive", "linux", or one of them and "+core" */
	/* NULL where it cannot be had. */
	void *(*create)(const struct inside_subject *subject);
	void (*destroy)(void *handle);
	int (*map)(void *handle, u64 iova, u64 oa, u64 length,
		   int prot); /* 0 or a negative errno */
	u64 (*unmap)(void *handle, u64 iova, u64 length); /* bytes, from @iova on */
	u64 (*iova_to_phys)(void *handle, u64 iova); /* 0 where nothing is mapped */
	/* Where the tables begin, as the engine's visit() wants it. */
	const void *(*root)(void *handle, unsigned int *top_level);
	const struct pt_format *format; /* of the engine's */
	int driver; /* of the kernel's: what subjects of one file tell each other apart by */
};

/* The formats of this module, each with both variants; ended by a NULL name. */
struct inside_format {
	const char *name;
	const struct pt_format *inlined, *recursive;
};

extern const struct inside_format inside_formats[];

#define INSIDE_MOST_SUBJECTS 8

/* All subjects of a format; how many. */
unsigned int inside_subjects(const struct inside_format *format, struct inside_subject *list);
/* The engine's alone: engine.c. And the kernel's: io_pgtable.c or another file, by version. */
unsigned int inside_engine_subjects(const struct inside_format *format,
				    struct inside_subject *list);
unsigned int inside_kernel_subjects(const char *format, struct inside_subject *list);
int inside_kernel_init(void);
void inside_kernel_exit(void);

/* Tables of the engine that are allocated now, and how often it was about to sleep where that is forbidden. */
extern long inside_tables_live;
extern unsigned int inside_slept;

/* What the engine's page tables were told to flush since it was last emptied: bits of pages in a window. */
void inside_flushed_clear(u64 base, unsigned long pages);
bool inside_flushed(u64 iova);

/* A fault put in on purpose, which verify has to find: "word", "flush", "leak", "sleep"; or "". */
extern char *inside_plant;
bool inside_planted(const char *what);

int inside_verify(const struct inside_format *format, unsigned int steps, u64 seed);
int inside_count(const struct inside_format *format);
void inside_calibrate(void);

#endif
