/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* baseline_subject.h - the kernel's drivers as subjects. */
#ifndef PTBENCH_BASELINE_SUBJECT_H
#define PTBENCH_BASELINE_SUBJECT_H

#include "baseline.h"
#include "formats.h"
#include "subject.h"

/* The subject that measures @baseline, one of baselines(), configured as @facts says. */
struct subject baseline_subject(const struct format_facts *facts, const struct baseline *baseline);

#endif
