/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* count.h - counts the instructions of cases, under valgrind's callgrind. */
#ifndef PTBENCH_COUNT_H
#define PTBENCH_COUNT_H

#include "cases.h"
#include "machine.h"

/*
 * Count every case and variant that the file @wanted names, a line "CASE VARIANT...". Each is a
 * process of its own, forked off this one, that has callgrind write two dumps:
 * PREFIX.PID.1 of loops around nothing and PREFIX.PID.2 of the measured ones. When it has ended,
 * stdout gets a line with a JSON object: case, variant, and either pid and operations, or code and
 * error. Traces are those of replays. Returns an exit code, which a case that failed is no
 * reason for: EXIT_ABSENT without valgrind, EXIT_USAGE for a file that cannot be read.
 */
int count_instructions(const struct case_list *cases, const struct trace *traces,
		       unsigned int trace_count, const struct machine *machine, const char *wanted);

#endif
