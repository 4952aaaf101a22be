/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kinds.h - which mappings of an instance differ in kind, and what its dirty marks
 * look like. Found out by mapping pages and looking at their items.
 */
#ifndef PTBENCH_TESTS_KINDS_H
#define PTBENCH_TESTS_KINDS_H

#include "instance.h"

#define KINDS_MAX 4

struct kind {
	unsigned int prot;
	bool takes_marks; /* set_dirty() has an effect */
	bool born_dirty; /* as map leaves it */
	uint64_t clean_bits; /* kinds.dirty_bits of a clean leaf */
};

struct kinds {
	struct kind kind[KINDS_MAX];
	unsigned int count;
	uint64_t
		dirty_bits; /* in which a dirty item differs from a clean one; 0: there are no marks */
};

/* Inside a read section where the policy of freeing wants one. */
void kinds_find(struct kinds *kinds, const struct instance *instance);

#endif
