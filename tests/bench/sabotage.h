/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sabotage.h - a subject that does one thing wrong, to see whether it is noticed. */
#ifndef PTBENCH_TEST_SABOTAGE_H
#define PTBENCH_TEST_SABOTAGE_H

#include <errno.h>
#include <string.h>

#include "cases.h"
#include "subject.h"

enum sabotage {
	HONEST,
	MAP_SHORT, /* leaves the last page out */
	MAP_WRONG, /* maps the neighbouring physical page */
	MAP_READ_ONLY, /* translates well, but the words differ */
	MAP_FAILS,
	UNMAP_NOTHING, /* says that it did */
	UNMAP_SHORT, /* does it, and says that it did less */
	LOOKUP_WRONG,
};

static const struct subject *real;
static enum sabotage sabotage;

static int map(void *handle, unsigned long long iova, unsigned long long oa,
	       unsigned long long length, unsigned int prot)
{
	if (sabotage == MAP_FAILS)
		return -ENOMEM;
	return real->map(handle, iova, oa + (sabotage == MAP_WRONG ? length : 0),
			 length - (sabotage == MAP_SHORT ? 4096 : 0),
			 sabotage == MAP_READ_ONLY ? PT_READ : prot);
}

static unsigned long long unmap(void *handle, unsigned long long iova, unsigned long long length,
				int lazy)
{
	if (sabotage == UNMAP_NOTHING)
		return length;
	length = real->unmap(handle, iova, length, lazy);
	return sabotage == UNMAP_SHORT ? length - 4096 : length;
}

static unsigned long long iova_to_phys(void *handle, unsigned long long iova)
{
	unsigned long long oa = real->iova_to_phys(handle, iova);

	return sabotage == LOOKUP_WRONG ? oa ^ 4096 : oa;
}

/* The format's inline variant, doing @how. */
static inline struct subject saboteur(const char *format, enum sabotage how)
{
	struct subject subject;

	real = subject_find(format, "inline");
	sabotage = how;
	subject = *real;
	subject.variant = "saboteur";
	subject.map = map;
	subject.unmap = unmap;
	subject.iova_to_phys = iova_to_phys;
	return subject;
}

#endif
