/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* case_traces.h - the recorded traces that every build knows as cases, files aside. */
#ifndef PTBENCH_CASE_TRACES_H
#define PTBENCH_CASE_TRACES_H

#include <stdbool.h>

struct recorded_trace {
	const char *name; /* bench/traces/NAME.txt.xz */
	unsigned int events; /* that can be replayed */
	unsigned int iova_bits; /* width of its highest address */
	bool quick;
	const char *use;
};

/* Ended by an entry without a name. */
extern const struct recorded_trace recorded_traces[];

#endif
