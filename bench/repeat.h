/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* repeat.h - rounds without end, for a profiler to look at. */
#ifndef PTBENCH_REPEAT_H
#define PTBENCH_REPEAT_H

#include "rounds.h"

/* Repeat rounds of @side, whose tables were verified, for @seconds. Returns an exit code. */
int repeat(struct workload *workload, struct side *side, uint64_t seconds);

#endif
