/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * subject.h - what a case measures: an engine variant and a kernel driver look alike.
 *
 * A case calls a subject through one function pointer. Behind it stands one
 * adapter, which makes one more indirect call into the page table's own ops:
 * the same two steps on every side.
 */
#ifndef PTBENCH_SUBJECT_H
#define PTBENCH_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "pagetable.h"

struct subject;

/* One page table of a subject. */
struct subject_table {
	const struct subject *subject;
	void *handle;
};

struct subject {
	const char *format;  /* "amdv1" */
	const char *variant; /* "inline", "recursive", "linux-6.12", "limit" */
	const char *source;  /* what it is, for list: a file name */
	const void *implementation;
	int (*create)(const struct subject *subject, const struct pt_config *config,
		      struct subject_table *table);
	void (*destroy)(struct subject_table *table);
	/* 0 or a negative errno. */
	int (*map)(void *handle, uint64_t iova, uint64_t oa, uint64_t length, unsigned int prot);
	/* Unmap, flush (or only collect, where lazy) and free: bytes, or a negative errno. */
	int64_t (*unmap)(void *handle, uint64_t iova, uint64_t length, bool lazy);
	/* PT_NOT_MAPPED or the driver's own word for nothing. */
	uint64_t (*iova_to_phys)(void *handle, uint64_t iova);
	const void *(*root)(void *handle, unsigned int *top_level);
};

/* All subjects of this build, ended by an entry with a NULL format. */
const struct subject *subjects(void);

#endif
