/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* context.h - what a measurement was made with, for the context of its file. */
#ifndef PTBENCH_CONTEXT_H
#define PTBENCH_CONTEXT_H

#include "calibrate.h"
#include "options.h"
#include "workload.h"

/* "gcc 12.2.0": what this was compiled by. */
const char *context_compiler(void);

/*
 * Add everything to the benchmark context, of the sides the empty loop of the @first. Nothing there
 * tells whose machine it is.
 */
void context_describe(const struct workload *workload, const struct machine *machine,
		      const struct calibration *calibration, const struct side *first,
		      const struct options *options);

#endif
