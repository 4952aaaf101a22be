/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * printable.h - text from files and command lines, fit for a terminal and for JSON.
 */
#ifndef PTBENCH_PRINTABLE_H
#define PTBENCH_PRINTABLE_H

#include <stddef.h>

/*
 * Copy @text into @to, which has room for @room bytes, its end included. What is no UTF-8, and what a terminal
 * obeys instead of showing it (control characters, marks of the writing direction), becomes \xNN, byte by byte.
 * What does not fit is left out, whole characters at a time.
 */
void printable(const char *text, char *to, size_t room);

#endif
