/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* measure.h - measures one case: sides in turns, into one file. */
#ifndef PTBENCH_MEASURE_H
#define PTBENCH_MEASURE_H

#include "options.h"
#include "workload.h"

/*
 * Measure @workload on @sides, which tables were verified for, and write options->out.
 * Returns an exit code.
 */
int measure(struct workload *workload, const struct machine *machine, struct side *sides,
	    unsigned int count, const struct options *options);

#endif
