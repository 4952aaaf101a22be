/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* list.h - everything this program knows, as JSON. */
#ifndef PTBENCH_LIST_H
#define PTBENCH_LIST_H

#include "cases.h"

/* Print one JSON object to stdout, as docs/architecture.md describes it. Returns an exit code. */
int list_print(const struct case_list *cases);

#endif
