/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* case_names.h - what a case is called and how it is described. */
#ifndef PTBENCH_CASE_NAMES_H
#define PTBENCH_CASE_NAMES_H

#include "cases.h"

/* Fill in @c->name from its other members. */
void case_name_grid(struct bench_case *c);
void case_name_trace(struct bench_case *c);

/* One paragraph: what is timed, and @use. To be freed; NULL without memory. */
char *case_describe(const struct bench_case *c, const char *use);

#endif
