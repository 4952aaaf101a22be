/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * under_valgrind.h - the one thing about memory that depends on valgrind's headers; in a file of its own,
 * so that what is timed is the same code with them and without.
 */
#ifndef PTBENCH_UNDER_VALGRIND_H
#define PTBENCH_UNDER_VALGRIND_H

#include <stdbool.h>

/* Does this process run under valgrind? Never, where its headers were missing. */
bool under_valgrind(void);

#endif
