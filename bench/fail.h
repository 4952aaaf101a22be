/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fail.h - how the program ends: its exit codes and its one line on stderr.
 *
 * Whoever finds a failure prints its line with fail() and returns the code;
 * callers only hand the code on, so that there is never a second line.
 */
#ifndef PTBENCH_FAIL_H
#define PTBENCH_FAIL_H

enum exit_code {
	EXIT_FINE = 0,
	EXIT_USAGE = 2,
	EXIT_BENCHMARK = 3, /* a benchmark failed, or tables disagree */
	EXIT_NO_CASE = 5,
	EXIT_ABSENT = 77, /* something needed is not there */
};

/* Print "ptbench-bench: ..." and return @code. */
int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
